// Checkpoints of an environment within an episode, as plain values. Read next: wrapper.ts.

import { ValueError } from '../../../tensor/errors.ts'
import type { RngState } from '../../../tensor/random.ts'
import type { AnyEnv } from '../env.ts'
import { Wrapper } from './wrapper.ts'

export interface SavedEnv {
  readonly state: readonly number[]
  readonly rng: RngState
  /** The memory of each wrapper, outermost first. */
  readonly wrappers: readonly unknown[]
}

export function saveEnv(env: AnyEnv): SavedEnv {
  return { state: env.state, rng: env.rng.state, wrappers: wrappersOf(env).map((wrapper) => wrapper.save()) }
}

/** Continues a saved episode; with `ended`, the state is left for the next `reset`. Throws a `ValueError` if the number of wrappers differs. */
export function restoreEnv(env: AnyEnv, { state, rng, wrappers }: SavedEnv, ended = false): void {
  const present = wrappersOf(env)
  if (present.length !== wrappers.length) {
    throw new ValueError(`${env.id}: saved with ${wrappers.length} wrappers, restored with ${present.length}`)
  }
  if (!ended) env.state = state
  env.rng.state = rng
  present.forEach((wrapper, i) => {
    wrapper.restore(wrappers[i])
  })
}

type AnyWrapper = Wrapper<unknown, unknown, unknown, unknown>

/** Outermost first. */
export function wrappersOf(env: AnyEnv): AnyWrapper[] {
  const wrappers: AnyWrapper[] = []
  for (let next = env; next instanceof Wrapper; next = next.env) wrappers.push(next)
  return wrappers
}
