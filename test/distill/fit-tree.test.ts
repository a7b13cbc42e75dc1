import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { growTree, type TreeOptions } from '../../src/distill/decision-tree.ts'
import { readForeignTeacher } from '../../src/distill/foreign-teacher.ts'
import type { LabelledSet } from '../../src/distill/labelled-set.ts'
import { DecisionTree } from '../../src/distill/tree-agent.ts'
import { viper } from '../../src/distill/viper.ts'
import { evaluatePolicy } from '../../src/rl/evaluate.ts'
import { make } from '../../src/rl/registry.ts'
import { argmax, CheckpointError, ShapeError, tensor, ValueError } from '../../src/tensor/index.ts'

/** States with the teacher's action values. */
function setOf(observations: readonly number[][], actionValues: readonly number[][]): LabelledSet {
  const size = observations.length
  return {
    envId: 'hand-made',
    observationSize: observations[0]!.length,
    actionCount: actionValues[0]!.length,
    size,
    observations: Float32Array.from(observations.flat()),
    actions: new Int32Array(size),
    returns: new Float32Array(size),
    actionValues: Float32Array.from(actionValues.flat()),
    provenance: { mode: 'by hand', seed: 0, teacher: 'by hand' },
    labels: size,
    environmentSteps: 0,
  }
}

const left = [1, 0]
const right = [0, 1]

