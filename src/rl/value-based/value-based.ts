// Deep Q-learning: one loop for DQN, C51, QR-DQN and Rainbow, which differ in the head (value-heads.ts) and the settings (dqn.ts,
// c51.ts, qr-dqn.ts, rainbow.ts). Mnih et al. 2015, doi:10.1038/nature14236, algorithm 1. Deviations from the paper: vector
// observations, Adam instead of RMSprop, several updates after each phase of play (trainInterval, gradientSteps), gradients clipped by
// norm, ε that decreases from the first step. Read next: ../replay/replay.ts, value-network.ts for the networks, value-loss.ts for
// targets and losses.

import { type Resumable, TrainingState } from '../../data/checkpoint.ts'
import {
  count,
  defaultsOf,
  flag,
  fraction,
  type GivenOptions,
  limit,
  nonNegative,
  type Option,
  type OptionTable,
  type OptionValues,
  positive,
  readOptions,
  sizes,
  whole,
} from '../../data/options.ts'
import { build } from '../../nn/layers/spec.ts'
import { weightedMean } from '../../nn/losses/reduction.ts'
import { copyParameters, type Module, type ParameterSource } from '../../nn/module.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { Rng } from '../../tensor/random.ts'
import { type EnvLike, toVectorEnv } from '../envs/vector/as-vector.ts'
import { epsilonGreedyActions, QPolicy } from '../policies/discrete-policies.ts'
import { NStepBuffer } from '../replay/n-step.ts'
import { epsilonAt, passes, play, priorityCorrectionAt } from '../replay/off-policy.ts'
import { PrioritizedReplayBuffer } from '../replay/prioritized.ts'
import { type ReplayBatch, ReplayBuffer } from '../replay/replay.ts'
import { makeNetwork, type NetworkFunction, networkOption } from '../training/networks.ts'
import { anneal, makeOptimizer, type OwnOptimizer } from '../training/optimizers.ts'
import { numberTypeOf, requireChoices } from '../training/requirements.ts'
import type { AlgorithmSpec, ResumableReport } from '../training/training.ts'
import { ActionValues, type ValueHead } from './value-heads.ts'
import { sampleLoss, type ValueLoss, valueBatch } from './value-loss.ts'
import { valueNetwork } from './value-network.ts'

/** The options that all deep Q-learners share, with the defaults of DQN. */
export const valueBasedOptions = {
  totalTimesteps: count(50_000, 'environment steps over all sub-environments'),
  seed: whole(0, 'seed of all random numbers; a run is a function of it, bit for bit'),
  hidden: sizes([256, 256], 'widths of the hidden layers'),
  network: networkOption(),
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
  explorationFinalEps: fraction(0.04, 'final probability of a random action'),
}

/** The options of single extensions. Each algorithm offers some; the others keep these defaults, those of plain DQN. */
export const extensionOptions = {
  adamEpsilon: positive(1e-8, 'added to the denominator of Adam; a large one shortens the steps of small gradients'),
  annealLearningRate: flag(false, 'lower the learning rate linearly to 0'),
  double: flag(false, "choose the next action by the learner's values, evaluate it by the target network's"),
  dueling: flag(false, 'compute action values from a state value and the advantage of each action'),
  noisy: flag(false, 'explore by noise in the weights, with learned scale, instead of by epsilon'),
  nStep: count(1, 'rewards summed before the value of the next state'),
  prioritized: flag(false, 'sample transitions by the size of their last error, with importance weights'),
  priorityExponent: nonNegative(0.6, 'exponent of the priorities: 0 samples uniformly, 1 in proportion'),
  priorityCorrection: fraction(0.4, 'initial exponent of the importance weights; it rises to 1'),
}

/** The settings of the loop; without `explorationFinalEps`, play is greedy after `learningStarts`. */
type ValueBasedSettings = OptionValues<typeof valueBasedOptions> &
  Partial<OptionValues<typeof explorationOptions>> &
  Partial<OptionValues<typeof extensionOptions>> & { readonly head: ValueHead; readonly lossTerms?: ValueLoss }

type ValueBasedTable = typeof valueBasedOptions & OptionTable

export interface ValueBasedAlgorithm<Table extends ValueBasedTable> extends AlgorithmSpec<Table> {
  settings(options: OptionValues<Table>): ValueBasedSettings
}

/** The options of a call, with those that are objects or functions. */
type Given<Table extends OptionTable> = Partial<Omit<OptionValues<Table>, 'loss'>> &
  OwnOptimizer &
  Resumable & {
    /**
     * Makes the network and the target network: [batch, ...observation] → [batch, outputs], with `outputs` = actions · width of the head.
     * `hidden`, `dueling` and `noisy` shape the default network only. A text is the layers before the head.
     */
    readonly network?: NetworkFunction | string | undefined
    /** A function replaces the algorithm's loss, with its targets. */
    readonly loss?: ValueLoss | (Table extends { readonly loss: Option<infer Names> } ? Names : never) | undefined
  }

