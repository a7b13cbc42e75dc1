// C51, deep Q-learning with whole distributions of returns: Bellemare et al. 2017, arXiv:1707.06887, algorithm 1. Each action
// has probabilities on a fixed row of returns ("atoms"); the network is taught the distribution that one step of reward and
// discount leads to, laid over the same atoms. Deviations from the paper are those of dqn.ts.
// Read next: dqn.ts, on which this builds, and qr-dqn.ts, which fixes the probabilities and moves the atoms.

import { crossEntropy } from '../../nn/losses/classification.ts'
import { MLP } from '../../nn/mlp.ts'
import { copyParameters, type Module, type NamedParameters } from '../../nn/module.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import { noGrad } from '../../tensor/autograd.ts'
import { ShapeError, ValueError } from '../../tensor/errors.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { mul } from '../../tensor/ops/elementwise.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { argmax, sum } from '../../tensor/ops/reduce.ts'
import { softmax } from '../../tensor/ops/softmax.ts'
import { Rng } from '../../tensor/random.ts'
import { newArray } from '../../tensor/storage.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { NStepWriter } from '../buffers/n-step.ts'
import { type ReplayBatch, ReplayBuffer } from '../buffers/replay.ts'
import { ActionValueAgent, epsilonGreedyActions } from '../discrete-policies.ts'
import {
  count,
  finite,
  flag,
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
import { chosenRows, epsilonAt, passes, play, transitionTensors } from './off-policy.ts'
import { requireChoices } from './requirements.ts'

export const c51Options = {
  totalTimesteps: count(50_000, 'environment steps in all, over all environments'),
  seed: whole(0, 'of everything random: the same one gives the same run, bit for bit'),
  hidden: sizes([120, 84], 'widths of the hidden layers'),
  atoms: count(51, 'returns that have a probability each, at least 2'),
  lowestReturn: finite(0, 'the first atom'),
  highestReturn: finite(100, 'the last atom'),
  numSteps: count(1, 'rewards summed before the distribution of what follows stands in for the rest'),
  learningRate: positive(1e-3, 'step size of Adam'),
  annealLearningRate: flag(false, 'lower the learning rate to 0 along a straight line'),
  adamEpsilon: positive(1e-8, 'what keeps the division of Adam finite; larger, it slows small gradients'),
  batchSize: count(128, 'transitions an update'),
  bufferSize: count(100_000, 'transitions remembered'),
  learningStarts: whole(1000, 'steps of random play before the first update'),
  gamma: share(0.99, 'discount'),
  targetInterval: count(512, 'steps between copies of the network into the target network'),
  trainInterval: count(128, 'steps of play between stretches of updates'),
  gradientSteps: count(32, 'updates in such a stretch'),
  explorationFraction: share(0.2, 'epsilon falls from 1 to finalEpsilon over this share of the steps'),
  finalEpsilon: share(0.04, 'how often an action is random in the end'),
  maxGradNorm: limit(10, 'longest gradient; longer ones are scaled down'),
}

export type C51Options = GivenOptions<typeof c51Options> & Resumable

export interface C51Report extends ResumableReport<ActionValueAgent> {
  readonly epsilon: number
  /** Mean loss of the updates since the last report, in nats. */
  readonly loss: number
}

/** Trains in the given environments; yields after each stretch of updates, returns the agent. */
export function* c51(given: Envs, options: C51Options = {}): Generator<C51Report, ActionValueAgent, void> {
  const o = readOptions('c51', c51Options, options, ['resume'])
  const envs = asVector(given)
  const rng = new Rng(o.seed)
  const network = makeNetwork(envs, o, rng)
  const target = makeNetwork(envs, o, rng)
  const optimizer = new Adam(network, { learningRate: o.learningRate, epsilon: o.adamEpsilon })
  copyParameters(network, target)
  const agent = agentOf(network, envs)
  const { totalTimesteps, numSteps, gamma } = o
  const { observationSize, numEnvs } = envs
  const buffer = new ReplayBuffer({ capacity: o.bufferSize, observationSize })
  const writer = new NStepWriter(buffer, { numSteps, gamma, observationSize, numEnvs })
  const counters = { step: 0 }
  const training = new Training('c51', o, { network, target, optimizer, buffer, writer, envs, rng, counters })
  training.start(envs, o.seed, options.resume)

  // 1. act: at random with probability ε, else by the largest mean
  const act = (observations: Float32Array, step: number) => {
    const explores = () => step <= o.learningStarts || rng.uniform() < epsilonAt(step, o)
    return epsilonGreedyActions(agent, observations, explores, rng)
  }
  // 2. remember
  for (const { step, episodes } of play({ envs, memory: writer, counters, totalTimesteps, act })) {
    // 3. learn the projected distributions
    if (passes(step, numEnvs, o.targetInterval)) copyParameters(network, target)
    if (step >= o.learningStarts && buffer.size > 0 && passes(step, numEnvs, o.trainInterval)) {
      if (o.annealLearningRate) optimizer.learningRate = o.learningRate * (1 - step / o.totalTimesteps)
      let loss = 0
      for (let i = 0; i < o.gradientSteps; i++) {
        loss += optimizer.minimize(() => c51Loss(network, target, buffer.sample(o.batchSize, rng), gamma), o)
      }
      const epsilon = epsilonAt(step, o)
      yield { step, episodes: episodes.splice(0), epsilon, loss: loss / o.gradientSteps, agent, save: training.save }
    }
  }
  return agent
}

/** As `c51` makes it, before it has learnt anything. */
export function newC51Agent(envs: Envs, options: C51Options = {}): ActionValueAgent {
  return agentOf(
    makeNetwork(asVector(envs), readOptions('c51', c51Options, options, ['resume']), new Rng()),
    asVector(envs),
  )
}

function makeNetwork(envs: VectorEnv, o: OptionValues<typeof c51Options>, rng: Rng): CategoricalValues {
  const { observationSize, actionCount } = requireChoices('c51', envs)
  const support = atomsBetween(o.lowestReturn, o.highestReturn, o.atoms)
  return new CategoricalValues(new MLP([observationSize, ...o.hidden, actionCount * o.atoms], rng), support)
}

function agentOf(network: CategoricalValues, envs: VectorEnv): ActionValueAgent {
  const { observationSize, actionCount } = requireChoices('c51', envs)
  return new ActionValueAgent(network, observationSize, actionCount)
}

/** Cross-entropy of the distributions of the actions taken against what a step of Bellman's equation makes of the next. */
export function c51Loss(
  network: CategoricalValues,
  target: CategoricalValues,
  batch: ReplayBatch,
  gamma: number,
): Tensor {
  const { observations, actions, rewards, nextObservations, discounts } = transitionTensors(batch, gamma)
  const targets = noGrad(() => {
    const next = target.probabilities(nextObservations)
    const greedy = argmax(target.means(next), 1, true)
    return projectDistribution(chosenRows(next, greedy), rewards, discounts, target.support)
  })
  return crossEntropy(chosenRows(network.logits(observations), actions), targets)
}

/**
 * The distribution of r + discount · Z on the atoms of Z. Each atom moves to r + discount · z, is brought back to the ends of the
 * row, and its probability goes to the two atoms beside it, to the nearer one the more. Equation 7.
 * Probabilities [batch, atoms], the rest [batch], evenly spaced atoms → [batch, atoms]; no gradient.
 */
export function projectDistribution(
  nextProbs: Tensor,
  rewards: Tensor,
  discounts: Tensor,
  support: ArrayLike<number>,
): Tensor {
  const [batch, atoms] = nextProbs.shape as [number, number]
  if (support.length !== atoms) {
    throw new ShapeError(`projectDistribution: ${support.length} atoms for probabilities of ${atoms}; expected as many`)
  }
  const [low, high] = [support[0]!, support[atoms - 1]!]
  const spacing = (high - low) / (atoms - 1)
  const [probs, r, discount] = [nextProbs.view(), rewards.view(), discounts.view()]
  const projected = newArray(nextProbs.dtype, batch * atoms)
  for (let row = 0; row < batch; row++) {
    const [reward, share] = [r[row]!, discount[row]!]
    if (!Number.isFinite(reward)) {
      throw new ValueError(`projectDistribution: reward ${row} is ${reward}; expected a number`)
    }
    const start = row * atoms
    for (let i = 0; i < atoms; i++) {
      const moved = Math.min(Math.max(reward + share * support[i]!, low), high)
      const place = (moved - low) / spacing
      const below = Math.min(Math.floor(place), atoms - 2)
      const above = place - below // the share of the upper neighbour
      const at = start + below
      const probability = probs[start + i]!
      projected[at] = projected[at]! + probability * (1 - above)
      projected[at + 1] = projected[at + 1]! + probability * above
    }
  }
  return tensor(projected, [batch, atoms])
}

/** A row of evenly spaced returns, both ends included. Throws a `ValueError` unless there are two and they ascend. */
export function atomsBetween(low: number, high: number, atoms: number): Float64Array {
  if (atoms >= 2 && low < high) {
    return Float64Array.from({ length: atoms }, (_, i) => low + (i * (high - low)) / (atoms - 1))
  }
  throw new ValueError(
    `c51: ${atoms} atoms from lowestReturn = ${low} to highestReturn = ${high}; expected two or more that ascend`,
  )
}

/** Action values as the means of distributions over atoms: Q(s, a) = Σᵢ zᵢ pᵢ(s, a). */
export class CategoricalValues implements Module {
  private readonly atoms: Tensor // [atoms]

  constructor(
    /** [batch, observationSize] → [batch, actions · atoms] or [batch, actions, atoms] */
    readonly network: Module,
    /** z, the returns: [atoms] */
    readonly support: Float64Array,
  ) {
    this.atoms = tensor(support, [support.length], { dtype: 'float32' })
  }

  /** Unnormalised log-probabilities of the atoms: [batch, actions, atoms]. With `rng` noisy layers draw their noise from it. */
  logits(observations: Tensor, rng?: Rng): Tensor {
    const outputs = this.network.forward(observations, rng)
    const batch = observations.shape[0]!
    const atoms = this.support.length
    return reshape(outputs, [batch, outputs.size / (batch * atoms), atoms])
  }

  /** p: [batch, actions, atoms] */
  probabilities(observations: Tensor, rng?: Rng): Tensor {
    return softmax(this.logits(observations, rng))
  }

  /** Σᵢ zᵢ pᵢ of probabilities [batch, actions, atoms]: [batch, actions]. */
  means(probabilities: Tensor): Tensor {
    return sum(mul(probabilities, this.atoms), 2)
  }

  forward(observations: Tensor, rng?: Rng): Tensor {
    return this.means(this.probabilities(observations, rng))
  }

  parameters(): NamedParameters {
    return this.network.parameters()
  }
}
