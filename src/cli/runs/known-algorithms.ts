// All algorithms of the command: deep, tabular and registered ones, and those that learn from a log.

import { cqlAlgorithm } from '../../rl/offline/cql.ts'
import {
  behaviourCloningAlgorithm,
  monteCarloQAlgorithm,
  monteCarloVAlgorithm,
} from '../../rl/offline/log-regression.ts'
import type { OfflineAlgorithm } from '../../rl/offline/offline.ts'
import { type Algorithm, algorithms } from '../../rl/registry.ts'
import { tabularAlgorithms } from '../../tabular/algorithms.ts'

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
