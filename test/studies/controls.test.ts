// The losses of the controls: what each lacks that a proper target has.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Target } from '../../src/distill/targets/target.ts'
import { gradcheck, softmax, type Tensor, tensor } from '../../src/tensor/index.ts'
import { monteCarloReturns, softmaxOverOneClass, softmaxOverStates } from '../../studies/controls.ts'
import { datasetOf } from '../distill/formula-dataset.ts'
import { forAll, property } from '../support/property.ts'

const entries = (n: number) => fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: n, maxLength: n })
const column = (values: number[]) => tensor(values, [values.length, 1], { dtype: 'float64' })
const row = (values: number[]) => tensor(values, [1, values.length], { dtype: 'float64' })
const lossOf = (target: Target<unknown, Record<never, never>>) =>
  target.prepare(datasetOf([[0], [1]], [1, 2, 3, 4]), {}).loss
const gradientOf = (loss: (z: Tensor) => Tensor, z: Tensor) => {
  const leaf = tensor(z.toArray(), z.shape, { requiresGrad: true })
  loss(leaf).backward()
  return Array.from(leaf.grad!.view())
}

/** Values and outputs of 2 to 6 states. */
const states = fc.integer({ min: 2, max: 6 }).chain((n) => fc.tuple(entries(n), entries(n)))

describe('softmax-over-states', () => {
  const loss = lossOf(softmaxOverStates)

  it('is -Σ p ln q over the states of the minibatch', () => {
    // p = (3/4, 1/4), q = (1/4, 3/4): -(3/4 ln 1/4 + 1/4 ln 3/4)
    expect(loss(column([0, Math.log(3)]), column([Math.log(3), 0])).item()).toBeCloseTo(1.111641288953, 11)
  })

  property('has the gradient q - p, as central differences give', [states], { numRuns: 50 }, ([y, z]) => {
    gradcheck((x) => loss(x, column(y)), column(z), [1])
    const [p, q] = [softmax(column(y), 0).view(), softmax(column(z), 0).view()]
    for (const [i, g] of gradientOf((x) => loss(x, column(y)), column(z)).entries()) {
      expect(g).toBeCloseTo(q[i]! - p[i]!, 9)
    }
  })
})

it('softmax-over-one-class: is 0 with gradient 0, exactly', () => {
  const loss = lossOf(softmaxOverOneClass)
  forAll([states], { numRuns: 50 }, ([y, z]) => {
    const outputs = column(z.map((v) => (Math.abs(v) < 1e-3 ? 1 : v)))
    expect(Math.abs(loss(outputs, column(y)).item())).toBe(0)
    for (const g of gradientOf((x) => loss(x, column(y)), outputs)) expect(Math.abs(g)).toBe(0)
  })
})

describe('monte-carlo-returns', () => {
  const loss = lossOf(monteCarloReturns)

  it('learns the return of the action played alone', () => {
    const played = row([0, 1, 0, 3]) // action 1 was played and returned 3
    expect(loss(row([9, 1]), played).item()).toBe(2) // ½ (1 - 3)²
    forAll([entries(2), entries(1)], (z, [g]) => {
      gradcheck((x) => loss(x, row([1, 0, g!, 0])), row(z), [1])
    })
  })

  it('has one-hot actions and standardized returns as labels', () => {
    // Actions 0 and 1; returns 2 and 4: mean 3, standard deviation 1.
    const { labels } = monteCarloReturns.prepare(datasetOf([[0], [1]], [1, 2, 3, 4]), {})
    expect(Array.from(labels, (each) => Math.round(each * 1e6) / 1e6)).toEqual([1, 0, -1, 0, 0, 1, 0, 1])
  })
})

it.each([softmaxOverStates, softmaxOverOneClass, monteCarloReturns] as const)(
  'no gradient flows to the labels: $name',
  (target) => {
    const shapes =
      target === monteCarloReturns
        ? ([
            [1, 2],
            [1, 4],
          ] as const)
        : ([
            [2, 1],
            [2, 1],
          ] as const)
    const leaf = (shape: readonly number[]) =>
      tensor(
        Float64Array.from({ length: shape[0]! * shape[1]! }, (_, i) => i + 1),
        shape,
        { requiresGrad: true },
      )
    const [outputs, labels] = [leaf(shapes[0]), leaf(shapes[1])]
    lossOf(target as Target<unknown, Record<never, never>>)(outputs, labels).backward()
    expect(labels.grad).toBeNull()
    expect(outputs.grad).not.toBeNull()
  },
)
