// The packages that a JavaScript user would take instead, at the same work: a training step (forward, mean squared error,
// backward, Adam), square products, one observation to an action. Each in one process, one after the other, on one core.
// `npm run bench:peers` installs them here, apart from the project's own dependencies, and runs this.

import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from '@jax-js/jax'
import * as tf from '@tensorflow/tfjs'
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import { mseLoss } from '../../src/nn/losses/regression.ts'
import { MLP } from '../../src/nn/mlp.ts'
import { Adam } from '../../src/nn/optimizers/adam.ts'
import { CategoricalPolicy } from '../../src/rl/discrete-policies.ts'
import { matmul, noGrad, normal, Rng, scope, tensor } from '../../src/tensor/index.ts'
import { printMachine, printRow } from '../lib/table.ts'

/** A package's way of doing the work; each returns what has to be called once for one piece of it. */
interface Peer {
  readonly name: string
  step(sizes: readonly number[], batch: number): () => void
  product(n: number): () => void
  act(): () => void
}

const rng = new Rng(1)
const numbers = (count: number) => Float32Array.from({ length: count }, () => rng.normal())

const alambic: Peer = {
  name: 'alambic',
  step(sizes, batch) {
    const network = new MLP(sizes, rng)
    const optimizer = new Adam(network)
    const [x, y] = [numbers(batch * sizes[0]!), numbers(batch * sizes.at(-1)!)]
    return () => {
      optimizer.minimize(() =>
        mseLoss(network.forward(tensor(x, [batch, sizes[0]!])), tensor(y, [batch, sizes.at(-1)!])),
      )
    }
  },
  product(n) {
    const [a, b] = [normal(rng, [n, n]), normal(rng, [n, n])]
    return () => scope(() => noGrad(() => matmul(a, b).view()[0]))
  },
  act() {
    const agent = new CategoricalPolicy(new MLP([4, 64, 64, 2], rng), 4, 2)
    const observation = numbers(4)
    return () => agent.act(observation)
  },
}

const tensorflow = (name: string): Peer => {
  const model = (sizes: readonly number[]) => {
    const layers = sizes.slice(1).map((units, i) =>
      tf.layers.dense({
        units,
        ...(i < sizes.length - 2 ? { activation: 'relu' as const } : {}),
        ...(i === 0 ? { inputShape: [sizes[0]!] } : {}),
      }),
    )
    return tf.sequential({ layers })
  }
  return {
    name,
    step(sizes, batch) {
      const network = model(sizes)
      const optimizer = tf.train.adam(1e-3)
      const [x, y] = [numbers(batch * sizes[0]!), numbers(batch * sizes.at(-1)!)]
      return () =>
        tf.tidy(() => {
          const [inputs, targets] = [tf.tensor2d(x, [batch, sizes[0]!]), tf.tensor2d(y, [batch, sizes.at(-1)!])]
          const loss = optimizer.minimize(
            () => tf.losses.meanSquaredError(targets, network.predict(inputs) as tf.Tensor) as tf.Scalar,
            true,
          )
          loss!.dataSync()
        })
    },
    product(n) {
      const [a, b] = [tf.tensor2d(numbers(n * n), [n, n]), tf.tensor2d(numbers(n * n), [n, n])]
      return () => tf.tidy(() => void tf.matMul(a, b).dataSync())
    },
    act() {
      const network = model([4, 64, 64, 2])
      const observation = numbers(4)
      return () =>
        tf.tidy(() => void (network.predict(tf.tensor2d(observation, [1, 4])) as tf.Tensor).argMax(1).dataSync())
    },
  }
}

type Weights = { w: np.Array[]; b: np.Array[] }
type State = { p: Weights; m: Weights; v: Weights }

