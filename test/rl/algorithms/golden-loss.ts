// Losses held against PyTorch's figures: the value, and the gradient of every input that the case names; in float64 and in
// float32 on the reference, in float32 on wasm.

import type { Tensor } from '../../../src/tensor/index.ts'
import {
  expectClose,
  fromGolden,
  type GoldenCase,
  goldenCases,
  type Tolerance,
  toleranceOf,
} from '../../support/golden.ts'
import { withBackend } from '../../support/with-backend.ts'

export type FloatType = 'float64' | 'float32'

const engines = [
  ['reference', 'float64'],
  ['reference', 'float32'],
  ['wasm', 'float32'],
] as const

/** Runs `body` on each backend and element type, with the case's tolerance there. */
export function onEveryEngine(golden: GoldenCase, body: (dtype: FloatType, tolerance: Tolerance) => void): void {
  for (const [backend, dtype] of engines) withBackend(backend, () => body(dtype, toleranceOf(golden, dtype)))
}

/** The cases of one operation in rl.json. */
export function casesOf(op: string): readonly GoldenCase[] {
  return goldenCases('rl.json').filter((golden) => golden.op === op)
}

/** What `loss` gives must hold a `loss`, or be it; other scalars are compared where the case names them. */
export function expectLoss(
  golden: GoldenCase,
  loss: (inputs: Readonly<Record<string, Tensor>>) => Tensor | Readonly<Record<string, Tensor>>,
): void {
  onEveryEngine(golden, (dtype, tolerance) => {
    const named = Object.keys(golden.grads ?? {})
    const inputs = Object.fromEntries(
      Object.entries(golden.inputs).map(([name, each]) => [name, fromGolden(each, dtype, named.includes(name))]),
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
