import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { allocate } from '../../src/tensor/arena.ts'
import * as t from '../../src/tensor/index.ts'
import { ARRAYS, Block, hasBlocks, LinearMemory, memory, requireRoom } from '../../src/tensor/memory.ts'
import { CpuStorage } from '../../src/tensor/storage.ts'
import { f64, listOf } from '../support/numbers.ts'
import { forAll } from '../support/property.ts'

const rounded = (bytes: number) => Math.max(16, Math.ceil(bytes / 16) * 16)

describe('blocks', () => {
  it('start on 16 bytes, are taken first fit, and neighbours that are freed become one', () => {
    const own = new LinearMemory()
    const [a, b, c] = [own.takeBlock(100), own.takeBlock(1), own.takeBlock(32)]
    expect([a, b, c]).toEqual([16, 16 + 112, 16 + 112 + 16])
    own.releaseBlock(a, 100)
    expect(own.takeBlock(16)).toBe(a)
    own.releaseBlock(a, 16)
    own.releaseBlock(b, 1)
    expect(own.takeBlock(128)).toBe(a) // 112 and 16 side by side
    expect(own.takeBlock(16)).toBe(c + 32)
  })

  it('a free stretch at the end grows to the block that is wanted', () => {
    const own = new LinearMemory()
    const [a, b] = [own.takeBlock(16), own.takeBlock(16)]
    own.releaseBlock(b, 16)
    expect(own.takeBlock(64)).toBe(b)
    expect(own.takeBlock(16)).toBe(b + 64)
    // A stretch elsewhere does not.
    own.releaseBlock(a, 16)
    expect(own.takeBlock(32)).toBe(b + 80)
    expect(own.takeBlock(16)).toBe(a)
  })

  // Against a list of what is live: no overlaps, nothing lost, first fit.
  it('never overlap, and all of the memory comes back', () => {
    const commands = fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.record({ take: fc.integer({ min: 0, max: 200 }) }) },
        { weight: 2, arbitrary: fc.record({ release: fc.nat() }) },
      ),
      { maxLength: 60, size: 'max' },
    )
    const own = new LinearMemory()
    forAll([commands], { numRuns: 200 }, (each) => {
      const live: { offset: number; bytes: number }[] = []
      for (const command of each) {
        if ('take' in command) {
          const expected = firstFit(live, rounded(command.take))
          const offset = own.takeBlock(command.take)
          expect(offset).toBe(expected)
          live.push({ offset, bytes: command.take })
        } else if (live.length > 0) {
          const [gone] = live.splice(command.release % live.length, 1)
          own.releaseBlock(gone!.offset, gone!.bytes)
        }
      }
      for (const { offset, bytes } of live) own.releaseBlock(offset, bytes)
      expect(own.takeBlock(60 * 208)).toBe(16)
      own.releaseBlock(16, 60 * 208)
    })
  })

  it('the memory grows by half at least, and by what is needed', () => {
    const own = new LinearMemory()
    const pages = () => own.bytes / 65536
    expect(pages()).toBe(16)
    const most = 16 * 65536 - 16 // the first 16 bytes stay unused
    expect(own.takeBlock(most)).toBe(16)
    expect(pages()).toBe(16)
    own.releaseBlock(16, most)
    own.takeBlock(16 * 65536)
    expect(pages()).toBe(24)
    own.takeBlock(100 * 65536)
    expect(pages()).toBe(117)
  })

  it('a request beyond 4 GiB is an error that leaves the memory usable', () => {
    const own = new LinearMemory()
    expect(() => own.takeBlock(2 ** 33)).toThrow(t.AlambicError)
    expect(() => own.takeBlock(2 ** 33)).toThrow(
      /^memory: 8192 MiB more than the 1 MiB in use; WebAssembly has at most 4096 MiB\. Use smaller batches or shorter scopes$/,
    )
    expect(own.bytes).toBe(16 * 65536)
    expect(own.takeBlock(16)).toBe(16)
    expect(() => own.bump(2 ** 33)).toThrow(t.AlambicError)
    const mark = own.mark()
    expect(own.bump(16)).toBeGreaterThan(16)
    own.reset(mark)
  })

  it('belong to what points to them', () => {
    const block = new Block(64)
    const storage = CpuStorage.inMemory('float32', 4, block.offset, block)
    storage.view().set([1, 2, 3, 4])
    expect(Array.from(storage.slice(1, 2).view())).toEqual([2, 3])
    expect(Array.from(memory.f32.subarray(block.offset / 4, block.offset / 4 + 4))).toEqual([1, 2, 3, 4])
  })
})

