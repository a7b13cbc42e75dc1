import { describe, expect, it } from 'vitest'
import * as t from '../../../src/tensor/index.ts'
import { shapes, tensorOf } from '../../support/arbitraries.ts'
import { f64, gradOf, listOf } from '../../support/numbers.ts'
import { property } from '../../support/property.ts'

describe('tensor', () => {
  it('reads its shape from nested lists', () => {
    expect(t.tensor(5).shape).toEqual([])
    expect(t.tensor([1, 2]).shape).toEqual([2])
    expect(
      t.tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]).shape,
    ).toEqual([2, 3])
    expect(
      listOf(
        t.tensor([
          [[1], [2]],
          [[3], [4]],
        ]),
      ),
    ).toEqual([1, 2, 3, 4])
    expect(t.tensor([]).shape).toEqual([0])
    expect(t.tensor([[], []]).shape).toEqual([2, 0])
  })

  it('is float32 unless a typed array or an option says otherwise', () => {
    expect(t.tensor([1]).dtype).toBe('float32')
    expect(t.tensor(Float64Array.of(1)).dtype).toBe('float64')
    expect(t.tensor(Int32Array.of(1)).dtype).toBe('int32')
    expect(t.tensor(Float32Array.of(1), [1], { dtype: 'float64' }).dtype).toBe('float64')
    expect(t.tensor([0.1]).item()).toBe(Math.fround(0.1))
  })

  it('takes options without a shape', () => {
    const x = t.tensor([[1, 2], [3, 4]], { requiresGrad: true, dtype: 'float64' }) // biome-ignore format: a matrix
    expect([x.shape, x.dtype, x.requiresGrad]).toEqual([[2, 2], 'float64', true])
    expect(t.tensor(3, { requiresGrad: true }).requiresGrad).toBe(true)
    expect(t.tensor([1, 2, 3, 4], [2, 2], { requiresGrad: true }).shape).toEqual([2, 2])
    expect(t.tensor(Float64Array.of(1), { dtype: 'float32' }).dtype).toBe('float32')
    expect(() => t.tensor([1], { dtype: 'int32', requiresGrad: true })).toThrow(/^tensor: requiresGrad with int32/)
  })

  it('copies: the source may change afterwards', () => {
    const source = Float64Array.of(1, 2)
    const x = t.tensor(source)
    source[0] = 9
    expect(listOf(x)).toEqual([1, 2])
    const shape = [2]
    const y = t.zeros(shape)
    shape[0] = 5
    expect(y.shape).toEqual([2])
    const copy = x.toArray()
    copy[0] = 9
    expect(listOf(x)).toEqual([1, 2])
  })

  property('gives any numbers back', [shapes().chain(tensorOf)], (x) => {
    expect(listOf(t.tensor(listOf(x), x.shape, { dtype: 'float64' }))).toEqual(listOf(x))
  })

  it('wrong data is named', () => {
    expect(() => t.tensor([[1, 2], [3]])).toThrow(t.ShapeError)
    for (const ragged of [[[1, 2], [3]], [[1], 2], [1, [2]], [[1], []], [[], [1]], ['1'], [null], [[undefined]]]) {
      expect(() => t.tensor(ragged as number[])).toThrow(/^tensor: nested lists that are ragged or contain no numbers/)
    }
    for (const foreign of ['12', undefined, null, {}, true]) {
      expect(() => t.tensor(foreign as unknown as number)).toThrow(t.AlambicError)
    }
    expect(() => t.tensor([1, 2, 3], [2, 2])).toThrow(/^tensor: 3 numbers for the shape \[2, 2\]; expected 4 numbers/)
    for (const shape of [[-1], [1.5], [Number.NaN], [Number.POSITIVE_INFINITY]]) {
      expect(() => t.tensor([1], shape)).toThrow(t.ShapeError)
    }
  })

  it('other element types are named, with the fix', () => {
    const others = [Uint8Array.of(1), Uint16Array.of(1), BigInt64Array.of(1n), new DataView(new ArrayBuffer(4))]
    for (const other of others) {
      expect(() => t.tensor(other as unknown as Float32Array)).toThrow(t.DTypeError)
    }
    expect(() => t.tensor(Uint8Array.of(1) as unknown as Int32Array)).toThrow(
      /^tensor: .*Uint8Array.*Float32Array\.from/,
    )
    expect(() => t.tensor([1], [1], { dtype: 'float16' as 'float32' })).toThrow(/"float16".*Did you mean "float32"/)
    expect(() => t.zeros([1], { dtype: 'int' as 'int32' })).toThrow(/^zeros: unknown dtype "int"/)
    expect(() => t.tensor([1], [1], { dtype: 'int32', requiresGrad: true })).toThrow(/^tensor: requiresGrad with int32/)
  })
})

