import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countParameters, LayerNorm, Linear, MLP, Sequential, saveParameters } from '../../../src/nn/index.ts'
import {
  firstLinear,
  fitStandardizer,
  fuseStandardizer,
  lastLinear,
  standardize,
  unfuseStandardizer,
} from '../../../src/nn/layers/standardize.ts'
import { Rng, relu, ShapeError, tensor, ValueError } from '../../../src/tensor/index.ts'
import { forAll } from '../../support/property.ts'

const tensorOf = (values: Float32Array, width: number) => tensor(values, [values.length / width, width])

/** Observations, flat, and the standardizer fitted to them. */
function fitted(rows: readonly (readonly number[])[]) {
  const width = rows[0]!.length
  const observations = Float32Array.from(rows.flat())
  const row = (i: number) => observations.subarray(i * width, (i + 1) * width)
  return { observations, standardizer: fitStandardizer(row, rows.length, width), width }
}

describe('a standardizer', () => {
  it('has the mean and the deviation of each number; 1 for one that never varies', () => {
    const { observations, standardizer } = fitted([
      [1, 0.1, -3],
      [3, 0.1, 3],
    ])
    const { mean, std } = standardizer
    expect([mean[0], mean[2]]).toEqual([2, 0])
    expect(mean[1]).toBeCloseTo(0.1, 6)
    expect(Array.from(std)).toEqual([1, 1, 3])
    const scaled = standardize(observations, standardizer)
    for (const [i, expected] of [-1, 0, -1, 1, 0, 1].entries()) expect(scaled[i]).toBeCloseTo(expected, 6)
  })

  it('takes for constant what varies by no more than rounding', () => {
    const { observations, standardizer } = fitted(Array.from({ length: 7 }, (_, i) => [0.1 + (i % 2) * 8e-9, i]))
    expect(observations[0]).not.toBe(observations[2])
    expect(standardizer.std[0]).toBe(1)
  })

  it('keeps its digits far from 0, and takes 1 for a number that is always 0', () => {
    const { standardizer } = fitted([
      [1e6, 0],
      [1e6 + 1, 0],
      [1e6 + 3, 0],
    ])
    expect(standardizer.std[0]).toBeCloseTo(Math.sqrt(14) / 3, 9) // (16 + 1 + 25) / 9 / 3
    expect(standardizer.std[1]).toBe(1)
  })

  it('gives numbers of mean 0 and deviation 1 for any observations', () => {
    const given = fc.array(fc.tuple(fc.integer({ min: -90, max: 90 }), fc.integer({ min: 1000, max: 1009 })), {
      minLength: 3,
      maxLength: 20,
    })
    forAll([given], (rows) => {
      fc.pre(new Set(rows.map(([a]) => a)).size > 1)
      const { observations, standardizer } = fitted(rows)
      const scaled = standardize(observations, standardizer).filter((_, i) => i % 2 === 0)
      const mean = scaled.reduce((sum, x) => sum + x, 0) / rows.length
      expect(mean).toBeCloseTo(0, 4)
      expect(scaled.reduce((sum, x) => sum + (x - mean) ** 2, 0) / rows.length).toBeCloseTo(1, 3)
    })
  })
})

describe('a fused standardizer', () => {
  const networks = fc.record({
    seed: fc.nat(9999),
    inputs: fc.integer({ min: 1, max: 6 }),
    hidden: fc.array(fc.integer({ min: 1, max: 16 }), { maxLength: 2 }),
    states: fc.integer({ min: 1, max: 12 }),
    spread: fc.double({ min: 0.01, max: 50, noNaN: true }),
    away: fc.double({ min: -3, max: 3, noNaN: true }), // the mean, in spreads
    constant: fc.boolean(),
  })

  it('leaves a network that computes on raw observations what it did on standardized ones, but for rounding', () => {
    forAll([networks], ({ seed, inputs, hidden, states, spread, away, constant }) => {
      const rng = new Rng(seed)
      const rows = Array.from({ length: states }, () =>
        Array.from({ length: inputs }, (_, j) => (constant && j === 0 ? 5 : spread * (away + rng.normal()))),
      )
      const { observations, standardizer } = fitted(rows)
      const network = new MLP([inputs, ...hidden, 3], rng)
      const scaled = tensorOf(standardize(observations, standardizer), inputs)
      const before = network.forward(scaled).toArray()
      const parameters = countParameters(network)
      fuseStandardizer(firstLinear(network, inputs), standardizer)
      const after = network.forward(tensorOf(observations, inputs)).toArray()
      expect(countParameters(network)).toBe(parameters)
      // Both x/σ and μ/σ are rounded to single precision, and much of them may cancel.
      const sizes = Array.from(standardizer.mean, (mean, j) => {
        const largest = Math.max(...rows.map((row) => Math.abs(row[j]!)))
        return (largest + Math.abs(mean)) / standardizer.std[j]!
      })
      const rounding = 2 ** -21 * (1 + sizes.reduce((sum, each) => sum + each))
      for (const [i, y] of before.entries()) expect(Math.abs(after[i]! - y)).toBeLessThan(rounding)
    })
  })

  it('is undone by unfusing, but for rounding', () => {
    const { standardizer } = fitted([
      [1, 0.1, -3],
      [3, 0.1, 5],
    ])
    const network = new MLP([3, 4, 2], new Rng(0))
    const before = Object.values(network.parameters()).flatMap((each) => Array.from(each.view()))
    const first = firstLinear(network, 3)
    fuseStandardizer(first, standardizer)
    unfuseStandardizer(first, standardizer)
    const after = Object.values(network.parameters()).flatMap((each) => Array.from(each.view()))
    for (const [i, x] of before.entries()) expect(after[i]).toBeCloseTo(x, 6)
  })
})

describe('the layer to fuse with', () => {
  it('is the first of the network, a Linear with a bias, however deep', () => {
    const rng = new Rng(0)
    const first = new Linear(3, 4, rng)
    expect(firstLinear(first, 3)).toBe(first)
    expect(firstLinear(new Sequential(new Sequential(first, relu), new Linear(4, 3, rng)), 3)).toBe(first)
    for (const network of [
      new Sequential(new LayerNorm(3), new Linear(3, 3, rng)),
      new Sequential(relu, new Linear(3, 3, rng)),
      new Sequential(new Linear(3, 3, rng, { bias: false })),
    ]) {
      const before = saveParameters(network)
      expect(() => firstLinear(network, 3)).toThrow(ValueError)
      expect(() => firstLinear(network, 3)).toThrow(/does not begin with a Linear layer that has a bias/)
      expect(saveParameters(network)).toEqual(before)
    }
  })

  it('is the last of the network for its outputs', () => {
    const network = new MLP([3, 4, 4, 2], new Rng(0))
    expect(lastLinear(network)).toBe(network.layers[4])
    expect(() => lastLinear(new MLP([3, 2], new Rng(0), { outputActivation: 'tanh' }))).toThrow(
      /does not end with a Linear layer that has a bias/,
    )
  })

  it('takes as many inputs as there are observations', () => {
    expect(() => firstLinear(new MLP([5, 3], new Rng(0)), 3)).toThrow(ShapeError)
    expect(() => firstLinear(new MLP([5, 3], new Rng(0)), 3)).toThrow(/takes 5 inputs; expected 3/)
  })
})
