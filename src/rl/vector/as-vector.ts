// One environment where an algorithm plays many: `ppo(make('CartPole-v1'))`. Read next: make-vector.ts.

import type { AnyEnv } from '../env.ts'
import { VectorEnv } from '../vector-env.ts'
import { SingleVectorEnv } from './single-vector-env.ts'

/** What algorithms play in: vector environments, or one environment as it is. */
export type Envs = VectorEnv | AnyEnv

/** A single environment as a vector environment of one copy, restarted within the step that ends an episode. */
export function asVector(envs: Envs): VectorEnv {
  return envs instanceof VectorEnv ? envs : new SingleVectorEnv([envs], 'same-step')
}
