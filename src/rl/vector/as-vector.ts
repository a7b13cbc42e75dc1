// Lets algorithms take a single environment, `ppo(make('CartPole-v1'))`, as well as a vector of them. Read next: make-vec.ts.

import type { AnyEnv } from '../env.ts'
import { VectorEnv } from '../vector-env.ts'
import { SyncVectorEnv } from './sync-vector-env.ts'

export type EnvLike = VectorEnv | AnyEnv

/** A single environment as a vector environment of size 1 with `same-step` autoreset. */
export function toVectorEnv(envs: EnvLike): VectorEnv {
  return envs instanceof VectorEnv ? envs : new SyncVectorEnv([envs], 'same-step')
}
