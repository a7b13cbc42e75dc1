import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { treeToJavaScript } from '../../src/export/index.ts'
import { DecisionTree, type TreeNode } from '../../src/rl/policies/decision-tree.ts'
import { QTable } from '../../src/tabular/q-table.ts'

const leaf = (action: number): TreeNode => ({ action, weights: [1, 1, 1], samples: 1 })
const load = async (code: string): Promise<{ act(observation: ArrayLike<number>): number }> =>
  import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)

describe('a decision tree as a JavaScript module', () => {
  it('is one if statement per question', () => {
    const inner: TreeNode = { feature: 1, threshold: -2, left: leaf(2), right: leaf(0) }
    const root: TreeNode = { feature: 0, threshold: 0.5, left: inner, right: { ...inner, left: inner } }
    const { code, types, exact, compared } = treeToJavaScript(new DecisionTree(root, 2, 3), 'A\ntree')
    expect(code).toMatch(/^\/\/ A tree: 5 leaves, written by alambic\.\n/)
    expect(code).toContain(`  if (x[0] <= 0.5) {
    if (x[1] <= -2) return 2
    return 0
  }
  if (x[1] <= -2) {
    if (x[1] <= -2) return 2
    return 0
  }
  return 0
}`)
    expect(types).toBe(`/** The action, from 0 to 2. Takes 2 finite numbers, throws a RangeError on others. */
export declare function act(observation: ArrayLike<number>): number
`)
    expect({ exact, compared }).toEqual({ exact: true, compared: 0 })
    expect(treeToJavaScript(new DecisionTree(leaf(1), 2, 3)).code).toMatch(/^\/\/ An agent: 1 leaf, /)
  })

  it('acts as the tree', async () => {
    const number = fc.double({ min: -2, max: 2, noNaN: true }).map(Math.fround)
    const { node } = fc.letrec<{ node: TreeNode }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.nat(2).map(leaf),
        fc.record({ feature: fc.nat(2), threshold: number, left: tie('node'), right: tie('node') }),
      ),
    }))
    const states = fc.array(fc.tuple(number, number, number), { minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(node, states, async (root, states) => {
        const tree = new DecisionTree(root, 3, 3)
        const { act } = await load(treeToJavaScript(tree).code)
        for (const state of states) expect(act(state)).toBe(tree.act(Float32Array.from(state)))
        expect(() => act([1, 2])).toThrow('expected 3 finite numbers')
      }),
      { numRuns: 30 },
    )
  })
})

it('a table says which states it takes', () => {
  const { code, types } = treeToJavaScript(new QTable(6, 3, 0), 'A table')
  expect(code).toMatch(/^\/\/ A table: 6 states, written by alambic\.\n/)
  expect(
    types,
  ).toBe(`/** The action, from 0 to 2. Takes the number of a state, from 0 to 5, throws a RangeError on others. */
export declare function act(state: number): number
`)
})
