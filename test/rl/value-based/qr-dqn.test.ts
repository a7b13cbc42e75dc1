import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Module } from '../../../src/nn/index.ts'
import { defaultsOf, ReplayBuffer } from '../../../src/rl/index.ts'
import { qrDqnAlgorithm, quantileHead, quantileHuberLoss } from '../../../src/rl/value-based/qr-dqn.ts'
import { ActionValues, valueBatch } from '../../../src/rl/value-based/value-network.ts'
import { expand, gradcheck, mean, Rng, type Tensor, tensor } from '../../../src/tensor/index.ts'
import { forAll } from '../../support/property.ts'
import { casesOf, expectLoss } from '../algorithms/golden-loss.ts'

const float64 = { dtype: 'float64' } as const

describe('the quantile Huber loss', () => {
  it.each(casesOf('quantile_huber'))('is PyTorch’s, with its gradient: $name', (golden) => {
    expectLoss(golden, ({ quantiles, targets }) =>
      quantileHuberLoss(quantiles!, targets!, golden.attrs!.kappa as number),
    )
  })

  it('has the gradient that central differences show, off its kinks', () => {
    // Quarters against quarters and a tenth: no difference is 0 or κ.
    const quarter = fc.integer({ min: -8, max: 8 }).map((k) => k / 4)
    const row = (length: number) => fc.array(quarter, { minLength: length, maxLength: length })
    forAll([row(4), row(6), fc.constantFrom(0.5, 1, 2)], (quantiles, targets, kappa) => {
      const goals = tensor(targets, [2, 3], float64)
      const shifted = tensor(
        quantiles.map((q) => q + 0.1),
        [2, 2],
        float64,
      )
      gradcheck((x) => quantileHuberLoss(x, goals, kappa), shifted, [1.5])
    })
  })

  it('charges the low and the high quantile by which side they miss', () => {
    const at = (low: number, high: number) => quantileHuberLoss(tensor([[low, high]]), tensor([[0]]), 1).item()
    expect(at(10, 0)).toBeCloseTo(0.75 * 9.5, 5) // the 25 % quantile above the target
    expect(at(-10, 0)).toBeCloseTo(0.25 * 9.5, 5)
    expect(at(0, 10)).toBeCloseTo(0.25 * 9.5, 5)
  })

  it('has a term for each row without a reduction', () => {
    const [quantiles, targets] = [
      tensor([
        [10, 0],
        [0, 0],
      ]),
      tensor([[0], [0]]),
    ]
    expect([...quantileHuberLoss(quantiles, targets, 1, 'none').view()]).toEqual([0.75 * 9.5, 0])
    expect(quantileHuberLoss(quantiles, targets, 1).item()).toBeCloseTo((0.75 * 9.5) / 2, 5)
  })

  it('refuses targets of another batch', () => {
    expect(() => quantileHuberLoss(tensor([[1, 2]]), tensor([1]), 1)).toThrow(/expected \[batch, N\]/)
    expect(() => quantileHuberLoss(tensor([[1, 2]]), tensor([[1], [2]]), 1)).toThrow(/expected \[batch, N\]/)
  })
})

describe('the loss of a batch', () => {
  // Two actions, two quantiles each; the same for every observation.
  const constantNetwork = (outputs: Tensor): Module => ({
    forward: (x) => expand(outputs, [x.shape[0]!, 4]),
    parameters: () => ({ outputs }),
  })
  const { loss: lossOf } = qrDqnAlgorithm.learner({ ...defaultsOf(qrDqnAlgorithm.options), quantiles: 2, kappa: 1 })
  const batchOf = (terminated: boolean) => {
    const buffer = new ReplayBuffer({ capacity: 1, observationSize: 1 })
    buffer.add([0], 0, 1, [1], terminated)
    return buffer.sample(3, new Rng())
  }

  it('teaches the action taken the reward and the quantiles of the best action after it', () => {
    const target = constantNetwork(tensor([[0, 1, 4, 4]])) // action 1 has the larger mean
    const learner = constantNetwork(tensor([[3, 3, 9, 9]]))
    const loss = (terminated: boolean) => {
      const batch = valueBatch(2, learner, target, batchOf(terminated), 0.5)
      const { loss } = lossOf(batch, 'mean')
      expect(mean(lossOf(batch, 'none').loss).item()).toBeCloseTo(loss.item(), 6)
      return loss
    }
    expect(loss(false).item()).toBeCloseTo(0, 6) // 1 + ½ · 4
    // Once the task has ended the target is 1: both quantiles are 2 too high.
    expect(loss(true).item()).toBeCloseTo(0.75 * 1.5 + 0.25 * 1.5, 5)
  })

  it('belongs to a network whose action values are the means', () => {
    const values = new ActionValues(constantNetwork(tensor([[0, 1, 4, 5]])), quantileHead(2)).forward(tensor([[0]]))
    expect(Array.from(values.view())).toEqual([0.5, 4.5])
  })
})
