import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crossEntropy, type Module } from '../../../src/nn/index.ts'
import { defaultsOf, make } from '../../../src/rl/index.ts'
import { chosenRows } from '../../../src/rl/replay/off-policy.ts'
import { type ReplayBatch, ReplayBuffer } from '../../../src/rl/replay/replay.ts'
import {
  atomsBetween,
  c51,
  c51Algorithm,
  categoricalHead,
  projectDistribution,
} from '../../../src/rl/value-based/c51.ts'
import { ActionValues, valueBatch } from '../../../src/rl/value-based/value-network.ts'
import { expand, gradcheck, Rng, softmax, type Tensor, tensor, ValueError } from '../../../src/tensor/index.ts'
import { expectClose, fromGolden } from '../../support/golden.ts'
import { forAll } from '../../support/property.ts'
import { casesOf, expectLoss, onEveryEngine } from '../algorithms/golden-loss.ts'

const float64 = { dtype: 'float64' } as const

describe('the projection', () => {
  it.each(casesOf('c51_projection'))('is that of the golden figures: $name', (golden) => {
    const { vmin, vmax, atoms } = golden.attrs as { vmin: number; vmax: number; atoms: number }
    const support = atomsBetween(vmin, vmax, atoms)
    onEveryEngine(golden, (dtype, tolerance) => {
      const x = (name: string) => fromGolden(golden.inputs[name]!, dtype)
      const projected = projectDistribution(x('next_probs'), x('rewards'), x('discounts'), support)
      expectClose(projected, golden.outputs.out!, tolerance, golden.name)
    })
  })

  it('by hand: each atom moves to r + γ z, and is shared by its neighbours in proportion to their nearness', () => {
    // Atoms 0, 1, 2 with 0.2, 0.3, 0.5; r = 0.5, γ = 0.5: they move to 0.5, 1, 1.5
    const project = (reward: number, discount: number) => {
      const column = (value: number) => tensor([value], [1], float64)
      const probs = tensor([[0.2, 0.3, 0.5]], undefined, float64)
      return projectDistribution(probs, column(reward), column(discount), [0, 1, 2]).toArray()
    }
    const expectAtoms = (got: ArrayLike<number>, expected: number[]) => {
      for (const [i, each] of expected.entries()) expect(got[i]).toBeCloseTo(each, 12)
    }
    expectAtoms(project(0.5, 0.5), [0.1, 0.1 + 0.3 + 0.25, 0.25])
    expectAtoms(project(0.75, 0), [0.25, 0.75, 0]) // the end of an episode
    expectAtoms(project(1.5, 1), [0, 0.1, 0.1 + 0.3 + 0.5]) // 1.5, and 2.5 and 3.5 at the last atom
  })

  it('keeps the total, and the mean of what stays within the ends', () => {
    const probability = fc.double({ min: 0.01, max: 1, noNaN: true })
    const row = fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
    forAll([fc.array(probability, { minLength: 2, maxLength: 20 }), row], (weights, [reward, discount]) => {
      const total = weights.reduce((a, b) => a + b)
      const probs = weights.map((weight) => weight / total)
      const support = atomsBetween(-5, 5, probs.length)
      const inner = support.map((z) => 0.8 * z)
      const mean = (p: ArrayLike<number>, z: Float64Array) => z.reduce((sum, each, i) => sum + p[i]! * each, 0)
      const column = (value: number) => tensor([value], [1], float64)
      const projected = projectDistribution(
        tensor([probs], undefined, float64),
        column(reward),
        column(0.8 * discount),
        support,
      ).toArray() as Float64Array
      expect(projected.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12)
      expect(mean(projected, support)).toBeCloseTo(reward + discount * mean(probs, inner), 10)
    })
  })

  it('gives probabilities for any range, number of atoms and reward', () => {
    const end = fc.double({ min: -1000, max: 1000, noNaN: true })
    const reward = fc.oneof(end, fc.constantFrom(-1e6, 0, 1e6))
    forAll(
      [end, end, fc.integer({ min: 2, max: 101 }), reward, fc.double({ min: 0, max: 1, noNaN: true })],
      { examples: [[-410, 0, 51, 1e6, 1]] },
      (a, b, n, r, d) => {
        fc.pre(Math.abs(a - b) > 1e-6)
        const support = atomsBetween(Math.min(a, b), Math.max(a, b), n)
        const probs = tensor(new Float64Array(n).fill(1 / n), [1, n])
        const projected = projectDistribution(probs, tensor([r]), tensor([d]), support).toArray()
        expect(Math.min(...projected)).toBeGreaterThanOrEqual(0)
        expect(Array.from(projected).reduce((x, y) => x + y)).toBeCloseTo(1, 5)
      },
    )
  })

  it('refuses other atoms and rewards that are no numbers', () => {
    const probs = tensor([[0.5, 0.5]])
    expect(() => projectDistribution(probs, tensor([0]), tensor([1]), [0, 1, 2])).toThrow(
      /3 atoms for probabilities of 2/,
    )
    expect(() => projectDistribution(probs, tensor([Number.NaN]), tensor([1]), [0, 1])).toThrow(ValueError)
    expect(() => atomsBetween(1, 1, 5)).toThrow(ValueError)
    expect(() => atomsBetween(0, 1, 1)).toThrow(ValueError)
  })
})

