// The environments of a run with the observations of its algorithm: vectors for networks, state numbers for tables.

import { Box, Discrete, Tuple } from '../../data/spaces.ts'
import type { AnyEnv, Env } from '../../rl/envs/env.ts'
import { make, spec } from '../../rl/envs/tasks/make.ts'
import { makeVec } from '../../rl/envs/vector/make-vec.ts'
import type { EnvLike } from '../../rl/envs/vector/sync-vector-env.ts'
import { TimeLimit } from '../../rl/envs/wrappers/episode.ts'
import { FlattenObservation } from '../../rl/envs/wrappers/observation.ts'
import { cqlAlgorithm } from '../../rl/offline/cql.ts'
import {
  behaviourCloningAlgorithm,
  monteCarloQAlgorithm,
  monteCarloVAlgorithm,
} from '../../rl/offline/log-regression.ts'
import type { OfflineAlgorithm } from '../../rl/offline/offline.ts'
import { algorithms } from '../../rl/registry.ts'
import type { Algorithm } from '../../rl/training/training.ts'
import { tabularAlgorithms } from '../../tabular/algorithms.ts'
import { EnumeratedStates } from '../../tabular/run.ts'

/** A vector environment for training, or the single environment for tabular algorithms. */
export function trainingEnvs(id: string, numEnvs: number, observes?: 'states'): EnvLike {
  const env = numberStates(make<unknown, unknown>(id))
  if (observes === 'states') return env
  return makeVec(id, numEnvs, env.observationSpace instanceof Box ? {} : { wrap: showAsVector })
}

// Without a time limit a greedy policy can run forever, as in CliffWalking.
const LONGEST_EPISODE = 1000

/**
 * One environment for evaluation. Observations other than vectors are flattened. Without a time limit of its own, an episode is truncated
 * after a thousand steps.
 */
export function singleEnv(id: string): Env<Float32Array, unknown> {
  const env = make<unknown, unknown>(id)
  const limited = spec(id).maxEpisodeSteps === undefined ? new TimeLimit(env, LONGEST_EPISODE) : env
  return showAsVector(limited) as Env<Float32Array, unknown>
}

function showAsVector(env: AnyEnv): AnyEnv {
  const numbered = numberStates(env)
  return numbered.observationSpace instanceof Box ? env : (new FlattenObservation(numbered) as AnyEnv)
}

/** Encodes tuples of integers, such as the hands of Blackjack, as one state number. */
function numberStates(env: AnyEnv): AnyEnv {
  const space: unknown = env.observationSpace
  const isCounted = space instanceof Tuple && space.spaces.every((part: unknown) => part instanceof Discrete)
  return isCounted ? (new EnumeratedStates(env as Env<readonly number[], unknown>) as AnyEnv) : env
}

/** Those that play an environment. An imported module may add to them. */
export function knownAlgorithms(): readonly Algorithm[] {
  return [...algorithms, ...tabularAlgorithms]
}

export const offlineAlgorithms: readonly OfflineAlgorithm[] = [
  cqlAlgorithm,
  behaviourCloningAlgorithm,
  monteCarloQAlgorithm,
  monteCarloVAlgorithm,
]
