import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { denseLayers } from '../../src/export/dense-layers.ts'
import { forwardDense } from '../../src/export/forward.ts'
import { forwardInt8, quantize } from '../../src/export/int8.ts'
import { MLP } from '../../src/nn/layers/mlp.ts'
import { Rng } from '../../src/tensor/random.ts'
import { forAll } from '../support/property.ts'

describe('a network of 8 bits', () => {
  it('has a step for each input and each output, and the exact outputs of states at whole steps', () => {
    // y = 1.27 x0 + 0.635 x1, with x0 up to 127 and x1 up to 12.7.
    const weight = Float32Array.of(1.27, 0.635)
    const layer = { inputs: 2, outputs: 1, weight, bias: Float32Array.of(3), activation: 'identity' as const }
    const [int8] = quantize([layer], Float32Array.of(127, 0, -3, -12.7))
    expect([...int8!.weight]).toEqual([127, 6]) // 6.35 steps of 0.01, rounded
    expect([...int8!.inverse]).toEqual([1, Math.fround(10)])
    expect(forwardInt8([int8!], [100, 0])[0]).toBeCloseTo(3 + 127, 4)
    expect(forwardInt8([int8!], [1000, 0])[0]).toBeCloseTo(3 + 1.27 * 127, 4) // clipped to the calibrated range
  })

  it('rounds to the nearest step on both sides of 0, and leaves out inputs and outputs that are always 0', () => {
    const weight = Float32Array.of(127, -63.5, 5, 0, 0, 0)
    const layer = { inputs: 3, outputs: 2, weight, bias: Float32Array.of(0.5, 7), activation: 'identity' as const }
    const [int8] = quantize([layer], Float32Array.of(127, -127, 0))
    expect([...int8!.weight]).toEqual([127, -63, 0, 0, 0, 0]) // -63.5 steps of 127, to the larger
    expect([...int8!.inverse]).toEqual([1, 1, 0])
    expect([...int8!.scale]).toEqual([127 / 127, 0])
    // Of -2.5 and 1.4 are -3 and 1 steps.
    expect([...forwardInt8([int8!], [-2.5, 1.4, 9])]).toEqual([0.5 + (127 * -3 - 63 * 1), 7])
    expect([...forwardInt8([int8!], [2.5, -1.6, 9])]).toEqual([0.5 + (127 * 3 + 63 * 2), 7])
    expect([...forwardInt8([int8!], [-900, 900, 9])]).toEqual([0.5 - 127 * 127 - 63 * 127, 7])
  })

  it.each([[[]], [[1, 2, 3]], [[1, Number.NaN]], [[1, Infinity]]])('refuses the states %j', (states) => {
    const layer = { inputs: 2, outputs: 1, weight: new Float32Array(2), bias: new Float32Array(1) }
    expect(() => quantize([{ ...layer, activation: 'identity' }], Float32Array.from(states))).toThrow(
      `calibration: ${states.length} numbers; expected whole observations of 2 finite numbers`,
    )
  })

  it('stays near the float32 outputs on states of its calibration', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 2, maxLength: 4 })
    forAll(
      [sizes, fc.constantFrom('relu' as const, 'tanh' as const), fc.nat(9999)],
      { numRuns: 50 },
      (sizes, activation, seed) => {
        const rng = new Rng(seed)
        const layers = denseLayers(new MLP(sizes, rng, { activation }))
        const width = sizes[0]!
        const states = Float32Array.from({ length: 50 * width }, () => rng.normal(0, 3))
        const int8 = quantize(layers, states)
        const rows = Array.from({ length: 50 }, (_, i) => states.subarray(i * width, (i + 1) * width))
        const largest = Math.max(1, ...rows.flatMap((row) => [...forwardDense(layers, row).map(Math.abs)]))
        for (const row of rows) {
          const expected = forwardDense(layers, row)
          for (const [i, y] of forwardInt8(int8, row).entries())
            expect(Math.abs(y - expected[i]!)).toBeLessThan(0.1 * largest)
        }
      },
    )
  })
})