it('a block: is freed by its release, and its numbers can no longer be read', () => {
  const block = new Block(64)
  const storage = CpuStorage.inMemory('float32', 16, block.offset, block)
  expect([storage.open, storage.outlivesScopes]).toEqual([true, true])
  const taken = vi.spyOn(memory, 'releaseBlock')
  block.release()
  expect(taken.mock.calls).toEqual([[block.offset, 64]])
  taken.mockRestore()
  expect(() => storage.view()).toThrow(t.ScopeError)
  const next = memory.takeBlock(64)
  expect(next).toBe(block.offset)
  memory.releaseBlock(next, 64)
})

describe('what the memory is made of', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('pages of WebAssembly, which one thread has for itself', () => {
    const own = new LinearMemory()
    expect(own.wasm).toBeInstanceOf(WebAssembly.Memory)
    expect([own.isShared, hasBlocks()]).toEqual([false, true])
  })

  it('where there is no WebAssembly, a buffer that keeps its numbers when it grows', () => {
    vi.stubGlobal('WebAssembly', undefined)
    const own = new LinearMemory()
    expect(own.bytes).toBe(16 * 65536)
    const last = own.f32.length - 1
    own.f32[last] = 7
    own.takeBlock(16 * 65536)
    expect(own.bytes).toBe(24 * 65536)
    expect(own.f32.buffer).toBe(own.wasm.buffer)
    expect([own.f32[last], own.f32[last + 1]]).toEqual([7, 0])
  })

  it('where nothing tells that a block is no longer used, there are no blocks', () => {
    vi.stubGlobal('FinalizationRegistry', undefined)
    expect(hasBlocks()).toBe(false)
  })
})

describe('requireRoom', () => {
  const GIB = 2 ** 30

  it('takes what fits into 4 GiB, or into the limit given', () => {
    requireRoom('x', 4 * GIB)
    requireRoom('x', 32 * GIB, ARRAYS)
    expect(() => requireRoom('x', 4 * GIB + 1)).toThrow(t.ValueError)
    expect(() => requireRoom('x', 32 * GIB + 1, ARRAYS)).toThrow(/there are at most 32 GiB/)
  })

  it('throws with the bytes, the GiB and the limit', () => {
    const needs = (bytes: number) => expect(() => requireRoom('MLP: [1, 2]', bytes))
    needs(5 * GIB + 0.5).toThrow(
      'MLP: [1, 2]: needs 5,368,709,121 bytes of memory (5.00 GiB); there are at most 4 GiB. Choose smaller sizes',
    )
    needs(1e30).toThrow(/needs 1e\+30 bytes of memory \(9\.31e\+20 GiB\)/)
    needs(Infinity).toThrow(/needs Infinity bytes/)
    needs(Number.NaN).toThrow(/needs NaN bytes/)
  })
})

// The lowest gap between live blocks that is wide enough.
function firstFit(live: readonly { offset: number; bytes: number }[], size: number): number {
  let at = 16
  for (const { offset, bytes } of [...live].sort((a, b) => a.offset - b.offset)) {
    if (offset - at >= size) return at
    at = offset + rounded(bytes)
  }
  return at
}

