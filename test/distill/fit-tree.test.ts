import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitTree, LabelledDataset, type TreeOptions } from '../../src/distill/index.ts'
import { DecisionTree, Discrete } from '../../src/rl/index.ts'
import { argmax, tensor, ValueError } from '../../src/tensor/index.ts'
import { forAll, property } from '../support/property.ts'

/** States with the teacher's action values. */
function datasetOf(observations: readonly number[][], actionValues: readonly number[][]): LabelledDataset {
  const actionSpace = new Discrete(actionValues[0]!.length)
  const columns = {
    observations: Float32Array.from(observations.flat()),
    actionValues: Float32Array.from(actionValues.flat()),
  }
  return LabelledDataset.of({ envId: 'hand-made', observationSize: observations[0]!.length, actionSpace }, columns)
}

const left = [1, 0]
const right = [0, 1]

describe('fitTree', () => {
  it('splits where the actions part, at the threshold with the fewest digits', () => {
    const dataset = datasetOf([[5, 0.1], [1, 0.2], [4, 0.62], [2, 0.71]], [left, left, right, right]) // biome-ignore format: a row a state
    const tree = fitTree(dataset)
    expect(tree.root).toEqual({
      feature: 1,
      threshold: 0.4,
      left: { action: 0, weights: [2, 0], samples: 2 },
      right: { action: 1, weights: [0, 2], samples: 2 },
    })
    expect(tree).toMatchObject({ leaves: 2, depth: 1 })
    expect(tree.toText({ observations: ['place', 'angle'], actions: ['push left', 'push right'] })).toBe(
      'if angle <= 0.4: push left\nelse: push right',
    )
  })

  it('finds a rule that no single split finds: one or the other, not both', () => {
    const tree = fitTree(
      datasetOf(
        [
          [0, 0],
          [0, 1],
          [1, 0],
          [1, 1],
        ],
        [left, right, right, left],
      ),
    )
    expect(tree.toText()).toBe(
      [
        'if x0 <= 0.5:',
        '  if x1 <= 0.5: action 0',
        '  else: action 1',
        'else:',
        '  if x1 <= 0.5: action 1',
        '  else: action 0',
      ].join('\n'),
    )
  })

  it('as a single leaf follows the states where a wrong action costs most; without weights, the most states', () => {
    const dataset = datasetOf([[0], [1], [2]], [left, left, [0, 10]])
    expect(fitTree(dataset, { maxDepth: 0 }).root).toEqual({ action: 1, weights: [2, 10], samples: 3 })
    expect(fitTree(dataset, { maxLeafNodes: 1, treeWeights: 'none' }).root).toEqual({
      action: 0,
      weights: [2, 1],
      samples: 3,
    })
  })

  it('spends few leaves where they reduce impurity most', () => {
    const dataset = datasetOf([[0], [1], [2], [3]], [left, [0, 1], left, [0, 50]])
    expect(fitTree(dataset, { maxLeafNodes: 2 }).toText()).toBe('if x0 <= 2.5: action 0\nelse: action 1')
    expect(fitTree(dataset).leaves).toBe(4)
  })

  it('has no split whose sides lead to the same action', () => {
    const dataset = datasetOf(
      [[0], [1], [1]],
      [
        [10, 0],
        [5, 0],
        [0, 1],
      ],
    )
    expect(fitTree(dataset).root).toEqual({ action: 0, weights: [15, 1], samples: 3 })
  })

  const states = fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 4 }))
    .chain(([width, actions]) =>
      fc.uniqueArray(
        fc.tuple(
          fc.array(fc.integer({ min: -9, max: 9 }), { minLength: width, maxLength: width }),
          fc.array(fc.integer({ min: 0, max: 5 }), { minLength: actions, maxLength: actions }),
        ),
        { minLength: 1, maxLength: 40, selector: ([observation]) => observation.join() },
      ),
    )
    .filter((rows) => rows.some(([, values]) => Math.max(...values) > Math.min(...values)))
  const grown = (rows: [number[], number[]][], options: TreeOptions) =>
    fitTree(
      datasetOf(
        rows.map(([observation]) => observation),
        rows.map(([, values]) => values),
      ),
      options,
    )

  property('chooses as the teacher in every state, given room, where the choice matters', [states], (rows) => {
    const tree = grown(rows, { maxDepth: Infinity })
    for (const [observation, values] of rows) {
      const chosen = values[tree.act(Float32Array.from(observation))]!
      if (Math.max(...values) > Math.min(...values)) expect(chosen).toBe(Math.max(...values))
    }
  })

  it('keeps its limits, and every state is at one leaf of enough samples', () => {
    const limits = fc.record({
      maxDepth: fc.integer({ min: 0, max: 4 }),
      maxLeafNodes: fc.integer({ min: 1, max: 6 }),
      minSamplesLeaf: fc.integer({ min: 1, max: 4 }),
    })
    const counts = (node: DecisionTree['root']): number[] =>
      'action' in node ? [node.samples] : [...counts(node.left), ...counts(node.right)]
    forAll([states, limits], (rows, options) => {
      const tree = grown(rows, options)
      expect(tree.depth).toBeLessThanOrEqual(options.maxDepth)
      expect(tree.leaves).toBeLessThanOrEqual(options.maxLeafNodes)
      const sizes = counts(tree.root)
      expect(sizes.reduce((a, b) => a + b)).toBe(rows.length)
      if (sizes.length > 1) expect(Math.min(...sizes)).toBeGreaterThanOrEqual(options.minSamplesLeaf)
    })
  })

  property('has logits whose largest is its action, and comes back from JSON', [states], (rows) => {
    const tree = grown(rows, { maxDepth: 3 })
    const observations = rows.map(([observation]) => observation)
    const batch = tensor(observations.flat(), [rows.length, tree.observationSize])
    const actions = observations.map((each) => tree.act(Float32Array.from(each)))
    const scores = tree.logits(batch)
    actions.forEach((action, i) => {
      const row = Array.from(scores.toArray()).slice(i * tree.numActions, (i + 1) * tree.numActions)
      expect(row[action]).toBe(Math.max(...row))
    })
    expect(argmax(scores, 1).shape).toEqual([rows.length])
    expect(DecisionTree.fromJson(tree.toJson())).toEqual(tree)
  })

  it.each([
    ['a depth below 0', { maxDepth: -1 }, 'maxDepth is -1'],
    ['half a leaf', { maxLeafNodes: 0.5 }, 'maxLeafNodes is 0.5'],
    ['leaves of nothing', { minSamplesLeaf: 0 }, 'minSamplesLeaf is 0'],
    ['unknown weights', { treeWeights: 'vipr' }, 'expected one of viper, none'],
  ])('refuses %s', (_, options, words) => {
    const grow = () => fitTree(datasetOf([[0]], [left]), options as TreeOptions)
    expect(grow).toThrow(ValueError)
    expect(grow).toThrow(words)
  })

  it('refuses labels that rank no actions', () => {
    expect(() =>
      fitTree(
        datasetOf(
          [[0], [1]],
          [
            [1, 1],
            [2, 2],
          ],
        ),
      ),
    ).toThrow(/all actions have the same score/)
  })

  it('needs labels that score discrete actions', () => {
    const critic = LabelledDataset.of(
      { envId: 'hand-made', observationSize: 1, actionSpace: new Discrete(2) },
      { observations: Float32Array.of(1), stateValues: Float32Array.of(1) },
    )
    expect(() => fitTree(critic)).toThrow(/has no "actionValues"; it has observations, stateValues/)
  })
})
