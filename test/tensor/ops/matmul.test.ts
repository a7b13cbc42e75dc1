import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { products } from '../../../src/tensor/dispatch/families.ts'
import * as t from '../../../src/tensor/index.ts'
import { gradientProperty } from '../../support/gradients.ts'
import { at, build } from '../../support/naive.ts'
import { expectNumbers, f64, gradOf, leaf, listOf } from '../../support/numbers.ts'
import { linears, matmulCases, products as productCases } from '../../support/op-cases/matmul.ts'
import { forAll } from '../../support/property.ts'

it.each(Object.entries(matmulCases))('the gradient in each argument: %s', (_, { calls }) =>
  gradientProperty(calls, 100),
)

describe('matmul', () => {
  it('multiplies rows by columns', () => {
    const c = t.matmul(
      f64([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      f64([
        [1, 0],
        [0, 1],
        [1, 1],
      ]),
    )
    expect(c.shape).toEqual([2, 2])
    expect(listOf(c)).toEqual([4, 5, 10, 11])
  })

  it('has gradients dC Bᵀ and Aᵀ dC', () => {
    const [a, b] = [leaf([[1, 2]]), leaf([[3], [4]])]
    t.matmul(a, b).backward(f64([[10]]))
    expect(gradOf(a)).toEqual([30, 40])
    expect(gradOf(b)).toEqual([10, 20])
  })

  it('takes a vector for a row on the left, for a column on the right', () => {
    const [row, table, column] = [
      f64([1, 2]),
      f64([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      f64([1, 1, 2]),
    ]
    expect(t.matmul(row, table).shape).toEqual([3])
    expect(listOf(t.matmul(row, table))).toEqual([9, 12, 15])
    expect(t.matmul(table, column).shape).toEqual([2])
    expect(listOf(t.matmul(table, column))).toEqual([9, 21])
    expect(t.matmul(row, row).shape).toEqual([])
    expect(t.matmul(row, row).item()).toBe(5)
    expect(t.matmul(f64([1, 2, 3, 4], [2, 2, 1]), f64([10])).shape).toEqual([2, 2])
  })

  it('is what three loops give, for matrices, vectors and batches that broadcast', () => {
    forAll([productCases], { numRuns: 200 }, ({ a, b }) => {
      const c = t.matmul(a, b)
      const left = a.shape.length === 1 ? t.reshape(a, [1, a.size]) : a
      const right = b.shape.length === 1 ? t.reshape(b, [b.size, 1]) : b
      const k = left.shape.at(-1)!
      const batches = t.add(t.zeros(left.shape.slice(0, -2)), t.zeros(right.shape.slice(0, -2))).shape
      const full = [...batches, left.shape.at(-2)!, right.shape.at(-1)!]
      const expected = build(full, (index) => {
        const batch = index.slice(0, -2)
        const [i, j] = [index.at(-2)!, index.at(-1)!]
        let sum = 0
        for (let l = 0; l < k; l++) sum += at(left, [...batch, i, l]) * at(right, [...batch, l, j])
        return sum
      })
      const dropped = full.filter((_, axis) => {
        if (axis === full.length - 2) return a.shape.length > 1
        return axis !== full.length - 1 || b.shape.length > 1
      })
      expect(c.shape).toEqual(dropped)
      expectNumbers(listOf(c), expected)
    })
  })

  it('of many rows of zeros is zeros there, and elsewhere has the bits of the whole product', () => {
    const size = fc.integer({ min: 101, max: 140 })
    forAll([size, size, size, fc.infiniteStream(fc.boolean()), fc.nat()], { numRuns: 10 }, (m, k, n, empty, seed) => {
      const rng = new t.Rng(seed)
      const [a, b] = [t.normal(rng, [m, k]), t.normal(rng, [k, n])]
      const kept = Float32Array.from({ length: m }, (_, row) => (row > 0 && empty.next().value ? 0 : 1))
      kept.fill(0, 80)
      const sparse = t.mul(a, t.tensor(kept, [m, 1]))
      const expected = t.linear(a, t.transpose(b)).toArray() // never looks for rows of zeros
      for (const [row, keep] of kept.entries()) if (keep === 0) expected.fill(0, row * n, (row + 1) * n)
      expect(t.matmul(sparse, b).toArray()).toEqual(expected)
      const infinite = b.toArray().fill(Infinity, 5, 6)
      expect(t.matmul(sparse, t.tensor(infinite, [k, n])).view()[80 * n + 5]).toBeNaN()
    })
  })

  it('multiplies the rows that have a number, unless nine of ten have one', () => {
    const [m, k, n] = [110, 105, 101]
    const b = t.normal(new t.Rng(1), [k, n])
    t.matmul(b, t.transpose(b)) // compiles
    const rowsMultiplied = (places: readonly (readonly [row: number, column: number])[]) => {
      const numbers = new Float32Array(m * k)
      for (const [row, column] of places) numbers[row * k + column] = 2
      const spy = vi.spyOn(products.compiled[t.getBackend()]!, 'matmul')
      const c = t.matmul(t.tensor(numbers, [m, k]), b).view()
      const rows = spy.mock.calls.map(([spec]) => spec.m)
      spy.mockRestore()
      for (const [row, column] of places) expect(c[row * n + 7]).toBe(2 * b.view()[column * n + 7]!)
      return rows
    }
    const first = (rows: number) => Array.from({ length: rows }, (_, row) => [row, 0] as const)
    expect(rowsMultiplied([])).toEqual([0])
    expect(
      rowsMultiplied([
        [0, 1],
        [3, 0],
        [50, k - 1],
        [m - 1, 52],
      ]),
    ).toEqual([4])
    expect(rowsMultiplied(first(99))).toEqual([99])
    expect(rowsMultiplied(first(100))).toEqual([m])
  })

  it('over an inner size of 0 is zeros', () => {
    expect(listOf(t.matmul(t.zeros([2, 0]), t.zeros([0, 2])))).toEqual([0, 0, 0, 0])
    expect(t.matmul(t.zeros([0, 2]), t.zeros([2, 3])).shape).toEqual([0, 3])
  })

  it('(A B)ᵀ = Bᵀ Aᵀ', () => {
    forAll([productCases.filter(({ a, b }) => a.shape.length > 1 && b.shape.length > 1)], ({ a, b }) => {
      const [left, right] = [t.transpose(t.matmul(a, b)), t.matmul(t.transpose(b), t.transpose(a))]
      expect(left.shape).toEqual(right.shape)
      expectNumbers(listOf(left), listOf(right))
    })
  })

  it('wrong calls name both shapes and the likely fix', () => {
    const clash = () => t.matmul(t.zeros([4, 3]), t.zeros([5, 3]))
    expect(clash).toThrow(t.ShapeError)
    expect(clash).toThrow(/^matmul: .*\[4, 3\].*\[5, 3\].*3 columns.*5 rows.*Did you mean .*transpose\(b\)/)
    expect(() => t.matmul(t.zeros([2, 3]), t.zeros([4, 5]))).toThrow(/^matmul: inner sizes differ.*[^?]$/)
    expect(() => t.matmul(t.zeros([]), t.zeros([2]))).toThrow(/^matmul: .*Did you mean mul/)
    expect(() => t.matmul(t.zeros([2, 1, 2]), t.zeros([3, 2, 1]))).toThrow(
      /^matmul \(batch axes\): shapes \[2\] and \[3\]/,
    )
    expect(() => t.matmul(t.zeros([1, 2]), f64([1, 2]))).toThrow(t.DTypeError)
    expect(() => t.matmul(t.zeros([1, 2]), f64([1, 2]))).toThrow(/^matmul: .*float32 and float64/)
  })
})

describe('linear', () => {
  it('is x Wᵀ + b', () => {
    const y = t.linear(
      f64([[1, 2]]),
      f64([
        [3, 4],
        [5, 6],
        [7, 8],
      ]),
      f64([100, 200, 300]),
    )
    expect(y.shape).toEqual([1, 3])
    expect(listOf(y)).toEqual([111, 217, 323])
  })

  it('is matmul with the transpose, plus the bias, for inputs of any rank, and has its gradients', () => {
    forAll([linears], (inputs) => {
      const [x, weight, bias] = inputs.map((each) => leaf(listOf(each), each.shape))
      const [x2, weight2, bias2] = inputs.map((each) => leaf(listOf(each), each.shape))
      const y = t.linear(x!, weight!, bias)
      const product = t.matmul(x2!, t.transpose(weight2!))
      const y2 = bias2 === undefined ? product : t.add(product, bias2)
      expect(y.shape).toEqual(y2.shape)
      expectNumbers(listOf(y), listOf(y2))
      const cotangent = t.cumsum(t.reshape(t.full(y.shape, 0.1, { dtype: 'float64' }), [y.size]), 0)
      for (const each of [y, y2]) each.backward(t.reshape(cotangent, y.shape))
      expectNumbers(gradOf(x!), gradOf(x2!))
      expectNumbers(gradOf(weight!), gradOf(weight2!))
      if (bias !== undefined) expectNumbers(gradOf(bias), gradOf(bias2!))
    })
  })

  it('wrong calls name the shapes', () => {
    expect(() => t.linear(t.zeros([2, 3]), t.zeros([4, 5]))).toThrow(/^linear: .*\[2, 3\].*3 features.*\[4, 5\].*5/)
    expect(() => t.linear(t.zeros([2, 3]), t.zeros([3, 5]))).toThrow(/\[outputs, inputs\].*transpose/)
    expect(() => t.linear(t.zeros([]), t.zeros([3, 5]))).toThrow(/^linear: .*no features/)
    expect(() => t.linear(t.zeros([2, 3]), t.zeros([4, 5]))).toThrow(/takes 5 \(\[outputs, inputs\]\)$/)
    expect(() => t.linear(t.zeros([2, 3]), t.zeros([3]))).toThrow(
      /the weight \[3\] takes none \(\[outputs, inputs\]\)$/,
    )
    expect(() => t.linear(t.zeros([2, 3]), t.zeros([4, 3, 1]))).toThrow(t.ShapeError)
    expect(() => t.linear(t.zeros([2, 3]), t.zeros([4, 3]), t.zeros([3]))).toThrow(
      /^linear: the bias has shape \[3\]; expected \[4\]/,
    )
    expect(() => t.linear(t.zeros([2, 3]), t.zeros([4, 3]), t.zeros([4, 1]))).toThrow(t.ShapeError)
    expect(() => t.linear(t.zeros([2, 2]), f64([[1, 2]]))).toThrow(/^linear: .*float32 and float64/)
    expect(() => t.linear(f64([[1, 2]]), f64([[1, 2]]), t.zeros([1]))).toThrow(/^linear: .*float64 and float32/)
  })
})
