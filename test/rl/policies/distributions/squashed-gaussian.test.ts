import { describe, expect, it } from 'vitest'
import { SquashedGaussian } from '../../../../src/rl/policies/distributions/squashed-gaussian.ts'
import { add, mul, Rng, tensor } from '../../../../src/tensor/index.ts'
import { expectNumbers } from '../../../support/arrays.ts'
import { squashedGaussianCases } from '../../../support/distribution-cases.ts'
import { expectClose, fromGolden, type GoldenCase, goldenCases, toleranceOf } from '../../../support/golden.ts'
import { gradientProperty } from '../../../support/gradients.ts'

const float64 = (data: readonly number[], shape: readonly number[]) => tensor([...data], shape, { dtype: 'float64' })

describe('golden figures', () => {
  const cases = goldenCases('losses.json').filter(({ op }) => op.startsWith('squashed_gaussian'))

  /** Scale and bias of the actions in PyTorch; those of alambic are in [-1, 1]. */
  const unitsOf = ({ attrs }: GoldenCase) => ({ scale: 1, bias: 0, ...attrs }) as { scale: number; bias: number }

  it.each(
    cases.flatMap((golden) => [[golden.name, 'float64', golden] as const, [golden.name, 'float32', golden] as const]),
  )('%s in %s', (_, dtype, golden) => {
    const mean = fromGolden(golden.inputs.mean!, dtype, true)
    const logStd = fromGolden(golden.inputs.log_std!, dtype, true)
    const policy = new SquashedGaussian(mean, logStd)
    const { scale, bias } = unitsOf(golden)
    const tolerance = toleranceOf(golden, dtype)
    const { noise, pre_tanh } = golden.inputs
    const sample = noise === undefined ? null : policy.fromNoise(fromGolden(noise, dtype))
    const logProb = sample?.logProb ?? policy.logProbOfPreTanh(fromGolden(pre_tanh!, dtype))
    const out = add(logProb, -mean.shape[1]! * Math.log(scale))
    expectClose(out, golden.outputs.out!, tolerance, 'out')
    if (sample !== null) {
      expectClose(add(mul(sample.action, scale), bias), golden.outputs.action!, tolerance, 'action')
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
  it('stays in [-1, 1], however wide the Gaussian', () => {
    const wide = new SquashedGaussian(tensor([0, 5], [1, 2]), tensor([3, 3]))
    const rng = new Rng(1)
    for (let i = 0; i < 200; i++) for (const x of wide.sample(rng).view()) expect(Math.abs(x)).toBeLessThanOrEqual(1)
    expectNumbers(wide.mode().view(), [0, Math.tanh(5)], 1e-6)
  })

  it('has a density that adds up to one', () => {
    const cells = 20_000
    const points = Float64Array.from({ length: cells }, (_, i) => -1 + (2 * (i + 0.5)) / cells)
    const like = (value: number) => tensor(new Float64Array(cells).fill(value), [cells, 1])
    const policy = new SquashedGaussian(like(0.3), like(-0.5))
    const density = policy.logProb(tensor(points, [cells, 1])).view()
    const total = Array.from(density).reduce((sum, logProb) => sum + Math.exp(logProb) * (2 / cells), 0)
    expect(Math.abs(total - 1)).toBeLessThan(1e-4)
  })

  it('finds the log-probability of its own samples again', () => {
    const policy = new SquashedGaussian(float64([0.2, -0.4], [1, 2]), float64([-1, 0], [2]))
    const { action, logProb } = policy.sampleWithLogProb(new Rng(3))
    expectNumbers(policy.logProb(action).view(), logProb.view(), 1e-6)
  })

  it('has a finite log-probability even at its bounds', () => {
    const policy = new SquashedGaussian(float64([0.2, -0.4], [1, 2]), float64([-1, 0], [2]))
    expect(Number.isFinite(policy.logProb(float64([-1, 1], [1, 2])).item())).toBe(true)
  })
})
