// A moment of play as a line of text.

import type { Moment } from '../rl/play.ts'

/** `episode 2  step 17  return 17` */
export function describeMoment({ episode, step, episodeReturn, ended }: Moment): string {
  return `episode ${episode}  step ${step}  return ${Number(episodeReturn.toFixed(2))}${ended ? '  end' : ''}`
}
