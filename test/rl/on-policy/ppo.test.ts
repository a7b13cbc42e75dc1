import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Categorical, makeVec } from '../../../src/rl/index.ts'
import { clippedSurrogate, clippedValueLoss, policyChange, ppo, ppoLoss } from '../../../src/rl/on-policy/ppo.ts'
import { DiagonalGaussian } from '../../../src/rl/policies/distributions/diagonal-gaussian.ts'
import { gradcheck, tensor, ValueError, zeros } from '../../../src/tensor/index.ts'
import { expectOutput, goldenArrays } from '../../support/arrays.ts'
import { forAll } from '../../support/property.ts'
import type { ReportOf } from '../../support/report-of.ts'
import { casesOf, expectLoss } from '../algorithms/golden-loss.ts'
import { constantNetwork, numbersOf, Paying } from '../algorithms/hand-worked.ts'

describe('the clipped surrogate', () => {
  it.each(casesOf('ppo_loss'))('is PyTorch’s, with its gradient: $name', (golden) => {
    const clipRange = golden.attrs!.clip_eps as number
    expectLoss(golden, ({ logits, actions, old_log_probs, advantages }) =>
      clippedSurrogate(new Categorical(logits!).logProb(actions!), old_log_probs!, advantages!, clipRange),
    )
  })

  it.each(casesOf('ppo_loss_gaussian'))('is so for Gaussian policies: $name', (golden) => {
    const clipRange = golden.attrs!.clip_eps as number
    expectLoss(golden, ({ mean, log_std, actions, old_log_probs, advantages }) =>
      clippedSurrogate(new DiagonalGaussian(mean!, log_std!).logProb(actions!), old_log_probs!, advantages!, clipRange),
    )
  })

  it('has the gradient that central differences show, off its kinks', () => {
    const inside = fc.double({ min: -0.15, max: 0.15, noNaN: true })
    const beyond = fc.double({ min: 0.3, max: 0.9, noNaN: true })
    const logRatio = fc.oneof(
      inside,
      beyond,
      beyond.map((x) => -x),
    )
    const rows = fc.array(fc.tuple(logRatio, fc.double({ min: -2, max: 2, noNaN: true })), {
      minLength: 1,
      maxLength: 6,
    })
    forAll([rows, fc.double({ min: 0.5, max: 2, noNaN: true })], (pairs, weight) => {
      const column = (i: 0 | 1) =>
        tensor(
          pairs.map((pair) => pair[i]),
          [pairs.length],
          { dtype: 'float64' },
        )
      const old = zeros([pairs.length], { dtype: 'float64' })
      gradcheck((x) => clippedSurrogate(x, old, column(1), 0.2), column(0), [weight])
    })
  })

  it('stops rewarding a ratio once it is beyond the range in the direction of the advantage', () => {
    const gradient = (ratio: number, advantage: number) => {
      const logProb = tensor([Math.log(ratio)], [1], { requiresGrad: true })
      clippedSurrogate(logProb, tensor([0]), tensor([advantage]), 0.2).backward()
      return logProb.grad!.item()
    }
    expect(gradient(1.3, 1)).toBeCloseTo(0)
    expect(gradient(0.7, -1)).toBeCloseTo(0)
    expect(gradient(0.7, 1)).toBeCloseTo(-0.7)
    expect(gradient(1.3, -1)).toBeCloseTo(1.3)
  })
})

describe('by hand', () => {
  const f64 = (...values: number[]) => tensor(values, [values.length], { dtype: 'float64' })

  it('the clipped surrogate is -mean min(ρ Â, clip(ρ, 1 ± 0.2) Â)', () => {
    // ρ = 1.5, 0.5, 1.5, 1.1 with Â = 1, 1, -1, 2: min(1.5, 1.2), min(0.5, 0.8), min(-1.5, -1.2), 2.2
    const ratios = f64(...[1.5, 0.5, 1.5, 1.1].map(Math.log))
    const loss = clippedSurrogate(ratios, f64(0, 0, 0, 0), f64(1, 1, -1, 2), 0.2)
    expect(loss.item()).toBeCloseTo(-(1.2 + 0.5 - 1.5 + 2.2) / 4, 12)
  })

  it('the clipped value loss is ½ mean max((V - R)², (V_old + clip(V - V_old, ±0.2) - R)²)', () => {
    // V_old = 0, V = 1, R = 2: max(1, 1.8²); V = 1, R = 0: max(1, 0.2²); V = 0.1, R = 0.1: 0
    const loss = clippedValueLoss(f64(1, 1, 0.1), f64(0, 0, 0), f64(2, 0, 0.1), 0.2)
    expect(loss.item()).toBeCloseTo((3.24 + 1) / 6, 12)
  })

  it('the change of the policy is the mean of ρ - 1 - ln ρ, and the share of ρ beyond 1 ± 0.2', () => {
    // ρ = 2 and 0.9: 1 - 0.693147 and -0.1 + 0.105361
    const { approxKl, clipFraction } = policyChange([Math.LN2, Math.log(0.9)], [0, 0], 0.2)
    expect(approxKl).toBeCloseTo((0.306853 + 0.005361) / 2, 6)
    expect(clipFraction).toBe(0.5)
    expect(policyChange([0], [0], 0).clipFraction).toBe(0) // at the edge is not beyond
  })
})

