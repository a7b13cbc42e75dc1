import { expect, it } from 'vitest'
import { expand, sum, tensor } from '../../../src/tensor/index.ts'

it('an operation that has nothing to do: lets the gradient through to its input', () => {
  const row = tensor([1, 2], [2], { requiresGrad: true })
  expand(row, [2]).backward(tensor([3, 4]))
  expect([...row.grad!.view()]).toEqual([3, 4])

  const scalar = tensor(5, [], { requiresGrad: true })
  sum(scalar).backward()
  expect(scalar.grad!.item()).toBe(1)
})
