// All algorithms of the command: deep and tabular, and those that learn from a log.

import { cqlAlgorithm } from '../rl/algorithms/cql.ts'
import {
  behaviourCloningAlgorithm,
  monteCarloQAlgorithm,
  monteCarloVAlgorithm,
} from '../rl/algorithms/log-regression.ts'
import type { OfflineAlgorithm } from '../rl/algorithms/offline.ts'
import { type Algorithm, algorithms } from '../rl/algorithms/registry.ts'
import { tabularAlgorithms } from '../tabular/algorithms.ts'

export const knownAlgorithms: readonly Algorithm[] = [...algorithms, ...tabularAlgorithms]

export const offlineAlgorithms: readonly OfflineAlgorithm[] = [
  cqlAlgorithm,
  behaviourCloningAlgorithm,
  monteCarloQAlgorithm,
  monteCarloVAlgorithm,
]
