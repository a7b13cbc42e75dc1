// Behaviour cloning, DAgger and on-policy distillation are options of `distill`: who plays in which round, and that it learns.

import { afterEach, describe, expect, it, vi } from 'vitest'
import { type DistillOptions, distill, LabelledDataset } from '../../src/distill/index.ts'
import { evaluatePolicy, finish, makeVec } from '../../src/rl/index.ts'
import { CategoricalPolicy, DiscreteAgent } from '../../src/rl/policies/discrete-policies.ts'
import { cartPole } from './support.ts'

afterEach(() => vi.restoreAllMocks())

/** Keeps the pole up for good. */
const expert = ([x, velocity, angle, spin]: Float32Array) => {
  const lean = 0.05 * x! + 0.1 * velocity! + angle! + 0.3 * spin!
  return { logits: [-20 * lean, 20 * lean] }
}
const isExpert = (observation: Float32Array, action: number) => {
  const [left, right] = expert(observation).logits
  return action === (right! > left! ? 1 : 0)
}

const behaviourCloning: DistillOptions = { rounds: 1, exploration: 'fixed', epsilon: 0, divergence: 'hard' }
const dagger: DistillOptions = { ...behaviourCloning, rounds: 6, betaDecay: 0.5, studentEpsilon: 0 }
const onPolicy: DistillOptions = {
  ...{ firstBeta: 0, aggregate: false, warmStart: true, epsilon: 0, studentEpsilon: 0 },
  ...{ exploration: 'fixed', selection: 'random', temperature: { absolute: 1 } },
}

/** How often teacher and student chose actions, by round; a call is a step of all sub-environments. */
function playersByRound(options: DistillOptions) {
  const play = vi.spyOn(DiscreteAgent.prototype, 'actBatch')
  const rounds: { teacher: number; student: number }[] = []
  const short = { labels: 60, rolloutSteps: 300, roundSteps: 300, hidden: [8], updates: 20, ...options }
  for (const { phase } of distill(cartPole(), expert, short)) {
    if (phase !== 'label') continue
    const students = play.mock.contexts.filter((agent) => agent instanceof CategoricalPolicy).length
    rounds.push({ teacher: play.mock.contexts.length - students, student: students })
    play.mockClear()
  }
  return rounds
}

function learn(options: DistillOptions) {
  const { student, dataset } = finish(distill(makeVec('CartPole-v1', 4), expert, options))
  return { dataset, mean: evaluatePolicy(student as CategoricalPolicy, cartPole, { episodes: 20 }).mean }
}

describe('behaviour cloning: one round, in which the teacher plays', () => {
  it('is played by the teacher alone', () => {
    const [only, ...others] = playersByRound(behaviourCloning)
    expect(others).toEqual([])
    expect(only!.teacher).toBeGreaterThanOrEqual(300)
    expect(only!.student).toBe(0)
  })

  it.each([1, 2])('does as the expert does, where the expert has been: seed %i', (seed) => {
    const { mean, dataset } = learn({ ...behaviourCloning, labels: 400, updates: 1000, seed })
    for (let i = 0; i < 400; i++) expect(isExpert(dataset.observation(i), dataset.column('actions')[i]!)).toBe(true)
    expect(mean).toBeGreaterThan(300)
  })

  it('learns from demonstrations alone: actions in states, without a teacher', () => {
    const { dataset } = learn({ ...behaviourCloning, labels: 400, updates: 0, seed: 1 })
    const demonstrations = LabelledDataset.of(dataset.spec, {
      observations: dataset.column('observations'),
      actions: dataset.column('actions'),
    })
    const options = { dataset: demonstrations, divergence: 'hard', updates: 1000 } as const
    const { student } = finish(distill(cartPole(), null, options))
    expect(evaluatePolicy(student as CategoricalPolicy, cartPole, { episodes: 20 }).mean).toBeGreaterThan(300)
  })
})

describe('DAgger: rounds of a mixture, in which the student plays more and more', () => {
  it('is played by the teacher in the first round and by both later, the teacher β times', () => {
    const [first, ...later] = playersByRound(dagger)
    expect(first!.student).toBe(0)
    expect(later).toHaveLength(5)
    for (const { teacher, student } of later) expect([teacher > 0, student > 0]).toEqual([true, true])
  })

  it('with β = 1, 0, 0, … is played by the student alone from the second round on', () => {
    const [first, ...later] = playersByRound({ ...dagger, betaDecay: 0 })
    expect([first!.teacher > 0, first!.student]).toEqual([true, 0])
    for (const { teacher, student } of later) expect([teacher, student >= 300]).toEqual([0, true])
  })

  it.each([1, 2])('learns to balance the pole from an expert that labels where the learner goes: seed %i', (seed) => {
    const { mean, dataset } = learn({ ...dagger, labels: 240, updates: 800, rolloutSteps: 1000, seed })
    expect(dataset.labels).toBe(240)
    expect(mean).toBeGreaterThan(400)
  })
})

describe('on-policy distillation: the student plays from the first step and learns from its latest states alone', () => {
  it('is never played by the teacher', () => {
    for (const { teacher, student } of playersByRound({ ...onPolicy, rounds: 4 })) {
      expect([teacher, student >= 300]).toEqual([0, true])
    }
  })

  it.each([1, 2])('learns to balance the pole from the policy of a teacher alone: seed %i', (seed) => {
    const sizes = { rounds: 12, labels: 1200, rolloutSteps: 200, roundSteps: 200, hidden: [16] }
    const options = { ...onPolicy, ...sizes, updates: 100, roundUpdates: 100, learningRate: 5e-3, seed }
    const { dataset, mean } = learn(options)
    expect([dataset.size, dataset.labels]).toEqual([100, 1200])
    expect(mean).toBeGreaterThan(400) // an untrained student: 10 to 40
  })
})
