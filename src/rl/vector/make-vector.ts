// `makeVector('CartPole-v1', 8)`: as many copies of a registered environment as you like, in the fastest form it has.
// Read next: ../vector-env.ts for what it returns.

import { ValueError } from '../../tensor/errors.ts'
import type { AnyEnv, EnvOptions } from '../env.ts'
import { ClassicControl } from '../envs/classic-control.ts'
import { make, spec } from '../registry.ts'
import type { AutoresetMode, VectorEnv } from '../vector-env.ts'
import { DiscretizeAction } from '../wrappers/action.ts'
import { ClassicVectorEnv } from './classic-vector-env.ts'
import { SingleVectorEnv } from './single-vector-env.ts'

export interface MakeVectorOptions {
  /** Options of the environment, as `make` takes them. */
  readonly options?: EnvOptions
  /** `same-step` by default. */
  readonly autoreset?: AutoresetMode
  /** Wraps each copy, inside of which the time limit is applied already. Copies are then stepped one by one. */
  readonly wrap?: (env: AnyEnv, index: number) => AnyEnv
}

/**
 * Classic control comes in its array form, everything else (and everything wrapped) as single environments side by side;
 * same seeds give the same bits in both. Throws a `ValueError` on an unknown id or option.
 */
export function makeVector(id: string, numEnvs: number, settings: MakeVectorOptions = {}): VectorEnv {
  const { options = {}, autoreset = 'same-step', wrap } = settings
  if (!Number.isInteger(numEnvs) || numEnvs < 1) {
    throw new ValueError(`makeVector: ${numEnvs} copies of ${id}; expected a whole number from 1 on`)
  }
  const { create, maxEpisodeSteps = Infinity } = spec(id)
  const bare = create(options, id)
  if (wrap === undefined) {
    if (bare instanceof ClassicControl) return new ClassicVectorEnv(bare, numEnvs, { autoreset, maxEpisodeSteps })
    if (bare instanceof DiscretizeAction && bare.env instanceof ClassicControl) {
      return new ClassicVectorEnv(bare.env, numEnvs, { autoreset, maxEpisodeSteps, discretized: bare })
    }
  }
  const copies = Array.from({ length: numEnvs }, (_, i) => {
    const env: AnyEnv = make<unknown, unknown>(id, options)
    return wrap === undefined ? env : wrap(env, i)
  })
  return new SingleVectorEnv(copies, autoreset)
}
