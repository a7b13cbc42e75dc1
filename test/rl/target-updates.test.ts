import { describe, expect, it } from 'vitest'
import { copyParameters, polyakUpdate } from '../../src/nn/module.ts'
import { expectClose, fromGolden, goldenCases, toleranceOf } from '../support/golden.ts'

describe('target networks', () => {
  const golden = goldenCases('rl.json').find(({ op }) => op === 'polyak')!
  const { tau } = golden.attrs as { tau: number }

  it.each(['float64', 'float32'] as const)(
    'trail the learner by Polyak averaging, as the golden figures in %s',
    (dtype) => {
      const target = fromGolden(golden.inputs.target!, dtype)
      const online = fromGolden(golden.inputs.online!, dtype)
      for (let update = 1; update <= 10; update++) {
        polyakUpdate([target], [online], tau)
        const expected = golden.outputs[`after_${update}`]
        if (expected !== undefined) expectClose(target, expected, toleranceOf(golden, dtype), `after ${update}`)
      }
    },
  )

  it('are the learner after a hard update', () => {
    const target = fromGolden(golden.inputs.target!, 'float32')
    const online = fromGolden(golden.inputs.online!, 'float32')
    copyParameters([online], [target])
    expect(target.toArray()).toEqual(online.toArray())
  })
})
