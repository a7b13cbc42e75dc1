import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reinforce, reinforceLoss } from '../../../src/rl/algorithms/reinforce.ts'
import { Categorical } from '../../../src/rl/distributions/categorical.ts'
import { DiagonalGaussian } from '../../../src/rl/distributions/diagonal-gaussian.ts'
import { makeVec } from '../../../src/rl/vector/make-vec.ts'
import { ValueError } from '../../../src/tensor/errors.ts'
import { gradcheck, mul, sub, tensor } from '../../../src/tensor/index.ts'
import { casesOf, expectLoss } from './golden-loss.ts'

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
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), number, number, (rows, logStd, cotangent) => {
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
      }),
    )
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