describe('the value loss', () => {
  it.each(casesOf('value_loss_clipped'))('is PyTorch’s, with its gradient: $name', (golden) => {
    const clipRange = golden.attrs!.clip_eps as number
    expectLoss(golden, ({ values, old_values, returns }) => clippedValueLoss(values!, old_values!, returns!, clipRange))
  })

  it.each(casesOf('value_loss'))('is so without clipping: $name', (golden) => {
    const options = { clipRange: 0.2, clipValueLoss: false, valueCoef: 1, entropyCoef: 0 }
    expectLoss(golden, ({ values, returns }) => {
      const none = zeros(values!.shape, { dtype: values!.dtype })
      const others = { logProbs: none, oldLogProbs: none, advantages: none, entropies: none, oldValues: none }
      return ppoLoss({ ...others, values: values!, returns: returns! }, options).valueLoss
    })
  })
})

it.each(casesOf('ppo_total_loss'))('the loss as a whole: is PyTorch’s, with its gradient: $name', (golden) => {
  const { clip_eps, vf_coef, ent_coef } = golden.attrs as Record<string, number>
  const options = { clipRange: clip_eps!, valueCoef: vf_coef!, entropyCoef: ent_coef!, clipValueLoss: false }
  expectLoss(golden, ({ logits, actions, old_log_probs, advantages, values, returns }) => {
    const policy = new Categorical(logits!)
    const now = { logProbs: policy.logProb(actions!), values: values!, entropies: policy.entropy() }
    const old = { oldLogProbs: old_log_probs!, oldValues: values!, advantages: advantages!, returns: returns! }
    const { policyLoss: policy_loss, valueLoss: value_loss, ...rest } = ppoLoss({ ...now, ...old }, options)
    return { policy_loss, value_loss, ...rest }
  })
})

describe('the change of the policy', () => {
  it.each(casesOf('ppo_loss'))('is PyTorch’s: $name', (golden) => {
    const { old_log_probs, logits, actions } = goldenArrays(golden)
    const policy = new Categorical(tensor(logits!, [8, 5], { dtype: 'float32' }))
    const logProbs = policy.logProb(tensor(Int32Array.from(actions!))).view()
    const { approxKl, clipFraction } = policyChange(logProbs, old_log_probs!, golden.attrs!.clip_eps as number)
    expect(approxKl).toBeCloseTo(Number(golden.outputs.approx_kl_k3!.data[0]), 5)
    expectOutput(golden, 'clip_fraction', [clipFraction])
  })

  it('is never negative but by rounding, and 0 for a policy that stayed', () => {
    const logs = fc.array(fc.double({ min: -5, max: 0, noNaN: true }), { minLength: 1, maxLength: 9 })
    forAll([logs, logs], (a, b) => {
      const size = Math.min(a.length, b.length)
      expect(policyChange(a.slice(0, size), b, 0.2).approxKl).toBeGreaterThan(-1e-15)
      expect(policyChange(a, a, 0.2)).toEqual({ approxKl: 0, clipFraction: 0 })
    })
  })
})

