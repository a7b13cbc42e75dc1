// Numbers for parity tests in each of their homes, and the comparison with the reference in double precision.

import fc from 'fast-check'
import { expect } from 'vitest'
import { allocate } from '../../../../src/tensor/arena.ts'
import { scope } from '../../../../src/tensor/autograd/scope.ts'
import type { Backend } from '../../../../src/tensor/backends/backend.ts'
import { Block, memory } from '../../../../src/tensor/memory.ts'
import { bytesOf, CpuStorage, dtypeOf, type TypedArray } from '../../../../src/tensor/storage.ts'
import { reference } from '../../../support/backends.ts'
import type { Call } from '../calls.ts'

/** Where an operand lives: on the heap, in the arena, in a block (both off the sixteen-byte grid by `skip` elements). */
export interface Home {
  readonly kind: 'heap' | 'arena' | 'block'
  readonly skip: number
}

export const homes: fc.Arbitrary<Home> = fc.record({
  kind: fc.constantFrom('heap', 'arena', 'block'),
  skip: fc.integer({ min: 0, max: 3 }),
})

/** Puts numbers into a home; the arena only inside a scope. */
export function place(values: TypedArray, { kind, skip }: Home): CpuStorage {
  const dtype = dtypeOf(values)
  const length = values.length + skip
  const storage =
    kind === 'heap'
      ? CpuStorage.onHeap(dtype === 'int32' ? new Int32Array(length) : new Float32Array(length))
      : kind === 'arena'
        ? allocate(dtype, length)
        : inBlock(dtype, length)
  const part = storage.slice(skip, values.length)
  part.view().set(values)
  return part
}

function inBlock(dtype: 'int32' | 'float32' | 'float64', length: number): CpuStorage {
  const block = new Block(length * bytesOf(dtype))
  return CpuStorage.inMemory(dtype, length, block.offset, block)
}

/** Holds one call of a backend, operands in the given homes, against the reference in double precision. */
export function expectParity(backend: Backend, call: Call, homesOf: readonly Home[], inScope: boolean): void {
  const { tolerance = 2e-6, scale = 1 } = call
  const wanted = run(reference, call, () => CpuStorage.onHeap, asDoubles)
  const arena = inScope || homesOf.some(({ kind }) => kind === 'arena')
  const put = (i: number) => (values: TypedArray) => place(values, homesOf[i % homesOf.length]!)
  const body = () => run(backend, call, put, (values) => values)
  const before = memory.mark()
  const got = arena ? scope(body) : body()
  expect(memory.mark(), `${call.name}: the arena is as before`).toEqual(before)
  for (const [i, want] of wanted.entries()) expectNear(call.name, got[i]!, want, tolerance, scale)
}

function asDoubles(values: TypedArray): TypedArray {
  return values instanceof Int32Array ? values : Float64Array.from(values)
}

function run(
  backend: Backend,
  { operands, run, changes }: Call,
  put: (i: number) => (values: TypedArray) => CpuStorage,
  convert: (values: TypedArray) => TypedArray,
): TypedArray[] {
  const placed = operands.map((values, i) => put(i)(convert(values)))
  const result = run(backend, placed) as CpuStorage
  // Operands that are not written to must come out as they went in.
  const untouched = placed.filter((_, i) => !(changes ?? []).includes(i))
  const outputs = changes === undefined ? [result] : changes.map((i) => placed[i]!)
  return [...outputs, ...untouched].map((storage) => storage.view().slice())
}

function expectNear(name: string, got: TypedArray, want: TypedArray, tolerance: number, scale: number): void {
  expect(got.length, `${name}: length`).toBe(want.length)
  for (let i = 0; i < want.length; i++) {
    const [have, exact] = [got[i]!, want[i]!]
    const fits = Number.isFinite(Math.fround(exact))
      ? Math.abs(have - exact) <= tolerance * (Math.abs(exact) + scale)
      : Object.is(have, Math.fround(exact))
    if (!fits) expect.fail(`${name}: element ${i} of ${want.length} is ${have}, expected ${exact}`)
  }
}
