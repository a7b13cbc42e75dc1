import fc from 'fast-check'
import * as t from '../../../src/tensor/index.ts'
import { operandShape, shapes, tensorOf } from '../arbitraries.ts'
import { type GradientCall, type GradientCases, gradientCase, shown } from '../gradient-case.ts'

const side = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 1, arbitrary: fc.constant(0) },
)

type Form = 'row' | 'column' | 'dot' | 'rowByBatches' | 'batches'

function rightShape(form: Form, batch: t.Shape, k: number, n: number): number[] {
  if (form === 'column' || form === 'dot') return [k]
  return form === 'row' ? [k, n] : [...batch, k, n]
}

/** Operands of one to four axes: vectors, matrices, batches that broadcast. */
export const products: fc.Arbitrary<{ a: t.Tensor; b: t.Tensor }> = fc
  .record({
    sides: fc.tuple(side, side, side),
    batches: shapes({ maxAxes: 2, maxElements: 6 }).chain((batch) =>
      fc.tuple(operandShape(batch), operandShape(batch)),
    ),
    form: fc.constantFrom<Form>('row', 'column', 'dot', 'rowByBatches', 'batches', 'batches', 'batches'),
  })
  .chain(({ sides: [m, k, n], batches: [batchA, batchB], form }) =>
    fc.record({
      a: tensorOf(form === 'batches' ? [...batchA, m, k] : form === 'column' ? [m, k] : [k]),
      b: tensorOf(rightShape(form, batchB, k, n)),
    }),
  )

/** x [..., inputs], weight [outputs, inputs], with a bias or without. */
export const linears: fc.Arbitrary<t.Tensor[]> = fc
  .tuple(side, side, shapes({ maxAxes: 3, maxElements: 6 }), fc.boolean())
  .chain(([inputs, outputs, batch, biased]) => {
    const operands = [tensorOf([...batch, inputs]), tensorOf([outputs, inputs])]
    return fc.tuple(...(biased ? [...operands, tensorOf([outputs])] : operands))
  })

const linearCase = (inputs: readonly t.Tensor[]): GradientCall => ({
  call: shown('linear', inputs),
  run: (x, weight, bias) => t.linear(x!, weight!, bias),
  inputs,
})

export const matmulCases: GradientCases = {
  matmul: gradientCase(
    'C = A · B;  dA = dC · Bᵀ, dB = Aᵀ · dC, summed over broadcast batches',
    products.map(({ a, b }) => ({ call: shown('matmul', [a, b]), run: (x, y) => t.matmul(x!, y!), inputs: [a, b] })),
  ),
  linear: gradientCase('y = x · Wᵀ + b;  dx = dy · W, dW = dyᵀ · x, db = Σ dy over the rows', linears.map(linearCase)),
}
