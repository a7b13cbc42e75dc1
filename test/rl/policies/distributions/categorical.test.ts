import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Categorical } from '../../../../src/rl/policies/distributions/categorical.ts'
import { Rng, ShapeError, type Tensor, tensor, ValueError } from '../../../../src/tensor/index.ts'
import { expectNumbers } from '../../../support/arrays.ts'
import { categoricalCases } from '../../../support/distribution-cases.ts'
import { expectClose, fromGolden, goldenCases, toleranceOf } from '../../../support/golden.ts'
import { gradientProperty } from '../../../support/gradients.ts'
import { forAll } from '../../../support/property.ts'

const float64 = (data: readonly number[], shape: readonly number[]) => tensor([...data], shape, { dtype: 'float64' })
const int32 = (data: readonly number[]) => tensor(Int32Array.from(data))

describe('golden figures', () => {
  type Inputs = Readonly<Record<string, Tensor>>
  const run: Record<string, (inputs: Inputs) => Tensor> = {
    categorical_log_prob: ({ logits, value }) => new Categorical(logits!).logProb(value!),
    categorical_probs: ({ logits }) => new Categorical(logits!).probs,
    categorical_entropy: ({ logits }) => new Categorical(logits!).entropy(),
    categorical_kl: ({ logits_p, logits_q }) => new Categorical(logits_p!).kl(new Categorical(logits_q!)),
  }
  const cases = goldenCases('losses.json').filter(({ op }) => op in run)

  it.each(
    cases.flatMap((golden) => [[golden.name, 'float64', golden] as const, [golden.name, 'float32', golden] as const]),
  )('%s in %s', (_, dtype, golden) => {
    const inputs = Object.fromEntries(
      Object.entries(golden.inputs).map(([name, each]) => [
        name,
        fromGolden(each, dtype, name in (golden.grads ?? {})),
      ]),
    )
    const out = run[golden.op]!(inputs)
    const tolerance = toleranceOf(golden, dtype)
    expectClose(out, golden.outputs.out!, tolerance, 'out')
    out.backward(fromGolden(golden.W!, dtype))
    for (const [name, grad] of Object.entries(golden.grads!)) expectClose(inputs[name]!.grad!, grad, tolerance, name)
  })
})

it.each(Object.entries(categoricalCases))('the gradient in each input: of %s', (_, { calls }) =>
  gradientProperty(calls),
)

