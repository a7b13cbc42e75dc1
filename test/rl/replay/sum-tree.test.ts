import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SumTree } from '../../../src/rl/replay/prioritized.ts'
import { ValueError } from '../../../src/tensor/errors.ts'
import { goldenArrays, numbersOf } from '../../support/arrays.ts'
import { goldenCases } from '../../support/golden.ts'
import { forAll } from '../../support/property.ts'

function treeOf(weights: ArrayLike<number>): SumTree {
  const tree = new SumTree(weights.length)
  for (let i = 0; i < weights.length; i++) tree.set(i, weights[i]!)
  return tree
}

describe('SumTree', () => {
  it('finds the leaf at a running sum, as the golden figures do', () => {
    const golden = goldenCases('rl.json').find(({ op }) => op === 'per_prefix_search')!
    const { priorities, uniforms } = goldenArrays(golden)
    const tree = treeOf(priorities!)
    const found = Array.from(uniforms!, (u) => tree.find(u * tree.total))
    expect(found).toEqual([...numbersOf(golden.outputs.indices!.data)])
  })

  it('agrees with adding up from the left, after any changes', () => {
    const weight = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1000 })) // whole numbers: sums without rounding
    const changes = fc.integer({ min: 1, max: 20 }).chain((capacity) =>
      fc.record({
        capacity: fc.constant(capacity),
        sets: fc.array(fc.tuple(fc.nat({ max: capacity - 1 }), weight), { minLength: 1, maxLength: 60 }),
        share: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      }),
    )
    forAll([changes], ({ capacity, sets, share }) => {
      const tree = new SumTree(capacity)
      const plain = new Array<number>(capacity).fill(0)
      for (const [index, value] of sets) {
        tree.set(index, value)
        plain[index] = value
      }
      const total = plain.reduce((sum, value) => sum + value, 0)
      expect(tree.total).toBe(total)
      expect(plain.map((_, i) => tree.get(i))).toEqual(plain)
      if (total === 0) return
      let left = share * total
      const expected = plain.findIndex((value) => {
        left -= value
        return left < 0
      })
      expect(tree.find(share * total)).toBe(expected)
    })
  })

  it('never finds an empty leaf, not even where rounding pushes past the end', () => {
    const weights = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 1, noNaN: true })), { minLength: 1 })
    forAll([weights, fc.constantFrom(0, 0.5, 1 - 2 ** -53, 1)], (list, share) => {
      const tree = treeOf(list)
      if (tree.total > 0) expect(list[tree.find(share * tree.total)]).toBeGreaterThan(0)
    })
  })

  it('refuses weights that it cannot hold', () => {
    const tree = new SumTree(3)
    expect(() => tree.set(0, Infinity)).toThrow(/weight at index 0 is Infinity/)
    expect(() => tree.set(0, Number.NaN)).toThrow(/weight at index 0 is NaN/)
    expect(() => tree.set(0, -1)).toThrow(ValueError)
  })
})