const jax: Peer = {
  name: 'jax-js wasm',
  step(sizes, batch) {
    const layers = sizes.length - 1
    const fresh = (scale: number): Weights => ({
      w: sizes
        .slice(1)
        .map((to, i) => np.array(numbers(to * sizes[i]!).map((x) => x * scale)).reshape([sizes[i]!, to])),
      b: sizes.slice(1).map((to) => np.array(new Float32Array(to))),
    })
    const forward = (p: Weights, x: np.Array) => {
      let h = x
      for (let i = 0; i < layers; i++) {
        h = np.matmul(h, p.w[i]!).add(p.b[i]!)
        if (i < layers - 1) h = nn.relu(h)
      }
      return h
    }
    const loss = (p: Weights, x: np.Array, y: np.Array) => np.mean(np.square(forward(p, x).sub(y)))
    const moved = (p: np.Array, m: np.Array, v: np.Array, g: np.Array): [np.Array, np.Array, np.Array] => {
      const first = m.mul(0.9).add(g.ref.mul(0.1))
      const second = v.mul(0.999).add(np.square(g).mul(0.001))
      const by = first.ref.mul(0.01).div(np.sqrt(second.ref).mul(31.6).add(1e-8))
      return [p.sub(by), first, second]
    }
    const update = jit((s: State, x: np.Array, y: np.Array): [State, np.Array] => {
      const copy: Weights = { w: s.p.w.map((a) => a.ref), b: s.p.b.map((a) => a.ref) }
      const [value, g] = valueAndGrad(loss)(copy, x, y) as unknown as [np.Array, Weights]
      const w = s.p.w.map((p, i) => moved(p, s.m.w[i]!, s.v.w[i]!, g.w[i]!))
      const b = s.p.b.map((p, i) => moved(p, s.m.b[i]!, s.v.b[i]!, g.b[i]!))
      const pick = (k: 0 | 1 | 2): Weights => ({ w: w.map((t) => t[k]), b: b.map((t) => t[k]) })
      return [{ p: pick(0), m: pick(1), v: pick(2) }, value]
    })
    const [x, y] = [numbers(batch * sizes[0]!), numbers(batch * sizes.at(-1)!)]
    let state: State = { p: fresh(0.1), m: fresh(0), v: fresh(0) }
    return () => {
      const [next, value] = update(
        state,
        np.array(x).reshape([batch, sizes[0]!]),
        np.array(y).reshape([batch, sizes.at(-1)!]),
      )
      state = next
      value.dataSync()
    }
  },
  product(n) {
    const [a, b] = [np.array(numbers(n * n)).reshape([n, n]), np.array(numbers(n * n)).reshape([n, n])]
    return () => void np.matmul(a.ref, b.ref).dataSync()
  },
  act() {
    const [w1, w2, w3] = [
      [4, 64],
      [64, 64],
      [64, 2],
    ].map(([i, o]) => np.array(numbers(i! * o!)).reshape([i!, o!]))
    const forward = jit((x: np.Array, a: np.Array, b: np.Array, c: np.Array) =>
      np.argmax(np.matmul(nn.relu(np.matmul(nn.relu(np.matmul(x, a)), b)), c), 1),
    )
    const observation = numbers(4)
    return () => void forward(np.array(observation).reshape([1, 4]), w1!.ref, w2!.ref, w3!.ref).dataSync()
  },
}

/** The median of repeated calls over about `budget` ms of processor time, in microseconds of processor time a call. */
function processorTime(call: () => void, budget = 700): number {
  const started = performance.now()
  while (performance.now() - started < budget / 2) call()
  const rounds: number[] = []
  const once = measured(call, 1)
  const times = Math.max(1, Math.ceil(budget / 10 / (once / 1000)))
  for (let round = 0; round < 7; round++) rounds.push(measured(call, times))
  return rounds.sort((a, b) => a - b)[3]!
}

function measured(call: () => void, times: number): number {
  const before = process.cpuUsage()
  for (let i = 0; i < times; i++) call()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / times
}

setWasmPaths(`${dirname(fileURLToPath(import.meta.resolve('@tensorflow/tfjs-backend-wasm')))}/`)
setThreadsCount(1)
await init('wasm')
defaultDevice('wasm')

const peers: { peer: Peer; ready: () => Promise<unknown>; slow: boolean }[] = [
  { peer: alambic, ready: async () => {}, slow: false },
  { peer: tensorflow('tfjs wasm'), ready: () => tf.setBackend('wasm'), slow: false },
  { peer: jax, ready: async () => {}, slow: false },
  { peer: tensorflow('tfjs cpu'), ready: () => tf.setBackend('cpu'), slow: true },
]

const networks: readonly (readonly [sizes: readonly number[], batch: number])[] = [
  [[4, 64, 64, 2], 64],
  [[4, 64, 64, 2], 256],
  [[784, 256, 128, 10], 128],
]
const squares = [64, 256, 1024]

printMachine()
printRow(
  'us of processor time',
  ...networks.map(([sizes, batch]) => `${sizes[0]}-..@${batch}`),
  ...squares.map((n) => `${n} cubed`),
  'act',
)
let own: number[] = []
for (const { peer, ready, slow } of peers) {
  await ready()
  const figures = [
    ...networks.map(([sizes, batch]) => processorTime(peer.step(sizes, batch), slow ? 200 : 700)),
    ...squares.map((n) => (slow && n > 256 ? Number.NaN : processorTime(peer.product(n)))),
    processorTime(peer.act()),
  ]
  if (own.length === 0) own = figures
  printRow(peer.name, ...figures)
  if (peer !== alambic) printRow('  times alambic', ...figures.map((figure, i) => figure / own[i]!))
}
process.exit(0) // the peers' workers would keep it open