describe('filled tensors', () => {
  it('full, zeros, ones, eye', () => {
    expect(listOf(t.full([2, 2], 3))).toEqual([3, 3, 3, 3])
    expect(t.full([], 3).item()).toBe(3)
    expect(listOf(t.zeros([3]))).toEqual([0, 0, 0])
    expect(listOf(t.ones([3], { dtype: 'int32' }))).toEqual([1, 1, 1])
    expect(listOf(t.eye(3))).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1])
    expect(t.eye(0).shape).toEqual([0, 0])
    expect(t.zeros([2], { requiresGrad: true }).requiresGrad).toBe(true)
    expect([t.zeros([2]), t.zeros([2], { requiresGrad: false }), t.tensor([1])].map((x) => x.requiresGrad)).toEqual(
      Array(3).fill(false),
    )
  })

  it('arange goes from start up to but without stop, also downwards', () => {
    expect(listOf(t.arange(0, 4))).toEqual([0, 1, 2, 3])
    expect(listOf(t.arange(1, 2, 0.25, { dtype: 'float64' }))).toEqual([1, 1.25, 1.5, 1.75])
    expect(listOf(t.arange(3, 0, -1))).toEqual([3, 2, 1])
    expect(listOf(t.arange(3, 0))).toEqual([])
    expect(listOf(t.arange(0, 0))).toEqual([])
  })

  it('wrong calls name the function and what was given', () => {
    expect(() => t.zeros(3 as unknown as number[])).toThrow(
      /^zeros: the shape is 3; expected a list of sizes, such as \[3\]/,
    )
    expect(() => t.zeros([-1])).toThrow(/^zeros: the shape \[-1\] has the size -1/)
    expect(() => t.ones([0.5])).toThrow(/^ones: /)
    expect(() => t.full([Number.NaN], 1)).toThrow(/^full: /)
    expect(() => t.eye(-1)).toThrow(/^eye: /)
    expect(() => t.uniform(new t.Rng(1), [-1])).toThrow(/^uniform: /)
    expect(() => t.normal(new t.Rng(1), [-1])).toThrow(/^normal: /)
    expect(() => t.arange(0, 1, 0)).toThrow(/^arange: .*step/)
    expect(() => t.arange(0, Number.POSITIVE_INFINITY)).toThrow(/^arange: /)
    expect(() => t.arange(Number.NaN, 1)).toThrow(/^arange: /)
  })

  it('more elements than any memory holds is an error of ours', () => {
    expect(() => t.zeros([1e6, 1e6])).toThrow(t.ShapeError)
    expect(() => t.zeros([1e6, 1e6])).toThrow(/^zeros: .*\[1000000, 1000000\].*1000000000000 elements/)
    expect(() => t.arange(0, 1e12)).toThrow(/^arange: /)
    const one = t.tensor(Int32Array.of(0))
    expect(() => t.oneHot(one, 2 ** 52)).toThrow(/^oneHot: 4503599627370496 classes; .* at most 2147483647 elements/)
    expect(() => t.expand(t.zeros([1]), [1e12])).toThrow(/^expand: /)
    expect(() => t.scope(() => t.zeros([2 ** 30]))).toThrow(/^memory: \d{4} MiB more than/)
    expect(t.scope(() => t.ones([2])).toArray()).toEqual(Float32Array.of(1, 1))
  })
})

describe('random tensors', () => {
  it('are a function of the generator', () => {
    expect(listOf(t.uniform(new t.Rng(7), [5]))).toEqual(listOf(t.uniform(new t.Rng(7), [5])))
    expect(listOf(t.normal(new t.Rng(7), [5]))).not.toEqual(listOf(t.normal(new t.Rng(8), [5])))
  })

  it('have the bounds and moments asked for', () => {
    const u = listOf(t.uniform(new t.Rng(3), [4000], -2, 4, { dtype: 'float64' }))
    expect(Math.min(...u)).toBeGreaterThanOrEqual(-2)
    expect(Math.max(...u)).toBeLessThan(4)
    expect(u.reduce((a, b) => a + b) / u.length).toBeCloseTo(1, 0)
    const unit = t.std(t.normal(new t.Rng(4), [4000])).item()
    expect(Math.abs(unit - 1)).toBeLessThan(0.06)
    expect(Math.abs(t.mean(t.normal(new t.Rng(4), [4000])).item())).toBeLessThan(0.07)
    expect(t.amax(t.uniform(new t.Rng(4), [4000])).item()).toBeLessThanOrEqual(1)
    const x = t.normal(new t.Rng(3), [4000], 10, 2)
    expect(t.mean(x).item()).toBeGreaterThan(9.8)
    expect(t.mean(x).item()).toBeLessThan(10.2)
    expect(t.std(x).item()).toBeGreaterThan(1.85)
    expect(t.std(x).item()).toBeLessThan(2.15)
  })
})

describe('cast', () => {
  it('converts numbers, and gradients back', () => {
    const x = t.tensor([1.5, -2.5], [2], { requiresGrad: true })
    const y = t.cast(x, 'float64')
    expect(y.dtype).toBe('float64')
    y.backward(f64([0.1, 0.2]))
    expect(x.grad!.dtype).toBe('float32')
    expect(gradOf(x)).toEqual([Math.fround(0.1), Math.fround(0.2)])
    expect(t.cast(x, 'float32')).toBe(x)
  })

  it('to int32 drops the fraction; no gradient goes there', () => {
    expect(listOf(t.cast(f64([1.9, -1.9]), 'int32'))).toEqual([1, -1])
    const x = t.tensor([1], [1], { requiresGrad: true })
    expect(() => t.cast(x, 'int32')).toThrow(/^cast: .*detach/)
    expect(listOf(t.cast(t.detach(x), 'int32'))).toEqual([1])
    expect(() => t.cast(x, 'float' as 'float32')).toThrow(/^cast: unknown dtype "float"/)
  })
})
