// 34 optimizer trajectories as PyTorch computed them, each three ways: with the gradients given in one flat block, with
// gradients from elsewhere (so that each parameter gets its own update call), and by `minimize` on the function itself.

import { describe, expect, it } from 'vitest'
import { mul, sum, tensor } from '../../../src/tensor/index.ts'
import { expectClose, fromGolden, goldenCases } from '../../support/golden.ts'
import {
  type AnyOptimizer,
  type OptimizerCase,
  objective,
  type Parameters,
  rowOf,
  startOptimizer,
} from '../../support/torch-optimizers.ts'
import { onEachBackend } from '../backends.ts'

const GENERAL = { float32: { rtol: 1e-5, atol: 1e-5 }, float64: { rtol: 1e-10, atol: 1e-10 } }

function follow(
  golden: OptimizerCase,
  dtype: 'float32' | 'float64',
  step: (step: number, parameters: Parameters, optimizer: AnyOptimizer) => void,
) {
  const tolerance = dtype === 'float32' ? (golden.tol32 ?? GENERAL.float32) : GENERAL.float64
  const { parameters, optimizer } = startOptimizer(golden, (x) => fromGolden(x, dtype, true))
  for (let k = 0; k < golden.steps; k++) {
    step(k, parameters, optimizer)
    for (const [name, expected] of Object.entries(golden.params)) {
      expectClose(parameters[name]!, rowOf(expected, k), tolerance, `${name} after step ${k}`)
    }
  }
}

const cases = goldenCases<OptimizerCase>('optim.json').filter(({ op }) => op.startsWith('optimizer'))

describe.each(onEachBackend)('$name', ({ dtype, use }) => {
  it.each(cases.map((golden) => [golden.name, golden] as const))('%s, one block', (_, golden) => {
    use(() =>
      follow(golden, dtype, (k, parameters, optimizer) => {
        for (const [name, parameter] of Object.entries(parameters)) {
          const gradient = fromGolden(rowOf(golden.grads[name]!, k), dtype)
          // sum(parameter · g) has the gradient g, and leaves it in the parameter's own place.
          sum(mul(parameter, gradient)).backward()
          if (dtype === 'float32') expect(parameter.grad!.storage).toBe(parameter.gradHome)
        }
        optimizer.step()
        optimizer.zeroGrad()
      }),
    )
  })

  it.each(cases.map((golden) => [golden.name, golden] as const))('%s, one by one', (_, golden) => {
    use(() =>
      follow(golden, dtype, (k, parameters, optimizer) => {
        for (const [name, parameter] of Object.entries(parameters)) {
          parameter.grad = fromGolden(rowOf(golden.grads[name]!, k), dtype)
        }
        optimizer.step()
      }),
    )
  })

  const computed = cases.filter(({ op }) => op === 'optimizer')
  it.each(computed.map((golden) => [golden.name, golden] as const))('%s, minimize', (_, golden) => {
    use(() => {
      const a = fromGolden(golden.inputs.a!, dtype)
      const c = fromGolden(golden.inputs.c!, dtype)
      const losses: number[] = []
      follow(golden, dtype, (_, parameters, optimizer) => {
        losses.push(optimizer.minimize(() => objective(parameters, a, c)))
      })
      const tolerance = dtype === 'float32' ? { rtol: 1e-4, atol: 1e-4 } : GENERAL.float64
      expectClose(tensor(losses, [golden.steps], { dtype: 'float64' }), golden.losses!, tolerance, 'losses')
    })
  })
})
