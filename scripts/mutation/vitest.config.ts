// The tests that judge the mutants of one floor of src/, named by MUTATION_FLOOR: those in its folder of test/, those of all floors
// (gradients, wrong calls, unknown options), and tests elsewhere that are of its files. Stryker runs those that reach the mutant.

import { defineConfig } from 'vitest/config'
import config from '../../vitest.config.ts'
import { NearestFirst, Seconds } from './order.ts'

const floor = process.env.MUTATION_FLOOR ?? '*'
const everywhere = ['gradient-cases', 'wrong-calls', 'unknown-options']
const elsewhere: Readonly<Record<string, readonly string[]>> = {
  nn: ['export/pytorch-files'],
  rl: ['golden-bits/rl', 'golden-bits/distill'],
  distill: ['golden-bits/distill'],
}

// Minutes in a run of Stryker. What only they notice counts as a survivor.
const slow = [
  ...['distill/continuous', 'distill/resume', 'distill/distill', 'distill/imitation', 'distill/cross-validate'],
  ...[
    'distill/value-successors',
    'distill/own-target',
    'export/hostile-files',
    'rl/algorithms/identity-tasks',
    'rl/resume',
  ],
  ...['tensor/backends/fallback', 'tensor/backends/gpu'],
]
const pathOf = (name: string) => `test/${name}.test.ts`

export default defineConfig({
  resolve: config.resolve!,
  test: {
    include: [`${floor}/**/*`, ...everywhere, ...(elsewhere[floor] ?? [])].map(pathOf),
    exclude: slow.map(pathOf),
    testTimeout: 300_000, // loops of the reference take a minute when each pass is counted
    isolate: false,
    sequence: { sequencer: NearestFirst },
    reporters: [new Seconds()],
  },
})
