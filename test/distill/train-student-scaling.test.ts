// Students train on scaled observations, and are plain networks on raw ones afterwards.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  firstLinear,
  foldScaling,
  observationScaling,
  scaleObservations,
} from '../../src/distill/observation-scaling.ts'
import { prepareTarget } from '../../src/distill/targets.ts'
import { trainStudent } from '../../src/distill/train-student.ts'
import { saveParameters } from '../../src/nn/checkpoint.ts'
import { countParameters, LayerNorm, Linear, MLP, Sequential } from '../../src/nn/index.ts'
import { finish } from '../../src/rl/training.ts'
import { argmax, Rng, relu, ShapeError, tensor, ValueError } from '../../src/tensor/index.ts'
import { formulaSet, setOf } from './targets-set.ts'

const rowsOf = (values: Float32Array, width: number) => tensor(values, [values.length / width, width])

describe('observationScaling', () => {
  it('is the mean and the deviation of each number; 1 for one that never varies', () => {
    const set = setOf(
      [
        [1, 0.1, -3],
        [3, 0.1, 3],
      ],
      [0, 1, 0, 1],
    )
    const { mean, deviation } = observationScaling(set)
    expect([mean[0], mean[2]]).toEqual([2, 0])
    expect(mean[1]).toBeCloseTo(0.1, 6)
    expect(Array.from(deviation)).toEqual([1, 1, 3])
    const scaled = scaleObservations(set.observations, { mean, deviation })
    for (const [i, want] of [-1, 0, -1, 1, 0, 1].entries()) expect(scaled[i]).toBeCloseTo(want, 6)
  })

  it('takes for constant what varies by no more than rounding', () => {
    const odd = setOf(
      Array.from({ length: 7 }, (_, i) => [0.1 + (i % 2) * 8e-9, i]),
      new Array(14).fill(0).map((_, i) => i % 2),
    )
    expect(odd.observations[0]).not.toBe(odd.observations[2])
    expect(observationScaling(odd).deviation[0]).toBe(1)
  })

  it('gives numbers of mean 0 and deviation 1 for any set', () => {
    const sets = fc.array(fc.tuple(fc.integer({ min: -90, max: 90 }), fc.integer({ min: 1000, max: 1009 })), {
      minLength: 3,
      maxLength: 20,
    })
    fc.assert(
      fc.property(sets, (rows) => {
        fc.pre(new Set(rows.map(([a]) => a)).size > 1)
        const set = setOf(
          rows,
          rows.flatMap(() => [0, 1]),
        )
        const scaled = scaleObservations(set.observations, observationScaling(set)).filter((_, i) => i % 2 === 0)
        const mean = scaled.reduce((sum, x) => sum + x, 0) / rows.length
        expect(mean).toBeCloseTo(0, 4)
        expect(scaled.reduce((sum, x) => sum + (x - mean) ** 2, 0) / rows.length).toBeCloseTo(1, 3)
      }),
    )
  })
})

describe('foldScaling', () => {
  it('leaves a network that does on raw observations what it did on scaled ones, but for rounding', () => {
    const nets = fc.record({
      seed: fc.nat(9999),
      inputs: fc.integer({ min: 1, max: 6 }),
      hidden: fc.array(fc.integer({ min: 1, max: 16 }), { maxLength: 2 }),
      states: fc.integer({ min: 1, max: 12 }),
      spread: fc.double({ min: 0.01, max: 50, noNaN: true }),
      away: fc.double({ min: -3, max: 3, noNaN: true }), // the mean, in spreads
      constant: fc.boolean(),
    })
    fc.assert(
      fc.property(nets, ({ seed, inputs, hidden, states, spread, away, constant }) => {
        const rng = new Rng(seed)
        const rows = Array.from({ length: states }, () =>
          Array.from({ length: inputs }, (_, j) => (constant && j === 0 ? 5 : spread * (away + rng.normal()))),
        )
        const set = setOf(
          rows,
          rows.flatMap(() => [0, 1]),
        )
        const network = new MLP([inputs, ...hidden, 3], rng)
        const scaling = observationScaling(set)
        const scaled = rowsOf(scaleObservations(set.observations, scaling), inputs)
        const before = network.forward(scaled).toArray()
        const parameters = countParameters(network)
        foldScaling(firstLinear(network, inputs), scaling)
        const after = network.forward(rowsOf(set.observations, inputs)).toArray()
        expect(countParameters(network)).toBe(parameters)
        // Both x/σ and μ/σ are rounded to single precision, and much of them may cancel.
        const sizes = scaling.mean.map((mean, j) => {
          const largest = Math.max(...rows.map((row) => Math.abs(row[j]!)))
          return (largest + Math.abs(mean)) / scaling.deviation[j]!
        })
        const rounding = 2 ** -21 * (1 + sizes.reduce((sum, each) => sum + each))
        for (const [i, y] of before.entries()) expect(Math.abs(after[i]! - y)).toBeLessThan(rounding)
      }),
    )
  })
})

