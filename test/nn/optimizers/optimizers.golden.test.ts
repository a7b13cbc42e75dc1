// 34 optimizer trajectories as PyTorch computed them, each three ways: with the gradients given in one flat block, with
// gradients from elsewhere (so that each parameter gets its own update call), and by `minimize` on the function itself.

import { describe, expect, it } from 'vitest'
import {
  Adagrad,
  Adam,
  type AdamSettings,
  AdamW,
  type GroupOptions,
  type Optimizer,
  RmsProp,
  Sgd,
} from '../../../src/nn/index.ts'
import type { CommonSettings } from '../../../src/nn/optimizers/optimizer.ts'
import {
  add,
  mul,
  narrow,
  neg,
  scale,
  shift,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
} from '../../../src/tensor/index.ts'
import { expectClose, fromGolden, type GoldenTensor, goldenCases, type Tolerance } from '../../support/golden.ts'
import { onEachBackend } from '../backends.ts'

interface OptimizerCase {
  readonly name: string
  readonly op: string
  readonly optimizer: string
  readonly given?: Readonly<Record<string, unknown>>
  readonly groups?: readonly { param: string; lr: number; weight_decay: number }[]
  readonly inputs: Readonly<Record<string, GoldenTensor>>
  readonly steps: number
  readonly grads: Readonly<Record<string, GoldenTensor>>
  readonly params: Readonly<Record<string, GoldenTensor>>
  readonly losses?: GoldenTensor
  readonly tol32?: Tolerance
}

type AnyOptimizer = Optimizer<CommonSettings>
type Parameters = Readonly<Record<string, Tensor>>

// PyTorch's settings under our names.
const settingsOf = (given: Readonly<Record<string, unknown>>): Record<string, number | boolean> => {
  const names: Record<string, string> = {
    lr: 'learningRate',
    eps: 'epsilon',
    weight_decay: 'weightDecay',
    lr_decay: 'learningRateDecay',
    initial_accumulator_value: 'initialSum',
  }
  const settings: Record<string, number | boolean> = {}
  for (const [name, value] of Object.entries(given)) {
    if (name === 'betas') [settings.beta1, settings.beta2] = value as [number, number]
    else settings[names[name] ?? name] = value as number | boolean
  }
  return settings
}

const make: Record<string, (source: Parameters | GroupOptions<AdamSettings>[], settings: object) => AnyOptimizer> = {
  sgd: (source, settings) => new Sgd(source as Parameters, settings),
  adam: (source, settings) => new Adam(source, settings),
  adamw: (source, settings) => new AdamW(source, settings),
  rmsprop: (source, settings) => new RmsProp(source as Parameters, settings),
  adagrad: (source, settings) => new Adagrad(source as Parameters, settings),
} as Record<string, (source: Parameters | GroupOptions<AdamSettings>[], settings: object) => AnyOptimizer>

function start(
  golden: OptimizerCase,
  dtype: 'float32' | 'float64',
): { parameters: Parameters; optimizer: AnyOptimizer } {
  const names = Object.keys(golden.params)
  const parameters = Object.fromEntries(names.map((name) => [name, fromGolden(golden.inputs[name]!, dtype, true)]))
  const source = golden.groups?.map(({ param, ...own }) => ({ parameters: [parameters[param]!], ...settingsOf(own) }))
  return { parameters, optimizer: make[golden.optimizer]!(source ?? parameters, settingsOf(golden.given ?? {})) }
}

/** Row `step` of a golden [steps, …]. */
function rowOf({ shape, data }: GoldenTensor, step: number): GoldenTensor {
  const size = shape.slice(1).reduce((a, b) => a * b, 1)
  return { shape: shape.slice(1), data: data.slice(step * size, (step + 1) * size) }
}

const GENERAL = { float32: { rtol: 1e-5, atol: 1e-5 }, float64: { rtol: 1e-10, atol: 1e-10 } }

function follow(
  golden: OptimizerCase,
  dtype: 'float32' | 'float64',
  step: (step: number, parameters: Parameters, optimizer: AnyOptimizer) => void,
) {
  const tolerance = dtype === 'float32' ? (golden.tol32 ?? GENERAL.float32) : GENERAL.float64
  const { parameters, optimizer } = start(golden, dtype)
  for (let k = 0; k < golden.steps; k++) {
    step(k, parameters, optimizer)
    for (const [name, expected] of Object.entries(golden.params)) {
      expectClose(parameters[name]!, rowOf(expected, k), tolerance, `${name} after step ${k}`)
    }
  }
}

/** 0.5 Σ a (p - c)² + 5 Σ (q[i+1] - q[i]²)² + 0.5 Σ (1 - q[i])², i = 0 … n-2. */
function objective({ p, q }: Parameters, a: Tensor, c: Tensor): Tensor {
  const n = q!.size
  const head = narrow(q!, 0, 0, n - 1)
  const tail = narrow(q!, 0, 1, n - 1)
  const bowl = scale(sum(mul(a, square(sub(p!, c)))), 0.5)
  const valley = scale(sum(square(sub(tail, square(head)))), 5)
  return add(bowl, add(valley, scale(sum(square(shift(neg(head), 1))), 0.5)))
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
