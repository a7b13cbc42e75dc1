// The wasm backend against the reference: every function of the interface, random shapes to 70 with axes of size 0 and 1,
// operands in every home and off the sixteen-byte grid, NaN and infinities kept.

import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { scope } from '../../../src/tensor/autograd/scope.ts'
import type { Backend } from '../../../src/tensor/backends/backend.ts'
import * as families from '../../../src/tensor/dispatch/families.ts'
import { memory } from '../../../src/tensor/memory.ts'
import { CpuStorage } from '../../../src/tensor/storage.ts'
import { wasm } from '../../support/backends.ts'
import { forAll } from '../../support/property.ts'
import { type Call, calls } from './calls.ts'
import { drawFloats } from './draws.ts'
import { expectParity, homes } from './wasm/homes.ts'

const runsOf: Partial<Record<keyof Backend, number>> = { map: 600, zip: 600, matmul: 150, reduce: 200, slice: 150 }

/** The functions of one family. Each test compiles its kernels anew, so that it covers the code that writes them. */
function compiled(name: keyof Backend): Backend {
  const all = Object.values(families) as unknown as families.Family<Partial<Backend>>[]
  return { name: 'wasm', ...all.find(({ reference }) => name in reference)!.compile(false) } as Backend
}

/** A failure prints the call's name in place of its thousands of numbers. */
const named = (call: Call) => ({ ...call, [fc.toStringMethod]: () => call.name })

describe('wasm computes what the reference computes', () => {
  // Address 0 stands for an operand that is not there.
  afterEach(() => expect([...memory.f32.subarray(0, 4)], 'nothing is written at address 0').toEqual([0, 0, 0, 0]))

  it('is there on this machine', () => expect(wasm.name).toBe('wasm'))

  for (const [name, arbitrary] of Object.entries(calls)) {
    it(name, () => {
      const backend = compiled(name as keyof Backend)
      forAll(
        [arbitrary.map(named), fc.array(homes, { minLength: 1, maxLength: 5 }), fc.boolean()],
        { numRuns: runsOf[name as keyof Backend] ?? 80 },
        (call, homesOf, inScope) => expectParity(backend, call, homesOf, inScope),
      )
    })
  }

  it('rows far from zero are standardised as well as rows around it', () => {
    const [near] = drawFloats({ seed: 3, odd: 0, whole: false }, 8 * 50)
    const far = near!.map((x) => 1000 + x / 50) // the nearest float to the mean is off by a thousandth of a deviation
    const call: Call = {
      name: 'standardize [8, 50] around 1000',
      operands: [far],
      run: (backend, [x]) => backend.standardize(x!, 8, 50, 1e-8),
      tolerance: 1e-5,
    }
    expectParity(wasm, call, [{ kind: 'arena', skip: 0 }], true)
  })

  it('an upload has the element type of its numbers, in a copy', () => {
    const backend = compiled('upload')
    for (const values of [Float32Array.of(0.1, 2), Float64Array.of(0.1, 2), Int32Array.of(1, 2)]) {
      for (const inside of [false, true]) {
        const run = () => (backend.upload(values) as CpuStorage).view().slice()
        expect(inside ? scope(run) : run()).toEqual(values)
      }
    }
    const values = Float32Array.of(1)
    expect((backend.upload(values) as CpuStorage).array).not.toBe(values)
  })

  it('products of a batch may have one bias, or one for each', () => {
    const { matmul } = compiled('matmul')
    const storage = (...values: number[]) => CpuStorage.onHeap(Float32Array.from(values))
    const numbers = (n: number, bias: number[]) => {
      const spec = { batch: 3, m: 2, k: 1, n, transposeA: false, transposeB: false }
      const b = Array.from({ length: 3 * n }, (_, i) => 10 * i)
      return [...(matmul(spec, storage(1, 2, 3, 4, 5, 6), storage(...b), storage(...bias)) as CpuStorage).view()]
    }
    expect(numbers(1, [0.5])).toEqual([0.5, 0.5, 30.5, 40.5, 100.5, 120.5])
    expect(numbers(1, [1, 2, 3])).toEqual([1, 1, 32, 42, 103, 123])
    expect(numbers(2, [1, 2])).toEqual([1, 12, 1, 22, 61, 92, 81, 122, 201, 252, 241, 302])
    expect(numbers(2, [1, 2, 3, 4, 5, 6])).toEqual([1, 12, 1, 22, 63, 94, 83, 124, 205, 256, 245, 306])
  })

  it('products large enough to be packed in blocks', () => {
    const backend = compiled('matmul')
    const sizesOf = [
      [171, 300, 170],
      [66, 530, 261],
      [70, 130, 1030],
      [1030, 70, 90],
    ] as const
    for (const [m, k, n] of sizesOf) {
      for (const [transposeA, transposeB] of [
        [false, false],
        [true, false],
        [false, true],
        [true, true],
      ] as const) {
        const [a, b, bias] = drawFloats({ seed: m, odd: 0, whole: false }, m * k, k * n, n)
        const call: Call = {
          name: `matmul [${m}, ${k}] · [${k}, ${n}], ${transposeA}, ${transposeB}`,
          operands: [a!, b!, bias!],
          run: (backend, [x, y, z]) => backend.matmul({ batch: 1, m, k, n, transposeA, transposeB }, x!, y!, z!),
          scale: 16 * Math.sqrt(k),
        }
        expectParity(backend, call, [{ kind: 'arena', skip: 1 }], true)
      }
    }
  })
})
