import { afterAll, describe, expect, it } from 'vitest'
import { ScopeError } from '../../src/tensor/errors.ts'
import { Block } from '../../src/tensor/memory.ts'
import { bytesOf, CpuStorage, type DType, dtypeOf, newArray } from '../../src/tensor/storage.ts'

const dtypes = [
  ['float32', Float32Array, 4],
  ['float64', Float64Array, 8],
  ['int32', Int32Array, 4],
] as const

const block = new Block(256)
afterAll(() => block.release())

/** Four numbers on the heap, in a block or in an arena that is open or not. */
const places = (dtype: DType) => ({
  heap: CpuStorage.onHeap(newArray(dtype, 4)),
  block: CpuStorage.inMemory(dtype, 4, block.offset, block),
  arena: CpuStorage.inMemory(dtype, 4, block.offset + 64, { open: true }),
  ended: CpuStorage.inMemory(dtype, 4, block.offset + 128, { open: false }),
})

describe.each(dtypes)('%s', (dtype, Typed, bytes) => {
  it('has arrays of its type, of 4 bytes a number, 8 in double precision', () => {
    expect(newArray(dtype, 3)).toEqual(new Typed(3))
    expect([dtypeOf(new Typed(1)), bytesOf(dtype)]).toEqual([dtype, bytes])
  })

  it.each(['heap', 'block', 'arena'] as const)('numbers in the %s are written, viewed and sliced', async (place) => {
    const x = places(dtype)[place]
    x.set(Typed.of(1, 2, 3, -4))
    expect([x.dtype, x.length, x.device]).toEqual([dtype, 4, 'cpu'])
    expect(x.view()).toEqual(Typed.of(1, 2, 3, -4))
    const part = x.slice(1, 2)
    part.view()[0] = 9
    expect([part.length, part.at(0), part.at(1), part.dtype]).toEqual([2, 9, 3, dtype])
    expect(x.view()).toEqual(Typed.of(1, 9, 3, -4))
    part.set(Typed.of(5, 6))
    expect([0, 1, 2, 3].map((i) => x.at(i))).toEqual([1, 5, 6, -4])
    const copy = await x.read()
    copy[0] = 7
    expect(x.at(0)).toBe(1)
  })

  it('numbers of a scope that has ended are neither read nor written', () => {
    const { ended } = places(dtype)
    const uses = [
      () => ended.view(),
      () => ended.at(0),
      () => ended.set(Typed.of(1, 2, 3, 4)),
      () => ended.slice(1, 1).view(),
    ]
    for (const use of uses) {
      expect(use).toThrow(ScopeError)
      expect(use).toThrow(
        new RegExp(`^${dtype} numbers used after its scope ended, .*copy it with toArray\\(\\) inside$`),
      )
    }
    expect(() => ended.requireOpen('add: x was')).toThrow(/^add: x was used after its scope ended/)
  })
})

it('the heap and blocks outlive scopes, the arena does not', () => {
  const all = Object.values(places('float32'))
  expect(all.map((each) => each.outlivesScopes)).toEqual([true, true, false, false])
  expect(all.map((each) => each.open)).toEqual([true, true, true, false])
})
