// A wrapper that turns observations that are tuples of whole numbers, such as Blackjack's, into one state number, the index of
// a table. Read next: run.ts.

import { Discrete, Tuple } from '../data/spaces.ts'
import type { Env } from '../rl/envs/env.ts'
import { ObservationWrapper } from '../rl/envs/wrappers/wrapper.ts'
import { ValueError } from '../tensor/errors.ts'

export class EnumeratedStates<Action> extends ObservationWrapper<number, Action, readonly number[]> {
  readonly observationSpace: Discrete
  private readonly parts: readonly Discrete[]

  /** Throws a `ValueError` on an environment whose observations are not a `Tuple` of `Discrete`. */
  constructor(env: Env<readonly number[], Action>) {
    super(env)
    const space: unknown = env.observationSpace
    const parts: readonly unknown[] = space instanceof Tuple ? space.spaces : []
    if (parts.length === 0 || !parts.every((part) => part instanceof Discrete)) {
      throw new ValueError(`EnumeratedStates: ${env.id} observes ${String(space)}; expected a Tuple of Discrete`)
    }
    this.parts = parts as readonly Discrete[]
    this.observationSpace = new Discrete(this.parts.reduce((product, { n }) => product * n, 1))
  }

  /** The state number of a tuple: row-major, the last part varies fastest. */
  observation(observation: readonly number[]): number {
    return this.parts.reduce((number, { n, start }, i) => number * n + observation[i]! - start, 0)
  }
}