describe('Categorical', () => {
  it('reads logits as odds', () => {
    const policy = new Categorical(float64([0, Math.log(3), 5, 5], [2, 2]))
    expectNumbers(policy.probs.view(), [0.25, 0.75, 0.5, 0.5])
    expectNumbers(policy.logProb(int32([1, 0])).view(), [Math.log(0.75), Math.log(0.5)])
    expectNumbers(policy.entropy().view(), [-0.25 * Math.log(0.25) - 0.75 * Math.log(0.75), Math.log(2)])
    expect([...policy.mode().view()]).toEqual([1, 0])
  })

  it('draws each choice as often as its probability says', () => {
    const policy = new Categorical(float64([Math.log(1), Math.log(2), Math.log(5), -Infinity], [1, 4]))
    const rng = new Rng(7)
    const counts = [0, 0, 0, 0]
    for (let i = 0; i < 4000; i++) counts[policy.sample(rng).view()[0]!]!++
    expectNumbers(
      counts.map((count) => count / 4000),
      [1 / 8, 2 / 8, 5 / 8, 0],
      0,
      0.04,
    )
    expect(counts[3]).toBe(0)
  })

  it('never draws or prefers a forbidden choice, and tells by its log-probability that it cannot come', () => {
    const rows = fc.array(fc.tuple(fc.double({ min: -5, max: 5, noNaN: true }), fc.boolean()), {
      minLength: 2,
      maxLength: 6,
    })
    forAll([rows, fc.nat()], (row, seed) => {
      fc.pre(row.some(([, allowed]) => allowed))
      const logits = float64(
        row.map(([logit]) => logit),
        [1, row.length],
      )
      const mask = float64(
        row.map(([, allowed]) => (allowed ? 1 : 0)),
        [1, row.length],
      )
      const policy = new Categorical(logits, mask)
      expect(row[policy.sample(new Rng(seed)).item()]![1]).toBe(true)
      expect(row[policy.mode().item()]![1]).toBe(true)
      expectNumbers([Array.from(policy.probs.view()).reduce((sum, p) => sum + p, 0)], [1])
      const forbidden = row.findIndex(([, allowed]) => !allowed)
      if (forbidden >= 0) expect(policy.logProb(int32([forbidden])).item()).toBe(-Infinity)
    })
  })

  it('lets the crumbs that rounding leaves go to the last choice that can be', () => {
    const edge = Object.assign(new Rng(), { uniform: () => 1 })
    const policy = new Categorical(float64([0, 0, 0], [1, 3]), float64([1, 1, 0], [1, 3]))
    expect(policy.sample(edge).item()).toBe(1)
  })

  const size = { min: 1, max: 4 }
  const inputs = fc.tuple(fc.integer(size), fc.integer(size)).chain(([batch, actions]) => {
    const numbers = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), {
      minLength: batch * actions,
      maxLength: batch * actions,
    })
    return fc.record({
      logits: numbers.map((data) => float64(data, [batch, actions])),
      others: numbers.map((data) => float64(data, [batch, actions])),
      // One action of each row always stays allowed.
      mask: fc.array(fc.constantFrom(0, 1), { minLength: batch * actions, maxLength: batch * actions }).map((data) =>
        float64(
          data.map((each, i) => (i % actions === 0 ? 1 : each)),
          [batch, actions],
        ),
      ),
    })
  })

  it('KL is never negative, 0 from itself, and infinite to one that forbids what it allows', () => {
    forAll([inputs], ({ logits, others, mask }) => {
      const p = new Categorical(logits, mask)
      for (const each of p.kl(new Categorical(others)).view()) expect(each).toBeGreaterThanOrEqual(-1e-12)
      for (const each of p.kl(p).view()) expect(each).toBe(0)
    })
    const all = new Categorical(float64([0, 0], [1, 2]))
    const one = new Categorical(float64([0, 0], [1, 2]), float64([1, 0], [1, 2]))
    expect(all.kl(one).item()).toBe(Infinity)
    expectNumbers([one.kl(all).item()], [Math.LN2])
  })

  it('KL covers or settles: forward it is large where a choice is missing, reverse it is not', () => {
    const teacher = new Categorical(float64([2, 2, -8], [1, 3])) // two equally good choices
    const settled = new Categorical(float64([4, -4, -8], [1, 3])) // one of them
    expect(teacher.kl(settled).item()).toBeGreaterThan(3 * settled.kl(teacher).item())
  })

  it('KL throws on another number of rows or choices, which would be broadcast', () => {
    const pair = new Categorical(float64([1, 2], [1, 2]))
    for (const shape of [
      [2, 2],
      [1, 1],
      [1, 3],
    ] as const) {
      const other = new Categorical(float64(new Array(shape[0] * shape[1]).fill(0), shape))
      expect(() => pair.kl(other)).toThrow(ShapeError)
      expect(() => other.kl(pair)).toThrow(/Categorical.kl: the prediction is \[1, 2\]/)
    }
  })

  it('says what does not fit', () => {
    const logits = float64([1, 2, 3, 4], [2, 2])
    expect(() => new Categorical(float64([1, 2], [2]))).toThrow(ShapeError)
    expect(() => new Categorical(logits).logProb(int32([0]))).toThrow(/actions are \[1\]; expected \[2\]/)
    expect(() => new Categorical(logits).logProb(int32([0, 2]))).toThrow(ValueError)
    expect(() => new Categorical(logits, float64([1, 0, 0, 0], [2, 2]))).toThrow(/row 1 of the mask allows no action/)
    expect(() => new Categorical(logits, float64([1, 0], [1, 2]))).toThrow(/mask \[1, 2\]/)
  })
})

it('a draw is the first action whose cumulative probability exceeds a uniform number, row by row', () => {
  const drawn = (uniform: number, rows: number[][]) => [
    ...new Categorical(tensor(rows.flat(), [rows.length, rows[0]!.length])).sample({ uniform: () => uniform }).view(),
  ]
  expect([0.49, 0.5, 0.99].map((u) => drawn(u, [[0, 0]])[0])).toEqual([0, 1, 1])
  expect(drawn(0.5, [[99, 0, 0], [0, 99, 0], [0, 0, 99]])).toEqual([0, 1, 2]) // biome-ignore format: a row each
})
