// Kickstarting and proximal policy distillation: terms in the losses of PPO and A2C.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCheckpoint, writeCheckpoint } from '../../../src/data/checkpoint-file.ts'
import { MLP, namedParameters, saveParameters } from '../../../src/nn/index.ts'
import { a2c, algorithm, Categorical, type Checkpoint, finish, makeVec, ppo } from '../../../src/rl/index.ts'
import type { AuxiliaryBatch, AuxiliaryLoss, OnPolicyParts } from '../../../src/rl/on-policy/on-policy.ts'
import { Kickstart, ProximalDistillation, proximalDivergence } from '../../../src/rl/on-policy/teacher-losses.ts'
import { GaussianActorCritic } from '../../../src/rl/policies/actor-critic.ts'
import { CategoricalPolicy, QPolicy } from '../../../src/rl/policies/discrete-policies.ts'
import { teacherPolicy } from '../../../src/rl/policies/teacher-policy.ts'
import { gradcheck, Rng, type Tensor, tensor, ValueError } from '../../../src/tensor/index.ts'
import { forAll, property } from '../../support/property.ts'

const returnRange = { random: 20, teacher: 500 }
const cartPoleTeacher = () => new CategoricalPolicy(new MLP([4, 8, 2], new Rng(5)), 4, 2)
const quick = { totalTimesteps: 128, numSteps: 32, hidden: [8] }

const logits = (rows: number, actions: number, scale = 2) =>
  fc.array(fc.double({ min: -scale, max: scale, noNaN: true }), {
    minLength: rows * actions,
    maxLength: rows * actions,
  })

function batchOf(studentLogits: Tensor, old: readonly number[]): AuxiliaryBatch {
  const [rows] = studentLogits.shape as [number, number]
  const { dtype } = studentLogits
  const policy = new Categorical(studentLogits)
  const actions = tensor(new Int32Array(rows))
  const observations = tensor(new Float64Array(rows * 4), [rows, 4], { dtype })
  const oldLogProbs = tensor([...old], [rows], { dtype })
  return { observations, masks: undefined, policy, logProbs: policy.logProb(actions), oldLogProbs }
}

describe('proximal policy distillation', () => {
  it('weights each divergence by max(ρ, 1 - clipRange)', () => {
    const f64 = (...values: number[]) => tensor(values, [values.length], { dtype: 'float64' })
    const divergences = f64(1, 2, 3)
    const ratios = [0.5, 1, 1.5]
    const value = proximalDivergence(divergences, f64(...ratios.map(Math.log)), f64(0, 0, 0), 0.2).item()
    expect(value).toBeCloseTo((0.8 * 1 + 1 * 2 + 1.5 * 3) / 3, 12)
  })

  it('has the gradient that central differences give, through the divergence and the ratio', () => {
    // ρ stays off its kink at 1 - clipRange = 0.8: old log-probabilities differ by ± 0.6 from the present ones.
    const rows = 3
    forAll(
      [logits(rows, 2), logits(rows, 2), fc.array(fc.boolean(), { minLength: 3, maxLength: 3 })],
      { numRuns: 30 },
      (t, s, up) => {
        const teacher = new Categorical(tensor(t, [rows, 2], { dtype: 'float64' }))
        const student = tensor(s, [rows, 2], { dtype: 'float64' })
        const now = new Categorical(student).logProb(tensor(new Int32Array(rows))).toArray()
        const old = Array.from(now, (each, i) => each + (up[i] ? 0.6 : -0.6))
        gradcheck(
          (z) => {
            const { policy, logProbs, oldLogProbs } = batchOf(z, old)
            return proximalDivergence(teacher.kl(policy as Categorical), logProbs, oldLogProbs, 0.2)
          },
          student,
          [1],
        )
      },
    )
  })

  it.each([
    ['PPO', (parts: OnPolicyParts) => ppo(makeVec('CartPole-v1', 2), { ...quick, ...parts })],
    ['A2C', (parts: OnPolicyParts) => a2c(makeVec('CartPole-v1', 2), { totalTimesteps: 64, ...parts })],
  ])('changes no bit of %s with weight 0, and the network with weight 1', (_, train) => {
    const trained = (auxiliaryLoss?: AuxiliaryLoss) => {
      const agent = finish(train({ auxiliaryLoss }))
      return Object.values(namedParameters(agent)).flatMap((each) => [...each.toArray()])
    }
    const teacher = cartPoleTeacher()
    expect(trained(new ProximalDistillation(teacher, { weight: 0 }))).toEqual(trained())
    expect(trained(new ProximalDistillation(teacher, { weight: 1 }))).not.toEqual(trained())
  })

  it('takes a Gaussian teacher, by the divergence of Gaussians', () => {
    const make = (seed: number) => {
      const bounds = { low: Float32Array.of(-2), high: Float32Array.of(2) }
      const net = (outputs: number) => new MLP([3, 4, outputs], new Rng(seed))
      return new GaussianActorCritic(net(1), net(1), 3, tensor([0.1], [1]), bounds)
    }
    const [teacher, student] = [make(1), make(2)]
    const observations = tensor([0.1, -0.2, 0.3, 1, 2, 3], [2, 3])
    const auxiliaryLoss = new ProximalDistillation(teacher, { weight: 2 })
    auxiliaryLoss.start(student)
    const policy = student.distribution(observations)
    const actions = tensor([0.3, -0.1], [2, 1])
    const logProbs = policy.logProb(actions)
    const term = auxiliaryLoss.loss({ observations, masks: undefined, policy, logProbs, oldLogProbs: logProbs })
    const expected = teacher.distribution(observations).kl(policy).toArray()
    expect(term.item()).toBeCloseTo(2 * ((expected[0]! + expected[1]!) / 2), 6)
  })

  it('throws on weights below 0, clip ranges that are not above 0, and a teacher of another task', () => {
    const teacher = cartPoleTeacher()
    expect(() => new ProximalDistillation(teacher, { weight: -1 })).toThrow(/weight is -1/)
    expect(() => new ProximalDistillation(teacher, { clipRange: 0 })).toThrow(/clipRange is 0/)
    const elsewhere = ppo(makeVec('Acrobot-v1', 1), { ...quick, auxiliaryLoss: new ProximalDistillation(teacher) })
    expect(() => elsewhere.next()).toThrow(
      'ProximalDistillation: the teacher observes 4 numbers and chooses among 2 actions, the student observes 6 numbers and chooses among 3 actions; both must play the same environment',
    )
  })
})

