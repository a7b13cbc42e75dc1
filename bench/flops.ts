// Floating-point operations of the matrix products in one update: those that the equations need, those that the backend
// executes, and the speed, as a share of the best speed of a product of 1024×1024 matrices in the same run.
// `npm run bench -- flops`; networks and batches are those of peers/loops.json. Times are of one update without play, on one core.
//
// Below, f is the forward pass of a network, w the gradients of its weights, g the gradients of its layers' inputs but the first's,
// which is data. a are the columns of a critic's first layer through which the gradient reaches the actor. Activations, losses and
// optimizers are left out: they are a hundredth of the operations.
//
//            critics' step                                actor's step, one in `policyDelay`
//   DQN      target f, network f + w + g
//   DDPG     actor f, target f, critic f + w + g          actor f + w + g, critic f + g + a
//   TD3      actor f, 2 targets f, 2 critics f + w + g    actor f + w + g, critic f + g + a
//   SAC      actor f, 2 targets f, 2 critics f + w + g    actor f + w + g, 2 critics f, g + a of the smaller critic of each row

import { measure } from 'mitata'
import { makeVec } from '../src/rl/envs/vector/make-vec.ts'
import { algorithm } from '../src/rl/registry.ts'
import { products } from '../src/tensor/dispatch/families.ts'
import { getBackend } from '../src/tensor/dispatch/select.ts'
import { inOneScope, randomStorage } from './lib/operands.ts'
import { printMachine, printRow } from './lib/table.ts'
import loops from './peers/loops.json'

const UPDATES = 20 // in a call, so that the step of play between calls is a small part of it

interface Options {
  readonly hidden: readonly number[]
  readonly batchSize: number
  readonly policyDelay?: number
  readonly atoms?: number
}

const names = ['sac', 'td3', 'ddpg', 'dqn', 'c51'] as const

/** The table above for Pendulum-v1 (3 observations, 1 action) or CartPole-v1 (4 observations, 2 choices). */
function needed(name: string, { hidden, batchSize, policyDelay = 1, atoms = 1 }: Options): number {
  const network = (inputs: number, outputs: number) => {
    const sizes = [inputs, ...hidden, outputs]
    const layers = sizes.slice(1).map((size, i) => 2 * batchSize * size * sizes[i]!)
    const f = layers.reduce((sum, each) => sum + each)
    return { f, g: f - layers[0]!, learning: 3 * f - layers[0]! }
  }
  if (name === 'dqn' || name === 'c51') {
    const { f, learning } = network(4, 2 * atoms)
    return f + learning
  }
  const actor = network(3, name === 'sac' ? 2 : 1)
  const critic = network(4, 1)
  const a = 2 * batchSize * hidden[0]!
  const critics = name === 'ddpg' ? 1 : 2
  const valued = name === 'sac' ? 2 : 1
  const actorStep = actor.learning + valued * critic.f + critic.g + a
  return actor.f + critics * (critic.f + critic.learning) + actorStep / policyDelay
}

/** The operations of all products while `body` runs. */
function counted(body: () => void): number {
  const backend = products.compiled[getBackend()]!
  let count = 0
  const matmul: typeof backend.matmul = (spec, a, b, bias) => {
    count += 2 * spec.batch * spec.m * spec.k * spec.n
    return backend.matmul(spec, a, b, bias)
  }
  products.compiled[getBackend()] = { ...backend, matmul }
  body()
  products.compiled[getBackend()] = backend
  return count
}

/** A training that computes `UPDATES` updates and one step of play in each call. */
function updatesOf(name: keyof typeof loops): () => void {
  const { env, options } = loops[name]
  const values = Object.entries(options).map(([key, value]) => [key, value ?? Infinity])
  const often = { trainInterval: 1, gradientSteps: UPDATES, totalTimesteps: 1e6 }
  const reports = algorithm(name).options.logInterval === undefined ? {} : { logInterval: 1 }
  const training = algorithm(name).train(makeVec(env, 1), { ...Object.fromEntries(values), ...often, ...reports })
  return () => void training.next()
}

/** Median nanoseconds of processor time, which leaves out that of other programs. */
async function processorTime(call: () => void): Promise<number> {
  const now = () => 1000 * process.cpuUsage().user
  return (await measure(call, { now, batch_unroll: 1 })).p50
}

const size = 1024
const [a, b] = [randomStorage(size * size, 1), randomStorage(size * size, 2)]
const spec = { batch: 1, m: size, k: size, n: size, transposeA: false, transposeB: false }
const largeProduct = inOneScope(1, () => products.compiled[getBackend()]!.matmul(spec, a, b, null))

printMachine()
printRow('an update of', 'MFLOP needed', 'counted', 'ms', 'GFLOP/s', 'ceiling', 'share')
for (const name of names) {
  const update = updatesOf(name)
  update()
  const [need, count] = [needed(name, loops[name].options), counted(update) / UPDATES]
  const time = (await processorTime(update)) / UPDATES
  const best = (2 * size ** 3) / (await processorTime(largeProduct))
  printRow(name, need / 1e6, count / 1e6, time / 1e6, need / time, best, need / time / best)
}
