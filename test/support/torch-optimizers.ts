// PyTorch's optimizers by the names they have in test/golden/torch/optim.json, as ours, and the function they minimise.

import { Adagrad, Adam, AdamW, type Optimizer, RMSprop, SGD } from '../../src/nn/index.ts'
import type { AdamSettings } from '../../src/nn/optimizers/adam.ts'
import type { CommonSettings, GroupOptions } from '../../src/nn/optimizers/optimizer.ts'
import { add, mul, narrow, neg, square, sub, sum, type Tensor } from '../../src/tensor/index.ts'
import type { GoldenTensor, Tolerance } from './golden.ts'

export interface OptimizerCase {
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

export type AnyOptimizer = Optimizer<CommonSettings>
export type Parameters = Readonly<Record<string, Tensor>>

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
  sgd: (source, settings) => new SGD(source as Parameters, settings),
  adam: (source, settings) => new Adam(source, settings),
  adamw: (source, settings) => new AdamW(source, settings),
  rmsprop: (source, settings) => new RMSprop(source as Parameters, settings),
  adagrad: (source, settings) => new Adagrad(source as Parameters, settings),
} as Record<string, (source: Parameters | GroupOptions<AdamSettings>[], settings: object) => AnyOptimizer>

/** The case's optimizer over its parameters, as `parameterOf` makes them. */
export function startOptimizer(
  golden: OptimizerCase,
  parameterOf: (start: GoldenTensor) => Tensor,
): { parameters: Parameters; optimizer: AnyOptimizer } {
  const names = Object.keys(golden.params)
  const parameters = Object.fromEntries(names.map((name) => [name, parameterOf(golden.inputs[name]!)]))
  const source = golden.groups?.map(({ param, ...own }) => ({ parameters: [parameters[param]!], ...settingsOf(own) }))
  return { parameters, optimizer: make[golden.optimizer]!(source ?? parameters, settingsOf(golden.given ?? {})) }
}

/** Row `step` of a golden [steps, …]. */
export function rowOf({ shape, data }: GoldenTensor, step: number): GoldenTensor {
  const size = shape.slice(1).reduce((a, b) => a * b, 1)
  return { shape: shape.slice(1), data: data.slice(step * size, (step + 1) * size) }
}

/** 0.5 Σ a (p - c)² + 5 Σ (q[i+1] - q[i]²)² + 0.5 Σ (1 - q[i])², i = 0 … n-2. */
export function objective({ p, q }: Parameters, a: Tensor, c: Tensor): Tensor {
  const n = q!.size
  const head = narrow(q!, 0, 0, n - 1)
  const tail = narrow(q!, 0, 1, n - 1)
  const bowl = mul(sum(mul(a, square(sub(p!, c)))), 0.5)
  const valley = mul(sum(square(sub(tail, square(head)))), 5)
  return add(bowl, add(valley, mul(sum(square(add(neg(head), 1))), 0.5)))
}
