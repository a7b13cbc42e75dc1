// PyTorch's operations, losses, optimizers and networks on the GPU, with their gradients. The figures are imported, not read
// from files, so that they travel into a browser's page.

import { toDevice } from '../../../src/gpu/to-device.ts'
import { storedTensor } from '../../../src/nn/files/safetensors.ts'
import { Adam, crossEntropy, loadParameters, MLP, mseLoss } from '../../../src/nn/index.ts'
import type { ActivationName } from '../../../src/nn/layers/activations.ts'
import { argmax, argmin, Rng, scope, type Tensor, tensor } from '../../../src/tensor/index.ts'
import losses from '../../golden/torch/losses.json' with { type: 'json' }
import mlp from '../../golden/torch/mlp.json' with { type: 'json' }
import ops from '../../golden/torch/ops.json' with { type: 'json' }
import optim from '../../golden/torch/optim.json' with { type: 'json' }
import type { GoldenCase, GoldenTensor, Tolerance } from '../../support/golden.ts'
import { torchLosses } from '../../support/torch-losses.ts'
import { torchOps } from '../../support/torch-ops.ts'
import { type OptimizerCase, objective, rowOf, startOptimizer } from '../../support/torch-optimizers.ts'
import { type Check, require, requireClose } from './check.ts'

/** Floats go to the GPU, indices and labels stay, for their values are checked. */
function place(golden: GoldenTensor, requiresGrad = false): Tensor {
  const data = golden.data.map(Number)
  if (golden.dtype === 'int') return tensor(Int32Array.from(data), golden.shape)
  return toDevice(tensor(data, golden.shape, { requiresGrad }), 'gpu')
}

async function requireGolden(
  got: Tensor,
  golden: GoldenTensor,
  { rtol, atol }: Tolerance,
  what: string,
): Promise<void> {
  require(got.shape.join() === golden.shape.join(), `${what}: shape [${got.shape}], expected [${golden.shape}]`)
  requireClose(await got.data(), golden.data.map(Number), what, rtol, atol)
}

// PyTorch's line for a float32 engine that sums in a plain loop.
const toleranceOf = ({ tol32 }: { tol32?: Tolerance }): Tolerance => ({
  rtol: tol32?.rtol ?? 1e-5,
  atol: Math.max(tol32?.atol ?? 0, 4e-6),
})

const casesOf = <Case>(file: { readonly cases: readonly unknown[] }) => file.cases as readonly Case[]

type Runner = (inputs: Record<string, Tensor>, attrs: Record<string, unknown>, golden: GoldenCase) => Outputs
type Outputs = Tensor | ({ readonly main: Tensor } & Readonly<Record<string, Tensor>>)

async function requireCase(golden: GoldenCase, run: Runner | undefined): Promise<void> {
  require(run !== undefined, `no way to run ${golden.op}`)
  const inputs: Record<string, Tensor> = {}
  for (const [name, input] of Object.entries(golden.inputs)) {
    inputs[name] = place(input, golden.grads?.[name] !== undefined)
  }
  const { main, named, grads } = scope(() => {
    const result = run!(inputs, { ...golden.attrs }, golden)
    const outputs: Record<string, Tensor> = 'main' in result ? { ...result } : { main: result as Tensor }
    if ('indices' in golden.outputs) {
      const best = golden.op === 'max' ? argmax : argmin
      outputs.indices = best(inputs.x!, golden.attrs!.dim as number, golden.attrs!.keepdim === true)
    }
    if (golden.grads !== undefined) outputs.main!.backward(golden.W && place(golden.W))
    return { main: outputs.main!, named: outputs, grads: Object.keys(golden.grads ?? {}).map((name) => inputs[name]!) }
  })
  const tolerance = toleranceOf(golden)
  for (const [name, expected] of Object.entries(golden.outputs)) {
    await requireGolden(named[name] ?? main, expected, tolerance, name)
  }
  for (const [i, [name, expected]] of Object.entries(golden.grads ?? {}).entries()) {
    const { grad } = grads[i]!
    require(grad !== null, `no gradient of ${name}`)
    await requireGolden(grad!, expected, tolerance, `gradient of ${name}`)
  }
}

export const operationChecks: readonly Check[] = casesOf<GoldenCase>(ops).map((golden) => ({
  name: `operation ${golden.name}`,
  run: () => requireCase(golden, torchOps[golden.op]),
}))

