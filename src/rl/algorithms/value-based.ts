// Deep Q-learning, one loop for DQN, C51, QR-DQN and Rainbow: they differ in the head (value-heads.ts) and in a row of settings
// (dqn.ts, c51.ts, qr-dqn.ts, rainbow.ts). Mnih et al. 2015, doi:10.1038/nature14236, algorithm 1. Deviations from the paper: vectors
// instead of pictures, Adam instead of RMSprop, several updates in a row after a phase of play (trainInterval, gradientSteps),
// gradients clipped by their norm, ε that falls from the first step on.
// Read next: ../buffers/replay.ts for the memory, value-network.ts for the networks.

import { copyParameters, type Module } from '../../nn/module.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import { noGrad } from '../../tensor/autograd.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { mul } from '../../tensor/ops/elementwise.ts'
import { argmax, mean } from '../../tensor/ops/reduce.ts'
import { Rng } from '../../tensor/random.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { NStepBuffer } from '../buffers/n-step.ts'
import { PrioritizedReplayBuffer } from '../buffers/prioritized.ts'
import { type ReplayBatch, ReplayBuffer } from '../buffers/replay.ts'
import { type Resumable, TrainingState } from '../checkpoint.ts'
import { epsilonGreedyActions, QPolicy } from '../discrete-policies.ts'
import {
  count,
  fraction,
  type GivenOptions,
  limit,
  type OptionTable,
  type OptionValues,
  positive,
  readOptions,
  sizes,
  whole,
} from '../options.ts'
import type { ResumableReport } from '../training.ts'
import { type EnvLike, toVectorEnv } from '../vector/as-vector.ts'
import { chosenRows, epsilonAt, passes, play, priorityCorrectionAt, transitionTensors } from './off-policy.ts'
import { requireChoices } from './requirements.ts'
import { actionValuesOf, type ValueHead } from './value-heads.ts'
import { valueNetwork } from './value-network.ts'

/** The options that all deep Q-learners share, with the defaults of DQN. */
export const valueBasedOptions = {
  totalTimesteps: count(50_000, 'environment steps in all, over all environments'),
  seed: whole(0, 'of all random numbers: a run is a function of it, bit for bit'),
  hidden: sizes([256, 256], 'widths of the hidden layers'),
  learningRate: positive(2.3e-3, 'step size of Adam'),
  batchSize: count(64, 'transitions in an update'),
  bufferSize: count(100_000, 'transitions in the replay buffer'),
  learningStarts: whole(1000, 'steps of random play before the first update'),
  gamma: fraction(0.99, 'discount'),
  targetUpdateInterval: count(256, 'steps between copies of the network into the target network'),
  trainInterval: count(256, 'steps of play between training phases'),
  gradientSteps: count(128, 'updates in a training phase'),
  maxGradNorm: limit(10, 'largest norm of the gradient; larger ones are scaled down'),
}

/** The options of ε-greedy play. */
export const explorationOptions = {
  explorationFraction: fraction(0.16, 'fraction of the steps over which epsilon falls from 1 to explorationFinalEps'),
  explorationFinalEps: fraction(0.04, 'probability of a random action in the end'),
}

/** What the loop needs to know: the shared options, and what tells the algorithms apart. */
export interface ValueBasedSettings
  extends OptionValues<typeof valueBasedOptions>,
    Partial<OptionValues<typeof explorationOptions>> {
  readonly head: ValueHead
  /** Epsilon of Adam. */
  readonly adamEpsilon: number
  /** Lowers the learning rate linearly to 0. */
  readonly annealLearningRate: boolean
  /** Chooses the next action by the learner's values and values it by the target network's. */
  readonly double: boolean
  /** Builds action values from the value of the state and the advantage of each action. */
  readonly dueling: boolean
  /** Explores by noise in the weights, whose scale is learned, instead of by ε. */
  readonly noisy: boolean
  /** Rewards summed before the value of what follows. */
  readonly nStep: number
  /** Samples transitions by the size of their last error, with importance weights. */
  readonly prioritized: boolean
  readonly priorityExponent: number
  readonly priorityCorrection: number
}

