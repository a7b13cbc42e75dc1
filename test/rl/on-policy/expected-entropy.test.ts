// The two losses of expected entropy distillation give a true gradient: in a task small enough to be solved exactly, it is that of
// E Σ γᵗ H×(sₜ).

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MLP, namedParameters } from '../../../src/nn/index.ts'
import { Categorical, CategoricalPolicy, type Checkpoint, finish, makeVec } from '../../../src/rl/index.ts'
import {
  becomeCosts,
  type CrossEntropy,
  crossEntropies,
  expectedEntropy,
} from '../../../src/rl/on-policy/expected-entropy.ts'
import { reinforceLoss } from '../../../src/rl/on-policy/reinforce.ts'
import type { CategoricalActorCritic } from '../../../src/rl/policies/actor-critic.ts'
import { add, mean, mul, Rng, type Tensor, tensor, uniform } from '../../../src/tensor/index.ts'
import { forAll } from '../../support/property.ts'
import type { ReportOf } from '../../support/report-of.ts'
import { constantNetwork, numbersOf, Paying } from '../algorithms/hand-worked.ts'
import { balancing } from '../balancing.ts'

// A task of two states and two actions: an action leads to state 0 or 1 with these probabilities, or ends the episode.
const STATES = 2
const ACTIONS = 2
const GAMMA = 0.9
const moves = [
  [
    [0.6, 0.3],
    [0.1, 0.7],
  ],
  [
    [0.2, 0.5],
    [0.0, 0.4],
  ],
] as const // [state][action][next]; the rest of the probability ends the episode
const start = [0.7, 0.3]

const softmax = (z: readonly number[]) => {
  const e = z.map(Math.exp)
  const sum = e.reduce((a, b) => a + b)
  return e.map((each) => each / sum)
}
const rowsOf = (flat: readonly number[]) => [flat.slice(0, 2), flat.slice(2, 4)]

function cost(objective: CrossEntropy, teacher: readonly number[], student: readonly number[]): number {
  const [p, q] = objective === 'nDistill' ? [teacher, student] : [student, teacher]
  return -p.reduce((sum, each, a) => sum + each * Math.log(q[a]!), 0)
}

// V(s), the costs ahead of s and its own, by solving V = c + γ P V with many sweeps.
function values(objective: CrossEntropy, teacher: readonly number[], student: readonly number[]): number[] {
  const [pi, costs] = policyAndCosts(objective, teacher, student)
  let v = [0, 0]
  for (let sweep = 0; sweep < 400; sweep++) {
    v = v.map((_, s) => costs[s]! + GAMMA * sumOver((a, n) => pi[s]![a]! * moves[s]![a]![n]! * v[n]!))
  }
  return v
}

const sumOver = (f: (a: number, next: number) => number) => {
  let sum = 0
  for (let a = 0; a < ACTIONS; a++) for (let n = 0; n < STATES; n++) sum += f(a, n)
  return sum
}

function policyAndCosts(objective: CrossEntropy, teacher: readonly number[], student: readonly number[]) {
  const pi = rowsOf(student).map(softmax)
  const costs = rowsOf(teacher).map((row, s) => cost(objective, softmax(row), pi[s]!))
  return [pi, costs] as const
}

const objectiveValue = (objective: CrossEntropy, teacher: readonly number[], student: readonly number[]) =>
  values(objective, teacher, student).reduce((sum, v, s) => sum + start[s]! * v, 0)

// Discounted visits of each state from the start.
function visits(student: readonly number[]): number[] {
  const pi = rowsOf(student).map(softmax)
  let d = [...start]
  for (let sweep = 0; sweep < 400; sweep++) {
    d = d.map((_, n) => {
      let sum = start[n]!
      for (let s = 0; s < STATES; s++)
        for (let a = 0; a < ACTIONS; a++) sum += GAMMA * d[s]! * pi[s]![a]! * moves[s]![a]![n]!
      return sum
    })
  }
  return d
}

