import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Categorical, makeVec } from '../../../src/rl/index.ts'
import { reinforce, reinforceLoss } from '../../../src/rl/on-policy/reinforce.ts'
import { DiagonalGaussian } from '../../../src/rl/policies/distributions/diagonal-gaussian.ts'
import { gradcheck, mul, sub, tensor, ValueError } from '../../../src/tensor/index.ts'
import { forAll } from '../../support/property.ts'
import type { ReportOf } from '../../support/report-of.ts'
import { casesOf, expectLoss } from '../algorithms/golden-loss.ts'
import { constantNetwork, numbersOf, Paying } from '../algorithms/hand-worked.ts'
import { type Ending, Scripted } from '../scripted-env.ts'

describe('the loss', () => {
  it.each(casesOf('reinforce'))('is PyTorch’s, with its gradient: $name', (golden) => {
    expectLoss(golden, ({ logits, actions, returns, baseline }) =>
      reinforceLoss(new Categorical(logits!).logProb(actions!), sub(returns!, baseline!)),
    )
  })

  it.each(casesOf('reinforce_sum'))('times the number of steps is PyTorch’s sum: $name', (golden) => {
    expectLoss(golden, ({ logits, actions, returns }) =>
      mul(reinforceLoss(new Categorical(logits!).logProb(actions!), returns!), returns!.size),
    )
  })

  it('has the gradient that central differences show, through a Gaussian policy', () => {
    const number = fc.double({ min: -2, max: 2, noNaN: true })
    const row = fc.record({ mean: number, action: number, weight: number })
    forAll([fc.array(row, { minLength: 1, maxLength: 5 }), number, number], (rows, logStd, cotangent) => {
      const float64 = { dtype: 'float64' } as const
      const column = (name: 'mean' | 'action') =>
        tensor(
          rows.map((each) => each[name]),
          [rows.length, 1],
          float64,
        )
      const weights = tensor(
        rows.map(({ weight }) => weight),
        [rows.length],
        float64,
      )
      const log = tensor([logStd / 2], [1], float64)
      const loss = (mean: typeof log, std: typeof log) =>
        reinforceLoss(new DiagonalGaussian(mean, std).logProb(column('action')), weights)
      gradcheck((x) => loss(x, log), column('mean'), [cotangent])
      gradcheck((x) => loss(column('mean'), x), log, [cotangent])
    })
  })
})

describe('an update by hand', () => {
  // Sutton and Barto 2018, eq. 13.8 and 13.11: π = (¾, ¼), b = 1. Episodes of one step; those of this seed are the actions 0, 1, 0, 0
  // and pay G = 0, 4, 2, 2.
  const updated = (options: object, b = 1) => {
    const env = new Paying([0, 4, 2, 2])
    const critic = constantNetwork(b)
    const network = constantNetwork(Math.log(3), 0)
    const training = reinforce(env, { network, critic, totalTimesteps: 4, episodesPerUpdate: 4, seed: 2, ...options })
    const { loss } = training.next().value as ReportOf<typeof reinforce>
    expect(env.actions).toEqual([0, 1, 0, 0])
    return { loss, baseline: numbersOf(critic).bias![0]! }
  }

  it('has the loss -mean ln π(a) (G - b) + valueCoef mean (b - G)²', () => {
    // -(-1 ln ¾ + 3 ln ¼ + ln ¾ + ln ¾) / 4 = 1.111641, and (1 + 9 + 1 + 1) / 4 = 3
    expect(updated({}).loss).toBeCloseTo(1.111641 + 0.5 * 3, 5)
    expect(updated({ valueCoef: 0.1 }).loss).toBeCloseTo(1.111641 + 0.1 * 3, 5)
  })

  it('has the loss -mean ln π(a) G without a baseline', () => {
    // -(4 ln ¼ + 2 ln ¾ + 2 ln ¾) / 4
    expect(updated({ baseline: false }).loss).toBeCloseTo(1.673976, 5)
  })

  it('moves the baseline towards the returns alone: the policy gradient leaves it where it is', () => {
    // b = 5, mean G = 2: down by Adam's first step. The policy's loss alone would push it up: -mean ln π(a) (G - b).
    expect(updated({ valueCoef: 0.01, learningRate: 0.001 }, 5).baseline).toBeCloseTo(4.999, 5)
  })

  const discounted = (ending: Ending) => {
    const [network, critic] = [constantNetwork(0, 0), constantNetwork(1)]
    const options = { network, critic, totalTimesteps: 2, episodesPerUpdate: 1, gamma: 0.5 }
    return (reinforce(new Scripted([{ length: 2, ending }]), options).next().value as ReportOf<typeof reinforce>).loss
  }

  it('discounts the rewards 2 and 3 by γ = 0.5: G = 3.5 and 3', () => {
    // π = (½, ½): ln 2 (2.5 + 2) / 2 + 0.5 (2.5² + 2²) / 2
    expect(discounted('terminated')).toBeCloseTo(1.559581 + 2.5625, 5)
  })

  it('has the critic stand for what a cut-off leaves out: G = 2 + 0.5 · 3.5 and 3 + 0.5 · 1', () => {
    // ln 2 (2.75 + 2.5) / 2 + 0.5 (2.75² + 2.5²) / 2
    expect(discounted('truncated')).toBeCloseTo(1.819511 + 3.453125, 5)
  })
})

describe('training', () => {
  const short = { totalTimesteps: 100, hidden: [8], episodesPerUpdate: 3 }

  it('plays whole episodes between updates', () => {
    for (const { step, episodes } of reinforce(makeVec('CartPole-v1', 1), short)) {
      expect(episodes).toHaveLength(3)
      expect(episodes[2]!.step).toBe(step)
    }
  })

  it('wants one copy of the environment, and says so', () => {
    expect(() => reinforce(makeVec('CartPole-v1', 2), short).next()).toThrow(ValueError)
  })
})
