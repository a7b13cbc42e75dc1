// An optimizer of one's own, Lion (Chen et al. 2023, arXiv:2302.06675, algorithm 2), trains a PPO agent.
// Run: npx tsx examples/own-optimizer.ts

import { Optimizer, type OptimizerSource, type Scheduled, type Slot } from '../src/nn/index.ts'
import { evaluatePolicy, finish, make, makeVec, ppo, preset } from '../src/rl/index.ts'

interface LionSettings {
  learningRate: Scheduled
  beta1: number
  beta2: number
  weightDecay: number
}

const defaults: LionSettings = { learningRate: 1e-4, beta1: 0.9, beta2: 0.99, weightDecay: 0 }

/** p := p - lr (sign(β₁ m + (1 - β₁) g) + weightDecay · p), m := β₂ m + (1 - β₂) g. */
export class Lion extends Optimizer<LionSettings, 'momentum'> {
  readonly name = 'lion'

  constructor(source: OptimizerSource<LionSettings>, options: Partial<LionSettings> = {}) {
    super(source, defaults, options, { beta1: 1, beta2: 1 })
  }

  protected initialBuffers() {
    return { momentum: 0 }
  }

  protected update(slot: Slot<'momentum'>, { beta1, beta2, weightDecay }: LionSettings, learningRate: number): void {
    const { parameter, gradient, momentum } = this.arrays(slot)
    for (const [i, g] of gradient.entries()) {
      const [p, m] = [parameter[i]!, momentum[i]!]
      parameter[i] = p - learningRate * (Math.sign(beta1 * m + (1 - beta1) * g) + weightDecay * p)
      momentum[i] = beta2 * m + (1 - beta2) * g
    }
  }
}

const { env, numEnvs, options } = preset('ppo', 'cartpole-fast')
const agent = finish(
  ppo(makeVec(env, numEnvs), {
    ...options,
    totalTimesteps: 60_000,
    learningRate: 1e-3, // a third of Adam's: each number moves by the whole learning rate in every step
    optimizer: (parameters, { learningRate }) => new Lion(parameters, { learningRate, weightDecay: 0.01 }),
  }),
)
const { mean, standardDeviation } = evaluatePolicy(agent, () => make(env))
console.log(`PPO with Lion, ${env}: a mean return of ${mean.toFixed(1)} ± ${standardDeviation.toFixed(1)}`)
