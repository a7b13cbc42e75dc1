// Lets algorithms take a single environment, `ppo(make('CartPole-v1'))`, as well as a vector of them. Read next: make-vector.ts.

import type { AnyEnv } from '../env.ts'
import { VectorEnv } from '../vector-env.ts'
import { SingleVectorEnv } from './single-vector-env.ts'

/** A vector environment or a single environment. */
export type Envs = VectorEnv | AnyEnv

/** A single environment as a vector environment of size 1 with `same-step` autoreset. */
export function asVector(envs: Envs): VectorEnv {
  return envs instanceof VectorEnv ? envs : new SingleVectorEnv([envs], 'same-step')
}
