// Trees by examples that are worked by hand, and VIPER in a corridor. See fit-tree.test.ts for properties, viper.test.ts for CartPole.

import { describe, expect, it } from 'vitest'
import { fitTree, LabelledDataset, type TeacherFunction, type TreeOptions, viper } from '../../src/distill/index.ts'
import { Discrete, finish } from '../../src/rl/index.ts'
import { corridor } from './support.ts'

/** States of one number or more, whose best action is worth `gain` more than the others. */
function treeOf(
  states: readonly (readonly number[])[],
  actions: readonly number[],
  options: TreeOptions = {},
  gains: readonly number[] = [],
) {
  const numActions = Math.max(...actions) + 1
  const logits = actions.flatMap((action, i) =>
    Array.from({ length: numActions }, (_, a) => (a === action ? (gains[i] ?? 1) : 0)),
  )
  const columns = { observations: Float32Array.from(states.flat()), logits: Float32Array.from(logits) }
  const spec = { envId: 'some', observationSize: states[0]!.length, actionSpace: new Discrete(numActions) }
  return fitTree(LabelledDataset.of(spec, columns), options)
}
const line = (...numbers: number[]) => numbers.map((x) => [x])

it.each([
  [0, 1, 0.5],
  [1, 2, 1.5],
  [0.5, 1.5, 1],
  [1.5, 2.5, 2],
  [10, 30, 20],
  [1, Math.fround(1 + 2 ** -23), 1], // neighbours: the lower one, which goes left
  [-3, -1, -2],
  [0.125, 0.25, 0.2],
])('a threshold: between %d and %d has the fewest digits near the middle: %d', (below, above, threshold) => {
  const { root } = treeOf(line(below, above), [0, 1])
  expect(root).toMatchObject({ feature: 0, threshold, left: { action: 0 }, right: { action: 1 } })
})

describe('a split', () => {
  it('reduces the impurity W (1 - Σ (W_a / W)²) most', () => {
    // Actions 0 0 1 1 0: cuts reduce 2.4 by 0.4, 1.067, 0.067 and 0.4.
    expect(treeOf(line(0, 1, 2, 3, 4), [0, 0, 1, 1, 0], { maxDepth: 1 }).root).toMatchObject({
      ...{ threshold: 1.5, left: { weights: [2, 0], samples: 2 }, right: { weights: [1, 2], samples: 3 } },
    })
    // A weight of 9 for the last state moves the cut to 3.5, on both sides of which action 0 is chosen: no question.
    expect(treeOf(line(0, 1, 2, 3, 4), [0, 0, 1, 1, 0], { maxDepth: 1 }, [1, 1, 1, 1, 9]).root).toMatchObject({
      ...{ action: 0, weights: [11, 2] },
    })
    expect(treeOf(line(0, 1, 2, 3), [1, 1, 0, 0], { maxDepth: 1 }, [1, 1, 1, 9]).root).toMatchObject({ threshold: 1.5 })
  })

  it('takes the first number and the lowest threshold of equally good ones', () => {
    const both = [0, 1, 2, 3].map((x) => [x, x, -x])
    expect(treeOf(both, [0, 0, 1, 1]).root).toMatchObject({ feature: 0, threshold: 1.5 })
    expect(treeOf(line(0, 1, 2, 3), [0, 1, 1, 0], { maxDepth: 1 }).root).toMatchObject({ threshold: 0.5 })
    expect(treeOf(line(0, 1, 2), [1, 0, 1], { maxLeafNodes: 2 }, [1, 3, 1]).root).toMatchObject({ threshold: 0.5 })
    expect(treeOf([[5, 0], [5, 1]], [0, 1]).root).toMatchObject({ feature: 1, threshold: 0.5 }) // biome-ignore format: a row a state
  })

  it('leaves enough states on both sides', () => {
    const split = (actions: number[], minSamplesLeaf: number) =>
      treeOf(line(0, 1, 2, 3), actions, { minSamplesLeaf, maxDepth: 1 }).root
    expect(split([0, 1, 1, 1], 1)).toMatchObject({ threshold: 0.5 })
    expect(split([0, 1, 1, 1], 2)).toMatchObject({ threshold: 1.5 })
    expect(split([0, 0, 0, 1], 1)).toMatchObject({ threshold: 2.5 })
    expect(split([0, 0, 0, 1], 2)).toMatchObject({ action: 0, samples: 4 }) // the sides choose alike
    expect(split([0, 0, 1, 1], 2)).toMatchObject({ threshold: 1.5 })
    expect(split([0, 0, 1, 1], 3)).toMatchObject({ samples: 4 })
  })
})

