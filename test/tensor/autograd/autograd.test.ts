import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { customOp } from '../../../src/tensor/autograd/autograd.ts'
import * as t from '../../../src/tensor/index.ts'
import { shapes, tensorOf } from '../../support/arbitraries.ts'
import { expectNumbers, f64, gradOf, leaf, listOf } from '../../support/numbers.ts'
import { forAll } from '../../support/property.ts'

describe('backward', () => {
  it('gives each leaf the derivative of the scalar', () => {
    const [x, y] = [leaf(3), leaf(4)]
    t.add(t.mul(x, y), t.square(x)).backward() // xy + x²
    expect(gradOf(x)).toEqual([4 + 6])
    expect(gradOf(y)).toEqual([3])
  })

  it('adds up the ways a tensor was used: x·x + x', () => {
    const x = leaf([1, 2, 3])
    t.sum(t.add(t.mul(x, x), x)).backward()
    expect(gradOf(x)).toEqual([3, 5, 7])
  })

  it('walks a diamond once: each middle tensor passes on the sum of what it received', () => {
    const x = leaf(2)
    const middle = t.square(x) // 4
    const calls = vi.fn((dy: t.Tensor) => dy)
    const counted = customOp(t.mul(t.detach(middle), 1), [middle], [calls])
    const left = t.mul(counted, 3)
    const right = t.square(counted)
    t.add(left, right).backward() // d/dx (3x² + x⁴) = 6x + 4x³
    expect(gradOf(x)).toEqual([12 + 32])
    expect(calls).toHaveBeenCalledTimes(1)
  })

  it('a tower of diamonds is walked in linear time: 2^60 paths, 60 steps', () => {
    const x = leaf(1)
    let y: t.Tensor = x
    for (let i = 0; i < 60; i++) y = t.mul(t.add(y, y), 0.5)
    y.backward()
    expect(gradOf(x)).toEqual([1])
  })

  it('20,000 steps deep', () => {
    const x = leaf([1, 1])
    let y: t.Tensor = x
    for (let i = 0; i < 20_000; i++) y = t.add(y, 1)
    t.sum(y).backward()
    expect(gradOf(x)).toEqual([1, 1])
  })

  it('takes the gradient that flows into a tensor which is no scalar', () => {
    const x = leaf([1, 2, 3])
    t.mul(x, 10).backward(f64([1, 0, -1]))
    expect(gradOf(x)).toEqual([10, 0, -10])
  })

  it('of a leaf itself is the cotangent', () => {
    const x = leaf([[5]])
    x.backward()
    expect(gradOf(x)).toEqual([1])
    x.backward(f64([[2]]))
    expect(gradOf(x)).toEqual([3])
  })

  it('lets go of what the loss was computed from: a loss that is kept does not keep its graph', () => {
    const loss = t.sum(t.square(leaf([1, 2])))
    expect(loss.step!.inputs.length).toBe(1)
    loss.backward()
    expect([loss.step!.inputs, loss.step!.rules]).toEqual([[], []])
    expect(loss.item()).toBe(5)
  })

  it('is linear in its cotangent', () => {
    const cases = shapes().chain((shape) => fc.tuple(tensorOf(shape), tensorOf(shape), tensorOf(shape)))
    forAll([cases], ([x, u, v]) => {
      const pull = (cotangent: t.Tensor) => {
        const from = leaf(listOf(x), x.shape)
        t.mul(t.tanh(from), from).backward(cotangent)
        return gradOf(from)
      }
      const both = pull(t.add(u, t.mul(v, 3)))
      const [one, other] = [pull(u), pull(v)]
      expectNumbers(
        both,
        one.map((g, i) => g + 3 * other[i]!),
        1e-12,
      )
    })
  })
})

