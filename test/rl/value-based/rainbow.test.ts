import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { klDivergence, type Module } from '../../../src/nn/index.ts'
import { build } from '../../../src/nn/layers/spec.ts'
import { defaultsOf, make } from '../../../src/rl/index.ts'
import { type ReplayBatch, ReplayBuffer } from '../../../src/rl/replay/replay.ts'
import { atomsBetween, projectDistribution } from '../../../src/rl/value-based/c51.ts'
import { type RainbowOptions, rainbow, rainbowAlgorithm } from '../../../src/rl/value-based/rainbow.ts'
import { newValueAgent } from '../../../src/rl/value-based/value-based.ts'
import { valueBatch, valueNetwork } from '../../../src/rl/value-based/value-network.ts'
import {
  log,
  logSoftmax,
  matmul,
  mul,
  Rng,
  reshape,
  softmax,
  sum,
  tensor,
  ValueError,
} from '../../../src/tensor/index.ts'
import { forAll } from '../../support/property.ts'

const STATES = 3
const ACTIONS = 2
const ATOMS = 4
const support = atomsBetween(-1, 2, ATOMS)
const surely = 100 // a logit that leaves the others nothing

/** Logits [actions, atoms] looked up by state, which is seen as a one-hot vector. */
function lookup(table: readonly number[], requiresGrad = false) {
  const logits = tensor(table, [STATES, ACTIONS * ATOMS], { requiresGrad })
  const module: Module = { forward: (x) => matmul(x, logits), parameters: () => ({ logits }) }
  return { logits, network: module }
}

/** KL(target ‖ prediction) for each transition: [batch]. */
function rainbowDivergences(network: Module, target: Module, batch: ReplayBatch, gamma: number, rng?: Rng) {
  const atoms = { atoms: ATOMS, lowestReturn: -1, highestReturn: 2 }
  const { loss } = rainbowAlgorithm.learner({ ...defaultsOf(rainbowAlgorithm.options), ...atoms })
  return loss(valueBatch(ATOMS, network, target, batch, gamma, rng), 'none').loss
}

interface Transition {
  readonly state: number
  readonly action: number
  readonly reward: number
  readonly next: number
  readonly terminated: boolean
  readonly steps: number
}

function batchOf(transitions: readonly Transition[]) {
  const oneHot = (state: number) => Array.from({ length: STATES }, (_, i) => (i === state ? 1 : 0))
  const buffer = new ReplayBuffer({ capacity: transitions.length, observationSize: STATES })
  for (const { state, action, reward, next, terminated, steps } of transitions) {
    buffer.add(oneHot(state), action, reward, oneHot(next), terminated, steps)
  }
  return buffer.gather(Int32Array.from(transitions, (_, i) => i))
}

/** By the book, one transition at a time: the distribution that is learned, and what it should be. */
function byTheBook(learner: readonly number[], target: readonly number[], gamma: number, t: Transition) {
  const distribution = (table: readonly number[], state: number, action: number) => {
    const start = (state * ACTIONS + action) * ATOMS
    const powers = table.slice(start, start + ATOMS).map(Math.exp)
    const total = powers.reduce((a, b) => a + b)
    return powers.map((each) => each / total)
  }
  const value = (action: number) =>
    distribution(learner, t.next, action).reduce((total, p, i) => total + p * support[i]!, 0)
  const best = value(1) > value(0) ? 1 : 0
  const desired = new Array<number>(ATOMS).fill(0)
  distribution(target, t.next, best).forEach((p, i) => {
    const moved = t.reward + (t.terminated ? 0 : gamma ** t.steps) * support[i]!
    const within = Math.min(2, Math.max(-1, moved))
    support.forEach((z, k) => {
      desired[k]! += p * Math.max(0, 1 - Math.abs(z - within)) // the atoms are 1 apart
    })
  })
  return { learned: distribution(learner, t.state, t.action), desired, gap: Math.abs(value(1) - value(0)) }
}

