import { describe, expect, it } from 'vitest'
import { DecisionTree } from '../../src/rl/decision-tree.ts'
import { CheckpointError, Rng, ShapeError, tensor, ValueError } from '../../src/tensor/index.ts'

describe('a decision tree', () => {
  // x₁ ≤ 0.5: action 0, else by x₀: action 1 with three quarters of the weight, or action 0.
  const tree = new DecisionTree(
    {
      feature: 1,
      threshold: 0.5,
      left: { action: 0, weights: [2, 0], samples: 2 },
      right: {
        feature: 0,
        threshold: -1,
        left: { action: 1, weights: [1, 3], samples: 4 },
        right: { action: 0, weights: [0, 0], samples: 1 },
      },
    },
    2,
    2,
  )
  const observations = Float32Array.of(9, 0.5, -1, 0.6, 0, 0.6)

  it('follows its splits: left where a number is at most the threshold', () => {
    expect(tree.actBatch(observations)).toEqual(Int32Array.of(0, 1, 0))
    expect([tree.act(Float32Array.of(9, 0.5)), tree.act(Float32Array.of(-1, 0.6))]).toEqual([0, 1])
    expect(tree).toMatchObject({ leaves: 3, depth: 2 })
  })

  it('has the logarithms of the fractions at the leaf as logits, at least ln 0.001', () => {
    const expected = [1, 0.001, 0.25, 0.75, 1, 0.001].map((p) => Math.log(p))
    const logits = tree.logits(tensor(observations, [3, 2])).view()
    for (const [i, each] of logits.entries()) expect(each).toBeCloseTo(expected[i]!, 5)
  })

  it('draws from its leaf', () => {
    const rng = new Rng(0)
    const draws = Array.from({ length: 400 }, () => tree.sample(Float32Array.of(-1, 0.6), rng))
    expect(draws.reduce((a, b) => a + b) / 400).toBeCloseTo(0.75, 1)
  })

  it('is text, with the names of the task', () => {
    expect(tree.toText({ observations: ['speed', 'angle'], actions: ['left', 'right'] })).toBe(
      'if angle <= 0.5: left\nelse:\n  if speed <= -1: right\n  else: left',
    )
  })

  it('comes back from JSON', () => {
    expect(DecisionTree.fromJson(tree.toJson())).toEqual(tree)
  })
})

describe('a tree from elsewhere', () => {
  const leaf = { action: 0, weights: [1, 0], samples: 1 }
  const tree = (root: unknown) => JSON.stringify({ decisionTree: 1, observationSize: 2, actionCount: 2, root })
  it.each([
    ['not JSON', 'if x0 <= 1', 'not JSON'],
    ['another object', '{"root": 1}', 'not a decision tree'],
    ['null', 'null', 'not a decision tree'],
    [
      'a question about a number that is not there',
      tree({ feature: 2, threshold: 0, left: leaf, right: leaf }),
      'number 2',
    ],
    ['a branch that is missing', tree({ feature: 0, threshold: 0, left: leaf }), 'number undefined'],
    ['an action that is not there', tree({ ...leaf, action: 2 }), 'broken leaf'],
  ])('is refused if it is %s', (_, text, words) => {
    expect(() => DecisionTree.fromJson(text)).toThrow(CheckpointError)
    expect(() => DecisionTree.fromJson(text)).toThrow(words)
  })

  it('acts on observations of its size only', () => {
    const agent = new DecisionTree(leaf, 2, 2)
    expect(() => agent.act(Float32Array.of(1))).toThrow(ShapeError)
    expect(() => agent.logits(tensor([1, 2, 3], [1, 3]))).toThrow(ShapeError)
    expect(() => agent.act(Float32Array.of(1, Number.NaN))).toThrow(ValueError)
  })
})