describe('a student', () => {
  const set = formulaSet(60)
  const target = prepareTarget('policy', set)
  const raw = rowsOf(set.observations, 3)
  const scaled = rowsOf(scaleObservations(set.observations, observationScaling(set)), 3)
  const train = (network: Sequential, options = {}) => trainStudent(network, set, target, { updates: 40, ...options })

  it('gives on raw observations what it gave on scaled ones at the end of its training', () => {
    const network = new MLP([3, 16, 3], new Rng(1))
    const training = train(network)
    let trained: ArrayLike<number> = []
    let step = training.next()
    while (!step.done) {
      trained = network.forward(scaled).toArray()
      step = training.next()
    }
    const finished = step.value.logits!(raw).toArray()
    for (const [i, y] of Array.from(trained).entries()) expect(Math.abs(finished[i]! - y)).toBeLessThan(1e-5)
  })

  it('takes raw observations after an early end as well', () => {
    const network = new MLP([3, 16, 3], new Rng(1))
    let last: ArrayLike<number> = []
    for (const { update } of train(network)) {
      last = network.forward(scaled).toArray()
      if (update === 10) break
    }
    const now = network.forward(raw).toArray()
    for (const [i, y] of Array.from(last).entries()) expect(Math.abs(now[i]! - y)).toBeLessThan(1e-5)
  })

  it('learns from observations in unlike units, which it does not without', () => {
    const units = [1e-3, 1e3, 1]
    const unlike = { ...set, observations: set.observations.map((x, i) => x * units[i % 3]!) }
    const taught = argmax(rowsOf(set.actionValues!, 3), 1).toArray()
    const agreement = (options: object) => {
      const network = new MLP([3, 32, 3], new Rng(2))
      const student = finish(trainStudent(network, unlike, target, { updates: 600, ...options }))
      const chosen = argmax(student.logits!(rowsOf(unlike.observations, 3)), 1).toArray()
      return Array.from(chosen).filter((a, i) => a === taught[i]).length / set.size
    }
    expect(agreement({})).toBeGreaterThan(0.9)
    expect(agreement({ scaleObservations: false })).toBeLessThan(0.8)
  })

  it('without scaling trains on the observations as they are, and can be trained further', () => {
    const network = new MLP([3, 16, 3], new Rng(1))
    const before = saveParameters(network)
    finish(train(network, { updates: 0, scaleObservations: false }))
    expect(saveParameters(network)).toEqual(before)
  })

  it('needs a first Linear layer with a bias, and says what to do without one', () => {
    const rng = new Rng(0)
    const networks = [
      new Sequential(new LayerNorm(3), new Linear(3, 3, rng)),
      new Sequential(relu, new Linear(3, 3, rng)),
      new Sequential(new Linear(3, 3, rng, { bias: false })),
    ]
    for (const network of networks) {
      expect(() => train(network).next()).toThrow(ValueError)
      expect(() => train(network).next()).toThrow(/pass scaleObservations: false/)
      expect(train(network, { scaleObservations: false }).next().done).toBe(false)
    }
    const nested = new Sequential(new Sequential(new Linear(3, 4, rng), relu), new Linear(4, 3, rng))
    expect(train(nested).next().done).toBe(false)
    expect(firstLinear(new Linear(3, 3, rng), 3)).toBeInstanceOf(Linear)
  })

  it('that takes another number of inputs is refused', () => {
    expect(() => train(new MLP([5, 3], new Rng(0))).next()).toThrow(ShapeError)
    expect(() => train(new MLP([5, 3], new Rng(0))).next()).toThrow(/takes 5 inputs; expected 3/)
  })
})
