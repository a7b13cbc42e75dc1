// Losses held against PyTorch's figures in float64: the value, and the gradient of every input that the case names.

import { withCpuBackend } from '../../../src/tensor/backends/select.ts'
import type { Tensor } from '../../../src/tensor/index.ts'
import { expectClose, fromGolden, type GoldenCase, goldenCases, toleranceOf } from '../../support/golden.ts'

/** The cases of one operation in rl.json. */
export function casesOf(op: string): readonly GoldenCase[] {
  return goldenCases('rl.json').filter((golden) => golden.op === op)
}

/** What `loss` gives must hold a `loss`, or be it; other scalars are compared where the case names them. */
export function expectLoss(
  golden: GoldenCase,
  loss: (inputs: Readonly<Record<string, Tensor>>) => Tensor | Readonly<Record<string, Tensor>>,
): void {
  withCpuBackend('reference', () => {
    const tolerance = toleranceOf(golden, 'float64')
    const named = Object.keys(golden.grads ?? {})
    const inputs = Object.fromEntries(
      Object.entries(golden.inputs).map(([name, each]) => [name, fromGolden(each, 'float64', named.includes(name))]),
    )
    const result = loss(inputs)
    const outputs = 'backward' in result ? { loss: result as Tensor } : result
    for (const [name, output] of Object.entries(outputs)) {
      expectClose(output, golden.outputs[name]!, tolerance, `${golden.name}: ${name}`)
    }
    outputs.loss!.backward()
    for (const name of named) {
      expectClose(inputs[name]!.grad!, golden.grads![name]!, tolerance, `${golden.name}: gradient of ${name}`)
    }
  })
}
