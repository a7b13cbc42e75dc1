// The losses and distillation losses with their gradients, as PyTorch computed them, on each backend.

import { describe, it } from 'vitest'
import type { Tensor } from '../../src/tensor/index.ts'
import { expectClose, fromGolden, type GoldenCase, goldenCases, toleranceOf } from '../support/golden.ts'
import { torchLosses } from '../support/torch-losses.ts'
import { onEachBackend } from './backends.ts'

// The figures of distributions are checked beside the distributions, in test/rl/policies/distributions.
const cases = goldenCases('losses.json').filter(({ op }) => !/^(normal|categorical|squashed)_/.test(op))

describe.each(onEachBackend)('$name', ({ dtype, use }) => {
  it.each(cases.map((golden) => [golden.name, golden] as const))('%s', (_, golden) => {
    use(() => check(golden, dtype))
  })
})

function check(golden: GoldenCase, dtype: 'float32' | 'float64'): void {
  const run = torchLosses[golden.op]
  if (run === undefined) throw new Error(`no runner for the operation "${golden.op}"`)
  const inputs: Record<string, Tensor> = {}
  for (const [name, input] of Object.entries(golden.inputs)) {
    inputs[name] = fromGolden(input, dtype, golden.grads?.[name] !== undefined)
  }
  const result = run(inputs, golden.attrs ?? {})
  const outputs = 'main' in result ? result : { main: result }
  const tolerance = toleranceOf(golden, dtype)
  for (const [name, expected] of Object.entries(golden.outputs)) {
    expectClose(outputs[name as 'main'] ?? outputs.main, expected, tolerance, name)
  }
  if (golden.grads === undefined) return
  outputs.main.backward(golden.W === undefined ? undefined : fromGolden(golden.W, dtype))
  for (const [name, expected] of Object.entries(golden.grads)) {
    expectClose(inputs[name]!.grad!, expected, tolerance, `gradient of ${name}`)
  }
}
