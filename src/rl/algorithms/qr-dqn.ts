// QR-DQN, deep Q-learning with quantiles of returns: Dabney et al. 2018, arXiv:1710.10044, algorithm 1. Where C51 learns how
// likely fixed returns are, this learns which returns are fixed in likelihood: no range of returns need be known, and nothing
// is projected. Deviations from the paper are those of dqn.ts. Read next: c51.ts.

import { MLP } from '../../nn/mlp.ts'
import { copyParameters, type Module, type NamedParameters } from '../../nn/module.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import { noGrad } from '../../tensor/autograd.ts'
import { formatShape, ShapeError } from '../../tensor/errors.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { abs, clamp, less, mul, sub } from '../../tensor/ops/elementwise.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { constant } from '../../tensor/ops/primitives.ts'
import { argmax, mean, sum } from '../../tensor/ops/reduce.ts'
import { Rng } from '../../tensor/random.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type ReplayBatch, ReplayBuffer } from '../buffers/replay.ts'
import { ActionValueAgent, epsilonGreedyActions } from '../discrete-policies.ts'
import {
  count,
  type GivenOptions,
  limit,
  type OptionValues,
  positive,
  readOptions,
  share,
  sizes,
  whole,
} from '../options.ts'
import { type Resumable, Training } from '../saved-training.ts'
import type { ResumableReport } from '../training.ts'
import { asVector, type Envs } from '../vector/as-vector.ts'
import type { VectorEnv } from '../vector-env.ts'
import { bootstrapped, chosenRows, epsilonAt, passes, play, transitionTensors } from './off-policy.ts'
import { requireChoices } from './requirements.ts'

export const qrDqnOptions = {
  totalTimesteps: count(50_000, 'environment steps in all, over all environments'),
  seed: whole(0, 'of everything random: the same one gives the same run, bit for bit'),
  hidden: sizes([256, 256], 'widths of the hidden layers'),
  quantiles: count(25, 'returns that are learned for each action'),
  kappa: positive(1, 'where the loss turns from a parabola into lines'),
  learningRate: positive(2.3e-3, 'step size of Adam'),
  batchSize: count(64, 'transitions an update'),
  bufferSize: count(100_000, 'transitions remembered'),
  learningStarts: whole(1000, 'steps of random play before the first update'),
  gamma: share(0.99, 'discount'),
  targetInterval: count(256, 'steps between copies of the network into the target network'),
  trainInterval: count(256, 'steps of play between stretches of updates'),
  gradientSteps: count(128, 'updates in such a stretch'),
  explorationFraction: share(0.16, 'epsilon falls from 1 to finalEpsilon over this share of the steps'),
  finalEpsilon: share(0.04, 'how often an action is random in the end'),
  maxGradNorm: limit(10, 'longest gradient; longer ones are scaled down'),
}

export type QrDqnOptions = GivenOptions<typeof qrDqnOptions> & Resumable

export interface QrDqnReport extends ResumableReport<ActionValueAgent> {
  readonly epsilon: number
  /** Mean loss of the updates since the last report. */
  readonly loss: number
}

/** Trains in the given environments; yields after each stretch of updates, returns the agent. */
export function* qrDqn(given: Envs, options: QrDqnOptions = {}): Generator<QrDqnReport, ActionValueAgent, void> {
  const o = readOptions('qr-dqn', qrDqnOptions, options, ['resume'])
  const envs = asVector(given)
  const rng = new Rng(o.seed)
  const network = makeNetwork(envs, o, rng)
  const target = makeNetwork(envs, o, rng)
  const optimizer = new Adam(network, { learningRate: o.learningRate })
  copyParameters(network, target)
  const agent = agentOf(network, envs)
  const buffer = new ReplayBuffer({ capacity: o.bufferSize, observationSize: agent.observationSize })
  const counters = { step: 0 }
  const training = new Training('qr-dqn', o, { network, target, optimizer, buffer, envs, rng, counters })
  training.start(envs, o.seed, options.resume)

  // 1. act: at random with probability ε, else by the largest mean
  const act = (observations: Float32Array, step: number) => {
    const explores = () => step <= o.learningStarts || rng.uniform() < epsilonAt(step, o)
    return epsilonGreedyActions(agent, observations, explores, rng)
  }
  const { totalTimesteps } = o
  // 2. remember
  for (const { step, episodes } of play({ envs, memory: buffer, counters, totalTimesteps, act })) {
    // 3. learn the quantiles
    if (passes(step, envs.numEnvs, o.targetInterval)) copyParameters(network, target)
    if (step >= o.learningStarts && passes(step, envs.numEnvs, o.trainInterval)) {
      let loss = 0
      for (let i = 0; i < o.gradientSteps; i++) {
        loss += optimizer.minimize(() => qrDqnLoss(network, target, buffer.sample(o.batchSize, rng), o), o)
      }
      const epsilon = epsilonAt(step, o)
      yield { step, episodes: episodes.splice(0), epsilon, loss: loss / o.gradientSteps, agent, save: training.save }
    }
  }
  return agent
}

