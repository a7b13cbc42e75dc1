// Lets algorithms take a single environment, `ppo(make('CartPole-v1'))`, as well as a vector of them. Read next: make-vec.ts.

import { requireMethods } from '../../../tensor/errors.ts'
import type { AnyEnv } from '../env.ts'
import { SyncVectorEnv } from './sync-vector-env.ts'
import { VectorEnv } from './vector-env.ts'

/** Throws a ValueError unless it can be reset and stepped. */
export function requireEnv(op: string, env: unknown): void {
  requireMethods(`${op}: the environment`, env, ['reset', 'step'], "an environment, such as make('CartPole-v1')")
}

export type EnvLike = VectorEnv | AnyEnv

/** A single environment as a vector environment of size 1 with `same-step` autoreset. Throws a ValueError that begins with `op` on others. */
export function toVectorEnv(envs: EnvLike, op = 'training'): VectorEnv {
  requireEnv(op, envs)
  return envs instanceof VectorEnv ? envs : new SyncVectorEnv([envs], 'same-step')
}
