import { describe, expect, it } from 'vitest'
import { a2c } from '../../../src/rl/on-policy/a2c.ts'
import type { AuxiliaryBatch } from '../../../src/rl/on-policy/on-policy.ts'
import { mean, mul } from '../../../src/tensor/index.ts'
import type { ReportOf } from '../../support/report-of.ts'
import { constantNetwork, numbersOf, Paying } from '../algorithms/hand-worked.ts'

describe('an update by hand', () => {
  // Mnih et al. 2016, arXiv:1602.01783, algorithm S3: episodes of one step, π = (¾, ¼), V = 1. The steps of this seed are the actions
  // 0, 1, 0, 0 and pay 0, 4, 2, 2, so that Â = r - V = -1, 3, 1, 1.
  const updated = (options: object) => {
    const env = new Paying([0, 4, 2, 2])
    const [policy, critic] = [constantNetwork(Math.log(3), 0), constantNetwork(1)]
    const training = a2c(env, {
      ...{ network: policy, critic, totalTimesteps: 4, numSteps: 4, seed: 2, maxGradNorm: Infinity },
      // So large an ε makes the first step of RMSprop the gradient itself: 1e6 g / (√(0.01 g²) + 1e6).
      ...{ learningRate: 1e6, rmsEpsilon: 1e6, ...options },
    })
    const report = training.next().value as ReportOf<typeof a2c>
    expect(env.actions).toEqual([0, 1, 0, 0])
    const moved = numbersOf(policy).bias!.map((z, k) => z - [Math.log(3), 0][k]!)
    return { report, moved, value: numbersOf(critic).bias![0]! }
  }

  it('goes up the policy gradient: d/dz₁ of mean Â ln π(a) is mean Â (1[a = 1] - p₁)', () => {
    const { report, moved } = updated({})
    // -mean Â ln π(a): -(-1 · ln ¾ + 3 ln ¼ + ln ¾ + ln ¾) / 4
    expect(report.policyLoss).toBeCloseTo(1.111641, 5)
    // (-1 · -¼ + 3 · ¾ + 1 · -¼ + 1 · -¼) / 4 = 0.5; in z₀ its negative
    expect(moved[0]).toBeCloseTo(-0.5, 5)
    expect(moved[1]).toBeCloseTo(0.5, 5)
  })

  it('adds entropyCoef H, which lifts the rarer action: d/dzₖ of H is -pₖ (ln pₖ + H)', () => {
    const { report, moved } = updated({ entropyCoef: 0.5 })
    expect(report.entropy).toBeCloseTo(0.562335, 5) // ln 4 - ¾ ln 3
    // ¾ (ln ¾ + H) = 0.205990 down for z₀, and up for z₁
    expect(moved[0]).toBeCloseTo(-0.5 - 0.5 * 0.20599, 5)
    expect(moved[1]).toBeCloseTo(0.5 + 0.5 * 0.20599, 5)
  })

  it('adds an auxiliary loss: half of the entropy undoes an entropyCoef of ½', () => {
    const loss = ({ policy }: AuxiliaryBatch) => mul(mean(policy.entropy()), 0.5)
    const auxiliaryLoss = { start() {}, afterRollout() {}, loss, save() {}, restore() {} }
    expect(updated({ auxiliaryLoss }).moved[1]).toBeCloseTo(0.5 - 0.5 * 0.20599, 5)
    expect(updated({ auxiliaryLoss, entropyCoef: 0.5 }).moved[1]).toBeCloseTo(0.5, 5)
  })

  it('adds valueCoef mean (V - R)², whose gradient is 2 valueCoef mean(V - R)', () => {
    const { report, value } = updated({})
    expect(report.valueLoss).toBeCloseTo(3, 6) // (1 + 9 + 1 + 1) / 4
    expect(value).toBeCloseTo(1 + 2 * 0.5 * 1, 5) // mean(R - V) = (-1 + 3 + 1 + 1) / 4
    expect(updated({ valueCoef: 0.25 }).value).toBeCloseTo(1 + 2 * 0.25 * 1, 5)
  })

  it('has advantages of mean 0 and deviation 1 on request: -√1.5, √1.5, 0, 0', () => {
    // (-1.224745 · -¼ + 1.224745 · ¾) / 4
    expect(updated({ normalizeAdvantages: true }).moved[1]).toBeCloseTo(0.306186, 5)
  })
})