describe('an update by hand', () => {
  // Schulman et al. 2017, arXiv:1707.06347, eq. 9, c₁ = 0.5 and c₂ = 0.1: episodes of one step, π = (¾, ¼), V = 1. The steps of this
  // seed are the actions 0, 1, 0, 0 and pay 0, 4, 2, 2, so that Â = r - V = -1, 3, 1, 1.
  const updated = (options: object) => {
    const env = new Paying([0, 4, 2, 2])
    const [policy, critic] = [constantNetwork(Math.log(3), 0), constantNetwork(1)]
    const training = ppo(env, {
      ...{ network: policy, critic, totalTimesteps: 4, numSteps: 4, numEpochs: 1, numMinibatches: 1, seed: 2 },
      // So large an ε makes the first step of Adam the gradient itself: 1e6 g / (|g| + 1e6).
      ...{ learningRate: 1e6, adamEpsilon: 1e6, annealLearningRate: false, maxGradNorm: Infinity },
      ...{ entropyCoef: 0.1, ...options },
    })
    const report = training.next().value as ReportOf<typeof ppo>
    expect(env.actions).toEqual([0, 1, 0, 0])
    const moved = numbersOf(policy).bias!.map((z, k) => z - [Math.log(3), 0][k]!)
    return { report, moved, value: numbersOf(critic).bias![0]! }
  }
  // c₂ pₖ (ln pₖ + H) with H = 0.562335: the gradient of -c₂ H in the logits
  const ofEntropy = 0.1 * 0.20599

  it('has the advantages at mean 0 and deviation 1: (-1, 3, 1, 1) are -√1.5, √1.5, 0, 0', () => {
    const { report, moved, value } = updated({})
    expect(report.policyLoss).toBeCloseTo(0, 6)
    expect(report.valueLoss).toBeCloseTo(1.5, 6) // ½ (1 + 9 + 1 + 1) / 4
    expect(report.entropy).toBeCloseTo(0.562335, 5)
    // d/dz₁ of -mean Â (1[a = 1] - p₁) = -(-1.224745 · -¼ + 1.224745 · ¾) / 4 = -0.306186; in z₀ its negative
    expect(moved[0]).toBeCloseTo(-0.306186 - ofEntropy, 5)
    expect(moved[1]).toBeCloseTo(0.306186 + ofEntropy, 5)
    expect(value).toBeCloseTo(1.5, 5) // V - c₁ mean(V - R) = 1 + 0.5 (-1 + 3 + 1 + 1) / 4
  })

  it('has them as they are on request', () => {
    const { report, moved } = updated({ normalizeAdvantages: false })
    expect(report.policyLoss).toBeCloseTo(-1, 6) // -(-1 + 3 + 1 + 1) / 4
    // (-1 · -¼ + 3 · ¾ + 1 · -¼ + 1 · -¼) / 4 = 0.5
    expect(moved[0]).toBeCloseTo(-0.5 - ofEntropy, 5)
    expect(moved[1]).toBeCloseTo(0.5 + ofEntropy, 5)
  })

  it('lifts the entropy by its weight alone, and the values by theirs', () => {
    const none = updated({ normalizeAdvantages: false, entropyCoef: 0, valueCoef: 0 })
    expect(none.moved[1]).toBeCloseTo(0.5, 5)
    expect(none.value).toBe(1)
  })
})

describe('training', () => {
  const short = { totalTimesteps: 64, numSteps: 16, hidden: [8] }

  it('ends its passes over a rollout once the policy has moved far enough', () => {
    const fast = { ...short, learningRate: 0.05, numEpochs: 8 }
    const run = (targetKl: number) => ppo(makeVec('CartPole-v1', 2), { ...fast, targetKl }).next().value
    const moved = (report: unknown) => (report as { approxKl: number }).approxKl
    expect(moved(run(1e-6))).toBeLessThan(moved(run(Infinity)))
  })

  it('lowers the learning rate from its start to 0, or leaves it', () => {
    const rates = (annealLearningRate: boolean) =>
      [...ppo(makeVec('CartPole-v1', 2), { ...short, learningRate: 0.5, annealLearningRate })].map(
        ({ learningRate }) => learningRate,
      )
    expect(rates(true)).toEqual([0.5, 0.25])
    expect(rates(false)).toEqual([0.5, 0.5])
  })

  it('refuses options that it does not know or that are out of range, in words', () => {
    const envs = makeVec('CartPole-v1', 2)
    expect(() => ppo(envs, { clipRang: 0.1 } as never).next()).toThrow(/unknown option "clipRang".*"clipRange"/)
    expect(() => ppo(envs, { resum: undefined } as never).next()).toThrow(/unknown option "resum".*"resume"/)
    expect(() => ppo(envs, { clipRange: 0 }).next()).toThrow('ppo: clipRange is 0; expected a number above 0')
    expect(() => ppo(envs, { hidden: [64, 0] }).next()).toThrow(ValueError)
    expect(() => ppo(envs, { totalTimesteps: Number.NaN }).next()).toThrow(ValueError)
  })
})
