// Whole networks as PyTorch computed them: outputs, loss, every parameter's gradient, and ten Adam steps on one batch.

import { describe, it } from 'vitest'
import { storedTensor } from '../../src/nn/files/safetensors.ts'
import { Adam, crossEntropy, loadParameters, MLP, mseLoss } from '../../src/nn/index.ts'
import type { ActivationName } from '../../src/nn/layers/activations.ts'
import { Rng, type Tensor, tensor } from '../../src/tensor/index.ts'
import { expectClose, fromGolden, type GoldenTensor, goldenCases, type Tolerance } from '../support/golden.ts'
import { parametersToDtype } from '../support/parameters-to-dtype.ts'
import { onEachBackend } from './backends.ts'

interface MlpCase {
  readonly name: string
  readonly attrs: { sizes: number[]; activation: ActivationName; loss: string; adam: { lr: number }; steps: number }
  readonly inputs: { x: GoldenTensor; target: GoldenTensor }
  readonly params: Readonly<Record<string, GoldenTensor>>
  readonly outputs: { out: GoldenTensor; loss: GoldenTensor }
  readonly grads: Readonly<Record<string, GoldenTensor>>
  readonly losses: GoldenTensor
  readonly params_after: Readonly<Record<string, GoldenTensor>>
  readonly tol32: Tolerance
  readonly tol32_after: Tolerance
  readonly tol64_after: Tolerance
}

function modelOf(golden: MlpCase, dtype: 'float32' | 'float64'): MLP {
  const model = new MLP(golden.attrs.sizes, new Rng(1), { activation: golden.attrs.activation })
  const stored = Object.entries(golden.params).map(([name, { shape, data }]) => {
    return [name, storedTensor(Float64Array.from(data, Number), shape)] as const
  })
  parametersToDtype(model, dtype)
  loadParameters(model, { metadata: {}, tensors: new Map(stored) })
  return model
}

describe.each(onEachBackend)('$name', ({ dtype, use }) => {
  const cases = goldenCases<MlpCase>('mlp.json')
  it.each(cases.map((golden) => [golden.name, golden] as const))('%s', (_, golden) => {
    use(() => {
      const tolerance = dtype === 'float32' ? golden.tol32 : { rtol: 1e-10, atol: 1e-10 }
      const x = fromGolden(golden.inputs.x, dtype)
      const target = fromGolden(golden.inputs.target, dtype)
      const lossOf = (out: Tensor) => (golden.attrs.loss === 'mse' ? mseLoss(out, target) : crossEntropy(out, target))

      const model = modelOf(golden, dtype)
      const out = model.forward(x)
      expectClose(out, golden.outputs.out, tolerance, 'out')
      lossOf(out).backward()
      for (const [name, parameter] of Object.entries(model.parameters())) {
        expectClose(parameter.grad!, golden.grads[name]!, tolerance, `gradient of ${name}`)
      }

      const after = dtype === 'float32' ? golden.tol32_after : golden.tol64_after
      const optimizer = new Adam(model, { learningRate: golden.attrs.adam.lr })
      const losses = Array.from({ length: 10 }, () => optimizer.minimize(() => lossOf(model.forward(x))))
      losses.push(lossOf(model.forward(x)).item())
      expectClose(tensor(losses, [11], { dtype: 'float64' }), golden.losses, after, 'losses')
      for (const [name, parameter] of Object.entries(model.parameters())) {
        expectClose(parameter, golden.params_after[name]!, after, `${name} after ten steps`)
      }
    })
  })
})
