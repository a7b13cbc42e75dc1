// The algorithms of the command: those that train networks and those that fill tables.

import { type Algorithm, algorithms } from '../rl/algorithms/registry.ts'
import { tabularAlgorithms } from '../tabular/algorithms.ts'

export const knownAlgorithms: readonly Algorithm[] = [...algorithms, ...tabularAlgorithms]
