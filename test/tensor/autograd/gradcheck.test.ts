// The judge of all gradients is judged here: it must find wrong ones.

import { describe, expect, it } from 'vitest'
import { customOp } from '../../../src/tensor/autograd/autograd.ts'
import * as t from '../../../src/tensor/index.ts'
import { permuted } from '../../../src/tensor/ops/primitives.ts'
import { f64 } from '../../support/numbers.ts'

const x = f64([0.5, -1, 2, 0.3, -0.7, 1.1], [2, 3])
const random = [0.3, -1.2, 0.7, 1.9, -0.4]

describe('gradcheck', () => {
  it('passes right gradients, of scalars, tensors and constants', () => {
    t.gradcheck((v) => t.tanh(v), x, random)
    t.gradcheck((v) => t.sum(t.square(v)), x, random)
    t.gradcheck(() => f64([1, 2]), x, random)
    t.gradcheck((v) => t.mul(v, 0), t.zeros([0, 3], { dtype: 'float64' }), random)
  })

  it('finds a gradient that is missing, doubled, or right in all elements but one', () => {
    expect(() => t.gradcheck((v) => t.mul(v, t.detach(v)), x, random)).toThrow(t.GradientError)
    const wrong = (rule: (dy: t.Tensor) => t.Tensor) => (v: t.Tensor) =>
      v.requiresGrad ? customOp(t.mul(t.detach(v), 3), [v], [rule]) : t.mul(v, 3)
    t.gradcheck(
      wrong((dy) => t.mul(dy, 3)),
      x,
      random,
    )
    expect(() =>
      t.gradcheck(
        wrong((dy) => t.mul(dy, 6)),
        x,
        random,
      ),
    ).toThrow(/element 0/)
    const spoilt = f64([3, 3, 3, 3, 3, 3.00001], [2, 3])
    expect(() =>
      t.gradcheck(
        wrong((dy) => t.mul(dy, spoilt)),
        x,
        random,
      ),
    ).toThrow(
      /^gradcheck: element 5 at \[0.5, -1, 2, 0.3, -0.7, 1.1\]: backward\(\) gives .*central difference .*cotangent/,
    )
    expect(() =>
      t.gradcheck(
        wrong((dy) => t.mul(dy, Number.NaN)),
        x,
        random,
      ),
    ).toThrow(/NaN/)
  })

  it('needs a cotangent that is not all ones: a transpose that forgets to transpose back passes with ones', () => {
    const square = f64([1, 2, 3, 4], [2, 2])
    const forgetful = (v: t.Tensor) => customOp(permuted(v, [1, 0]), [v], [(dy) => dy])
    t.gradcheck(forgetful, square, [1])
    expect(() => t.gradcheck(forgetful, square, random)).toThrow(t.GradientError)
  })

  it('wants float64', () => {
    expect(() => t.gradcheck((v) => v, t.zeros([1]), [1])).toThrow(/^gradcheck: x is float32.*float64/)
  })

  it('takes another step and tolerance', () => {
    const steep = (v: t.Tensor) => t.exp(t.mul(v, 30))
    expect(() => t.gradcheck(steep, f64([0]), [1], { step: 1e-2 })).toThrow(t.GradientError)
    t.gradcheck(steep, f64([0]), [1], { step: 1e-2, tolerance: 0.1 })
  })

  it('leaves its argument without a gradient', () => {
    t.gradcheck((v) => t.square(v), x, random)
    expect(x.grad).toBeNull()
  })
})
