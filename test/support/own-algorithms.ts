import { algorithms } from '../../src/rl/algorithms/registry.ts'
import type { Algorithm } from '../../src/rl/training.ts'

const builtIn = algorithms.length

/** Takes back each `registerAlgorithm` since this module was loaded: the test files of a worker share the list. */
export function forgetAlgorithms(): void {
  ;(algorithms as Algorithm[]).splice(builtIn)
}