describe('accumulation', () => {
  it('a second loss adds to the gradients of the first', () => {
    const x = leaf([1, 2])
    t.sum(t.square(x)).backward()
    t.sum(t.mul(x, 10)).backward()
    expect(gradOf(x)).toEqual([12, 14])
    x.grad = null
    t.sum(x).backward()
    expect(gradOf(x)).toEqual([1, 1])
  })

  it('never writes into a tensor that someone else holds', () => {
    const [x, y] = [leaf([1, 2]), leaf([3, 4])]
    const cotangent = f64([5, 6])
    // Both leaves receive the very same gradient tensor.
    t.add(x, y).backward(cotangent)
    t.mul(x, 2).backward(cotangent)
    expect(listOf(cotangent)).toEqual([5, 6])
    expect(gradOf(y)).toEqual([5, 6])
    expect(gradOf(x)).toEqual([15, 18])
  })

  it('a middle tensor that receives a shared gradient twice leaves the other holder alone', () => {
    const x = leaf([1])
    const [a, b] = [t.mul(x, 1), t.mul(x, 1)]
    const sum = t.add(t.add(a, b), a).retainGrad()
    a.retainGrad()
    b.retainGrad()
    sum.backward(f64([1]))
    expect([gradOf(a), gradOf(b), gradOf(x)]).toEqual([[2], [1], [3]])
  })

  it('goes into the home an optimizer gave it', () => {
    const x = leaf([1, 2])
    const home = t.zeros([2], { dtype: 'float64' })
    x.gradHome = home.storage
    t.sum(t.square(x)).backward()
    t.sum(x).backward()
    expect(x.grad!.storage).toBe(home.storage)
    expect(listOf(home)).toEqual([3, 5])
  })
})

describe('noGrad and detach', () => {
  it('under noGrad nothing is recorded, and an exception ends it too', () => {
    const x = leaf([1])
    expect(t.noGrad(() => t.square(x)).requiresGrad).toBe(false)
    expect(() =>
      t.noGrad(() => {
        throw new Error('inside')
      }),
    ).toThrow('inside')
    expect(t.square(x).requiresGrad).toBe(true)
    t.noGrad(() => t.noGrad(() => 0))
    expect(t.square(x).requiresGrad).toBe(true)
    t.noGrad(() => {
      t.noGrad(() => 0)
      expect(t.square(x).requiresGrad).toBe(false)
    })
  })

  it('noGrad of an asynchronous body is an error: its later steps would be recorded', () => {
    expect(() => t.noGrad(async () => 1)).toThrow(t.GradientError)
    expect(() =>
      t.noGrad(async () => {
        throw new Error('lost')
      }),
    ).toThrow(/^noGrad: .*asynchronous/)
  })

  it('detach stops the gradient of one path', () => {
    const x = leaf([3])
    t.mul(x, t.detach(x)).backward()
    expect(gradOf(x)).toEqual([3])
    expect(t.detach(x).requiresGrad).toBe(false)
    expect(listOf(t.detach(x))).toEqual([3])
  })
})

describe('retainGrad', () => {
  it('keeps the gradient of a tensor in the middle', () => {
    const x = leaf([2])
    const y = t.square(x).retainGrad()
    const z = t.square(x)
    t.add(t.mul(y, 5), z).backward()
    expect(gradOf(y)).toEqual([5])
    expect(z.grad).toBeNull()
    expect(gradOf(x)).toEqual([24])
  })

  it('of a result without history is an error; of a leaf it changes nothing', () => {
    expect(() => f64([1]).retainGrad()).toThrow(t.GradientError)
    expect(() => f64([1]).retainGrad()).toThrow(/^retainGrad: .*float64\[1\].*history/)
    const x = leaf([1])
    t.square(x.retainGrad()).backward()
    expect(gradOf(x)).toEqual([2])
  })
})

