// Gradients of gradients: by backward({ createGraph }), by grad, and products with the Hessian.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as t from '../../../src/tensor/index.ts'
import { shapes, tensorOf } from '../../support/arbitraries.ts'
import { expectNumbers, f64, gradOf, leaf, listOf } from '../../support/numbers.ts'
import { forAll } from '../../support/property.ts'

const cube = (x: t.Tensor) => t.sum(t.pow(x, 3))

describe('backward({ createGraph: true })', () => {
  it('gives the gradient a history: x³, 3x², 6x, 6', () => {
    const x = leaf([2, -1])
    let y: t.Tensor = cube(x)
    for (const expected of [
      [12, 3],
      [12, -6],
      [6, 6],
    ]) {
      // prettier-ignore
      x.grad = null
      y.backward({ createGraph: true })
      expect(gradOf(x)).toEqual(expected)
      y = t.sum(x.grad!)
    }
  })

  it('takes a cotangent before the options, and records under noGrad', () => {
    const x = leaf([2, 3])
    const y = t.square(x)
    t.noGrad(() => y.backward(f64([1, 10]), { createGraph: true }))
    expect(gradOf(x)).toEqual([4, 60])
    t.sum(x.grad!).backward()
    expect(gradOf(x)).toEqual([4 + 2, 60 + 20])
    expect(x.grad!.requiresGrad).toBe(false)
  })

  it('adds to a gradient without overwriting it, also where an optimizer keeps it', () => {
    const x = leaf([3])
    x.gradHome = t.zeros([1], { dtype: 'float64' }).storage
    cube(x).backward({ createGraph: true })
    const first = x.grad!
    const penalty = t.sum(t.mul(t.square(first), x)) // (3x²)² x = 9x⁵
    penalty.backward()
    expect(listOf(first)).toEqual([27])
    expect(gradOf(x)).toEqual([27 + 45 * 81])
    x.grad = null
    cube(x).backward()
    expect(x.grad!.storage).toBe(x.gradHome)
  })

  it('a gradient outlives the scope of its pass, its history does not', () => {
    const x = leaf([2])
    t.scope(() => cube(x).backward({ createGraph: true }))
    expect(gradOf(x)).toEqual([12])
    expect(() => t.sum(x.grad!).backward()).toThrow(t.ScopeError)
  })

  it('an optimizer trains on a loss of gradients', () => {
    const x = leaf([1])
    const square = (z: t.Tensor) => t.sum(t.square(z))
    const loss = () => t.square(t.sub(t.sum(t.grad(square)(x)), 6)) // (2x - 6)²
    for (let i = 0; i < 200; i++) {
      x.grad = null
      loss().backward()
      x.view()[0]! -= 0.05 * x.grad!.item()
    }
    expectNumbers(listOf(x), [3], 1e-9)
  })

  it('throws where a rule computes with numbers alone', () => {
    const doubled = (x: t.Tensor) => t.customOp(t.detach(t.mul(x, 2)), [x], [(dy) => f64(listOf(t.mul(dy, 2)))])
    const x = leaf([3])
    t.sum(t.square(doubled(x))).backward()
    expect(gradOf(x)).toEqual([24])
    const again = t.sum(t.square(doubled(x)))
    expect(() => again.backward({ createGraph: true })).toThrow(
      /^backward: with createGraph .*rule of input 0 .*recorded/,
    )
  })
})

it('retainGraph: keeps the graph for another pass, as createGraph does; a pass without it releases the graph', () => {
  const x = leaf([2])
  const y = t.square(x)
  y.backward({ retainGraph: true })
  expect(x.grad!.requiresGrad).toBe(false)
  y.backward({ createGraph: true, retainGraph: true })
  y.backward()
  expect(gradOf(x)).toEqual([12])
  expect(() => y.backward()).toThrow(/second backward\(\).*retainGraph: true/)
  expect(y.step!.inputs).toEqual([])
})

