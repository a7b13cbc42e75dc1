// `makeVec('CartPole-v1', 8)`: a vector environment of a registered id, in the fastest form it has.

import { requireKnown } from '../../../tensor/errors.ts'
import type { AnyEnv, EnvOptions } from '../env.ts'
import { ClassicControl } from '../tasks/classic-control.ts'
import { make, spec } from '../tasks/make.ts'
import { DiscretizeAction } from '../wrappers/action.ts'
import { BatchedVectorEnv } from './batched-vector-env.ts'
import { SyncVectorEnv } from './sync-vector-env.ts'
import { type AutoresetMode, requireCopies, type VectorEnv } from './vector-env.ts'

export interface MakeVecOptions {
  /** Options of the environment; see `make`. */
  readonly options?: EnvOptions
  /** Default `same-step`. */
  readonly autoreset?: AutoresetMode
  /** Wraps each sub-environment, outside its time limit, in `FlattenObservation` for instance. They are then stepped one by one. */
  readonly wrap?: (env: AnyEnv, index: number) => AnyEnv
}

/**
 * Classic control is batched; everything else, and everything wrapped, is stepped one by one. Equal seeds give equal bits in
 * both forms. Throws a `ValueError` on an unknown id or option.
 */
export function makeVec(id: string, numEnvs: number, settings: MakeVecOptions = {}): VectorEnv {
  requireKnown('makeVec', settings, ['options', 'autoreset', 'wrap'])
  const { options = {}, autoreset = 'same-step', wrap } = settings
  requireCopies(id, numEnvs)
  const { create, maxEpisodeSteps = Infinity } = spec(id)
  const bare = create(options, id)
  if (wrap === undefined) {
    if (bare instanceof ClassicControl) return new BatchedVectorEnv(bare, numEnvs, { autoreset, maxEpisodeSteps })
    if (bare instanceof DiscretizeAction && bare.env instanceof ClassicControl) {
      return new BatchedVectorEnv(bare.env, numEnvs, { autoreset, maxEpisodeSteps, discretized: bare })
    }
  }
  const copies = Array.from({ length: numEnvs }, (_, i) => {
    const env: AnyEnv = make<unknown, unknown>(id, options)
    return wrap === undefined ? env : wrap(env, i)
  })
  return new SyncVectorEnv(copies, autoreset)
}
