// The numbers of a network as text, read back by the text itself.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DenseLayer } from '../../src/export/dense-layers.ts'
import { packExactly, packRounded, rounded, shortestDecimal, writeOut } from '../../src/export/packed-numbers.ts'
import { forAll, property } from '../support/property.ts'

const float = fc.float({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0) // decimals have no -0
const layerOf = (weight: readonly number[], bias: readonly number[]): DenseLayer => ({
  ...{ inputs: weight.length / bias.length, outputs: bias.length, activation: 'identity' },
  ...{ weight: Float32Array.from(weight), bias: Float32Array.from(bias) },
})
const layers = fc
  .tuple(fc.array(float, { minLength: 2, maxLength: 2 }), fc.array(float, { minLength: 6, maxLength: 6 }))
  .map(([bias, weight]) => layerOf(weight, bias))
/** What a module has: for each layer the weights of each output, then its bias. */
const unpacked = (text: string): Float32Array[] => new Function(`${text}\nreturn layers`)()
const rowsOf = ({ weight: w, bias: b }: DenseLayer) =>
  Float32Array.of(...w.subarray(0, 3), b[0]!, ...w.subarray(3), b[1]!).map((x) => x + 0)

describe('shortestDecimal', () => {
  it.each([
    [0, '0'],
    [1, '1'],
    [-0.5, '-.5'],
    [0.1, '.1'],
    [1 / 3, '.33333334'],
    [16_777_216, '16777216'],
    [1e-7, '1e-7'],
    [-3e20, '-300000000000000000000'],
  ])('of %d is %s', (value, text) => expect(shortestDecimal(Math.fround(value))).toBe(text))

  property('gives the same float32', [float], (value) => Math.fround(Number(shortestDecimal(value))) === value)
})

describe('numbers in a module', () => {
  property('have all their bits in decimals and in base 64', [layers, layers], (a, b) => {
    for (const write of [writeOut, packExactly]) expect(unpacked(write([a, b]))).toEqual([rowsOf(a), rowsOf(b)])
  })

  it('are multiples of a step of each layer in 24 bits, the largest of them 2²³ - 1 steps', () => {
    forAll([layers, layers], (a, b) => {
      expect(unpacked(packRounded([a, b]))).toEqual([rowsOf(rounded(a)), rowsOf(rounded(b))])
      const largest = Math.max(...rowsOf(a).map(Math.abs))
      const errors = rowsOf(rounded(a)).map((value, i) => Math.abs(value - rowsOf(a)[i]!))
      expect(Math.max(...errors)).toBeLessThanOrEqual(largest * 2 ** -23 + 2 ** -149)
    })
    const { weight, bias } = rounded(layerOf([-1, 0.25], [0.3]))
    expect([...weight, ...bias]).toEqual([-1, 2_097_152 / 8_388_607, 2_516_582 / 8_388_607].map(Math.fround))
  })

  it('may all be 0', () => {
    const zeros = layerOf([0, 0, 0, 0, 0, 0], [0, 0])
    expect(unpacked(packRounded([zeros]))).toEqual([new Float32Array(8)])
    expect(rounded(zeros)).toEqual(zeros)
  })
})
