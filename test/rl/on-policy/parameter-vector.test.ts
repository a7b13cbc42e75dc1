import { expect, it } from 'vitest'
import { gradientVector, setVector, vectorOf } from '../../../src/rl/on-policy/parameter-vector.ts'
import { add, mul, sum, tensor } from '../../../src/tensor/index.ts'

const parameters = () =>
  [tensor([1, 2], [2], { requiresGrad: true }), tensor([3], [1], { requiresGrad: true })] as const

it('joins the parameters into one vector, and writes one back', () => {
  const [a, b] = parameters()
  expect(vectorOf([a, b])).toEqual(Float64Array.of(1, 2, 3))
  setVector([a, b], Float64Array.of(4, 5, 6))
  expect([[...a.view()], [...b.view()]]).toEqual([[4, 5], [6]])
})

it('gives a scalar and its gradient, zeros where it does not depend on a parameter, and leaves no gradient behind', () => {
  const [a, b] = parameters()
  a.grad = tensor([9, 9])
  expect(gradientVector([a, b], () => sum(mul(a, a)))).toEqual({ value: 5, gradient: Float64Array.of(2, 4, 0) })
  expect(gradientVector([a, b], () => sum(add(a, b)))).toEqual({ value: 9, gradient: Float64Array.of(1, 1, 2) })
  expect([a.grad, b.grad]).toEqual([null, null])
})
