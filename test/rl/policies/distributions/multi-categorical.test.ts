import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MultiCategorical } from '../../../../src/rl/policies/distributions/multi-categorical.ts'
import { Rng, ShapeError, type Tensor, tensor } from '../../../../src/tensor/index.ts'
import { tensorOf } from '../../../support/arbitraries.ts'
import { expectNumbers } from '../../../support/arrays.ts'
import { multiCategoricalCases } from '../../../support/distribution-cases.ts'
import { gradientProperty } from '../../../support/gradients.ts'
import { forAll } from '../../../support/property.ts'

const float64 = (data: readonly number[], shape: readonly number[]) => tensor([...data], shape, { dtype: 'float64' })
const sumOf = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0)

/** All actions: [2, 3] → [0, 0], [0, 1], [0, 2], [1, 0], …. */
const jointActions = (counts: readonly number[]) =>
  counts.reduce<number[][]>((all, n) => all.flatMap((a) => Array.from({ length: n }, (_, k) => [...a, k])), [[]])

/** ln π of every action, from a policy of one row. */
const logProbs = (policy: MultiCategorical, counts: readonly number[]) =>
  jointActions(counts).map((action) => policy.logProb(tensor(Int32Array.from(action), [1, counts.length])).item())

/** Counts, and two policies of one row with them; bits have counts of 2. */
const policies = fc
  .tuple(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }), fc.boolean())
  .chain(([given, areBits]) => {
    const counts = areBits ? given.map(() => 2) : given
    const of = (x: Tensor) => (areBits ? MultiCategorical.ofBits(x) : new MultiCategorical(x, counts))
    const logits = tensorOf([1, areBits ? counts.length : sumOf(counts)], -4, 4).map(of)
    return fc.record({ counts: fc.constant(counts), p: logits, q: logits })
  })

it.each(Object.entries(multiCategoricalCases))('the gradient in each input: of %s', (_, { calls }) =>
  gradientProperty(calls),
)

describe('MultiCategorical', () => {
  it('is a product of independent choices', () => {
    const policy = new MultiCategorical(float64([0, Math.log(3), Math.log(2), 0, 0], [1, 5]), [2, 3])
    expectNumbers(logProbs(policy, [2, 3]).map(Math.exp), [1 / 8, 1 / 16, 1 / 16, 3 / 8, 3 / 16, 3 / 16])
    expect([...policy.mode().view()]).toEqual([1, 0])
  })

  it('has bits that are 1 with probability σ(logit), and 0 as the mode of a fair one', () => {
    const policy = MultiCategorical.ofBits(float64([Math.log(3), 0, -1], [1, 3]))
    expectNumbers(
      [policy.logProb(tensor(Float32Array.of(1, 0, 0), [1, 3])).item()],
      [Math.log((3 / 4 / 2) * (1 / (1 + Math.exp(-1))))],
    )
    expect([...policy.mode().view()]).toEqual([1, 0, 0])
  })

  it('has the probabilities, entropy, divergence and mode of an enumeration of all joint actions', () => {
    forAll([policies], ({ counts, p, q }) => {
      const [lnP, lnQ] = [logProbs(p, counts), logProbs(q, counts)]
      const expectation = (values: readonly number[]) => sumOf(values.map((x, i) => Math.exp(lnP[i]!) * x))
      expectNumbers([expectation(lnP.map(() => 1))], [1])
      expectNumbers([p.entropy().item()], [-expectation(lnP)], 1e-9, 1e-9)
      expectNumbers([p.kl(q).item()], [expectation(lnP.map((x, i) => x - lnQ[i]!))], 1e-9, 1e-9)
      expectNumbers([p.logProb(p.mode()).item()], [Math.max(...lnP)])
    })
  })

  it('draws each joint action as often as its probability', () => {
    const policy = new MultiCategorical(float64([1, 0, 0, 1, -1], [1, 5]), [2, 3])
    const [actions, rng, draws] = [jointActions([2, 3]), new Rng(5), 4000]
    const counts = actions.map(() => 0)
    for (let i = 0; i < draws; i++) {
      const [a, b] = policy.sample(rng).view() as Int32Array
      counts[3 * a! + b!]!++
    }
    expectNumbers(
      counts.map((count) => count / draws),
      logProbs(policy, [2, 3]).map(Math.exp),
      0,
      0.04,
    )
  })

  it('throws on other shapes', () => {
    const policy = new MultiCategorical(float64([1, 2, 3, 4, 5], [1, 5]), [2, 3])
    expect(() => new MultiCategorical(float64([1, 2], [1, 2]), [2, 3])).toThrow(
      /logits \[1, 2\]; expected \[batch, 2\+3\]/,
    )
    expect(() => new MultiCategorical(float64([1, 2, 3, 4, 5], [1, 5, 1]), [2, 3])).toThrow(/logits \[1, 5, 1\]/)
    expect(() => policy.logProb(tensor(Int32Array.of(0)))).toThrow(/actions \[1\], not \[1, 2\]/)
    expect(() => policy.kl(new MultiCategorical(float64([1, 2, 3], [1, 3]), [3]))).toThrow(ShapeError)
  })
})
