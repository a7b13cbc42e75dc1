// What the table of operations says beside the gradients: NaN, kinks and ties. The gradients are checked in the test file of each
// operation, by `gradientProperty`; test/gradient-cases.test.ts holds that none is missing.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tables } from '../../../scripts/check/cases.ts'
import { grad, sum, type Tensor } from '../../../src/tensor/index.ts'
import { seeds } from '../../support/arbitraries.ts'
import { expectNumbers, f64, listOf } from '../../support/numbers.ts'
import { passOf } from '../../support/parity.ts'

const cases = Object.entries(tables.op)

describe('a NaN in an input reaches the value, wherever the gradient is not 0', () => {
  it.each(cases)('%s', (_, { calls }) => {
    fc.assert(
      fc.property(calls, seeds(), ({ run, inputs, call }, seed) => {
        const { grads } = passOf({ run, inputs, call }, seed)
        const place = seed % inputs.length
        const element = listOf(grads[place]!).findIndex((each) => each !== 0)
        if (element < 0) return
        const spoilt = inputs.map((x, i) => {
          const values = listOf(x)
          if (i === place) values[element] = Number.NaN
          return f64(values, x.shape)
        })
        expect(listOf(run(...spoilt)).some(Number.isNaN), call).toBe(true)
      }),
      { numRuns: 8 },
    )
  })
})

describe('at a kink or a tie the gradient and the second gradient are those of the table', () => {
  it.each(cases.filter(([, { kinks = [] }]) => kinks.length > 0))('%s', (_, { kinks }) => {
    for (const { run, inputs, first, second } of kinks!) {
      const [at, ...others] = inputs.map((values) => f64([...values]))
      const slope = grad((x: Tensor) => sum(run(x, ...others)))
      expectNumbers(listOf(slope(at!)), first)
      expectNumbers(listOf(grad((x: Tensor) => sum(slope(x)))(at!)), second)
    }
  })
})