/** The gradient that the algorithm's two losses have in expectation: each (state, action) weighted by how often it occurs. */
function estimated(objective: CrossEntropy, teacher: readonly number[], student: readonly number[]): number[] {
  const z = tensor([...student], [STATES, ACTIONS], { dtype: 'float64', requiresGrad: true })
  const t = new Categorical(tensor([...teacher], [STATES, ACTIONS], { dtype: 'float64' }))
  const v = values(objective, teacher, student)
  const d = visits(student)
  const [pi, costs] = policyAndCosts(objective, teacher, student)
  const policy = new Categorical(z)
  let total: Tensor | undefined
  const plus = (term: Tensor) => {
    total = total === undefined ? term : add(total, term)
  }
  const h = crossEntropies(objective, t, policy)
  for (let s = 0; s < STATES; s++) {
    const own = tensor([s === 0 ? 1 : 0, s === 1 ? 1 : 0], [2], { dtype: 'float64' })
    plus(mul(reinforceLoss(h, own), -2 * d[s]!)) // picks H× of state s: -mean(h · one-hot) · -2
    for (let a = 0; a < ACTIONS; a++) {
      // Â = r̂ + γ E V′ - V with r̂ = -H× and V = -v
      const next = moves[s]![a]!.reduce<number>((sum, p, n) => sum + p * v[n]!, 0)
      const advantage = -costs[s]! - GAMMA * next + v[s]!
      const logProbs = policy.logProb(tensor([s === 0 ? a : 0, s === 1 ? a : 0], [2], { dtype: 'int32' }))
      const weights = tensor([s === 0 ? advantage : 0, s === 1 ? advantage : 0], [2], { dtype: 'float64' })
      plus(mul(reinforceLoss(logProbs, weights), 2 * d[s]! * pi[s]![a]!))
    }
  }
  total!.backward()
  return [...z.grad!.toArray()]
}

describe.each(['nDistill', 'expectedEntropyRegularised'] as const)('%s', (objective) => {
  it('is the gradient of the sum of all cross-entropies ahead', () => {
    const logits = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 4, maxLength: 4 })
    forAll([logits, logits], { numRuns: 25 }, (teacher, student) => {
      const gradient = estimated(objective, teacher, student)
      for (let i = 0; i < 4; i++) {
        const moved = (by: number) => student.map((each, j) => (j === i ? each + by : each))
        const h = 1e-5
        const numeric =
          (objectiveValue(objective, teacher, moved(h)) - objectiveValue(objective, teacher, moved(-h))) / (2 * h)
        expect(gradient[i]!).toBeCloseTo(numeric, 6)
      }
    })
  })

  // With the task's reward in the returns: without it, a student of this task learns to end its episodes, and its costs.
  it('reduces the divergence from the teacher, with the same bits for the same seed', () => {
    const teacher = balancing()
    const trained = (totalTimesteps: number) => {
      const options = { objective, totalTimesteps, hidden: [8], learningRate: 0.01, rewardCoef: 1, seed: 2 }
      return finish(expectedEntropy(makeVec('CartPole-v1', 4), teacher, options)) as CategoricalActorCritic
    }
    const states = uniform(new Rng(1), [200, 4], -0.2, 0.2)
    const divergence = (student: CategoricalActorCritic) => {
      const [p, q] = [new Categorical(teacher.logits(states)), student.distribution(states)]
      return mean(p.kl(q)).item()
    }
    const student = trained(3000)
    expect(divergence(student)).toBeLessThan(0.5 * divergence(trained(1)))
    const bits = (agent: CategoricalActorCritic) =>
      Object.values(namedParameters(agent)).flatMap((each) => [...each.toArray()])
    expect(bits(trained(3000))).toEqual(bits(student))
  })
})