export interface ValueBasedReport extends ResumableReport<QPolicy> {
  /** Probability of a random action; 0 with noisy weights. */
  readonly epsilon: number
  /** Mean loss of the updates since the last report; in nats for distributions of returns. */
  readonly loss: number
}

type Learn<Table extends OptionTable> = (
  envs: EnvLike,
  options?: Given<Table>,
) => Generator<ValueBasedReport, QPolicy, void>

/** The training generator of an algorithm: it yields after each training phase and returns the agent. */
export function valueBased<Table extends ValueBasedTable>(algorithm: ValueBasedAlgorithm<Table>): Learn<Table> {
  return (envs, options = {}) => learn(algorithm, envs, options)
}

function* learn<Table extends ValueBasedTable>(
  algorithm: ValueBasedAlgorithm<Table>,
  given: EnvLike,
  options: Given<Table>,
): ReturnType<Learn<Table>> {
  const { read, o, envs, ownLoss, newNetwork, agentOf } = makersOf(algorithm, given, options)
  const { head, gamma, nStep, totalTimesteps } = o
  const { numEnvs, observationSize } = envs
  const rng = new Rng(o.seed)
  const [network, target] = [newNetwork(rng), newNetwork(rng)]
  copyParameters(network, target)
  const agent = agentOf(network)
  const adam = (source: ParameterSource, s: object) => new Adam(source, { ...s, epsilon: o.adamEpsilon })
  const optimizer = makeOptimizer(algorithm.name, options.optimizer, network, o.learningRate, adam)
  const lossOf = (sample: ReplayBatch, reduction: 'mean' | 'none') =>
    sampleLoss(head, valueBatch(head, network, target, sample, gamma, rng), o.double, ownLoss, reduction)
  const replay = { capacity: o.bufferSize, observationSize, dtype: numberTypeOf(envs) }
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
  // 2. store the transition
  for (const { step, episodes } of play({ envs, memory: writer, counters, totalTimesteps, act })) {
    // 3. learn the returns estimated by the target network
    if (passes(step, numEnvs, o.targetUpdateInterval)) copyParameters(network, target)
    if (step >= o.learningStarts && buffer.size > 0 && passes(step, numEnvs, o.trainInterval)) {
      anneal(optimizer, o, step)
      let loss = 0
      for (let i = 0; i < o.gradientSteps; i++) {
        loss += optimizer.minimize(() => {
          if (buffer instanceof ReplayBuffer) return lossOf(buffer.sample(o.batchSize, rng), 'mean').loss
          const sample = buffer.sample(o.batchSize, rng, priorityCorrectionAt(step, o))
          const { loss: terms, errors } = lossOf(sample, 'none')
          buffer.updatePriorities(sample.indices, errors.view())
          return weightedMean(terms, tensor(sample.weights))
        }, o)
      }
      const epsilon = epsilonOf(step)
      yield { step, episodes: episodes.splice(0), epsilon, loss: loss / o.gradientSteps, agent, save: training.save }
    }
  }
  return agent
}

export function newValueAgent<Table extends ValueBasedTable>(
  algorithm: ValueBasedAlgorithm<Table>,
  given: EnvLike,
  options: Given<Table> = {},
): QPolicy {
  const { newNetwork, agentOf } = makersOf(algorithm, given, options)
  return agentOf(newNetwork(new Rng()))
}

// The options as read, with the loss of the caller, and what makes networks and agents for the spaces.
function makersOf<Table extends ValueBasedTable>(
  { name, options: table, settings }: ValueBasedAlgorithm<Table>,
  given: EnvLike,
  options: Given<Table>,
) {
  const isLoss = (loss: unknown): loss is ValueLoss => typeof loss === 'function'
  const objects = ['resume', 'network', 'optimizer', ...(isLoss(options.loss) ? ['loss'] : [])]
  const read = readOptions(name, table, options as GivenOptions<Table>, objects)
  const o = { ...defaultsOf(extensionOptions), ...settings(read) }
  const envs = toVectorEnv(given, name)
  const { observationSize, observationShape, numActions } = requireChoices(name, envs)
  const { width } = o.head
  const site = { shape: observationShape, outputs: numActions * width }
  const standard: NetworkFunction = ({ shape, rng }) =>
    build(valueNetwork(shape, numActions, { ...o, network: options.network, atoms: width }), rng)
  const { network = standard } = options
  const make = typeof network === 'string' ? standard : network
  return {
    ...{ read, o, envs, ownLoss: isLoss(options.loss) ? options.loss : o.lossTerms },
    newNetwork: (rng: Rng) => makeNetwork(name, 'network', make, { ...site, rng }),
    agentOf: (network: Module) =>
      new QPolicy(width === 1 ? network : new ActionValues(network, o.head), observationSize, numActions),
  }
}