/** The settings of plain deep Q-learning. */
export const plainSettings = {
  adamEpsilon: 1e-8,
  annealLearningRate: false,
  double: false,
  dueling: false,
  noisy: false,
  nStep: 1,
  prioritized: false,
  priorityExponent: 0.6,
  priorityCorrection: 0.4,
}

/** One algorithm of the family. */
export interface ValueBasedAlgorithm<Table extends typeof valueBasedOptions & OptionTable> {
  readonly name: string
  readonly options: Table
  settings(options: OptionValues<Table>): ValueBasedSettings
}

/** The options that are objects. */
export interface ValueBasedObjects extends Resumable {
  /** Makes a network [batch, inputs] → [batch, outputs], with `outputs` = actions · width of the head. Called for the target network too. */
  readonly network?: ((inputs: number, outputs: number, rng: Rng) => Module) | undefined
}

export interface ValueBasedReport extends ResumableReport<QPolicy> {
  /** Probability of a random action; 0 where weights are noisy. */
  readonly epsilon: number
  /** Mean loss of the updates since the last report; in nats for distributions of returns. */
  readonly loss: number
}

type Learn<Table extends OptionTable> = (
  envs: EnvLike,
  options?: GivenOptions<Table> & ValueBasedObjects,
) => Generator<ValueBasedReport, QPolicy, void>

/** The generator that trains by an algorithm: it yields after each training phase and returns the agent. */
export function valueBased<Table extends typeof valueBasedOptions & OptionTable>(
  algorithm: ValueBasedAlgorithm<Table>,
): Learn<Table> {
  return (envs, options = {}) => learn(algorithm, envs, options)
}

function* learn<Table extends typeof valueBasedOptions & OptionTable>(
  algorithm: ValueBasedAlgorithm<Table>,
  given: EnvLike,
  options: GivenOptions<Table> & ValueBasedObjects,
): ReturnType<Learn<Table>> {
  const read = readOptions(algorithm.name, algorithm.options, options, ['resume', 'network'])
  const o = algorithm.settings(read)
  const { head, gamma, nStep, totalTimesteps } = o
  const envs = toVectorEnv(given)
  const { numEnvs, observationSize } = envs
  const rng = new Rng(o.seed)
  const network = makeNetwork(algorithm.name, envs, o, rng, options)
  const target = makeNetwork(algorithm.name, envs, o, rng, options)
  copyParameters(network, target)
  const agent = agentOf(algorithm.name, envs, network, head)
  const optimizer = new Adam(network, { learningRate: o.learningRate, epsilon: o.adamEpsilon })
  const replay = { capacity: o.bufferSize, observationSize }
  const buffer = o.prioritized
    ? new PrioritizedReplayBuffer({ ...replay, alpha: o.priorityExponent })
    : new ReplayBuffer(replay)
  const writer = new NStepBuffer(buffer, { nStep, gamma, observationSize, numEnvs })
  const counters = { step: 0 }
  const parts = { network, target, optimizer, buffer, writer, envs, rng, counters }
  const training = new TrainingState(algorithm.name, read, parts)
  training.start(envs, o.seed, options.resume)

  const { explorationFinalEps, explorationFraction = 0 } = o
  const epsilonOf = (step: number) =>
    explorationFinalEps === undefined || o.noisy
      ? 0
      : epsilonAt(step, { totalTimesteps, explorationFraction, explorationFinalEps })
  // 1. act: at random with probability ε, else greedily, with the noise of noisy layers
  const act = (observations: Float32Array, step: number) => {
    const explores = () =>
      step <= o.learningStarts || (explorationFinalEps !== undefined && rng.uniform() < epsilonOf(step))
    return epsilonGreedyActions(agent, observations, explores, rng)
  }
  // 2. remember
  for (const { step, episodes } of play({ envs, memory: writer, counters, totalTimesteps, act })) {
    // 3. learn, towards the returns of a target network that is constant in between
    if (passes(step, numEnvs, o.targetUpdateInterval)) copyParameters(network, target)
    if (step >= o.learningStarts && buffer.size > 0 && passes(step, numEnvs, o.trainInterval)) {
      if (o.annealLearningRate) optimizer.learningRate = o.learningRate * (1 - step / totalTimesteps)
      let loss = 0
      for (let i = 0; i < o.gradientSteps; i++) {
        loss += optimizer.minimize(() => {
          if (buffer instanceof ReplayBuffer) {
            const { outputs, targets } = estimates(head, network, target, buffer.sample(o.batchSize, rng), o, rng)
            return head.loss(outputs, targets, 'mean')
          }
          const batch = buffer.sample(o.batchSize, rng, priorityCorrectionAt(step, o))
          const { outputs, targets } = estimates(head, network, target, batch, o, rng)
          const terms = head.loss(outputs, targets, 'none')
          buffer.updatePriorities(batch.indices, (head.errors?.(outputs, targets) ?? terms).view())
          return weightedMean(terms, tensor(batch.weights))
        }, o)
      }
      const epsilon = epsilonOf(step)
      yield { step, episodes: episodes.splice(0), epsilon, loss: loss / o.gradientSteps, agent, save: training.save }
    }
  }
  return agent
}

