import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bootstrapValues,
  discountedReturns,
  gae,
  normalize,
  returnsOf,
  type Segment,
  zerosLike,
} from '../../../src/rl/training/returns.ts'
import { add, div, mean, ShapeError, std, sub, ValueError } from '../../../src/tensor/index.ts'
import { expectNumbers, expectOutput, goldenArrays } from '../../support/arrays.ts'
import { expectClose, fromGolden, type GoldenCase, goldenCases } from '../../support/golden.ts'
import { property } from '../../support/property.ts'
import { casesOf, onEveryEngine } from '../algorithms/golden-loss.ts'

const cases = (op: string) => goldenCases('rl.json').filter((golden) => golden.op === op)
const attr = (golden: GoldenCase, name: string) => golden.attrs?.[name] as number

function segmentOf(golden: GoldenCase): Segment {
  const { rewards, values, last_values, final_values, terminated, truncated } = goldenArrays(golden)
  return {
    rewards: rewards!,
    values: values!,
    lastValues: last_values!,
    finalValues: final_values!,
    terminated: terminated!,
    truncated: truncated!,
  }
}

// One environment, two steps of reward 1, values 10 and 20, 30 after the last; `final` where an episode was cut off.
const twoSteps = (ends: Partial<Segment> = {}): Segment => ({
  ...{ rewards: [1, 1], values: [10, 20], lastValues: [30], finalValues: [500, 500], terminated: [0, 0] },
  ...{ truncated: [0, 0], ...ends },
})

describe('golden figures', () => {
  it.each(cases('discounted_returns').map((golden) => [golden.name, golden] as const))('%s', (_, golden) => {
    const { rewards, done, last_value } = goldenArrays(golden)
    expectOutput(golden, 'out', discountedReturns(rewards!, done!, last_value!, attr(golden, 'gamma')))
  })

  it.each(cases('gae').map((golden) => [golden.name, golden] as const))('%s', (_, golden) => {
    const segment = segmentOf(golden)
    const advantages = gae(segment, attr(golden, 'gamma'), attr(golden, 'lambda'))
    expectOutput(golden, 'advantages', advantages)
    expectOutput(golden, 'returns', returnsOf(advantages, segment.values))
    expectOutput(golden, 'bootstrap_values', bootstrapValues(segment))
  })
})

describe('three steps by hand', () => {
  // γ = 0.5, rewards 1, 2, 4, values 8, 16, 32, 64 after the last
  const steps: Segment = {
    ...{ rewards: [1, 2, 4], values: [8, 16, 32], lastValues: [64], finalValues: [0, 0, 0], terminated: [0, 0, 0] },
    truncated: [0, 0, 0],
  }

  it('discountedReturns: Gₜ = rₜ + γ Gₜ₊₁', () => {
    // 4 + 0.5 · 64, 2 + 0.5 · 36, 1 + 0.5 · 20
    expect([...discountedReturns(steps.rewards, [0, 0, 0], [64], 0.5)]).toEqual([11, 20, 36])
    expect([...discountedReturns(steps.rewards, [0, 1, 0], [64], 0.5)]).toEqual([2, 2, 36])
  })

  it('gae: Âₜ = δₜ + γ λ Âₜ₊₁, δₜ = rₜ + γ V(sₜ₊₁) - V(sₜ)', () => {
    // δ = 1 + 8 - 8 = 1, 2 + 16 - 16 = 2, 4 + 32 - 32 = 4; γ λ = 0.25: 4, 2 + 1, 1 + 0.75
    const advantages = gae(steps, 0.5, 0.5)
    expect([...advantages]).toEqual([1.75, 3, 4])
    expect([...returnsOf(advantages, steps.values)]).toEqual([9.75, 19, 36])
  })

  it('results are float32 where the rewards are', () => {
    expect(discountedReturns(Float32Array.of(1, 2, 4), [0, 0, 0], [64], 0.5)).toEqual(Float32Array.of(11, 20, 36))
    expect(gae({ ...steps, rewards: Float32Array.of(1, 2, 4) }, 0.5, 0.5)).toEqual(Float32Array.of(1.75, 3, 4))
  })
})

describe('the end of an episode', () => {
  it('bootstraps from the next row where there is none', () => {
    expect([...bootstrapValues(twoSteps())]).toEqual([20, 30])
    expect([...gae(twoSteps(), 1, 0)]).toEqual([1 + 20 - 10, 1 + 30 - 20])
  })

  it('has no value after a termination, not even one that was also cut off', () => {
    expect([...gae(twoSteps({ terminated: [1, 0] }), 1, 0)]).toEqual([1 - 10, 11])
    expect([...bootstrapValues(twoSteps({ terminated: [1, 0], truncated: [1, 0] }))]).toEqual([0, 30])
  })

  it('takes the value of the observation before the reset after a truncation', () => {
    expect([...gae(twoSteps({ truncated: [1, 0] }), 1, 0)]).toEqual([1 + 500 - 10, 11])
    expect(gae(twoSteps({ truncated: [0, 1] }), 1, 0)[1]).toBe(1 + 500 - 20)
  })

  it('lets no sum run on over either', () => {
    expect(gae(twoSteps(), 1, 1)[0]).toBe(1 + 1 + 30 - 10)
    expect(gae(twoSteps({ terminated: [1, 0] }), 1, 1)[0]).toBe(1 - 10)
    expect(gae(twoSteps({ truncated: [1, 0] }), 1, 1)[0]).toBe(1 + 500 - 10)
  })
})

