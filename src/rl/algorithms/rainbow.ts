// Rainbow: six extensions of deep Q-learning at once, Hessel et al. 2018, arXiv:1710.02298. Each is a few lines here, marked
// by its number: (1) double Q-learning, (2) prioritised replay, (3) dueling streams, (4) several steps of reward,
// (5) distributions of returns, (6) noise in the weights. Deviations from the paper are those of dqn.ts; the first hidden
// layer, where the paper has convolutions, is without noise.
// Read next: dqn.ts for all but (5) one by one, c51.ts for (5), value-network.ts for (3) and (6).

import { klLoss } from '../../nn/losses/kl.ts'
import { copyParameters } from '../../nn/module.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import { noGrad } from '../../tensor/autograd.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { log, mul } from '../../tensor/ops/elementwise.ts'
import { argmax, mean } from '../../tensor/ops/reduce.ts'
import { logSoftmax } from '../../tensor/ops/softmax.ts'
import { Rng } from '../../tensor/random.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { NStepWriter } from '../buffers/n-step.ts'
import { PrioritisedReplay } from '../buffers/prioritised.ts'
import type { ReplayBatch } from '../buffers/replay.ts'
import { ActionValueAgent, epsilonGreedyActions } from '../discrete-policies.ts'
import {
  count,
  finite,
  type GivenOptions,
  limit,
  nonNegative,
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
import { atomsBetween, CategoricalValues, projectDistribution } from './c51.ts'
import { chosenRows, passes, play, priorityCorrectionAt, transitionTensors } from './off-policy.ts'
import { requireChoices } from './requirements.ts'
import { valueNetwork } from './value-network.ts'

export const rainbowOptions = {
  totalTimesteps: count(50_000, 'environment steps in all, over all environments'),
  seed: whole(0, 'of everything random: the same one gives the same run, bit for bit'),
  hidden: sizes([128, 128], 'widths of the hidden layers; the two streams follow them'),
  atoms: count(51, 'returns that have a probability each, at least 2'),
  lowestReturn: finite(0, 'the first atom'),
  highestReturn: finite(100, 'the last atom'),
  numSteps: count(3, 'rewards summed before the distribution of what follows stands in for the rest'),
  priorityExponent: nonNegative(0.5, 'how much priorities count: 0 draws uniformly, 1 in proportion'),
  priorityCorrection: share(0.4, 'how much of the bias of such draws the weights undo at first; all of it in the end'),
  learningRate: positive(1e-3, 'step size of Adam'),
  adamEpsilon: positive(1.5e-4, 'what keeps the division of Adam finite; larger, it slows small gradients'),
  batchSize: count(64, 'transitions an update'),
  bufferSize: count(100_000, 'transitions remembered'),
  learningStarts: whole(1000, 'steps of random play before the first update'),
  gamma: share(0.99, 'discount'),
  targetInterval: count(512, 'steps between copies of the network into the target network'),
  trainInterval: count(128, 'steps of play between stretches of updates'),
  gradientSteps: count(32, 'updates in such a stretch'),
  maxGradNorm: limit(10, 'longest gradient; longer ones are scaled down'),
}

export type RainbowOptions = GivenOptions<typeof rainbowOptions> & Resumable

export interface RainbowReport extends ResumableReport<ActionValueAgent> {
  /** Mean loss of the updates since the last report, in nats. */
  readonly loss: number
}

/** Trains in the given environments; yields after each stretch of updates, returns the agent. */
export function* rainbow(given: Envs, options: RainbowOptions = {}): Generator<RainbowReport, ActionValueAgent, void> {
  const o = readOptions('rainbow', rainbowOptions, options, ['resume'])
  const envs = asVector(given)
  const { numEnvs, observationSize } = envs
  const rng = new Rng(o.seed)
  const network = makeNetwork(envs, o, rng)
  const target = makeNetwork(envs, o, rng)
  copyParameters(network, target)
  const agent = agentOf(network, envs)
  const optimizer = new Adam(network, { learningRate: o.learningRate, epsilon: o.adamEpsilon })
  const { totalTimesteps, batchSize, numSteps, gamma } = o
  const buffer = new PrioritisedReplay({ capacity: o.bufferSize, observationSize, alpha: o.priorityExponent }) // (2)
  const writer = new NStepWriter(buffer, { numSteps, gamma, observationSize, numEnvs }) // (4)
  const counters = { step: 0 }
  const training = new Training('rainbow', o, { network, target, optimizer, buffer, writer, envs, rng, counters })
  training.start(envs, o.seed, options.resume)

  // 1. act: at random at first, then greedily by a network whose weights are drawn anew at each step (6)
  const act = (observations: Float32Array, step: number) =>
    epsilonGreedyActions(agent, observations, () => step <= o.learningStarts, rng)
  // 2. remember
  for (const { step, episodes } of play({ envs, memory: writer, counters, totalTimesteps, act })) {
    // 3. learn, towards targets that stand still in between
    if (passes(step, numEnvs, o.targetInterval)) copyParameters(network, target)
    if (step >= o.learningStarts && buffer.size > 0 && passes(step, numEnvs, o.trainInterval)) {
      let loss = 0
      for (let i = 0; i < o.gradientSteps; i++) {
        loss += optimizer.minimize(() => {
          const batch = buffer.sample(batchSize, rng, priorityCorrectionAt(step, o)) // (2)
          const divergences = rainbowDivergences(network, target, batch, gamma, rng)
          buffer.updatePriorities(batch.indices, divergences.view()) // (2)
          return mean(mul(tensor(batch.weights), divergences))
        }, o)
      }
      yield { step, episodes: episodes.splice(0), loss: loss / o.gradientSteps, agent, save: training.save }
    }
  }
  return agent
}

/** As `rainbow` makes it, before it has learnt anything. */
export function newRainbowAgent(envs: Envs, options: RainbowOptions = {}): ActionValueAgent {
  const o = readOptions('rainbow', rainbowOptions, options, ['resume'])
  return agentOf(makeNetwork(asVector(envs), o, new Rng()), asVector(envs))
}

function makeNetwork(envs: VectorEnv, o: OptionValues<typeof rainbowOptions>, rng: Rng): CategoricalValues {
  const { observationSize, actionCount } = requireChoices('rainbow', envs)
  const support = atomsBetween(o.lowestReturn, o.highestReturn, o.atoms)
  const parts = { hidden: o.hidden, dueling: true, noisy: true, atoms: o.atoms } // (3), (6), (5)
  return new CategoricalValues(valueNetwork(observationSize, actionCount, parts, rng), support)
}

function agentOf(network: CategoricalValues, envs: VectorEnv): ActionValueAgent {
  const { observationSize, actionCount } = requireChoices('rainbow', envs)
  return new ActionValueAgent(network, observationSize, actionCount)
}

/**
 * KL(Φ d′ ‖ d) for each transition: d the distribution of the action taken, d′ that of R + γⁿ (1 - terminated) Z(s′, a*), laid
 * over the atoms by Φ; a* is what the learner likes best, its distribution what the target network says. [batch], in nats; no
 * gradient flows to d′. With `rng` each pass draws the noise of noisy layers anew. Equation 5 of the paper.
 */
export function rainbowDivergences(
  network: CategoricalValues,
  target: CategoricalValues,
  batch: ReplayBatch,
  gamma: number,
  rng?: Rng,
): Tensor {
  const { observations, actions, rewards, nextObservations, discounts } = transitionTensors(batch, gamma) // (4)
  const targets = noGrad(() => {
    const best = argmax(network.forward(nextObservations, rng), 1, true) // (1)
    const next = chosenRows(target.probabilities(nextObservations, rng), best)
    return projectDistribution(next, rewards, discounts, target.support) // (5)
  })
  const logProbs = logSoftmax(chosenRows(network.logits(observations, rng), actions))
  return klLoss(log(targets), logProbs, { reduction: 'none' })
}