describe('a tree', () => {
  const sizeOf = (options: TreeOptions) => {
    const { leaves, depth } = treeOf(line(0, 1, 2, 3), [0, 1, 2, 1], options, [1, 1, 2, 1])
    return [leaves, depth]
  }

  it('has as many leaves and questions in a row as it may, and needs', () => {
    expect(sizeOf({})).toEqual([4, 3])
    expect(sizeOf({ maxDepth: 0 })).toEqual([1, 0])
    expect(sizeOf({ maxDepth: 1 })[1]).toBe(1)
    expect(sizeOf({ maxLeafNodes: 1 })).toEqual([1, 0])
    expect(sizeOf({ maxLeafNodes: 2 })[0]).toBe(2)
    expect(sizeOf({ maxLeafNodes: 3 })[0]).toBe(3)
    expect(sizeOf({ maxLeafNodes: 9, maxDepth: Infinity })).toEqual([4, 3])
  })

  it('may be grown from actions alone, which count alike', () => {
    const spec = { envId: 'some', observationSize: 1, actionSpace: new Discrete(2) }
    const dataset = LabelledDataset.of(spec, { observations: Float32Array.of(0, 1, 2), actions: [1, 0, 0] })
    expect(fitTree(dataset).root).toEqual({
      ...{ feature: 0, threshold: 0.5 },
      left: { action: 1, weights: [0, 1], samples: 1 },
      right: { action: 0, weights: [2, 0], samples: 2 },
    })
  })

  it('weighs a state by max - min of the scores', () => {
    const spec = { envId: 'some', observationSize: 1, actionSpace: new Discrete(3) }
    const columns = { observations: Float32Array.of(0), logits: Float32Array.of(5, 3, 9) }
    expect(fitTree(LabelledDataset.of(spec, columns)).root).toEqual({ action: 2, weights: [0, 0, 6], samples: 1 })
  })

  it('needs a state in which the choice matters, but no more', () => {
    expect(treeOf(line(0, 1), [0, 1], {}, [0, 3]).root).toMatchObject({ action: 1, weights: [0, 3], samples: 2 })
    expect(treeOf(line(0, 1, 2), [0, 0, 1], {}, [0, 1, 1]).root).toMatchObject({ threshold: 1.5 })
    expect(() => treeOf(line(0, 1), [0, 1], {}, [0, 0])).toThrow('all actions have the same score in every labelled')
    expect(() => treeOf(line(0, 1), [0, 1], { treeWeights: 'none' }, [0, 0])).not.toThrow()
  })
})

describe('VIPER in a corridor', () => {
  // The end is nine steps to the right, at -1 each; episodes end after twelve.
  const options = {
    ...{ labels: 8, rounds: 2, rolloutSteps: 60, evaluationEpisodes: 3 },
    ...({ exploration: 'fixed', epsilon: 0.3, studentEpsilon: 0.3 } as const),
  } as const
  const makeEnv = () => corridor(12) as never

  it('counts labels, steps of play and those of the evaluations', () => {
    const right: TeacherFunction = () => ({ logits: [0, 1] })
    const { tree, cost, evaluations, dataset } = finish(viper(makeEnv, right, options))
    expect(tree.toText()).toBe('action 1')
    expect(tree.root).toMatchObject({ samples: 8 }) // of trees as good the last
    expect(evaluations.map(({ mean, steps }) => [mean, steps])).toEqual([
      [-9, 27],
      [-9, 27],
    ])
    expect(cost).toMatchObject({ labels: 8, environmentSteps: { choice: 54 } })
    expect(cost.environmentSteps.firstRound).toBeGreaterThanOrEqual(60)
    expect(cost.environmentSteps.laterRounds).toBeGreaterThanOrEqual(60)
    expect(dataset.cost.environmentSteps.choice).toBe(0)
  })

  it('keeps the tree of the best mean return', () => {
    // Labels of the second round lead astray.
    let isFirst = true
    const changing: TeacherFunction = () => ({ logits: isFirst ? [0, 1] : [9, 0] })
    const steps = viper(makeEnv, changing, options)
    let step = steps.next()
    for (; step.done !== true; step = steps.next()) isFirst = false
    expect(step.value.evaluations.map(({ mean }) => mean)).toEqual([-9, -12])
    expect(step.value.tree.toText()).toBe('action 1')
  })

  it('is played by the tree of the round before', () => {
    // It walks right, seven episodes of nine steps. The teacher would stay at the left end by then, five episodes of twelve.
    let isFirst = true
    const changing: TeacherFunction = () => ({ logits: isFirst ? [0, 1] : [9, 0] })
    const steps = viper(makeEnv, changing, { ...options, epsilon: 0, studentEpsilon: 0 })
    let step = steps.next()
    for (; step.done !== true; step = steps.next()) isFirst = false
    expect(step.value.cost.environmentSteps).toMatchObject({ firstRound: 63, laterRounds: 63 })
  })
})
