// The wasm backend against the reference: every function of the interface, random shapes to 70 with axes of size 0 and 1,
// operands in every home and off the sixteen-byte grid, NaN and infinities kept.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Backend } from '../../../src/tensor/backends/backend.ts'
import { wasm } from '../../support/backends.ts'
import { type Call, calls } from './calls.ts'
import { drawFloats } from './draws.ts'
import { expectParity, homes } from './wasm/homes.ts'

const runsOf: Partial<Record<keyof Backend, number>> = { map: 600, zip: 600, matmul: 150, reduce: 200, slice: 150 }

/** A failure prints the call's name in place of its thousands of numbers. */
const named = (call: Call) => ({ ...call, [fc.toStringMethod]: () => call.name })

describe('wasm computes what the reference computes', () => {
  it('is there on this machine', () => expect(wasm.name).toBe('wasm'))

  for (const [name, arbitrary] of Object.entries(calls)) {
    it(name, () => {
      fc.assert(
        fc.property(
          arbitrary.map(named),
          fc.array(homes, { minLength: 1, maxLength: 5 }),
          fc.boolean(),
          (call, homesOf, inScope) => expectParity(wasm, call, homesOf, inScope),
        ),
        { numRuns: runsOf[name as keyof Backend] ?? 80 },
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

  it('products large enough to be packed in blocks', () => {
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
        expectParity(wasm, call, [{ kind: 'arena', skip: 1 }], true)
      }
    }
  })
})
