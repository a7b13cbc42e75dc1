import { describe, expect, it } from 'vitest'
import * as t from '../../../src/tensor/index.ts'
import { f64, leaf } from '../../support/numbers.ts'

describe('a tensor', () => {
  it('knows its shape, size, element type and device', () => {
    const x = t.zeros([2, 3])
    expect([x.shape, x.size, x.dtype, x.device]).toEqual([[2, 3], 6, 'float32', 'cpu'])
    expect(String(x)).toBe('float32[2, 3] on cpu')
    expect(String(f64(1))).toBe('float64[] on cpu')
    expect(t.zeros([3, 0]).size).toBe(0)
  })

  it('gives its numbers: a copy, a promise of one, or the numbers themselves', async () => {
    const x = f64([1, 2])
    const copy = x.toArray()
    copy[0] = 9
    expect(x.view()).toEqual(Float64Array.of(1, 2))
    const promised = await x.data()
    promised[0] = 9
    x.view()[1] = 5
    expect(x.toArray()).toEqual(Float64Array.of(1, 5))
  })

  it('of one element is a number', () => {
    expect(f64(3).item()).toBe(3)
    expect(f64([[3]]).item()).toBe(3)
    expect(t.scope(() => t.mul(t.tensor([3]), 2).item())).toBe(6)
    expect(t.scope(() => t.mul(f64([3]), 2).item())).toBe(6)
    expect(() => f64([1, 2]).item()).toThrow(t.ShapeError)
    expect(() => f64([1, 2]).item()).toThrow(/^item: .*float64\[2\] on cpu has 2 elements; expected exactly 1/)
    expect(() => t.zeros([0]).item()).toThrow(/0 elements/)
  })

  it('starts without a gradient', () => {
    const x = leaf([1])
    expect([x.grad, x.step, x.requiresGrad, f64([1]).requiresGrad]).toEqual([null, null, true, false])
  })
})

it('backward: takes a cotangent of the shape and the element type of the output', () => {
  const y = t.mul(leaf([1, 2]), 2)
  expect(() => y.backward(f64([1, 2, 3]))).toThrow(t.ShapeError)
  expect(() => y.backward(f64([[1, 2]]))).toThrow('backward: the cotangent has shape [1, 2], the output [2]')
  expect(() => y.backward(t.ones([2]))).toThrow(
    'backward: the cotangent is float32, the output float64; convert it with cast()',
  )
  expect(() => y.backward()).toThrow(/^backward: float64\[2\] on cpu is not a scalar; reduce it first/)
  expect(() => f64(1).backward()).toThrow(/^backward: float64\[\] on cpu has no history/)
})

describe('a tensor of a device that cannot be read at once', () => {
  const elsewhere = new t.Tensor([2], {
    device: 'gpu',
    dtype: 'float32',
    length: 2,
    read: async () => Float32Array.of(1, 2),
  })

  it('says how to read it', async () => {
    for (const use of [() => elsewhere.toArray(), () => elsewhere.view()]) {
      expect(use).toThrow(t.DeviceError)
      expect(use).toThrow(/float32\[2\] on gpu.*await tensor\.data\(\)/)
    }
    expect(await elsewhere.data()).toEqual(Float32Array.of(1, 2))
  })

  it('and does not mix with the CPU', () => {
    expect(() => t.add(elsewhere, t.zeros([2]))).toThrow(t.DeviceError)
    expect(() => t.add(elsewhere, t.zeros([2]))).toThrow(
      /^add: one operand is on the gpu, the other on the cpu.*toDevice/,
    )
    const x = t.tensor([1, 2], [2], { requiresGrad: true })
    expect(() => t.mul(x, 2).backward(elsewhere)).toThrow(/^backward: /)
  })
})