describe('what is not needed is not done', () => {
  it('the rule of an input that needs no gradient is never run', () => {
    const [x, constant] = [leaf([2]), f64([3])]
    const needed = vi.fn((dy: t.Tensor) => dy)
    const idle = vi.fn((dy: t.Tensor) => dy)
    const y = customOp(f64([6]), [constant, x], [idle, needed])
    y.backward()
    expect(needed).toHaveBeenCalledTimes(1)
    expect(idle).not.toHaveBeenCalled()
    expect(constant.grad).toBeNull()
  })

  it('without any input that needs one nothing is recorded', () => {
    const y = customOp(f64([6]), [f64([3])], [(dy) => dy])
    expect(y.requiresGrad).toBe(false)
    expect(y.step).toBeNull()
  })

  it('branches that do not lead to the loss are not walked', () => {
    const x = leaf([1])
    const idle = vi.fn((dy: t.Tensor) => dy)
    customOp(f64([0]), [x], [idle])
    t.square(x).backward()
    expect(idle).not.toHaveBeenCalled()
  })
})

describe('errors', () => {
  it('a tensor without history, and why', () => {
    for (const y of [f64([1]), t.noGrad(() => t.square(leaf([1]))), t.detach(leaf([1]))]) {
      expect(() => y.backward()).toThrow(t.GradientError)
      expect(() => y.backward()).toThrow(/^backward: float64\[1\] on cpu has no history.*requiresGrad.*noGrad.*detach/)
    }
  })

  it('no scalar and no cotangent', () => {
    const y = t.mul(leaf([1, 2]), 2)
    expect(() => y.backward()).toThrow(t.GradientError)
    expect(() => y.backward()).toThrow(/^backward: float64\[2\].*not a scalar.*sum, mean/)
    expect(() => t.mul(leaf([]), 2).backward()).toThrow(/not a scalar/)
  })

  it('a cotangent of another shape, or another element type', () => {
    const y = t.mul(leaf([1, 2]), 2)
    expect(() => y.backward(f64([1, 2, 3]))).toThrow(t.ShapeError)
    expect(() => y.backward(f64([1, 2, 3]))).toThrow(/^backward: the cotangent has shape \[3\], the output \[2\]/)
    expect(() => y.backward(f64([[1, 2]]))).toThrow(t.ShapeError)
    expect(() => y.backward(t.tensor([1, 2]))).toThrow(t.DTypeError)
    expect(() => y.backward(t.tensor([1, 2]))).toThrow(/^backward: the cotangent is float32.*float64.*cast/)
    y.backward(f64([1, 2]))
  })

  it('a graph that was walked before, also in part, also asked again', () => {
    const x = leaf([2])
    const shared = t.square(x)
    const [first, second] = [t.mul(shared, 2), t.mul(shared, 3)]
    first.backward()
    for (let i = 0; i < 3; i++) {
      expect(() => first.backward()).toThrow(t.GradientError)
      expect(() => second.backward()).toThrow(/^backward: .*same graph.*again/)
    }
    expect(gradOf(x)).toEqual([8]) // what failed has added nothing
  })

  it('the gradient of a pass without createGraph, and how to get its gradient', () => {
    const x = leaf([2])
    t.square(x).backward()
    expect(x.grad!.requiresGrad).toBe(false)
    expect(() => t.square(x.grad!).backward()).toThrow(/a gradient has one after backward\(\{ createGraph: true \}\)/)
  })

  it('an unknown option', () => {
    const y = t.square(leaf([2]))
    expect(() => y.backward({ createGraf: true } as never)).toThrow(
      /^backward: unknown option "createGraf".*createGraph/,
    )
    expect(y.backward()).toBeUndefined()
  })

  it('a rule that throws leaves nothing behind for the next pass', () => {
    const x = leaf([2])
    const shared = t.mul(x, 1)
    const breaks = customOp(
      f64([0]),
      [t.mul(shared, 1)],
      [
        () => {
          throw new Error('rule')
        },
      ],
    )
    expect(() => t.add(breaks, shared).backward()).toThrow('rule')
    const again = t.mul(shared, 5)
    again.backward()
    expect(gradOf(x)).toEqual([5])
  })
})
