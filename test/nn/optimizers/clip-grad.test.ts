import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Adam, clipGradNorm, clipGradValue, MLP } from '../../../src/nn/index.ts'
import type { NormType } from '../../../src/nn/optimizers/clip-grad.ts'
import { mul, Rng, square, sum, tensor, zeros } from '../../../src/tensor/index.ts'
import { expectClose, fromGolden, type GoldenCase, goldenCases } from '../../support/golden.ts'
import { onEachBackend } from '../backends.ts'

const cases = goldenCases('optim.json').filter(({ op }) => op.startsWith('clip_grad'))

function withGrads(golden: GoldenCase, dtype: 'float32' | 'float64') {
  return Object.entries(golden.inputs).map(([name, gradient]) => {
    const parameter = zeros(gradient.shape, { dtype, requiresGrad: true })
    parameter.grad = fromGolden(gradient, dtype)
    return [name, parameter] as const
  })
}

describe.each(onEachBackend)('PyTorch’s figures, $name', ({ dtype, use }) => {
  const tolerance = dtype === 'float32' ? { rtol: 1e-5, atol: 1e-6 } : { rtol: 1e-10, atol: 1e-10 }
  it.each(cases.map((golden) => [golden.name, golden] as const))('%s', (_, golden) => {
    use(() => {
      const parameters = Object.fromEntries(withGrads(golden, dtype))
      const attrs = golden.attrs as { max_norm: number; norm_type: number | string; clip_value: number }
      if (golden.op === 'clip_grad_value') clipGradValue(parameters, attrs.clip_value)
      else {
        const norm = clipGradNorm(parameters, attrs.max_norm, Number(attrs.norm_type) as NormType)
        expectClose(tensor(norm, [], { dtype: 'float64' }), golden.outputs.total_norm!, tolerance, 'norm')
      }
      for (const [name, { grad }] of Object.entries(parameters)) {
        expectClose(grad!, golden.outputs[name]!, tolerance, name)
      }
    })
  })
})

describe('clipGradNorm', () => {
  const gradients = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 9 })

  it('leaves a norm of at most maxNorm and the direction', () => {
    fc.assert(
      fc.property(
        gradients,
        fc.double({ min: 0.01, max: 20, noNaN: true }),
        fc.constantFrom<NormType>(1, 2, Infinity),
        (g, max, type) => {
          const parameter = zeros([g.length], { dtype: 'float64', requiresGrad: true })
          parameter.grad = tensor(Float64Array.from(g))
          const before = clipGradNorm([parameter], max, type)
          const after = parameter.grad.toArray()
          parameter.grad = tensor(after)
          expect(clipGradNorm([parameter], 1e9, type)).toBeLessThanOrEqual(max * (1 + 1e-9))
          const factor = Math.min(1, max / (before + 1e-6))
          for (const [i, value] of g.entries()) expect(after[i]).toBeCloseTo(value * factor, 9)
        },
      ),
    )
  })

  it('measures gradients in one block and gradients apart alike', () => {
    const model = new MLP([3, 5, 2], new Rng(2))
    new Adam(model) // lays the gradients in one block
    const x = tensor([[1, -2, 3]])
    sum(square(model.forward(x))).backward()
    const flat = clipGradNorm(model, 1e9)
    for (const parameter of Object.values(model.parameters())) parameter.grad = mul(parameter.grad!, tensor(1))
    expect(clipGradNorm(model, 1e9)).toBeCloseTo(flat, 4)
  })

  it('leaves out parameters without a gradient, and takes none for 0', () => {
    const [a, b, empty] = [zeros([2]), zeros([3]), zeros([0])]
    a.grad = tensor([3, 4])
    empty.grad = zeros([0])
    expect(clipGradNorm([a, b, empty], 1e9, Infinity)).toBe(4)
    expect(clipGradNorm([a, b, empty], 1)).toBeCloseTo(5, 6)
    expect(b.grad).toBeNull()
    expect(clipGradNorm([b], 1)).toBe(0)
  })

  it('leaves the gradients alone if their norm is NaN, and returns it', () => {
    const a = zeros([2])
    a.grad = tensor([Number.NaN, 4])
    expect(clipGradNorm([a], 1)).toBeNaN()
    expect([...a.grad.view()]).toEqual([Number.NaN, 4])
  })

  it('refuses limits and norms that are none', () => {
    expect(() => clipGradNorm([], 0)).toThrow('maxNorm is 0; expected a number above 0')
    expect(() => clipGradNorm([], Number.NaN)).toThrow('maxNorm is NaN')
    expect(() => clipGradNorm([], 1, 3 as NormType)).toThrow('the norm type is 3; known are 1, 2 and Infinity')
    expect(() => clipGradValue([], -1)).toThrow('the limit is -1; expected a number above 0')
  })
})