describe('kickstarting', () => {
  it('weights the teacher by the mean of the latest returns, and less towards the end with ramp', () => {
    const auxiliaryLoss = new Kickstart(cartPoleTeacher(), { returnRange, weight: 2, ramp: true, episodes: 2 })
    expect(auxiliaryLoss.lambda).toBe(2)
    const ended = (value: number) => ({ return: value, length: 1, step: 1 })
    auxiliaryLoss.afterRollout([ended(9), ended(20), ended(500)], 25, 100)
    expect(auxiliaryLoss.lambda).toBeCloseTo(2 * 0.5 * 0.75)
  })

  property('adds λ KL(π_T ‖ π_S)', [logits(2, 2)], { numRuns: 20 }, (s) => {
    const teacher = new CategoricalPolicy(new MLP([4, 3, 2], new Rng(1)), 4, 2)
    const batch = batchOf(tensor(s, [2, 2]), [0, 0])
    const expected = teacherPolicy(teacher, 0.5, batch.observations)
      .kl(batch.policy as Categorical)
      .toArray()
    const term = new Kickstart(teacher, { returnRange, weight: 3, temperature: 0.5 }).loss(batch).item()
    expect(term).toBeCloseTo((3 * (expected[0]! + expected[1]!)) / 2, 5)
  })

  it('resumes bit for bit in A2C and in PPO', () => {
    for (const name of ['a2c', 'ppo']) {
      const start = (resume?: Checkpoint) => {
        const auxiliaryLoss = new Kickstart(cartPoleTeacher(), { returnRange: { random: 10, teacher: 60 }, ramp: true })
        const options = { ...quick, totalTimesteps: 512, resume, auxiliaryLoss }
        return algorithm(name).train(makeVec('CartPole-v1', 2), options)
      }
      const broken = start()
      for (let i = 0; i < 2; i++) broken.next()
      const third = broken.next()
      if (third.done) throw new Error('ended too early')
      const resumed = finish(start(readCheckpoint(writeCheckpoint(third.value.save()))))
      expect(saveParameters(resumed)).toEqual(saveParameters(finish(start())))
    }
  })

  it('throws on a teacher no better than random play, before any training', () => {
    const make = () => new Kickstart(cartPoleTeacher(), { returnRange: { random: 22, teacher: 22 } })
    expect(make).toThrow(ValueError)
    expect(make).toThrow("the teacher's return is 22, that of random play 22")
  })
})

it('the teacher: is constant: it gets no gradient, and its parameters stay as they are', () => {
  const teacher = new QPolicy(new MLP([4, 8, 2], new Rng(5)), 4, 2)
  const before = Object.values(namedParameters(teacher)).map((each) => each.toArray())
  finish(
    ppo(makeVec('CartPole-v1', 2), {
      ...quick,
      auxiliaryLoss: new ProximalDistillation(teacher, { temperature: 0.3 }),
    }),
  )
  const after = Object.values(namedParameters(teacher))
  expect(after.map((each) => each.toArray())).toEqual(before)
  for (const each of after) expect(each.grad).toBeNull()
})
