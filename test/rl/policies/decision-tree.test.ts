import { describe, expect, it } from 'vitest'
import { DecisionTree, type TreeSplit } from '../../../src/rl/policies/decision-tree.ts'
import { CheckpointError, ShapeError, tensor, ValueError } from '../../../src/tensor/index.ts'

const leaf = { action: 0, weights: [1, 0], samples: 1 }
const split = {
  ...{ feature: 1, threshold: 0.5, left: { action: 1, weights: [1, 3], samples: 2 } },
  right: { feature: 0, threshold: -2, left: leaf, right: { action: 1, weights: [0, 0], samples: 1 } },
}
const agent = new DecisionTree(split, 2, 2)
const states = [[0, 0.5], [0, 0], [-2, 0.6], [-1, 0.6]] as const // biome-ignore format: a row a state

describe('a decision tree', () => {
  it('goes left where the number is at most the threshold', () => {
    expect(states.map((state) => agent.act(Float32Array.from(state)))).toEqual([1, 1, 0, 1])
    expect(agent.actBatch(Float32Array.from(states.flat()))).toEqual(Int32Array.of(1, 1, 0, 1))
    expect(agent).toMatchObject({ leaves: 3, depth: 2 })
  })

  it('has the logarithms of the fractions of weight as logits, at least ln 0.001', () => {
    const logits = Array.from(agent.logits(tensor(states.flat(), [4, 2])).toArray())
    const fractions = [0.25, 0.75, 0.25, 0.75, 1, 0.001, 0.001, 1] // no weight at all: that of the action alone
    for (const [i, logit] of logits.entries()) expect(logit).toBeCloseTo(Math.log(fractions[i]!), 6)
  })

  it('prints as rules, by the names of numbers and actions where given', () => {
    const rules = ['if x1 <= 0.5: go', 'else:', '  if speed <= -2: stay', '  else: go']
    const names = { observations: ['speed'], actions: ['stay', 'go'] }
    expect(agent.toText(names)).toBe(rules.join('\n'))
    expect(new DecisionTree(leaf, 2, 2).toText()).toBe('action 0')
  })

  it('comes back from JSON', () => expect(DecisionTree.fromJson(agent.toJson())).toEqual(agent))

  it('acts on observations of its size only', () => {
    expect(() => agent.act(Float32Array.of(1))).toThrow(ShapeError)
    expect(() => agent.logits(tensor([1, 2, 3], [1, 3]))).toThrow(ShapeError)
    expect(() => agent.act(Float32Array.of(1, Number.NaN))).toThrow(ValueError)
  })
})

describe('JSON of a tree', () => {
  const json = (root: unknown) => JSON.stringify({ decisionTree: 1, observationSize: 2, numActions: 2, root })
  const deep = (depth: number, side = 'right'): unknown =>
    depth === 0 ? leaf : { feature: 0, threshold: 0, left: leaf, right: leaf, [side]: deep(depth - 1, side) }

  it.each([
    ['not JSON', 'if x0 <= 1', 'not JSON'],
    ['something else', '{"root": 1}', 'not a decision tree'],
    ['null', 'null', 'not a decision tree'],
    [
      'a split on a number that does not exist',
      json({ feature: 2, threshold: 0, left: leaf, right: leaf }),
      'number 2',
    ],
    ['a branch that is missing', json({ feature: 0, threshold: 0, left: leaf }), 'number undefined'],
    ['an action that does not exist', json({ ...leaf, action: 2 }), 'a leaf of the decision tree is'],
    ['an action that is no whole number', json({ ...leaf, action: 0.5 }), 'a leaf of the decision tree is'],
    ['a negative action', json({ ...leaf, action: -1 }), 'a leaf of the decision tree is'],
    ['a negative weight', json({ ...leaf, weights: [1, -1] }), 'a leaf of the decision tree is'],
    ['a weight that is a word', json({ ...leaf, weights: [1, '1'] }), 'a leaf of the decision tree is'],
    ['no list of weights', json({ ...leaf, weights: { length: 2 } }), 'a leaf of the decision tree is'],
    ['a split without a threshold', json({ feature: 1, left: leaf, right: leaf }), 'number 1 of 2 at undefined'],
    [
      'a negative split',
      json({ feature: -1, threshold: 0, left: leaf, right: leaf }),
      'number -1 of 2 at 0; expected 0 to 1',
    ],
    ['another version', json(leaf).replace(':1', ':2'), 'not a decision tree'],
    ['of no observation', json(leaf).replace('Size":2', 'Size":0'), 'not a decision tree'],
    ['of no action', json(leaf).replace('Actions":2', 'Actions":0'), 'not a decision tree'],
    ['of a million numbers and one', json(leaf).replace('Size":2', 'Size":1000001'), 'not a decision tree'],
    ['a leaf of no samples', json({ ...leaf, samples: 0 }), 'a leaf of the decision tree is'],
    ['weights of another number of actions', json({ ...leaf, weights: [1] }), 'a leaf of the decision tree is'],
    ['a tree too deep to the left', json(deep(1001, 'left')), 'the decision tree is deeper than 1000'],
    ['a tree too deep to walk', json(deep(1002)), 'deeper than 1000'],
  ])('is refused if it is %s', (_, text, words) => {
    expect(() => DecisionTree.fromJson(text)).toThrow(CheckpointError)
    expect(() => DecisionTree.fromJson(text)).toThrow(words)
  })

  it('has up to 1,000 questions from the root to a leaf, and observes up to a million numbers', () => {
    for (const side of ['left', 'right']) {
      const root = deep(1000, side) as TreeSplit
      expect(DecisionTree.fromJson(json(root)).depth).toBe(1000)
      expect(new DecisionTree(root, 2, 2).depth).toBe(1000)
      const message = 'DecisionTree: it is deeper than 1000; expected fewer questions'
      expect(() => new DecisionTree(deep(1001, side) as TreeSplit, 2, 2)).toThrow(message)
    }
    const wide = DecisionTree.fromJson(json(leaf).replace('Size":2', 'Size":1000000'))
    expect(wide.observationSize).toBe(1_000_000)
  })
})
