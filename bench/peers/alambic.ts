// alambic's implementation of the workloads of `npm run bench:peers`, on ALAMBIC_THREADS threads.

import { MLP } from '../../src/nn/layers/mlp.ts'
import { mseLoss } from '../../src/nn/losses/regression.ts'
import { Adam } from '../../src/nn/optimizers/adam.ts'
import { makeVec } from '../../src/rl/envs/vector/make-vec.ts'
import { CategoricalPolicy } from '../../src/rl/policies/discrete-policies.ts'
import { matmul, noGrad, Rng, scope, setThreads, tensor } from '../../src/tensor/index.ts'
import { randomMatrix } from '../lib/operands.ts'
import { loops, train } from './loops.ts'
import { normals, serve } from './serve.ts'

setThreads(Number(process.env.ALAMBIC_THREADS ?? 1))
const rng = new Rng(1)
const ACTIONS = 256

await serve({
  step(sizes, batch) {
    const network = new MLP(sizes, rng)
    const optimizer = new Adam(network)
    const [x, y] = [normals(batch * sizes[0]!), normals(batch * sizes.at(-1)!)]
    return () => {
      optimizer.minimize(() =>
        mseLoss(network.forward(tensor(x, [batch, sizes[0]!])), tensor(y, [batch, sizes.at(-1)!])),
      )
    }
  },
  product(n) {
    const [a, b] = [randomMatrix(n, 1), randomMatrix(n, 2)]
    return () => scope(() => noGrad(() => matmul(a, b).view()[0]))
  },
  act() {
    const agent = new CategoricalPolicy(new MLP([4, 64, 64, 2], rng), 4, 2)
    const observation = normals(4)
    return () => agent.act(observation)
  },
  cartpole(count) {
    const envs = makeVec('CartPole-v1', count)
    const actions = Array.from({ length: ACTIONS }, () => Int32Array.from({ length: count }, () => rng.integer(2)))
    envs.reset({ seed: 1 })
    return {
      steps: ACTIONS * count,
      call: () => {
        for (const each of actions) envs.step(each)
      },
    }
  },
  loop(name) {
    const loop = loops[name]!
    const { steps, options } = loop.sample
    return { steps, call: () => train(name, loop, steps, { ...loop.options, ...options }) }
  },
})
