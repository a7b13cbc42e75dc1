// Play as a generator of steps, for whatever shows an environment: a terminal, an animated file, a page.
// Read next: evaluate.ts for play without pictures.

import type { AnyEnv } from './envs/env.ts'

/** The state of play after a reset or a step. */
export interface Moment {
  /** From 1. */
  readonly episode: number
  /** Steps since the episode's start. */
  readonly step: number
  readonly episodeReturn: number
  readonly ended: boolean
}

/**
 * Plays `steps` steps, resetting after each episode. Also yields after each reset.
 *
 * @param choose returns the action for the current state of the environment
 * @param steps Infinity for play without end
 */
export function* play(
  env: AnyEnv,
  choose: (env: AnyEnv, observation: unknown) => unknown,
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
