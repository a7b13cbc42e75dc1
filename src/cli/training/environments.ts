// The environments of a run: as many copies as it plays in, in the form that networks can see.

import type { AnyEnv, Env } from '../../rl/env.ts'
import { make } from '../../rl/registry.ts'
import { Discrete } from '../../rl/spaces.ts'
import { makeVector } from '../../rl/vector/make-vector.ts'
import type { VectorEnv } from '../../rl/vector-env.ts'
import { OneHotObservation } from '../../rl/wrappers/one-hot-observation.ts'

/** Copies to train in. Numbered states are shown as vectors with a single 1. */
export function trainingEnvs(id: string, numEnvs: number): VectorEnv {
  const numbered = make<unknown, unknown>(id).observationSpace instanceof Discrete
  return makeVector(id, numEnvs, numbered ? { wrap: showAsVector } : {})
}

/** One of them, to evaluate in. */
export function singleEnv(id: string): Env<Float32Array, unknown> {
  return showAsVector(make<unknown, unknown>(id)) as Env<Float32Array, unknown>
}

function showAsVector(env: AnyEnv): AnyEnv {
  return env.observationSpace instanceof Discrete ? (new OneHotObservation(env as Env<number, unknown>) as AnyEnv) : env
}
