import { describe, expect, it } from 'vitest'
import { agreementWith, behaviourCloning } from '../../../src/rl/algorithms/behaviour-cloning.ts'
import { dagger } from '../../../src/rl/algorithms/dagger.ts'
import { Demonstrations, demonstrate } from '../../../src/rl/demonstrations.ts'
import { evaluatePolicy } from '../../../src/rl/evaluate.ts'
import type { Agent } from '../../../src/rl/policy.ts'
import { make } from '../../../src/rl/registry.ts'
import { readTraining, writeTraining } from '../../../src/rl/saved-training-file.ts'
import { finish } from '../../../src/rl/training.ts'
import { makeVector } from '../../../src/rl/vector/make-vector.ts'
import { ShapeError, ValueError } from '../../../src/tensor/errors.ts'
import { Rng } from '../../../src/tensor/index.ts'

/** Keeps the pole up for good. */
const expert: Agent = {
  act: ([x, velocity, angle, spin]) => Number(0.05 * x! + 0.1 * velocity! + angle! + 0.3 * spin! > 0),
}
const makeEnv = () => make('CartPole-v1')

describe('behaviour cloning', () => {
  it('does as the expert does, where the expert has been', () => {
    const shown = demonstrate(makeVector('CartPole-v1', 4), expert, 100, 1)
    const agent = finish(behaviourCloning(shown, 2, { epochs: 100, learningRate: 5e-3, seed: 1 }))
    expect(agreementWith(agent, shown)).toBeGreaterThan(0.95)
    expect(evaluatePolicy(agent, makeEnv, { episodes: 20 }).mean).toBeGreaterThan(300)
  })

  it('reports a loss that falls', () => {
    const shown = demonstrate(makeVector('CartPole-v1', 4), expert, 50, 1)
    const losses = [...behaviourCloning(shown, 2, { epochs: 5 })].map(({ loss }) => loss)
    expect(losses).toHaveLength(5)
    expect(losses[4]).toBeLessThan(losses[0]!)
  })

  it('goes on from where it was saved, bit for bit', () => {
    const shown = demonstrate(makeVector('CartPole-v1', 2), expert, 40, 1)
    const figures = ({ epoch, loss, agreement }: { epoch: number; loss: number; agreement: number }) => ({
      epoch,
      loss,
      agreement,
    })
    const reports: unknown[] = []
    let file: Uint8Array = new Uint8Array()
    for (const report of behaviourCloning(shown, 2, { epochs: 6 })) {
      reports.push(figures(report))
      if (report.epoch === 3) file = writeTraining(report.save())
    }
    const resumed = [...behaviourCloning(shown, 2, { epochs: 6 }, readTraining(file))].map(figures)
    expect(resumed).toEqual(reports.slice(3))
  })

  it('wants something to imitate', () => {
    expect(() => behaviourCloning(new Demonstrations(4), 2).next()).toThrow(ValueError)
  })
})

describe('DAgger', () => {
  it('learns to balance the pole from an expert that answers where the learner goes', () => {
    const agent = finish(dagger(makeVector('CartPole-v1', 2), expert, { iterations: 6, seed: 1 }))
    expect(evaluatePolicy(agent, makeEnv, { episodes: 20 }).mean).toBeGreaterThan(400)
  })

  it('lets the expert play in the first round, and asks it about every state', () => {
    const [first, second] = [...dagger(makeVector('CartPole-v1', 1), expert, { iterations: 2, numSteps: 300 })]
    expect(first!.episodes).toEqual([]) // the expert drops no pole
    expect(first!.labels).toBe(300)
    expect(second!.labels).toBe(600)
  })

  it('goes on from where it was saved, bit for bit', () => {
    const options = { iterations: 4, numSteps: 30, epochs: 2, expertShare: 0.5 }
    const envs = () => makeVector('CartPole-v1', 2)
    const figures = ({ step, episodes, loss, agreement }: ReturnType<typeof Object>) => ({
      step,
      episodes,
      loss,
      agreement,
    })
    const reports: unknown[] = []
    let file: Uint8Array = new Uint8Array()
    for (const report of dagger(envs(), expert, options)) {
      reports.push(figures(report))
      if (report.iteration === 2) file = writeTraining(report.save())
    }
    expect([...dagger(envs(), expert, options, readTraining(file))].map(figures)).toEqual(reports.slice(2))
  })

  it('refuses actions that are no choices', () => {
    expect(() => dagger(makeVector('Pendulum-v1', 1), expert).next()).toThrow(/chooses among Discrete actions/)
  })
})

describe('demonstrations', () => {
  it('come in minibatches, every pair once, each with its own action', () => {
    const shown = new Demonstrations(1)
    for (let i = 0; i < 100; i++) shown.add(Float32Array.of(i), i)
    const seen: number[] = []
    for (const { observations, actions } of shown.minibatches(33, new Rng(1))) {
      expect(observations.toArray()).toEqual(Float32Array.from(actions.toArray()))
      seen.push(...actions.toArray())
    }
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect(() => shown.add(Float32Array.of(1, 2), 0)).toThrow(ShapeError)
  })
})
