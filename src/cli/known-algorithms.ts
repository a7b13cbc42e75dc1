// All algorithms of the command: deep and tabular.

import { type Algorithm, algorithms } from '../rl/algorithms/registry.ts'
import { tabularAlgorithms } from '../tabular/algorithms.ts'

export const knownAlgorithms: readonly Algorithm[] = [...algorithms, ...tabularAlgorithms]
