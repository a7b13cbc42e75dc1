import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { viper } from '../../src/distill/viper.ts'
import { evaluatePolicy } from '../../src/rl/evaluate.ts'
import { make } from '../../src/rl/registry.ts'
import { loadSb3Policy } from '../../src/rl/sb3-policy.ts'
import { ShapeError } from '../../src/tensor/index.ts'

describe('viper', () => {
  const teacher = loadSb3Policy(
    readFileSync(new URL('../golden/teachers/sb3-ppo-cartpole.safetensors', import.meta.url)),
  )
  const makeEnv = () => make('CartPole-v1')

  it('turns a CartPole policy into a tree of depth 4 that balances the pole, and counts its labels', () => {
    const { tree, dataset, evaluations } = viper(makeEnv, teacher, { labels: 2000, maxDepth: 4, seed: 2 })
    expect(dataset.labels).toBe(2000)
    expect(evaluations).toHaveLength(5)
    expect(tree.depth).toBeLessThanOrEqual(4)
    expect(tree.leaves).toBeLessThanOrEqual(16)
    expect(evaluatePolicy(tree, makeEnv).mean).toBeGreaterThan(475)
  })

  it('is a function of its seed', () => {
    const grow = (seed: number) => {
      const options = { labels: 60, rounds: 3, maxDepth: 2, evaluationEpisodes: 1, seed }
      return viper(makeEnv, teacher, options).tree.toJson()
    }
    expect(grow(1)).toBe(grow(1))
    expect(grow(1)).not.toBe(grow(2))
  })

  it('can be one round, and refuses before any play what cannot be', () => {
    const only = viper(makeEnv, teacher, { labels: 60, rounds: 1, maxDepth: 2, evaluationEpisodes: 1 })
    expect(only.dataset.provenance).toMatchObject({ selection: 'random', rounds: 1 })
    expect(only.evaluations).toHaveLength(1)
    expect(() => viper(makeEnv, teacher, { maxDepth: -1 })).toThrow(/maxDepth is -1/)
    expect(() => viper(() => make('Acrobot-v1'), teacher)).toThrow(ShapeError)
  })
})