describe('an update by hand', () => {
  // Czarnecki et al. 2019, arXiv:1902.02186, table 1: the teacher is (¾, ¼) everywhere; episodes of one step that pay 1.
  const teacher = new CategoricalPolicy(constantNetwork(Math.log(3), 0), 1, 2)

  /** One update from logits (z, 0) and V = value: what it reports, the action played, and by how much z - 0 rises. */
  function updated(
    z: number,
    value: number,
    options: Parameters<typeof expectedEntropy>[2] & { readonly seed?: number },
  ) {
    const own = { hidden: [], numSteps: 1, totalTimesteps: 2, ...options }
    const first = expectedEntropy(new Paying([1]), teacher, own).next().value as ReportOf<typeof expectedEntropy>
    const saved = first.save() as Checkpoint & { parts: { agent: Record<string, Float32Array> } }
    saved.parts.agent['actor.0.weight']!.set([0, 0])
    saved.parts.agent['actor.0.bias']!.set([z, 0])
    saved.parts.agent['critic.0.weight']!.set([0])
    saved.parts.agent['critic.0.bias']!.set([value])
    const env = new Paying([1])
    const report = expectedEntropy(env, teacher, { ...own, resume: saved }).next().value as ReportOf<
      typeof expectedEntropy
    >
    const [up, down] = numbersOf(report.agent)['actor.0.bias'] as [number, number]
    return { report, action: env.actions[0]!, rise: up - down - z }
  }

  it('of nDistill is worth rewardCoef r - H(π_T, π_S)', () => {
    // π_S = (½, ½): H× = ln 2; Â = 2 · 1 - 0.693147 - 0.5 = 0.806853; -ln ½ Â; Â²
    const { report } = updated(0, 0.5, { rewardCoef: 2 })
    expect(report.crossEntropy).toBeCloseTo(Math.LN2, 5)
    expect(report.policyLoss).toBeCloseTo(0.559268, 5)
    expect(report.valueLoss).toBeCloseTo(0.651012, 5)
  })

  it('of expectedEntropyRegularised is worth rewardCoef r - H(π_S, π_T)', () => {
    // H× = -½ ln ¾ - ½ ln ¼ = 0.836988; Â = 2 · 1 - 0.836988 - 0.5 = 0.663012
    const { report } = updated(0, 0.5, { rewardCoef: 2, objective: 'expectedEntropyRegularised' })
    expect(report.crossEntropy).toBeCloseTo(0.836988, 5)
    expect(report.policyLoss).toBeCloseTo(0.459565, 5)
    expect(report.valueLoss).toBeCloseTo(0.439585, 5)
  })

  it('follows both parts of the gradient', () => {
    const seeds = [0, 1, 2, 3, 4, 5, 6, 7]
    // Of H× in z: π_S - π_T = -0.25, up. Of the policy's loss after action 1: ½ Â = 0.403 with Â = 0.806853: together down.
    const after1 = seeds.map((seed) => updated(0, 0.5, { rewardCoef: 2, seed })).find(({ action }) => action === 1)!
    expect(after1.rise).toBeLessThan(-1e-4)
    // With rewardCoef 1, Â = -0.193147, after action 0: -½ Â = 0.097, down; together with H× up.
    const after0 = seeds.map((seed) => updated(0, 0.5, { rewardCoef: 1, seed })).find(({ action }) => action === 0)!
    expect(after0.rise).toBeGreaterThan(1e-4)
  })

  it('raises the entropy by entropyCoef alone, where there is nothing else to learn', () => {
    // π_S = π_T, and V = -H(π_T) = -0.562335, so that Â = 0.
    const rise = (entropyCoef: number) => updated(Math.log(3), -0.562335, { entropyCoef }).rise
    expect(rise(0.1)).toBeLessThan(-1e-4)
    expect(rise(0)).toBeCloseTo(0, 4)
  })
})

it("a step's reward is rewardCoef times the task's reward minus the cross-entropy of its state", () => {
  const rewards = Float32Array.of(1, -2, 0)
  becomeCosts(rewards, [0.5, 0.25, 2], 2)
  expect([...rewards]).toEqual([1.5, -4.25, -2])
})

it('throws on a teacher of another task', () => {
  const teacher = new CategoricalPolicy(new MLP([4, 8, 2], new Rng(3)), 4, 2)
  expect(() => finish(expectedEntropy(makeVec('Acrobot-v1', 1), teacher))).toThrow(/both must play the same/)
})
