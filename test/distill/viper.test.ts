import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { selectRows } from '../../src/distill/dataset/dataset-operations.ts'
import { fitTree, viper } from '../../src/distill/trees.ts'
import { evaluatePolicy, finish, loadSb3Policy, make, TimeLimit } from '../../src/rl/index.ts'
import { ShapeError } from '../../src/tensor/index.ts'

describe('viper', () => {
  const teacher = loadSb3Policy(
    readFileSync(new URL('../golden/teachers/sb3-ppo-cartpole.safetensors', import.meta.url)),
  )
  const makeEnv = () => make('CartPole-v1')

  it('makes of a CartPole policy a tree of depth 4 that balances the pole, and counts its labels', () => {
    const { tree, dataset, evaluations } = finish(viper(makeEnv, teacher, { labels: 2000, maxDepth: 4, seed: 2 }))
    expect(dataset.labels).toBe(2000)
    expect(evaluations).toHaveLength(5)
    expect(tree.depth).toBeLessThanOrEqual(4)
    expect(tree.leaves).toBeLessThanOrEqual(16)
    expect(evaluatePolicy(tree, makeEnv).mean).toBeGreaterThan(475)
  })

  it('is a generator: a report per round of labels and per evaluation', () => {
    const reports = [...viper(makeEnv, teacher, { labels: 30, rounds: 2, maxDepth: 2, evaluationEpisodes: 1 })]
    expect(reports.map(({ phase, round, rounds }) => [phase, round, rounds])).toEqual([
      ['label', 0, 2],
      ['label', 1, 2],
      ['evaluate', 0, 2],
      ['evaluate', 1, 2],
    ])
  })

  it('is a function of its seed', () => {
    const grow = (seed: number) => {
      const options = { labels: 60, rounds: 3, maxDepth: 2, evaluationEpisodes: 1, seed }
      return finish(viper(makeEnv, teacher, options)).tree.toJson()
    }
    expect(grow(1)).toBe(grow(1))
    expect(grow(1)).not.toBe(grow(2))
  })

  it('can go without rounds, and refuses before any play what cannot be', () => {
    const one = finish(viper(makeEnv, teacher, { labels: 60, rounds: 1, maxDepth: 2, evaluationEpisodes: 1 }))
    expect(one.dataset.provenance).toEqual({ selection: 'random', rounds: 1, seed: 0, teacher: 'CartPole-v1' })
    expect(one.evaluations).toHaveLength(1)
    let steps = 0
    const watched = () => {
      const env = makeEnv()
      const step = env.step.bind(env)
      return Object.assign(env, {
        step(action: number) {
          steps++
          return step(action)
        },
      })
    }
    expect(() => viper(watched, teacher, { maxDepth: -1 })).toThrow(/maxDepth is -1/)
    expect(() => viper(watched, teacher, { rounds: 2, selection: 'box' })).toThrow(/selection is box in 2 rounds/)
    expect(() => viper(watched, () => ({ stateValues: 1 }))).toThrow(/cannot choose actions/)
    expect(() => viper(() => make('Acrobot-v1'), teacher)).toThrow(ShapeError)
    expect(() => viper(() => make('Pendulum-v1') as never, teacher)).toThrow(/Pendulum-v1 has Box.*; expected Discrete/)
    expect(steps).toBe(0)
  })

  it('keeps the tree of the best mean return, of equals the last', () => {
    const { tree, dataset, evaluations } = finish(
      viper(makeEnv, teacher, { labels: 90, rounds: 3, maxDepth: 3, seed: 4 }),
    )
    const means = evaluations.map(({ mean }) => mean)
    const best = means.lastIndexOf(Math.max(...means))
    const upTo = (rows: number) =>
      fitTree(
        selectRows(
          dataset,
          Int32Array.from({ length: rows }, (_, i) => i),
        ),
        { maxDepth: 3 },
      )
    expect(tree.toJson()).toBe(upTo(30 * (best + 1)).toJson())
  })

  it('keeps the last of trees that are equally good', () => {
    // Episodes of one step: every tree returns 1.
    const short = () => new TimeLimit(make<Float32Array, number>('CartPole-v1'), 1)
    const options = { labels: 30, rounds: 3, evaluationEpisodes: 1, rolloutSteps: 100, seed: 4 }
    const { tree, dataset, evaluations } = finish(viper(short, teacher, options))
    expect(evaluations.map(({ mean }) => mean)).toEqual([1, 1, 1])
    expect(tree.toJson()).toBe(fitTree(dataset).toJson())
  })

  it('plays the tree of the round before', () => {
    // Far from enough labels: a tree of one leaf, which always takes the same action.
    const { dataset, tree } = finish(
      viper(makeEnv, teacher, {
        ...{ labels: 40, rounds: 2, maxDepth: 0, studentEpsilon: 0, evaluationEpisodes: 1, seed: 1 },
      }),
    )
    expect(tree.leaves).toBe(1)
    expect(new Set(dataset.column('actions').slice(0, 20)).size).toBe(2)
    expect(new Set(dataset.column('actions').slice(20)).size).toBe(1)
  })
})