describe('grad', () => {
  it('is a function of the same input, and may be taken again', () => {
    const x = f64([2, -1])
    const [first, second] = [t.grad(cube), t.grad((z) => t.sum(t.grad(cube)(z)))]
    expect(listOf(first(x))).toEqual([12, 3])
    expect(listOf(second(x))).toEqual([12, -6])
    expect(
      t
        .grad(t.grad(t.grad((z) => t.pow(z, 4))))(f64(2))
        .item(),
    ).toBe(48)
  })

  it('gives a list for several inputs, zeros where one has no influence', () => {
    const [da, db, dc] = t.grad((a, b, _) => t.sum(t.mul(a, b)))(f64([1, 2]), f64([3, 4]), f64([[5]]))
    expect([da, db, dc].map(listOf)).toEqual([[3, 4], [1, 2], [0]])
    expect(dc.shape).toEqual([1, 1])
    expect(listOf(t.grad((_) => f64(3))(f64([1])))).toEqual([0])
  })

  it('changes no grad, neither of its input nor of what the function holds, nor of retained tensors', () => {
    const [x, w] = [leaf([1, 2]), leaf([3, 4])]
    let middle = x
    const g = t.grad((z) => {
      middle = t.mul(z, w).retainGrad()
      return t.sum(t.square(middle))
    })(x)
    expect(listOf(g)).toEqual([18, 64])
    expect([x.grad, w.grad, middle.grad]).toEqual([null, null, null])
    t.sum(g).backward() // Σ 2 x w²: by w 4 x w, by x 2 w²
    expect([gradOf(w), gradOf(x)]).toEqual([
      [12, 32],
      [18, 32],
    ])
  })

  it('has no history under noGrad, nor where no tensor with requiresGrad is involved', () => {
    const x = leaf([1, 2])
    expect(t.noGrad(() => t.grad(cube)(x)).requiresGrad).toBe(false)
    expect(t.grad(cube)(x).requiresGrad).toBe(true)
    expect(t.grad(cube)(f64([1, 2])).requiresGrad).toBe(false) // nothing to differentiate it by
    expect(t.grad((z) => t.sum(t.mul(x, t.square(z))))(f64([1, 2])).requiresGrad).toBe(true)
  })

  it('runs only the rules on the way to its inputs, and leaves graphs that the function holds to others', () => {
    const w = leaf([3])
    const idle = (): t.Tensor => {
      throw new Error('idle')
    }
    const f = (z: t.Tensor) => t.sum(t.mul(z, t.customOp(f64([3]), [w], [idle])))
    expect(listOf(t.noGrad(() => t.grad(f)(f64([1]))))).toEqual([3])
    const held = t.square(w)
    expect(listOf(t.noGrad(() => t.grad((z) => t.sum(t.mul(z, held)))(f64([1]))))).toEqual([9])
    expect(listOf(t.grad((_) => t.sum(held))(f64([1])))).toEqual([0])
    held.backward()
    expect(gradOf(w)).toEqual([6])
  })

  it('of a gradient is of the same bits on every CPU backend as of a function of float32', () => {
    const x = t.tensor([0.3, -0.7])
    const y = t.grad((z) => t.sum(t.grad((v) => t.sum(t.tanh(v)))(z)))(x)
    expect(y.dtype).toBe('float32')
    const expected = listOf(x).map((v) => -2 * Math.tanh(v) * (1 - Math.tanh(v) ** 2))
    expectNumbers(listOf(y), expected, 1e-6)
  })

  it('names what is wrong with a call', () => {
    expect(() => t.grad(t.square)(f64([1, 2]))).toThrow(/^grad: the function gave float64\[2\].*scalar.*sum, mean/)
    expect(() => t.grad((() => 3) as never)(f64(1))).toThrow(/^grad: the function gave 3; expected a scalar/)
    expect(() => t.grad(f64(1) as never)).toThrow(/^grad: the function is a Tensor; expected a function/)
    expect(() => t.grad(cube)(t.tensor(Int32Array.of(1)))).toThrow(/^grad: int32.*expected a float: cast/)
    expect(() => t.grad(cube)(3 as never)).toThrow(/^grad: an operand is 3/)
  })
})

describe('hessianVectorProduct', () => {
  it('of xᵀA x is (A + Aᵀ) v, at every x', () => {
    const cases = shapes({ minAxes: 1, maxAxes: 1, minSize: 1 }).chain(([n]) =>
      fc.tuple(tensorOf([n!, n!]), tensorOf([n!]), tensorOf([n!])),
    )
    forAll([cases], { numRuns: 30 }, ([a, x, v]) => {
      const product = t.hessianVectorProduct((z) => t.sum(t.mul(z, t.matmul(a, z))), x, v)
      expectNumbers(listOf(product), listOf(t.matmul(t.add(a, t.transpose(a)), v)), 1e-12)
    })
  })

  it('throws unless both shapes agree', () => {
    expect(() => t.hessianVectorProduct(cube, f64([1, 2]), f64([1]))).toThrow(
      /^hessianVectorProduct: x is \[2\], v is \[1\]/,
    )
  })
})