describe('the divergence', () => {
  it('is of what several rewards and the target’s view of the learner’s choice make of the action taken', () => {
    // In state 1 the learner likes action 1 best, to which the target network gives a return of 2.
    const learner = lookup([...Array(8).fill(0), 0, surely, 0, 0, 0, 0, surely, 0, ...Array(8).fill(0)])
    const target = lookup([...Array(8).fill(0), 0, 0, surely, 0, 0, 0, 0, surely, ...Array(8).fill(0)])
    // Two steps on: 0.5 + ½² · 2 = 1, the third atom, which the learner gives one chance in four.
    const batch = batchOf([{ state: 0, action: 0, reward: 0.5, next: 1, terminated: false, steps: 2 }])
    expect(rainbowDivergences(learner.network, target.network, batch, 0.5).item()).toBeCloseTo(Math.log(4), 5)
  })

  it('is what the book says, and moves the action taken alone: Σ w (learned - desired)', () => {
    const logit = fc.double({ min: -2, max: 2, noNaN: true })
    const table = fc.array(logit, { minLength: STATES * ACTIONS * ATOMS, maxLength: STATES * ACTIONS * ATOMS })
    const transition = fc.record({
      state: fc.nat({ max: STATES - 1 }),
      action: fc.nat({ max: ACTIONS - 1 }),
      reward: fc.double({ min: -2, max: 2, noNaN: true }),
      next: fc.nat({ max: STATES - 1 }),
      terminated: fc.boolean(),
      steps: fc.integer({ min: 1, max: 3 }),
    })
    const weighted = fc.array(fc.tuple(transition, logit), { minLength: 1, maxLength: 5 })
    forAll([table, table, weighted], { numRuns: 50 }, (learned, desired, rows) => {
      const transitions = rows.map(([each]) => each)
      const answers = transitions.map((each) => byTheBook(learned, desired, 0.9, each))
      fc.pre(answers.every(({ gap }) => gap > 1e-4)) // float32 may choose the other of two equals
      const learner = lookup(learned, true)
      const target = lookup(desired)
      const divergences = rainbowDivergences(learner.network, target.network, batchOf(transitions), 0.9)
      const gradient = new Array<number>(learned.length).fill(0)
      answers.forEach(({ learned: q, desired: p }, row) => {
        const divergence = p.reduce((total, each, i) => total + (each > 0 ? each * Math.log(each / q[i]!) : 0), 0)
        expect(divergences.view()[row]).toBeCloseTo(divergence, 4)
        const { state, action } = transitions[row]!
        const start = (state * ACTIONS + action) * ATOMS
        for (let i = 0; i < ATOMS; i++) gradient[start + i]! += rows[row]![1] * (q[i]! - p[i]!)
      })
      sum(mul(tensor(rows.map(([, weight]) => weight)), divergences)).backward()
      const flat = reshape(learner.logits.grad!, [gradient.length]).view()
      for (const [i, each] of gradient.entries()) expect(flat[i]).toBeCloseTo(each, 4)
    })
  })

  it('is finite at the end of an episode whose return is the last atom', () => {
    const atoms = atomsBetween(-410, 0, 51) // 410 / 8.2 rounds to more than 50
    const logits = tensor(new Float64Array(51), [1, 51])
    const target = projectDistribution(softmax(logits), tensor([0]), tensor([0]), atoms)
    expect(klDivergence(log(target), logSoftmax(logits)).item()).toBeCloseTo(Math.log(51), 5)
  })

  it('draws the noise of every pass anew, and has none without a source', () => {
    const noisy = (seed: number) => {
      const network = build(valueNetwork([4], 2, { hidden: [8], dueling: true, noisy: true, atoms: ATOMS }), new Rng())
      const rng = new Rng(seed)
      for (const each of Object.values(network.parameters())) each.view().set(each.view().map(() => rng.uniform()))
      return network
    }
    const buffer = new ReplayBuffer({ capacity: 1, observationSize: 4 })
    buffer.add([1, 2, 3, 4], 0, 1, [4, 3, 2, 1], false)
    const batch = buffer.gather(Int32Array.of(0))
    const divergence = (rng?: Rng) => rainbowDivergences(noisy(1), noisy(2), batch, 0.9, rng).item()
    const rng = new Rng(1)
    expect(divergence(rng)).not.toBe(divergence(rng))
    expect(divergence()).toBe(divergence())
  })
})

describe('rainbow', () => {
  it('has both streams, an atom each, with noise of a learned size', () => {
    const parameters = newValueAgent(rainbowAlgorithm, make('CartPole-v1'), {
      hidden: [8],
      atoms: 5,
    } as RainbowOptions).parameters()
    const shapes = Object.entries(parameters).map(([name, { shape }]) => `${name} ${shape}`)
    const noisy = (name: string, rows: number) =>
      ['mu', 'sigma'].flatMap((kind) => [`${name}.weight_${kind} ${rows},8`, `${name}.bias_${kind} ${rows}`])
    expect(shapes).toEqual(['0.weight 8,4', '0.bias 8', ...noisy('2.value', 5), ...noisy('2.advantage', 10)])
  })

  it('says what it cannot do', () => {
    expect(() => rainbow(make('CartPole-v1'), { atoms: 1 }).next()).toThrow(ValueError)
    expect(() => rainbow(make('CartPole-v1'), { priorityExponent: -1 }).next()).toThrow(ValueError)
  })
})
