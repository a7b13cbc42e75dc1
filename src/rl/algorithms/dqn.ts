// Deep Q-learning: Mnih et al. 2015, doi:10.1038/nature14236, algorithm 1, with the double estimator of van Hasselt et al.
// 2016, arXiv:1509.06461, and four more extensions that Rainbow joined (Hessel et al. 2018, arXiv:1710.02298), off by
// default: dueling streams, several steps of reward, prioritised replay, noise in place of ε. Deviations from the first paper:
// vectors instead of pictures, Adam instead of RMSprop, several updates in a row after a stretch of play (trainInterval,
// gradientSteps), gradients clipped by their norm, ε that falls from the first step on.
// Read next: ../buffers/replay.ts for the memory, rainbow.ts for all extensions at once, ppo.ts for the other family.

import { huberLoss, mseLoss } from '../../nn/losses/regression.ts'
import { copyParameters, type Module } from '../../nn/module.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import { noGrad } from '../../tensor/autograd.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { mul, sub } from '../../tensor/ops/elementwise.ts'
import { gather } from '../../tensor/ops/indexing.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { amax, argmax, mean } from '../../tensor/ops/reduce.ts'
import { Rng } from '../../tensor/random.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { NStepWriter } from '../buffers/n-step.ts'
import { PrioritisedReplay } from '../buffers/prioritised.ts'
import { type ReplayBatch, ReplayBuffer } from '../buffers/replay.ts'
import { ActionValueAgent, epsilonGreedyActions } from '../discrete-policies.ts'
import {
  choice,
  count,
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
import { bootstrapped, epsilonAt, passes, play, priorityCorrectionAt, transitionTensors } from './off-policy.ts'
import { requireChoices } from './requirements.ts'
import { valueNetwork } from './value-network.ts'

export const dqnOptions = {
  totalTimesteps: count(50_000, 'environment steps in all, over all environments'),
  seed: whole(0, 'of everything random: the same one gives the same run, bit for bit'),
  hidden: sizes([256, 256], 'widths of the hidden layers'),
  learningRate: positive(2.3e-3, 'step size of Adam'),
  annealLearningRate: flag(false, 'lower the learning rate to 0 along a straight line'),
  batchSize: count(64, 'transitions an update'),
  bufferSize: count(100_000, 'transitions remembered'),
  learningStarts: whole(1000, 'steps of random play before the first update'),
  gamma: share(0.99, 'discount'),
  targetInterval: count(256, 'steps between copies of the network into the target network'),
  trainInterval: count(256, 'steps of play between stretches of updates'),
  gradientSteps: count(128, 'updates in such a stretch'),
  explorationFraction: share(0.16, 'epsilon falls from 1 to finalEpsilon over this share of the steps'),
  finalEpsilon: share(0.04, 'how often an action is random in the end'),
  loss: choice('huber', 'distance of values from targets: huber grows like a line from 1 on, mse as a square', [
    'huber',
    'mse',
  ]),
  maxGradNorm: limit(10, 'longest gradient; longer ones are scaled down'),
  double: flag(true, "choose the next action by the learner's values, value it by the target network's"),
  dueling: flag(false, 'build action values from the value of the state and the advantage of each action'),
  noisy: flag(false, 'explore by noise in the weights, whose size is learned, instead of by epsilon'),
  numSteps: count(1, 'rewards summed before the value of what follows stands in for the rest'),
  prioritised: flag(false, 'draw transitions by the size of their last error, and weigh them'),
  priorityCorrection: share(0.4, 'how much of the bias of such draws the weights undo at first; all of it in the end'),
}

export type DqnOptions = GivenOptions<typeof dqnOptions> & Resumable

export interface DqnReport extends ResumableReport<ActionValueAgent> {
  readonly epsilon: number
  /** Mean loss of the updates since the last report. */
  readonly loss: number
}

/**
 * What Q(s, a) should be: r + γⁿ (1 - terminated) Q'(s', a'), a' = argmax Q'(s') or, with `double`, argmax Q(s').
 * Next values [batch, actions] of the target network and of the learner; `discounts` are γⁿ (1 - terminated), [batch] as the
 * rewards are. → [batch].
 */
export function dqnTargets(rewards: Tensor, discounts: Tensor, targetNext: Tensor, learnerNext?: Tensor): Tensor {
  const next =
    learnerNext === undefined
      ? amax(targetNext, 1)
      : reshape(gather(targetNext, 1, argmax(learnerNext, 1, true)), [targetNext.shape[0]!])
  return bootstrapped(rewards, discounts, next)
}

/** Trains in the given environments; yields after each stretch of updates, returns the agent. */
export function* dqn(given: Envs, options: DqnOptions = {}): Generator<DqnReport, ActionValueAgent, void> {
  const o = readOptions('dqn', dqnOptions, options, ['resume'])
  const envs = asVector(given)
  const rng = new Rng(o.seed)
  const agent = makeAgent(envs, o, rng)
  const target = makeAgent(envs, o, rng)
  copyParameters(agent, target)
  const optimizer = new Adam(agent, { learningRate: o.learningRate })
  const { observationSize } = agent
  const room = { capacity: o.bufferSize, observationSize }
  const buffer = o.prioritised ? new PrioritisedReplay(room) : new ReplayBuffer(room)
  const { numSteps, gamma } = o
  const writer = new NStepWriter(buffer, { numSteps, gamma, observationSize, numEnvs: envs.numEnvs })
  const counters = { step: 0 }
  const training = new Training('dqn', o, { agent, target, optimizer, buffer, writer, envs, rng, counters })
  training.start(envs, o.seed, options.resume)

  // 1. act: at random with probability ε, else greedily
  const epsilonOf = (step: number) => (o.noisy ? 0 : epsilonAt(step, o))
  const act = (observations: Float32Array, step: number) => {
    const explores = () => step <= o.learningStarts || rng.uniform() < epsilonOf(step)
    return epsilonGreedyActions(agent, observations, explores, rng)
  }
  const { totalTimesteps } = o
  // 2. remember
  for (const { step, episodes } of play({ envs, memory: writer, counters, totalTimesteps, act })) {
    // 3. learn, towards targets that stand still in between
    if (passes(step, envs.numEnvs, o.targetInterval)) copyParameters(agent, target)
    if (step >= o.learningStarts && buffer.size > 0 && passes(step, envs.numEnvs, o.trainInterval)) {
      const beta = priorityCorrectionAt(step, o)
      if (o.annealLearningRate) optimizer.learningRate = o.learningRate * (1 - step / o.totalTimesteps)
      let loss = 0
      for (let i = 0; i < o.gradientSteps; i++) {
        loss += optimizer.minimize(() => {
          if (buffer instanceof ReplayBuffer) {
            const batch = buffer.sample(o.batchSize, rng)
            return dqnLoss(valuesAndTargets(agent.network, target.network, batch, o, rng), o)
          }
          const batch = buffer.sample(o.batchSize, rng, beta)
          const estimates = valuesAndTargets(agent.network, target.network, batch, o, rng)
          buffer.updatePriorities(batch.indices, noGrad(() => sub(estimates.values, estimates.targets)).view())
          return dqnLoss(estimates, o, tensor(batch.weights))
        }, o)
      }
      const epsilon = epsilonOf(step)
      yield { step, episodes: episodes.splice(0), epsilon, loss: loss / o.gradientSteps, agent, save: training.save }
    }
  }
  return agent
}

/** As `dqn` makes it, before it has learnt anything. */
export function newDqnAgent(envs: Envs, options: DqnOptions = {}): ActionValueAgent {
  return makeAgent(asVector(envs), readOptions('dqn', dqnOptions, options, ['resume']), new Rng())
}

function makeAgent(envs: VectorEnv, o: OptionValues<typeof dqnOptions>, rng: Rng): ActionValueAgent {
  const { observationSize, actionCount } = requireChoices('dqn', envs)
  return new ActionValueAgent(valueNetwork(observationSize, actionCount, o, rng), observationSize, actionCount)
}

/** What the learner thinks of the actions taken, and what it should: [batch] each. No gradient flows to the targets. */
export interface Estimates {
  readonly values: Tensor
  readonly targets: Tensor
}

/** Q(s, a) and its targets for a sample of transitions; with `rng` each pass draws the noise of noisy layers anew. */
export function valuesAndTargets(
  network: Module,
  target: Module,
  batch: ReplayBatch,
  { gamma, double }: { readonly gamma: number; readonly double: boolean },
  rng?: Rng,
): Estimates {
  const { observations, actions, rewards, nextObservations, discounts } = transitionTensors(batch, gamma)
  const targets = noGrad(() => {
    const learnerNext = double ? network.forward(nextObservations, rng) : undefined
    return dqnTargets(rewards, discounts, target.forward(nextObservations, rng), learnerNext)
  })
  return { values: chosenValues(network.forward(observations, rng), actions), targets }
}

/** Mean distance of values from targets; with weights [batch], those of prioritised draws, mean w · distance. */
export function dqnLoss(
  { values, targets }: Estimates,
  { loss }: { readonly loss: 'huber' | 'mse' } = { loss: 'huber' },
  weights?: Tensor,
): Tensor {
  const distance = loss === 'huber' ? huberLoss : mseLoss
  if (weights === undefined) return distance(values, targets)
  return mean(mul(weights, distance(values, targets, { reduction: 'none' })))
}

/** Q(s, a) of the actions taken: values [batch, actions], int32 choices [batch, 1] → [batch]. */
export function chosenValues(values: Tensor, actions: Tensor): Tensor {
  return reshape(gather(values, 1, actions), [values.shape[0]!])
}
