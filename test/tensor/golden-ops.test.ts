// 377 operations with their gradients, as PyTorch computed them.

import { describe, expect, it } from 'vitest'
import * as t from '../../src/tensor/index.ts'
import { expectClose, fromGolden, goldenCases, toleranceOf } from '../support/golden.ts'
import { torchOps } from '../support/torch-ops.ts'
import { withBackend } from '../support/with-backend.ts'

const engines = [
  { backend: 'reference', dtype: 'float64' },
  { backend: 'reference', dtype: 'float32' },
  { backend: 'wasm', dtype: 'float32' },
] as const

const cases = goldenCases('ops.json')

describe.each(engines)("PyTorch's operations on $backend in $dtype", ({ backend, dtype }) => {
  it.each(cases.map((golden) => [golden.name, golden] as const))('%s', (_, golden) => {
    withBackend(backend, () => {
      const inputs = Object.fromEntries(
        Object.entries(golden.inputs).map(([name, x]) => [
          name,
          fromGolden(x, dtype, golden.grads?.[name] !== undefined),
        ]),
      )
      const run = torchOps[golden.op]
      if (run === undefined) throw new Error(`no operation for ${golden.op}`)
      const out = run(inputs, golden.attrs ?? {}, golden)
      const tolerance = toleranceOf(golden, dtype)
      const { out: expected, indices } = golden.outputs
      expectClose(out, expected!, tolerance, 'out')
      if (indices !== undefined) {
        const arg = golden.op === 'max' ? t.argmax : t.argmin
        expectClose(
          arg(inputs.x!, golden.attrs!.dim as number, golden.attrs!.keepdim === true),
          indices,
          tolerance,
          'indices',
        )
      }
      if (golden.grads === undefined) return
      out.backward(fromGolden(golden.W!, dtype))
      for (const [name, grad] of Object.entries(golden.grads)) {
        const got = inputs[name]!.grad
        expect(got, `gradient of ${name}`).not.toBeNull()
        expectClose(got!, grad, tolerance, `gradient of ${name}`)
      }
    })
  })
})