describe('the loss', () => {
  it.each(casesOf('c51_loss'))('is PyTorch’s cross-entropy, with its gradient: $name', (golden) => {
    expectLoss(golden, ({ logits, target_probs }) => crossEntropy(logits!, target_probs!))
  })

  // Two actions, atoms 0, 1 and 2; the same outputs for every observation.
  const constantNetwork = (outputs: Tensor) => {
    const forward = (x: Tensor) => expand(outputs, [x.shape[0]!, 6])
    return { forward, parameters: () => ({ outputs }) }
  }
  const atoms = { atoms: 3, lowestReturn: 0, highestReturn: 2 }
  const { loss } = c51Algorithm.learner({ ...defaultsOf(c51Algorithm.options), ...atoms })
  const c51Loss = (learner: Module, target: Module, batch: ReplayBatch) =>
    loss(valueBatch(3, learner, target, batch, 0.5), 'mean').loss
  const surely = 100 // a logit that leaves the others nothing
  const batchOf = (terminated: boolean) => {
    const buffer = new ReplayBuffer({ capacity: 1, observationSize: 1 })
    buffer.add([0], 0, 1, [1], terminated)
    return buffer.sample(3, new Rng())
  }

  it('teaches the action taken the reward and the greedy action’s discounted return', () => {
    const target = constantNetwork(tensor([[surely, 0, 0, 0, 0, surely]])) // action 1 returns 2
    const learner = (logits: number[]) => constantNetwork(tensor([[...logits, 0, 0, 0]]))
    // 1 + ½ · 2 is the last atom; once the task has ended 1 is the middle one.
    expect(c51Loss(learner([0, 0, surely]), target, batchOf(false)).item()).toBeCloseTo(0, 5)
    expect(c51Loss(learner([0, surely, 0]), target, batchOf(true)).item()).toBeCloseTo(0, 5)
    expect(c51Loss(learner([0, 0, 0]), target, batchOf(false)).item()).toBeCloseTo(Math.log(3), 5)
  })

  it('has the gradient that central differences show, in the action taken alone', () => {
    const logits = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 12, maxLength: 12 })
    const action = fc.nat({ max: 1 })
    forAll([logits, action, action], { numRuns: 30 }, (values, first, second) => {
      const target = softmax(tensor(values.slice(0, 6), [2, 3], float64))
      const taken = tensor(Int32Array.of(first, second), [2, 1])
      const loss = (x: Tensor) => crossEntropy(chosenRows(x, taken), target)
      gradcheck(loss, tensor(values, [2, 2, 3], float64), [1.5])
    })
  })
})

describe('c51', () => {
  it('has the mean of each distribution as the value of its action', () => {
    const outputs = [0, 1, 2, -1, 0.5, 0]
    const network = new ActionValues(
      { forward: () => tensor([outputs]), parameters: () => ({}) },
      categoricalHead(atomsBetween(-1, 1, 3)),
    )
    const means = [0, 3].map((at) => {
      const p = softmax(tensor([outputs.slice(at, at + 3)])).view()
      return p[2]! - p[0]!
    })
    const values = network.forward(tensor([[0]])).view()
    for (const [action, mean] of means.entries()) expect(values[action]).toBeCloseTo(mean, 6)
  })

  it('says what it cannot do', () => {
    expect(() => c51(make('CartPole-v1'), { atoms: 1 }).next()).toThrow(ValueError)
    expect(() => c51(make('CartPole-v1'), { lowestReturn: 5, highestReturn: 5 }).next()).toThrow(/that ascend/)
  })
})
