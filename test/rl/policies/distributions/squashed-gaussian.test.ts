import { describe, expect, it } from 'vitest'
import { Box } from '../../../../src/data/spaces.ts'
import { SquashedGaussian } from '../../../../src/rl/policies/distributions/squashed-gaussian.ts'
import { Rng, ShapeError, tensor, ValueError } from '../../../../src/tensor/index.ts'
import { expectNumbers } from '../../../support/arrays.ts'
import { squashedGaussianCases } from '../../../support/distribution-cases.ts'
import { expectClose, fromGolden, type GoldenCase, goldenCases, toleranceOf } from '../../../support/golden.ts'
import { gradientProperty } from '../../../support/gradients.ts'

const float64 = (data: readonly number[], shape: readonly number[]) => tensor([...data], shape, { dtype: 'float64' })

describe('golden figures', () => {
  const cases = goldenCases('losses.json').filter(({ op }) => op.startsWith('squashed_gaussian'))

  function boundsOf({ attrs, inputs }: GoldenCase) {
    const { scale, bias } = { scale: 1, bias: 0, ...attrs } as { scale: number; bias: number }
    const each = new Float64Array(inputs.mean!.shape[1]!)
    return { low: each.map(() => bias - scale), high: each.map(() => bias + scale) }
  }

  it.each(
    cases.flatMap((golden) => [[golden.name, 'float64', golden] as const, [golden.name, 'float32', golden] as const]),
  )('%s in %s', (_, dtype, golden) => {
    const mean = fromGolden(golden.inputs.mean!, dtype, true)
    const logStd = fromGolden(golden.inputs.log_std!, dtype, true)
    const policy = new SquashedGaussian(mean, logStd, boundsOf(golden))
    const tolerance = toleranceOf(golden, dtype)
    const { noise, pre_tanh } = golden.inputs
    const sample = noise === undefined ? null : policy.fromNoise(fromGolden(noise, dtype))
    const out = sample?.logProb ?? policy.logProbOfPreTanh(fromGolden(pre_tanh!, dtype))
    expectClose(out, golden.outputs.out!, tolerance, 'out')
    if (sample !== null) {
      expectClose(sample.action, golden.outputs.action!, tolerance, 'action')
      expectClose(sample.preTanh, golden.outputs.pre_tanh!, tolerance, 'pre_tanh')
    }
    out.backward(fromGolden(golden.W!, dtype))
    expectClose(mean.grad!, golden.grads!.mean!, tolerance, 'mean')
    expectClose(logStd.grad!, golden.grads!.log_std!, tolerance, 'log_std')
  })
})

it.each(Object.entries(squashedGaussianCases))('the gradient in each input: of %s', (_, { calls }) =>
  gradientProperty(calls),
)

describe('SquashedGaussian', () => {
  it('stays within the bounds of a box, however wide the Gaussian', () => {
    const box = new Box([-2, 0], [2, 10])
    const wide = new SquashedGaussian(tensor([0, 5], [1, 2]), tensor([3, 3]), box)
    const rng = new Rng(1)
    for (let i = 0; i < 200; i++) {
      const [first, second] = wide.sample(rng).view()
      expect(Math.abs(first!)).toBeLessThanOrEqual(2)
      expect(Math.abs(second! - 5)).toBeLessThanOrEqual(5)
    }
    expectNumbers(wide.mode().view(), [0, 5 + 5 * Math.tanh(5)], 1e-5)
  })

  it('has a density that adds up to one', () => {
    const cells = 20_000
    const points = Float64Array.from({ length: cells }, (_, i) => -2 + (4 * (i + 0.5)) / cells)
    const like = (value: number) => tensor(new Float64Array(cells).fill(value), [cells, 1])
    const policy = new SquashedGaussian(like(0.3), like(-0.5), { low: [-2], high: [2] })
    const density = policy.logProb(tensor(points, [cells, 1])).view()
    const total = Array.from(density).reduce((sum, logProb) => sum + Math.exp(logProb) * (4 / cells), 0)
    expect(Math.abs(total - 1)).toBeLessThan(1e-4)
  })

  it('finds the log-probability of its own samples again', () => {
    const policy = new SquashedGaussian(float64([0.2, -0.4], [1, 2]), float64([-1, 0], [2]), {
      low: [-3, 0],
      high: [1, 2],
    })
    const { action, logProb } = policy.sampleWithLogProb(new Rng(3))
    expectNumbers(policy.logProb(action).view(), logProb.view(), 1e-6)
  })

  it('has a finite log-probability even at its bounds', () => {
    const policy = new SquashedGaussian(float64([0.2, -0.4], [1, 2]), float64([-1, 0], [2]), {
      low: [-3, 0],
      high: [1, 2],
    })
    expect(Number.isFinite(policy.logProb(float64([-3, 2], [1, 2])).item())).toBe(true)
  })

  it('refuses bounds that are none', () => {
    const mean = float64([0, 0], [1, 2])
    expect(() => new SquashedGaussian(mean, mean, { low: [-1], high: [1] })).toThrow(ShapeError)
    expect(() => new SquashedGaussian(mean, mean, { low: [-1, 1], high: [1, 1] })).toThrow(ValueError)
    expect(() => new SquashedGaussian(mean, mean, { low: [-1, 0], high: [1, Infinity] })).toThrow(/0 … Infinity/)
  })
})

describe('the bounds', () => {
  const zero = float64([0, 0], [1, 2])

  it('are -1 and 1 by default', () => {
    const policy = new SquashedGaussian(float64([0.5, -2], [1, 2]), zero)
    expectNumbers(policy.mode().view(), [Math.tanh(0.5), Math.tanh(-2)])
  })

  it('are as many as the dimensions', () => {
    for (const [low, high] of [
      [[0], [1, 1]],
      [[0, 0], [1]],
      [
        [0, 0, 0],
        [1, 1, 1],
      ],
    ] as const) {
      // biome-ignore format: a pair each
      const bounds = { low: Float64Array.from(low), high: Float64Array.from(high) }
      expect(() => new SquashedGaussian(zero, zero, bounds)).toThrow(ShapeError)
      expect(() => new SquashedGaussian(zero, zero, bounds)).toThrow(
        `${low.length} and ${high.length} bounds; mean [1, 2]`,
      )
    }
  })

  it('have a finite range', () => {
    const bounds = { low: Float64Array.of(0, -1e308), high: Float64Array.of(1, 1e308) }
    expect(() => new SquashedGaussian(zero, zero, bounds)).toThrow('bounds 1 are -1e+308 … 1e+308')
  })
})
