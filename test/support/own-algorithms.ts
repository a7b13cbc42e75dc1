import { type Preset, presets } from '../../src/rl/presets.ts'
import { algorithms } from '../../src/rl/registry.ts'
import type { Algorithm } from '../../src/rl/training/training.ts'

const before = [algorithms.length, presets.length] as const

/** Takes back each `registerAlgorithm` since this module was loaded: the test files of a worker share the lists. */
export function forgetAlgorithms(): void {
  ;(algorithms as Algorithm[]).splice(before[0])
  ;(presets as Preset[]).splice(before[1])
}
