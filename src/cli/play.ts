// Play as a generator of steps, for the commands that show an environment.

import type { Env } from '../rl/env.ts'
import type { Chooser } from './policies.ts'

/** The state of play after a reset or a step. */
export interface Moment {
  readonly episode: number
  /** Steps since the episode's start. */
  readonly step: number
  readonly episodeReturn: number
  readonly ended: boolean
}

/** Plays `steps` steps, resetting after each episode. Also yields after each reset. */
export function* play(
  env: Env<unknown, unknown>,
  choose: Chooser,
  steps: number,
  seed: number,
): Generator<Moment, void, void> {
  let left = steps
  for (let episode = 1; left > 0; episode++) {
    let { observation } = env.reset(episode === 1 ? { seed } : {})
    let episodeReturn = 0
    let ended = false
    yield { episode, step: 0, episodeReturn, ended }
    for (let step = 1; !ended && left > 0; step++, left--) {
      const result = env.step(choose(env, observation))
      observation = result.observation
      episodeReturn += result.reward
      ended = result.terminated || result.truncated
      yield { episode, step, episodeReturn, ended }
    }
  }
}

/** `episode 2  step 17  return 17` */
export function describeMoment({ episode, step, episodeReturn, ended }: Moment): string {
  return `episode ${episode}  step ${step}  return ${Number(episodeReturn.toFixed(2))}${ended ? '  end' : ''}`
}