describe('the arena', () => {
  it('bumps through a chunk and returns to its marks', () => {
    const own = new LinearMemory()
    const empty = own.mark()
    const a = own.bump(20)
    const mark = own.mark()
    const b = own.bump(1)
    expect(b - a).toBe(32)
    own.reset(mark)
    expect(own.bump(1)).toBe(b)
    own.reset(empty)
    expect(own.bump(20)).toBe(a)
    own.reset(empty)
  })

  it('takes further chunks when one is too small, and comes back to a single one', () => {
    const own = new LinearMemory()
    const empty = own.mark()
    const first = own.bump(2 ** 20)
    const mark = own.mark()
    const second = own.bump(2 ** 20)
    const large = own.bump(5 * 2 ** 20)
    expect(new Set([first, second, large]).size).toBe(3)
    own.reset(mark)
    expect(own.bump(2 ** 20)).toBe(second) // an inner scope keeps the chunks
    own.reset(empty)
    const held = own.bytes
    for (let round = 0; round < 20; round++) {
      const places = [own.bump(2 ** 20), own.bump(2 ** 20), own.bump(5 * 2 ** 20)]
      expect(places[1]).toBe(places[0]! + 2 ** 20) // one chunk holds them all
      expect(places[2]).toBe(places[1]! + 2 ** 20)
      own.reset(empty)
    }
    expect(own.bytes).toBe(held)
  })

  it('its first chunk is 1 MiB, filled to the last byte; each further one is twice as large, or as large as needed', () => {
    const own = new LinearMemory()
    const chunks = () => own.mark().chunk
    const half = own.bump(2 ** 19)
    expect(own.bump(2 ** 19)).toBe(half + 2 ** 19)
    expect(chunks()).toBe(0)
    const second = own.bump(1)
    for (let i = 1; i < 4; i++) expect(own.bump(2 ** 19)).toBe(second + 16 + (i - 1) * 2 ** 19)
    expect(chunks()).toBe(1)
    own.bump(2 ** 19)
    expect(chunks()).toBe(2)
    own.bump(9 * 2 ** 20)
    expect(chunks()).toBe(3)
    own.bump(18 * 2 ** 20)
    expect(chunks()).toBe(4)
    own.reset({ chunk: -1, top: 0 })
    expect(own.takeBlock(16)).toBe(16 + (1 + 2 + 4 + 9 + 18) * 2 ** 20)
  })

  it('an inner mark leaves the chunks where they are, also between blocks', () => {
    const own = new LinearMemory()
    own.bump(2 ** 20)
    const mark = own.mark()
    own.takeBlock(16)
    const second = own.bump(2 ** 20)
    own.reset(mark)
    expect(own.bump(2 ** 20)).toBe(second)
  })

  it('without chunks takes no memory, and a single chunk stays where it is', () => {
    const own = new LinearMemory()
    const empty = own.mark()
    own.reset(empty)
    const gap = own.takeBlock(2 ** 20)
    expect(gap).toBe(16)
    const first = own.bump(100)
    own.reset(empty)
    own.releaseBlock(gap, 2 ** 20)
    own.reset(empty)
    expect(own.bump(100)).toBe(first)
  })

  it('stretches of nested marks never overlap', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 3 * 2 ** 19 }), { maxLength: 8 })
    const own = new LinearMemory()
    forAll([sizes, sizes, sizes], { numRuns: 50 }, (before, inner, after) => {
      const empty = own.mark()
      const live: [number, number][] = []
      const take = (bytes: number) => {
        const offset = own.bump(bytes)
        for (const [start, end] of live) expect(offset >= end || offset + bytes <= start).toBe(true)
        expect(offset % 16).toBe(0)
        expect(offset + bytes).toBeLessThanOrEqual(own.bytes)
        live.push([offset, offset + bytes])
      }
      before.forEach(take)
      const mark = own.mark()
      const kept = live.length
      inner.forEach(take)
      own.reset(mark)
      live.length = kept
      after.forEach(take)
      own.reset(empty)
      expect(own.mark()).toEqual({ chunk: -1, top: 0 })
    })
  })
})

describe('growth', () => {
  // Growing detaches every view that was taken before, and writes to it vanish in silence.
  const grow = () => {
    const { bytes } = memory
    memory.releaseBlock(memory.takeBlock(bytes), bytes)
    expect(memory.bytes).toBeGreaterThan(bytes)
  }

  it('does not disturb live tensors, in a scope or in a block', () => {
    const block = new Block(32)
    const permanent = new t.Tensor([4], CpuStorage.inMemory('float64', 4, block.offset, block))
    permanent.view().set([1, 2, 3, 4])
    t.scope(() => {
      const x = f64([5, 6, 7, 8])
      const before = memory.f32
      grow()
      expect(memory.f32 === before).toBe(false)
      expect(memory.f32.buffer === memory.buffer).toBe(true)
      expect(listOf(t.add(x, permanent))).toEqual([6, 8, 10, 12])
      permanent.view()[0] = 9
      expect(listOf(permanent)).toEqual([9, 2, 3, 4])
    })
  })

  it('may happen within any operation: results are right when each one outgrows the arena', () => {
    t.scope(() => {
      let x = t.arange(0, 1000, 1, { dtype: 'float64' })
      for (let i = 0; i < 7; i++) x = t.concat([x, x, x]) // 2,187,000 numbers at last, 17 MB
      expect(x.view()[2_186_999]).toBe(999)
      expect(t.sum(x).item()).toBe((2187 * 1000 * 999) / 2)
      expect(t.amax(t.add(t.cumsum(x, 0), 1)).item()).toBe((2187 * 1000 * 999) / 2 + 1)
    })
  })

  it('a tensor can be made from the view of another, though making it may grow the memory', () => {
    t.scope(() => {
      const x = t.full([200_000], 3, { dtype: 'float64' })
      for (let i = 0; i < 20; i++) {
        const y = t.tensor(x.view())
        expect(y.view()[199_999]).toBe(3)
        expect(y.size).toBe(200_000)
      }
    })
  })
})

it('flat memory: 100,000 scoped steps hold what ten did', () => {
  const [x, weight] = [t.ones([4, 4]), t.ones([4, 4], { requiresGrad: true })]
  const step = () =>
    t.scope(() => {
      weight.grad = null
      t.sum(t.relu(t.matmul(x, weight))).backward()
    })
  for (let i = 0; i < 10; i++) step()
  const held = memory.bytes
  const { chunk } = memory.mark()
  for (let i = 0; i < 100_000; i++) t.scope(() => allocate('float32', 16))
  for (let i = 0; i < 2_000; i++) step()
  expect(memory.bytes).toBe(held)
  expect(memory.mark().chunk).toBe(chunk)
})
