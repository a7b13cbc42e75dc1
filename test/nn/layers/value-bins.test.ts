import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BinReadOut, fromTwoHot, hlGauss, supportCenters, supportValues, twoHot } from '../../../src/nn/index.ts'
import { crossEntropy } from '../../../src/nn/losses/classification.ts'
import { symexp, symlog } from '../../../src/nn/symlog.ts'
import { softmax, type Tensor, tensor, ValueError } from '../../../src/tensor/index.ts'
import { expectClose, fromGolden, type GoldenCase, goldenCases, toleranceOf } from '../../support/golden.ts'
import { gradientProperty } from '../../support/gradients.ts'
import { symlogCases } from '../../support/op-cases/symlog.ts'
import { forAll, property } from '../../support/property.ts'

const cases = (op: string) => goldenCases('rl.json').filter((golden) => golden.op === op)
const binsOf = ({ attrs }: GoldenCase) => ({
  low: attrs!.low as number,
  high: attrs!.high as number,
  count: attrs!.bins as number,
})
const valuesOf = (golden: GoldenCase) => golden.inputs.values!.data.map(Number)
const expectFigures = (got: Float64Array, golden: GoldenCase, name: string) => {
  const expected = golden.outputs[name]!
  expectClose(tensor(got, expected.shape), expected, toleranceOf(golden, 'float64'), `${golden.name}: ${name}`)
}

const bins = fc.record({
  low: fc.double({ min: -50, max: -1, noNaN: true }),
  high: fc.double({ min: 1, max: 50, noNaN: true }),
  count: fc.integer({ min: 2, max: 60 }),
})

describe('twoHot', () => {
  it('puts a value between two bins onto both, by nearness', () => {
    expect(Array.from(twoHot([0.25, 9], { low: -1, high: 1, count: 3 }))).toEqual([0, 0.75, 0.25, 0, 0, 1])
  })

  it('has weights that sum to 1 and whose mean is the value', () => {
    forAll([bins, fc.double({ min: 0, max: 1, noNaN: true })], (b, share) => {
      const value = b.low + share * (b.high - b.low)
      const weights = twoHot([value], b)
      expect(weights.reduce((sum, w) => sum + w)).toBeCloseTo(1, 12)
      expect(fromTwoHot(weights, supportValues(b))[0]).toBeCloseTo(value, 9)
    })
  })

  it('agrees with PyTorch, with and without symlog, and in its loss', () => {
    for (const golden of cases('two_hot')) {
      const weights = twoHot(valuesOf(golden), binsOf(golden))
      expectFigures(weights, golden, 'out')
      expectFigures(fromTwoHot(weights, supportValues(binsOf(golden))), golden, 'decoded')
    }
    for (const golden of cases('two_hot_symlog')) {
      const small = symlog(tensor(Float64Array.from(valuesOf(golden)))).view()
      const weights = twoHot(small, binsOf(golden))
      expectFigures(weights, golden, 'out')
      const decoded = symexp(tensor(fromTwoHot(weights, supportValues(binsOf(golden))))).toArray() as Float64Array
      expectFigures(decoded, golden, 'decoded')
    }
    for (const golden of cases('two_hot_loss')) {
      const logits = fromGolden(golden.inputs.logits!, 'float64', true)
      const targets = tensor(twoHot(valuesOf(golden), binsOf(golden)), logits.shape)
      const loss = crossEntropy(logits, targets)
      expectClose(loss, golden.outputs.loss!, toleranceOf(golden, 'float64'), golden.name)
      loss.backward()
      expectClose(logits.grad!, golden.grads!.logits!, toleranceOf(golden, 'float64'), `${golden.name}: gradient`)
      expectFigures(fromTwoHot(softmax(logits).view(), supportValues(binsOf(golden))), golden, 'decoded')
    }
  })
})

describe('hlGauss', () => {
  it('has weights that sum to 1 and, away from the ends, the value for a mean', () => {
    forAll([bins, fc.double({ min: 0.3, max: 0.7, noNaN: true })], (b, share) => {
      fc.pre(b.count >= 20)
      const width = (b.high - b.low) / b.count
      const value = b.low + share * (b.high - b.low)
      const weights = hlGauss([value], b, 0.75 * width)
      expect(weights.reduce((sum, w) => sum + w)).toBeCloseTo(1, 10)
      expect(Math.abs(fromTwoHot(weights, supportCenters(b))[0]! - value)).toBeLessThan(0.02 * width)
    })
  })

  it('agrees with PyTorch', () => {
    for (const golden of cases('hl_gauss')) {
      const weights = hlGauss(valuesOf(golden), binsOf(golden), golden.attrs!.sigma as number)
      expectFigures(weights, golden, 'out')
      expectFigures(fromTwoHot(weights, supportCenters(binsOf(golden))), golden, 'decoded')
    }
  })
})

it('BinReadOut: reads the mean of the bins of each value: Σ softmax(z) · position', () => {
  // A state with two values in three bins at -1, 0 and 1: (½, ¼, ¼) and (0, ¼, ¾); then (⅓, ⅓, ⅓) and (1, 0, 0).
  const probabilities = [0.5, 0.25, 0.25, 0, 0.25, 0.75, 1 / 3, 1 / 3, 1 / 3, 1, 0, 0]
  const network = { forward: (x: Tensor) => x, parameters: () => ({}) }
  const read = new BinReadOut(network, supportValues({ low: -1, high: 1, count: 3 }))
  const values = read.forward(tensor(probabilities.map(Math.log), [2, 6]))
  expect(values.shape).toEqual([2, 2])
  for (const [i, expected] of [-0.25, 0.75, 0, -1].entries()) expect(values.view()[i]).toBeCloseTo(expected, 6)
})

describe('symlog and symexp', () => {
  it.each(Object.entries(symlogCases))('%s has the gradient of its equation', (_, { calls }) => gradientProperty(calls))

  it('agree with PyTorch, gradients too', () => {
    for (const [op, f] of [
      ['symlog', symlog],
      ['symexp', symexp],
    ] as const) {
      for (const golden of cases(op)) {
        const x = fromGolden(golden.inputs.x!, 'float64', true)
        const y = f(x)
        expectClose(y, golden.outputs.out!, toleranceOf(golden, 'float64'), golden.name)
        if (golden.grads === undefined) continue
        y.backward(fromGolden(golden.W!, 'float64'))
        expectClose(x.grad!, golden.grads.x!, toleranceOf(golden, 'float64'), `${golden.name}: gradient`)
      }
    }
  })

  property('undo each other and keep small numbers', [fc.double({ min: -20, max: 20, noNaN: true })], (value) => {
    const x = tensor(Float64Array.of(value))
    const back = symexp(symlog(x)).view()[0]!
    expect(Math.abs(back - value)).toBeLessThanOrEqual(1e-12 * Math.abs(value) + 1e-300)
  })
})

it('bad input: says what bins it was given', () => {
  expect(() => twoHot([0], { low: 1, high: 1, count: 5 })).toThrow(/5 bins from 1 to 1/)
  expect(() => twoHot([0], { low: 0, high: 1, count: 1 })).toThrow(ValueError)
  expect(() => twoHot([0], { low: -1e308, high: 1e308, count: 3 })).toThrow(/expected at least 2 and finite ends/)
  expect(() => twoHot([Number.NaN], { low: 0, high: 1, count: 3 })).toThrow(/a value is NaN/)
  expect(() => hlGauss([0], { low: 0, high: 1, count: 3 }, 0)).toThrow(/sigma is 0/)
})
