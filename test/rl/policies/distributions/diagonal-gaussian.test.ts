import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DiagonalGaussian } from '../../../../src/rl/policies/distributions/diagonal-gaussian.ts'
import { log, Rng, reshape, ShapeError, type Tensor, tensor } from '../../../../src/tensor/index.ts'
import { expectNumbers } from '../../../support/arrays.ts'
import { diagonalGaussianCases } from '../../../support/distribution-cases.ts'
import { expectClose, fromGolden, goldenCases, toleranceOf } from '../../../support/golden.ts'
import { gradientProperty } from '../../../support/gradients.ts'
import { property } from '../../../support/property.ts'

const float64 = (data: readonly number[], shape: readonly number[]) => tensor([...data], shape, { dtype: 'float64' })

describe('golden figures', () => {
  type Inputs = Readonly<Record<string, Tensor>>
  // One number a row turns the sums over dimensions into figures for each element.
  const column = (x: Tensor) => reshape(x, [-1, 1])
  const each = (x: Tensor, shape: readonly number[]) => reshape(x, shape)
  const run: Record<string, (inputs: Inputs, shape: readonly number[]) => Tensor> = {
    normal_log_prob: ({ mean, std, value }, shape) =>
      each(new DiagonalGaussian(column(mean!), column(log(std!))).logProb(column(value!)), shape),
    normal_log_prob_sum: ({ mean, std, value }) => new DiagonalGaussian(mean!, log(std!)).logProb(value!),
    normal_log_prob_log_std: ({ mean, log_std, value }) => new DiagonalGaussian(mean!, log_std!).logProb(value!),
    normal_entropy: ({ mean, std }, shape) =>
      each(new DiagonalGaussian(column(mean!), column(log(std!))).entropy(), shape),
    normal_kl: ({ mean_p, std_p, mean_q, std_q }, shape) =>
      each(
        new DiagonalGaussian(column(mean_p!), column(log(std_p!))).kl(
          new DiagonalGaussian(column(mean_q!), column(log(std_q!))),
        ),
        shape,
      ),
    normal_kl_diag: ({ mean_p, std_p, mean_q, std_q }) =>
      new DiagonalGaussian(mean_p!, log(std_p!)).kl(new DiagonalGaussian(mean_q!, log(std_q!))),
  }
  const cases = goldenCases('losses.json').filter(({ op }) => op in run)

  it.each(
    cases.flatMap((golden) => [[golden.name, 'float64', golden] as const, [golden.name, 'float32', golden] as const]),
  )('%s in %s', (_, dtype, golden) => {
    const inputs = Object.fromEntries(
      Object.entries(golden.inputs).map(([name, given]) => [name, fromGolden(given, dtype, true)]),
    )
    const out = run[golden.op]!(inputs, golden.outputs.out!.shape)
    const tolerance = toleranceOf(golden, dtype)
    expectClose(out, golden.outputs.out!, tolerance, 'out')
    out.backward(fromGolden(golden.W!, dtype))
    for (const [name, grad] of Object.entries(golden.grads!)) {
      const got = inputs[name]!.grad
      if (got !== null) expectClose(got, grad, tolerance, name)
      else expectNumbers(grad.data.map(Number), new Float64Array(grad.data.length)) // the entropy knows no mean
    }
  })
})

it.each(Object.entries(diagonalGaussianCases))('the gradient in each input: of %s', (_, { calls }) =>
  gradientProperty(calls),
)