describe('identities', () => {
  const number = fc.double({ min: -10, max: 10, noNaN: true })
  const flag = fc.constantFrom(0, 0, 0, 1)
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  const segments = fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 4 })).chain(([T, N]) => {
    const rows = <A>(each: fc.Arbitrary<A>, length = T * N) => fc.array(each, { minLength: length, maxLength: length })
    return fc.record({
      rewards: rows(number),
      values: rows(number),
      lastValues: rows(number, N),
      finalValues: rows(number),
      terminated: rows(flag),
      truncated: rows(flag),
    })
  })

  property('λ = 1: the advantage is the Monte-Carlo return less the value', [segments, share], (segment, gamma) => {
    // The final values of cut-off episodes join the rewards, so that the plain return bootstraps as it should.
    const rewards = segment.rewards.map((reward, row) =>
      segment.truncated[row] && !segment.terminated[row] ? reward + gamma * segment.finalValues[row]! : reward,
    )
    const dones = segment.terminated.map((each, row) => Math.max(each, segment.truncated[row]!))
    const returns = discountedReturns(rewards, dones, segment.lastValues, gamma)
    const advantages = gae(segment, gamma, 1)
    expectNumbers(returnsOf(advantages, segment.values), returns, 1e-9, 1e-9)
  })

  property('λ = 0: the return is one reward and the next value', [segments, share], (segment, gamma) => {
    const returns = returnsOf(gae(segment, gamma, 0), segment.values)
    const targets = segment.rewards.map((reward, row) => reward + gamma * bootstrapValues(segment)[row]!)
    expectNumbers(returns, targets, 1e-9, 1e-9)
  })

  property('environments side by side are what each is alone', [segments, share, share], (segment, gamma, lambda) => {
    const numEnvs = segment.lastValues.length
    const together = gae(segment, gamma, lambda)
    for (let env = 0; env < numEnvs; env++) {
      const own = (all: ArrayLike<number>) => Array.from(all).filter((_, row) => row % numEnvs === env)
      const alone: Segment = {
        rewards: own(segment.rewards),
        values: own(segment.values),
        lastValues: [segment.lastValues[env]!],
        finalValues: own(segment.finalValues),
        terminated: own(segment.terminated),
        truncated: own(segment.truncated),
      }
      expect(own(together)).toEqual([...gae(alone, gamma, lambda)])
    }
  })
})

describe('wrong calls', () => {
  it('names the array that does not fit', () => {
    expect(() => gae(twoSteps({ terminated: [0] }), 1, 1)).toThrow(ShapeError)
    expect(() => gae(twoSteps({ terminated: [0] }), 1, 1)).toThrow(/terminated has 1 numbers/)
    expect(() => discountedReturns([1, 2, 3], [0, 0, 0], [0, 0], 1)).toThrow(/expected T rows of 2/)
    expect(() => gae(twoSteps({ terminated: [0] }), 1, 1)).toThrow(
      'returns: terminated has 1 numbers; expected T rows of 1 ' +
        '(given: rewards 2, values 2, finalValues 2, terminated 1, truncated 2)',
    )
    expect(() => discountedReturns([1], [0, 0], [0], 1)).toThrow('discountedReturns: dones has 2 numbers')
  })

  it('refuses discounts outside their range', () => {
    expect(() => gae(twoSteps(), 1.5, 1)).toThrow(ValueError)
    expect(() => gae(twoSteps(), 1.5, 1)).toThrow('gae: gamma is 1.5; expected a number from 0 to 1')
    expect(() => gae(twoSteps(), 1, Number.NaN)).toThrow('gae: lambda is NaN')
    expect(() => discountedReturns([1], [0], [0], -0.1)).toThrow('discountedReturns: gamma is -0.1')
  })
})

it('what is no array of numbers is named', () => {
  for (const given of [undefined, null, {}, 3]) {
    expect(() => zerosLike(given as never)).toThrow(ShapeError)
    expect(() => zerosLike(given as never)).toThrow(/^returns: rewards are .*; expected an array of numbers$/)
  }
  expect(zerosLike(Float32Array.of(1, 2))).toEqual(new Float32Array(2))
  expect(zerosLike([1, 2])).toEqual(new Float64Array(2))
})

describe('normalize', () => {
  it.each(casesOf('advantage_norm').filter(({ attrs }) => attrs!.correction === 1))('is PyTorch’s: $name', (golden) => {
    const advantages = goldenArrays(golden).advantages!
    normalize(advantages)
    expectOutput(golden, 'out', advantages)
  })

  it.each(casesOf('advantage_norm').filter(({ attrs }) => attrs!.correction === 0))(
    'by the population’s deviation: $name',
    (golden) => {
      onEveryEngine(golden, (dtype, tolerance) => {
        const x = fromGolden(golden.inputs.advantages!, dtype)
        const normal = div(sub(x, mean(x)), add(std(x, undefined, false, 0), golden.attrs!.eps as number))
        expectClose(normal, golden.outputs.out!, tolerance, golden.name)
      })
    },
  )

  it('takes two numbers: 1 and 3 lie 1 from their mean, by a deviation of √2', () => {
    const two = Float64Array.of(1, 3)
    normalize(two)
    expect(two[0]).toBeCloseTo(-Math.SQRT1_2, 7)
    expect(two[1]).toBeCloseTo(Math.SQRT1_2, 7)
  })

  it('keeps equal numbers finite, and refuses a single one', () => {
    const equal = Float64Array.of(3, 3, 3)
    normalize(equal)
    expect(Array.from(equal)).toEqual([0, 0, 0])
    expect(() => normalize(Float64Array.of(3))).toThrow(ValueError)
  })
})