describe('growTree', () => {
  it('asks the question that parts the actions, with the roundest threshold there is', () => {
    const set = setOf([[5, 0.1], [1, 0.2], [4, 0.62], [2, 0.71]], [left, left, right, right]) // biome-ignore format: a row a state
    const tree = growTree(set)
    expect(tree.root).toEqual({
      feature: 1,
      threshold: 0.4,
      left: { action: 0, weights: [2, 0], states: 2 },
      right: { action: 1, weights: [0, 2], states: 2 },
    })
    expect(tree).toMatchObject({ leaves: 2, depth: 1 })
    expect(tree.describe({ observations: ['place', 'angle'], actions: ['push left', 'push right'] })).toBe(
      'if angle <= 0.4: push left\nelse: push right',
    )
  })

  it('finds a rule that no single question finds: one or the other, not both', () => {
    const tree = growTree(
      setOf(
        [
          [0, 0],
          [0, 1],
          [1, 0],
          [1, 1],
        ],
        [left, right, right, left],
      ),
    )
    expect(tree.describe()).toBe(
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

  it('gives a single leaf to the states where a wrong action costs most; counted alike, to the most states', () => {
    const set = setOf([[0], [1], [2]], [left, left, [0, 10]])
    expect(growTree(set, { maxDepth: 0 }).root).toEqual({ action: 1, weights: [2, 10], states: 3 })
    expect(growTree(set, { maxLeaves: 1, weights: 'none' }).root).toEqual({ action: 0, weights: [2, 1], states: 3 })
  })

  it('spends few leaves where they mend most', () => {
    const set = setOf([[0], [1], [2], [3]], [left, [0, 1], left, [0, 50]])
    expect(growTree(set, { maxLeaves: 2 }).describe()).toBe('if x0 <= 2.5: action 0\nelse: action 1')
    expect(growTree(set).leaves).toBe(4)
  })

  it('asks nothing whose answers lead to the same action', () => {
    const set = setOf(
      [[0], [1], [1]],
      [
        [10, 0],
        [5, 0],
        [0, 1],
      ],
    )
    expect(growTree(set).root).toEqual({ action: 0, weights: [15, 1], states: 3 })
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
    growTree(
      setOf(
        rows.map(([observation]) => observation),
        rows.map(([, values]) => values),
      ),
      options,
    )

  it('chooses as the teacher in every state, given room, where the choice matters', () => {
    fc.assert(
      fc.property(states, (rows) => {
        const tree = grown(rows, { maxDepth: Infinity })
        for (const [observation, values] of rows) {
          const chosen = values[tree.act(Float32Array.from(observation))]!
          if (Math.max(...values) > Math.min(...values)) expect(chosen).toBe(Math.max(...values))
        }
      }),
    )
  })

  it('keeps its limits, and every state is at one leaf of enough states', () => {
    const limits = fc.record({
      maxDepth: fc.integer({ min: 0, max: 4 }),
      maxLeaves: fc.integer({ min: 1, max: 6 }),
      minStates: fc.integer({ min: 1, max: 4 }),
    })
    const counts = (node: DecisionTree['root']): number[] =>
      'action' in node ? [node.states] : [...counts(node.left), ...counts(node.right)]
    fc.assert(
      fc.property(states, limits, (rows, options) => {
        const tree = grown(rows, options)
        expect(tree.depth).toBeLessThanOrEqual(options.maxDepth)
        expect(tree.leaves).toBeLessThanOrEqual(options.maxLeaves)
        const sizes = counts(tree.root)
        expect(sizes.reduce((a, b) => a + b)).toBe(rows.length)
        if (sizes.length > 1) expect(Math.min(...sizes)).toBeGreaterThanOrEqual(options.minStates)
      }),
    )
  })

  it('has logits whose largest is its action, and comes back from JSON', () => {
    fc.assert(
      fc.property(states, (rows) => {
        const tree = grown(rows, { maxDepth: 3 })
        const observations = rows.map(([observation]) => observation)
        const batch = tensor(observations.flat(), [rows.length, tree.observationSize])
        const actions = observations.map((each) => tree.act(Float32Array.from(each)))
        const scores = tree.logits(batch)
        actions.forEach((action, i) => {
          const row = Array.from(scores.toArray()).slice(i * tree.actionCount, (i + 1) * tree.actionCount)
          expect(row[action]).toBe(Math.max(...row))
        })
        expect(argmax(scores, 1).shape).toEqual([rows.length])
        expect(DecisionTree.fromJson(tree.toJson())).toEqual(tree)
      }),
    )
  })

  it.each([
    ['a depth below 0', { maxDepth: -1 }, 'maxDepth is -1'],
    ['half a leaf', { maxLeaves: 0.5 }, 'maxLeaves is 0.5'],
    ['leaves of nothing', { minStates: 0 }, 'minStates is 0'],
    ['unknown weights', { weights: 'vipr' }, 'expected viper or none'],
  ])('refuses %s', (_, options, words) => {
    const grow = () => growTree(setOf([[0]], [left]), options as TreeOptions)
    expect(grow).toThrow(ValueError)
    expect(grow).toThrow(words)
  })

  it('refuses a teacher without an opinion', () => {
    expect(() =>
      growTree(
        setOf(
          [[0], [1]],
          [
            [1, 1],
            [2, 2],
          ],
        ),
      ),
    ).toThrow(/nothing to teach/)
  })
})

describe('a tree from elsewhere', () => {
  const leaf = { action: 0, weights: [1, 0], states: 1 }
  const tree = (root: unknown) => JSON.stringify({ decisionTree: 1, observationSize: 2, actionCount: 2, root })
  it.each([
    ['no JSON', 'if x0 <= 1', 'no JSON'],
    ['something else', '{"root": 1}', 'no decision tree'],
    ['nothing', 'null', 'no decision tree'],
    [
      'a question about a number that is not there',
      tree({ feature: 2, threshold: 0, left: leaf, right: leaf }),
      'number 2',
    ],
    ['a branch that is missing', tree({ feature: 0, threshold: 0, left: leaf }), 'number undefined'],
    ['an action that is not there', tree({ ...leaf, action: 2 }), 'a leaf that is none'],
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

describe('viper', () => {
  const teacher = readForeignTeacher(
    readFileSync(new URL('../golden/teachers/sb3-ppo-cartpole.safetensors', import.meta.url)),
  )
  const makeEnv = () => make('CartPole-v1')

  it('makes of a CartPole policy a tree of four questions at most that balances the pole, and counts its labels', () => {
    const { tree, set, judged } = viper({ teacher, makeEnv, labels: 2000, maxDepth: 4, seed: 2 })
    expect(set.labels).toBe(2000)
    expect(judged).toHaveLength(5)
    expect(tree.depth).toBeLessThanOrEqual(4)
    expect(tree.leaves).toBeLessThanOrEqual(16)
    expect(evaluatePolicy(tree, makeEnv).mean).toBeGreaterThan(475)
  })

  it('is a function of its seed', () => {
    const grow = (seed: number) => {
      const options = { labels: 60, rounds: 3, maxDepth: 2, judgingEpisodes: 1, seed }
      return viper({ teacher, makeEnv, ...options }).tree.toJson()
    }
    expect(grow(1)).toBe(grow(1))
    expect(grow(1)).not.toBe(grow(2))
  })

  it('can go without rounds, and refuses before any play what cannot be', () => {
    const only = viper({ teacher, makeEnv, labels: 60, rounds: 1, maxDepth: 2, judgingEpisodes: 1 })
    expect(only.set.provenance.mode).toBe('teacherIid')
    expect(only.judged).toHaveLength(1)
    expect(() => viper({ teacher, makeEnv, maxDepth: -1 })).toThrow(/maxDepth is -1/)
    expect(() => viper({ teacher, makeEnv: () => make('Acrobot-v1') })).toThrow(ShapeError)
  })
})