describe('DiagonalGaussian', () => {
  it('has the density of the normal distribution, dimension by dimension', () => {
    const policy = new DiagonalGaussian(float64([1, 2], [1, 2]), float64([0, Math.log(3)], [2]))
    const density = (x: number, mean: number, std: number) =>
      Math.exp(-0.5 * ((x - mean) / std) ** 2) / (std * Math.sqrt(2 * Math.PI))
    const logProb = policy.logProb(float64([0.5, 4], [1, 2])).item()
    expectNumbers([Math.exp(logProb)], [density(0.5, 1, 1) * density(4, 2, 3)])
    expect([...policy.mode().view()]).toEqual([1, 2])
  })

  it('draws with its mean and deviation', () => {
    const count = 20_000
    const rows = { mean: new Float64Array(count).fill(3), logStd: new Float64Array(1).fill(Math.log(2)) }
    const draws = Array.from(
      new DiagonalGaussian(tensor(rows.mean, [count, 1]), tensor(rows.logStd, [1])).sample(new Rng(1)).view(),
    )
    const mean = draws.reduce((sum, x) => sum + x, 0) / count
    const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count
    expect(Math.abs(mean - 3)).toBeLessThan((5 * 2) / Math.sqrt(count)) // 5 standard errors
    expect(Math.abs(variance - 4)).toBeLessThan((5 * 4 * Math.SQRT2) / Math.sqrt(count))
  })

  const dimensions = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }))
  const inputs = dimensions.chain(([batch, size]) => {
    const numbers = (length: number) =>
      fc.array(fc.double({ min: -1.5, max: 1.5, noNaN: true }), { minLength: length, maxLength: length })
    const rows = numbers(batch * size).map((data) => float64(data, [batch, size]))
    return fc.record({
      mean: rows,
      otherMean: rows,
      logStd: rows,
      shared: numbers(size).map((data) => float64(data, [size])),
    })
  })

  property('KL is never negative, and 0 from itself', [inputs], ({ mean, otherMean, logStd, shared }) => {
    const p = new DiagonalGaussian(mean, logStd)
    for (const each of p.kl(new DiagonalGaussian(otherMean, shared)).view()) expect(each).toBeGreaterThan(-1e-12)
    for (const each of p.kl(p).view()) expect(Math.abs(each)).toBeLessThan(1e-12)
  })

  it('KL is the closed form, first argument first', () => {
    const unit = new DiagonalGaussian(float64([0], [1, 1]), float64([0], [1, 1]))
    const wide = new DiagonalGaussian(float64([1], [1, 1]), float64([Math.LN2], [1, 1]))
    // KL(N(0, 1) ‖ N(1, 2²)) = ln 2 + (1 + 1) / 8 - 1/2
    expectNumbers([unit.kl(wide).item()], [0.4431471805599453])
    // KL(N(1, 2²) ‖ N(0, 1)) = -ln 2 + (4 + 1) / 2 - 1/2
    expectNumbers([wide.kl(unit).item()], [1.3068528194400546])
  })

  it('KL throws on another number of rows or dimensions, which would be broadcast', () => {
    const pair = new DiagonalGaussian(float64([1, 2], [1, 2]), float64([0, 0], [2]))
    for (const shape of [
      [2, 2],
      [1, 1],
      [1, 3],
    ] as const) {
      const zeros = float64(new Array(shape[0] * shape[1]).fill(0), shape)
      const other = new DiagonalGaussian(zeros, zeros)
      expect(() => pair.kl(other)).toThrow(ShapeError)
      expect(() => other.kl(pair)).toThrow(/DiagonalGaussian.kl: the prediction is \[1, 2\]/)
    }
  })

  it('says what does not fit', () => {
    const mean = float64([1, 2], [1, 2])
    expect(() => new DiagonalGaussian(mean, float64([0], [1]))).toThrow(/logStd \[1\]/)
    expect(() => new DiagonalGaussian(float64([1], [1]), float64([0, 0], [2]))).toThrow(ShapeError)
    expect(() => new DiagonalGaussian(float64([1, 2], [1, 2, 1]), float64([0, 0], [2]))).toThrow(/mean is \[1, 2, 1\]/)
    expect(() => new DiagonalGaussian(mean, mean).logProb(float64([1, 2, 3], [1, 3]))).toThrow(ShapeError)
  })
})