/** An agent with the networks of `valueBased`, untrained. */
export function newValueAgent<Table extends typeof valueBasedOptions & OptionTable>(
  algorithm: ValueBasedAlgorithm<Table>,
  given: EnvLike,
  options: GivenOptions<Table> & ValueBasedObjects = {},
): QPolicy {
  const { name, options: table } = algorithm
  const envs = toVectorEnv(given)
  const o = algorithm.settings(readOptions(name, table, options, ['resume', 'network']))
  return agentOf(name, envs, makeNetwork(name, envs, o, new Rng(), options), o.head)
}

type Spaces = Parameters<typeof requireChoices>[1]

function makeNetwork(
  name: string,
  envs: Spaces,
  { hidden, dueling, noisy, head: { width } }: ValueBasedSettings,
  rng: Rng,
  { network }: ValueBasedObjects,
): Module {
  const { observationSize, numActions } = requireChoices(name, envs)
  if (network !== undefined) return network(observationSize, numActions * width, rng)
  return valueNetwork(observationSize, numActions, { hidden, dueling, noisy, atoms: width }, rng)
}

function agentOf(name: string, envs: Spaces, network: Module, head: ValueHead): QPolicy {
  const { observationSize, numActions } = requireChoices(name, envs)
  return new QPolicy(actionValuesOf(network, head), observationSize, numActions)
}

/** mean w · term, the loss of prioritised samples: both [batch] → scalar. */
export function weightedMean(terms: Tensor, weights: Tensor): Tensor {
  return mean(mul(weights, terms))
}

/** The network's outputs for the actions taken, and their targets: rows of a head. No gradient flows to the targets. */
export interface Estimates {
  readonly outputs: Tensor
  readonly targets: Tensor
}

/** Estimates for a sample of transitions; with `rng` noisy layers draw their noise anew in each pass. */
export function estimates(
  head: ValueHead,
  network: Module,
  target: Module,
  batch: ReplayBatch,
  { gamma, double }: { readonly gamma: number; readonly double: boolean },
  rng?: Rng,
): Estimates {
  const { observations, actions, rewards, nextObservations, discounts } = transitionTensors(batch, gamma)
  const outputsOf = (each: Module, states: Tensor) => head.split(each.forward(states, rng))
  const targets = noGrad(() => {
    const learnerNext = double ? head.returns(outputsOf(network, nextObservations)) : undefined
    const targetNext = head.returns(outputsOf(target, nextObservations))
    return bellmanTargets(head, rewards, discounts, targetNext, learnerNext)
  })
  return { outputs: chosenRows(outputsOf(network, observations), actions), targets }
}

/**
 * r + γⁿ (1 - terminated) Z′(s′, a*): Z′ the returns of the target network, a* the action with the largest mean under them or, in
 * double Q-learning (van Hasselt et al. 2016, arXiv:1509.06461), under those of the learner. Returns [batch, actions, …];
 * `discounts` are γⁿ (1 - terminated), [batch] as the rewards are.
 */
export function bellmanTargets(
  head: ValueHead,
  rewards: Tensor,
  discounts: Tensor,
  targetNext: Tensor,
  learnerNext = targetNext,
): Tensor {
  return head.backup(chosenRows(targetNext, argmax(head.means(learnerNext), 1, true)), rewards, discounts)
}
