// One training step (forward, mean squared error, backward, Adam) through the public API, beside the same kernels called by
// hand on bare storages, and on two threads; and one observation to an action. `npm run bench -- training-step`

import { do_not_optimize } from 'mitata'
import { flattenGradients, parametersToVector, persistent } from '../src/nn/flat.ts'
import { MLP } from '../src/nn/layers/mlp.ts'
import { mseLoss } from '../src/nn/losses/regression.ts'
import { parameterList } from '../src/nn/module.ts'
import { Adam } from '../src/nn/optimizers/adam.ts'
import { CategoricalPolicy } from '../src/rl/policies/discrete-policies.ts'
import type { AdamSettings, MatmulSpec } from '../src/tensor/backends/backend.ts'
import { getBackend, normal, Rng, scope, setThreads, tensor } from '../src/tensor/index.ts'
import type { Storage } from '../src/tensor/storage.ts'
import { backendOn } from '../test/support/backends.ts'
import { printMachine, printRow, type Timing, timeCalls } from './lib/table.ts'

const rng = new Rng(1)

function publicStep(sizes: readonly number[], batch: number): () => void {
  const network = new MLP(sizes, rng)
  const optimizer = new Adam(network)
  const x = normal(rng, [batch, sizes[0]!]).toArray()
  const y = normal(rng, [batch, sizes.at(-1)!]).toArray()
  return () => {
    const loss = optimizer.minimize(() => {
      const inputs = tensor(x, [batch, sizes[0]!])
      return mseLoss(network.forward(inputs), tensor(y, [batch, sizes.at(-1)!]))
    })
    do_not_optimize(loss)
  }
}

/** The kernels of the same step, in the same order, on storages of one block of parameters: no tensors, no records. */
function handStep(sizes: readonly number[], batch: number): () => void {
  const tensors = parameterList(new MLP(sizes, rng))
  const whole = parametersToVector(tensors)!
  const gradient = flattenGradients(tensors)
  const parameters = tensors.map(({ storage }) => storage)
  const gradients = tensors.map(({ gradHome }) => gradHome!)
  const [first, second] = [0, 0].map((start) => persistent('float32', whole.length, start))
  const backend = backendOn(whole)
  const x = Float32Array.from(normal(rng, [batch, sizes[0]!]).view())
  const y = Float32Array.from(normal(rng, [batch, sizes.at(-1)!]).view())
  const layers = sizes.length - 1
  const outputs = sizes.at(-1)!
  const settings: AdamSettings = {
    ...{ learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, decoupled: false },
    ...{ beta1Power: 0.9, beta2Power: 0.999 },
  }
  const product = (m: number, k: number, n: number, transposeA: boolean, transposeB: boolean): MatmulSpec => {
    return { batch: 1, m, k, n, transposeA, transposeB }
  }
  return () =>
    scope(() => {
      const inputs: Storage[] = [backend.upload(x)]
      const sums: Storage[] = []
      for (let i = 0; i < layers; i++) {
        const spec = product(batch, sizes[i]!, sizes[i + 1]!, false, true)
        const z = backend.matmul(spec, inputs[i]!, parameters[2 * i]!, parameters[2 * i + 1]!)
        sums.push(z)
        inputs.push(i === layers - 1 ? z : backend.map('relu', z, 0, 0))
      }
      const shape = [batch, outputs]
      const error = backend.zip('sub', inputs[layers]!, shape, backend.upload(y), shape, shape, 0, 0)
      const squares = backend.map('square', error, 0, 0)
      const sum = backend.reduce('sum', squares, { outer: 1, size: batch * outputs, inner: 1 })
      do_not_optimize(backend.map('scale', sum, 1 / (batch * outputs), 0))
      const share = backend.map('scale', backend.fill(1, 1, 'float32'), 1 / (batch * outputs), 0)
      const spread = backend.broadcastTo(share, [1, 1], shape)
      let dy = backend.map('scale', backend.zip('mul', spread, shape, error, shape, shape, 0, 0), 2, 0)
      for (let i = layers - 1; i >= 0; i--) {
        const [from, to] = [sizes[i]!, sizes[i + 1]!]
        if (i < layers - 1) dy = backend.zip('reluGrad', dy, [batch, to], sums[i]!, [batch, to], [batch, to], 0, 0)
        const dW = backend.matmul(product(to, batch, from, true, false), dy, inputs[i]!, null)
        backend.copyInto(gradients[2 * i]!, dW)
        backend.copyInto(gradients[2 * i + 1]!, backend.reduce('sum', dy, { outer: 1, size: batch, inner: to }))
        if (i > 0) dy = backend.matmul(product(batch, to, from, false, false), dy, parameters[2 * i]!, null)
      }
      backend.adam(whole, gradient, first!, second!, null, settings)
    })
}

async function steps(): Promise<void> {
  printRow(
    'training step, us',
    'public',
    'by hand',
    'ratio',
    '2 threads',
    'gain',
    'median',
    'median',
    'ratio',
    '2 threads',
    'gain',
  )
  const cases: readonly (readonly [sizes: readonly number[], batch: number])[] = [
    [[4, 64, 64, 2], 64],
    [[4, 64, 64, 2], 256],
    [[784, 256, 128, 10], 128],
    [[1024, 1024, 1024, 10], 256],
  ]
  for (const [sizes, batch] of cases) {
    const step = publicStep(sizes, batch)
    const own = await timeCalls(step)
    const hand = await timeCalls(handStep(sizes, batch))
    setThreads(2)
    for (const end = performance.now() + 300; performance.now() < end; ) step() // the helper thread starts meanwhile
    const two = await timeCalls(step)
    setThreads(1)
    const figures = (of: (timing: Timing) => number) => {
      const [a, b, c] = [of(own), of(hand), of(two)]
      return [a / 1000, b / 1000, a / b, c / 1000, a / c]
    }
    printRow(`${sizes.join('-')} at ${batch}`, ...figures(({ fast }) => fast), ...figures(({ median }) => median))
  }
}

async function oneObservation(): Promise<void> {
  const agent = new CategoricalPolicy(new MLP([4, 64, 64, 2], rng), 4, 2)
  const observation = Float32Array.of(0.01, -0.2, 0.03, 0.4)
  const { fast, median } = await timeCalls(() => do_not_optimize(agent.act(observation)))
  printRow('\none observation to an action, us', 'best', 'median')
  printRow('4-64-64-2', fast / 1000, median / 1000)
}

printMachine()
console.log(`float32 on the CPU: ${getBackend()}`)
await steps()
await oneObservation()
