// How kernels reach memory: they write their results and nothing beside them, make no typed array inside a scope, and give
// back the staging of operands from the heap, also after an error.

import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { allocate } from '../../../../src/tensor/arena.ts'
import type { Backend } from '../../../../src/tensor/backends/backend.ts'
import { ScopeError, scope } from '../../../../src/tensor/index.ts'
import { memory } from '../../../../src/tensor/memory.ts'
import { CpuStorage } from '../../../../src/tensor/storage.ts'
import { wasm } from '../../../support/backends.ts'
import { property } from '../../../support/property.ts'
import { type Call, calls } from '../calls.ts'
import { place } from './homes.ts'

const arena = (skip: number) => ({ kind: 'arena', skip }) as const

// float64, int32 and running sums are computed by the reference, which makes views.
const kernelCalls = Object.entries(calls).filter(([name]) => name !== 'cast' && name !== 'cumsum')

describe('inside a scope', () => {
  for (const [name, arbitrary] of kernelCalls) {
    property(`${name} writes nothing beside its result`, [arbitrary, fc.nat(3)], { numRuns: 30 }, (call, skip) =>
      scope(() => expectNoOverrun(call, skip)),
    )
  }

  it('no function makes a typed array', () => {
    expect(typedArraysMade(() => new Float32Array(1).subarray(0))).toBe(2)
    for (const [name, arbitrary] of kernelCalls) {
      for (const call of fc.sample(arbitrary, 20)) {
        const run = () =>
          scope(() => {
            const operands = call.operands.map((values) => place(values, arena(1)))
            return typedArraysMade(() => call.run(wasm, operands))
          })
        run() // the memory grows, if it must, and makes its view anew
        expect(run(), name).toBe(0)
      }
    }
  })
})

const SENTINEL = 12345
const ROOM = 1 << 17 // bytes around a result that are watched

// Operands lie between guards; the place where the result will be, and what follows it, is filled with one number.
function expectNoOverrun(call: Call, skip: number): void {
  const guard = () => allocate('float32', 8)
  const guards = [guard()]
  const operands = call.operands.map((values) => {
    const operand = place(values, arena(skip))
    guards.push(guard())
    return operand
  })
  const region = memory.bump(ROOM)
  memory.f32.fill(SENTINEL, region >>> 2, (region + ROOM) >>> 2)
  for (const each of guards) each.view().fill(SENTINEL)
  const result = runAt(region, () => call.run(wasm, operands))
  for (const each of guards) expect([...each.view()], call.name).toEqual(Array(8).fill(SENTINEL))
  if (!(result instanceof CpuStorage) || result.offset !== region) return // none, or too large for the region
  const end = (region >>> 2) + 4 * Math.ceil(result.length / 4) // the rest of a vector is nobody's
  for (let i = end; i < (region + ROOM) >>> 2; i++) {
    if (memory.f32[i] !== SENTINEL)
      expect.fail(`${call.name} wrote ${memory.f32[i]} ${i - end} floats beyond its result`)
  }
}

/** Runs `f` with the arena's top at `offset`, so that its result begins there. */
function runAt<T>(offset: number, f: () => T): T {
  const { chunk } = memory.mark()
  memory.reset({ chunk, top: offset })
  return f()
}

function typedArraysMade(f: () => void): number {
  let made = 0
  const names = ['Float32Array', 'Float64Array', 'Int32Array', 'Uint8Array', 'Uint32Array'] as const
  for (const name of names) {
    const counted = new Proxy(globalThis[name], {
      construct(target, args) {
        made++
        return Reflect.construct(target, args) as object
      },
    })
    vi.stubGlobal(name, counted)
  }
  const subarray = vi.spyOn(Float32Array.prototype, 'subarray')
  const slice = vi.spyOn(Float32Array.prototype, 'slice')
  try {
    f()
    return made + subarray.mock.calls.length + slice.mock.calls.length
  } finally {
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
  }
}

it('working memory: is one block for all calls, freed when a larger one takes its place', async () => {
  vi.resetModules()
  const fresh = await import('../../../../src/tensor/memory.ts')
  const { scratch } = await import('../../../../src/tensor/backends/wasm/staging.ts')
  const freed = vi.spyOn(fresh.memory, 'releaseBlock')
  expect([scratch(100), scratch(50), scratch(100)]).toEqual([16, 16, 16])
  expect(freed).not.toHaveBeenCalled()
  const next = fresh.memory.takeBlock(16)
  expect(next).toBe(16 + 112)
  expect(scratch(200)).toBe(next + 16)
  expect(freed.mock.calls).toEqual([[16, 100]])
  expect(fresh.memory.takeBlock(112)).toBe(16)
  freed.mockRestore()
})

describe('operands from the heap', () => {
  const heap = (...values: number[]) => CpuStorage.onHeap(Float32Array.from(values))
  const add = (backend: Backend, a: CpuStorage, b: CpuStorage) =>
    backend.zip('add', a, [3], b, [3], [3], 0, 0) as CpuStorage

  it('are staged for one call, inside and outside a scope', () => {
    const before = memory.mark()
    expect([...add(wasm, heap(1, 2, 3), heap(10, 20, 30)).view()]).toEqual([11, 22, 33])
    expect(memory.mark()).toEqual(before)
    scope(() => {
      const first = add(wasm, heap(1, 2, 3), heap(10, 20, 30))
      const second = add(wasm, first, heap(1, 1, 1))
      expect(second.offset - first.offset).toBe(16) // nothing was left between them
      expect([...second.view()]).toEqual([12, 23, 34])
    })
    expect(memory.mark()).toEqual(before)
  })

  it('are given back after the error of a tensor whose scope has ended', () => {
    const gone = scope(() => ({ storage: allocate('float32', 3) })).storage
    const before = memory.mark()
    expect(() => add(wasm, heap(1, 2, 3), gone)).toThrow(ScopeError)
    expect(memory.mark()).toEqual(before)
    expect([...add(wasm, heap(1, 2, 3), heap(1, 1, 1)).view()]).toEqual([2, 3, 4])
  })

  it('are given back when the memory cannot grow', () => {
    const before = memory.mark()
    vi.spyOn(memory, 'bump')
      .mockImplementationOnce(memory.bump.bind(memory))
      .mockImplementationOnce(() => {
        throw new RangeError('WebAssembly.Memory.grow(): Maximum memory size exceeded')
      })
    try {
      expect(() => add(wasm, heap(1, 2, 3), heap(1, 1, 1))).toThrow(RangeError)
    } finally {
      vi.restoreAllMocks()
    }
    expect(memory.mark()).toEqual(before)
  })

  it('may be larger than the memory: it grows on the way', () => {
    const length = memory.bytes / 4 + 5
    const x = CpuStorage.onHeap(new Float32Array(length).fill(2))
    const sum = wasm.zip('add', x, [length], heap(1), [1], [length], 0, 0) as CpuStorage
    expect(sum.view()[length - 1]).toBe(3)
    expect(sum.view().indexOf(0)).toBe(-1)
  })
})