// The figures of distributions belong to src/rl.
export const lossChecks: readonly Check[] = casesOf<GoldenCase>(losses)
  .filter(({ op }) => !/^(normal|categorical|squashed)_/.test(op))
  .map((golden) => ({ name: `loss ${golden.name}`, run: () => requireCase(golden, torchLosses[golden.op] as Runner) }))

/** With the gradients given, and with those of the function itself. */
export const optimizerChecks: readonly Check[] = casesOf<OptimizerCase>(optim)
  .filter(({ op }) => op.startsWith('optimizer'))
  .flatMap((golden) => [
    { name: `optimizer ${golden.name}, gradients given`, run: () => follow(golden, false) },
    ...(golden.op === 'optimizer'
      ? [{ name: `optimizer ${golden.name}, gradients computed`, run: () => follow(golden, true) }]
      : []),
  ])

async function follow(golden: OptimizerCase, computed: boolean): Promise<void> {
  const tolerance = golden.tol32 ?? { rtol: 1e-5, atol: 1e-5 }
  const { parameters, optimizer } = startOptimizer(golden, (x) => place(x, true))
  const [a, c] = computed ? [place(golden.inputs.a!), place(golden.inputs.c!)] : []
  for (let step = 0; step < golden.steps; step++) {
    if (computed) scope(() => objective(parameters, a!, c!).backward())
    else for (const name in parameters) parameters[name]!.grad = place(rowOf(golden.grads[name]!, step))
    optimizer.step()
    optimizer.zeroGrad()
    for (const [name, expected] of Object.entries(golden.params)) {
      await requireGolden(parameters[name]!, rowOf(expected, step), tolerance, `${name} after step ${step}`)
    }
  }
}

interface MlpCase {
  readonly name: string
  readonly attrs: { sizes: number[]; activation: ActivationName; loss: string; adam: { lr: number } }
  readonly inputs: { x: GoldenTensor; target: GoldenTensor }
  readonly params: Readonly<Record<string, GoldenTensor>>
  readonly outputs: { out: GoldenTensor; loss: GoldenTensor }
  readonly grads: Readonly<Record<string, GoldenTensor>>
  readonly losses: GoldenTensor
  readonly params_after: Readonly<Record<string, GoldenTensor>>
  readonly tol32: Tolerance
  readonly tol32_after: Tolerance
}

export const networkChecks: readonly Check[] = casesOf<MlpCase>(mlp).map((golden) => ({
  name: `network ${golden.name}`,
  run: () => train(golden),
}))

async function train(golden: MlpCase): Promise<void> {
  const { attrs, inputs, tol32, tol32_after } = golden
  const model = new MLP(attrs.sizes, new Rng(1), { activation: attrs.activation })
  const stored = Object.entries(golden.params).map(
    ([name, { shape, data }]) => [name, storedTensor(Float64Array.from(data, Number), shape)] as const,
  )
  loadParameters(model, { metadata: {}, tensors: new Map(stored) })
  toDevice(model, 'gpu')
  const [x, target] = [place(inputs.x), place(inputs.target)]
  const lossOf = (out: Tensor) => (attrs.loss === 'mse' ? mseLoss(out, target) : crossEntropy(out, target))

  const out = model.forward(x)
  await requireGolden(out, golden.outputs.out, tol32, 'out')
  lossOf(out).backward()
  for (const [name, parameter] of Object.entries(model.parameters())) {
    await requireGolden(parameter.grad!, golden.grads[name]!, tol32, `gradient of ${name}`)
  }

  const optimizer = new Adam(model, { learningRate: attrs.adam.lr })
  const measured: Promise<ArrayLike<number>>[] = []
  for (let step = 0; step < 10; step++) {
    scope(() => {
      optimizer.zeroGrad()
      const loss = lossOf(model.forward(x))
      measured.push(loss.data())
      loss.backward()
      optimizer.step()
    })
  }
  measured.push(lossOf(model.forward(x)).data())
  const values = (await Promise.all(measured)).map((each) => each[0]!)
  requireClose(values, golden.losses.data.map(Number), 'losses', tol32_after.rtol, tol32_after.atol)
  for (const [name, parameter] of Object.entries(model.parameters())) {
    await requireGolden(parameter, golden.params_after[name]!, tol32_after, `${name} after ten steps`)
  }
}