/** As `qrDqn` makes it, before it has learnt anything. */
export function newQrDqnAgent(envs: Envs, options: QrDqnOptions = {}): ActionValueAgent {
  const o = readOptions('qr-dqn', qrDqnOptions, options, ['resume'])
  return agentOf(makeNetwork(asVector(envs), o, new Rng()), asVector(envs))
}

function makeNetwork(envs: VectorEnv, o: OptionValues<typeof qrDqnOptions>, rng: Rng): QuantileValues {
  const { observationSize, actionCount } = requireChoices('qr-dqn', envs)
  return new QuantileValues(new MLP([observationSize, ...o.hidden, actionCount * o.quantiles], rng), o.quantiles)
}

function agentOf(network: QuantileValues, envs: VectorEnv): ActionValueAgent {
  const { observationSize, actionCount } = requireChoices('qr-dqn', envs)
  return new ActionValueAgent(network, observationSize, actionCount)
}

/** Quantile Huber loss of the actions taken against r + γⁿ (1 - terminated) θ(s′, a*), a* of the largest mean; a scalar. */
export function qrDqnLoss(
  network: QuantileValues,
  target: QuantileValues,
  batch: ReplayBatch,
  { gamma, kappa }: { readonly gamma: number; readonly kappa: number },
): Tensor {
  const { observations, actions, rewards, nextObservations, discounts } = transitionTensors(batch, gamma)
  const column = (x: Tensor) => reshape(x, [batch.size, 1])
  const targets = noGrad(() => {
    const next = target.quantiles(nextObservations)
    const greedy = argmax(mean(next, 2), 1, true)
    return bootstrapped(column(rewards), column(discounts), chosenRows(next, greedy))
  })
  return quantileHuberLoss(chosenRows(network.quantiles(observations), actions), targets, kappa)
}

/**
 * With u = targetⱼ - quantileᵢ and τᵢ = (i + ½) / N: |τᵢ - [u < 0]| huber(u; κ) / κ, summed over i, mean over j and the batch.
 * Too low an estimate costs τ, too high a one 1 - τ, so that θᵢ settles where a share τᵢ lies below. Equation 10.
 * Quantiles [batch, N], targets [batch, M] → scalar.
 */
export function quantileHuberLoss(quantiles: Tensor, targets: Tensor, kappa: number): Tensor {
  const [batch, n] = quantiles.shape as [number, number]
  const m = targets.shape[1]
  if (targets.shape[0] !== batch || m === undefined) {
    throw new ShapeError(
      `quantileHuberLoss: the quantiles are ${formatShape(quantiles.shape)}, the targets ${formatShape(targets.shape)}; ` +
        'expected [batch, N] and [batch, M]',
    )
  }
  const u = sub(reshape(targets, [batch, 1, m]), reshape(quantiles, [batch, n, 1])) // [batch, N, M]
  const middles = Float64Array.from({ length: n }, (_, i) => (i + 0.5) / n)
  const tau = tensor(middles, [1, n, 1], { dtype: quantiles.dtype })
  const weights = noGrad(() => abs(sub(tau, less(u, constant(u, 0)))))
  const distance = abs(u)
  const capped = clamp(distance, 0, kappa)
  const huber = mul(capped, sub(distance, mul(capped, 0.5)))
  return mul(sum(mul(weights, huber)), 1 / (kappa * batch * m))
}

/** Action values as the means of quantiles: Q(s, a) = mean θ(s, a). */
export class QuantileValues implements Module {
  constructor(
    /** [batch, observationSize] → [batch, actions · count] */
    readonly network: Module,
    readonly count: number,
  ) {}

  /** θ: [batch, actions, count] */
  quantiles(observations: Tensor): Tensor {
    const flat = this.network.forward(observations)
    return reshape(flat, [flat.shape[0]!, flat.shape[1]! / this.count, this.count])
  }

  forward(observations: Tensor): Tensor {
    return mean(this.quantiles(observations), 2)
  }

  parameters(): NamedParameters {
    return this.network.parameters()
  }
}
