// Deep Q-learning: the loop of DQN, C51, QR-DQN, Munchausen-DQN and Rainbow, each of which gives its loss and the head of its network.
// Mnih et al. 2015, doi:10.1038/nature14236, algorithm 1. Deviations from the paper: vector observations, Adam instead of RMSprop, several
// updates after each phase of play (trainInterval, gradientSteps), gradients clipped by norm, ε that decreases from the first step.

import { TrainingState } from '../../data/checkpoint.ts'
import { defaultsOf, type GivenOptions, type OptionValues, readOptions } from '../../data/options.ts'
import { build } from '../../nn/layers/spec.ts'
import { weightedMean } from '../../nn/losses/reduction.ts'
import { copyParameters, type Module, type ParameterSource } from '../../nn/module.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import { noGrad } from '../../tensor/autograd/autograd.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { Rng } from '../../tensor/random.ts'
import { type EnvLike, toVectorEnv } from '../envs/vector/sync-vector-env.ts'
import { epsilonGreedyActions, QPolicy } from '../policies/discrete-policies.ts'
import { NStepBuffer } from '../replay/n-step.ts'
import { epsilonAt, passes, play, priorityCorrectionAt } from '../replay/off-policy.ts'
import { PrioritizedReplayBuffer } from '../replay/prioritized.ts'
import { type ReplayBatch, ReplayBuffer } from '../replay/replay.ts'
import { anneal, makeNetwork, makeOptimizer, type NetworkFunction } from '../training/networks.ts'
import { numberTypeOf, requireChoices } from '../training/requirements.ts'
import type { AlgorithmSpec, ResumableReport } from '../training/training.ts'
import { type explorationOptions, extensionOptions, type ValueParts, type valueBasedOptions } from './options.ts'
import {
  ActionValues,
  type SampleLoss,
  sampleLossOf,
  type ValueHead,
  valueBatch,
  valueNetwork,
} from './value-network.ts'

type Extensions = OptionValues<typeof extensionOptions>

/** The options of a method; without `explorationFinalEps`, play is greedy after `learningStarts`. */
type ValueSettings = OptionValues<typeof valueBasedOptions> &
  Partial<OptionValues<typeof explorationOptions> & Extensions>

/** What a method learns, and extensions that are no options of it. */
interface ValueLearner extends Partial<Extensions> {
  readonly loss: SampleLoss
  /** Default: an output for each action, its value. */
  readonly head?: ValueHead
}

export interface ValueMethod<Table extends typeof valueBasedOptions = typeof valueBasedOptions>
  extends AlgorithmSpec<Table> {
  learner(options: OptionValues<Table>): ValueLearner
}

export interface ValueBasedReport extends ResumableReport<QPolicy> {
  /** Probability of a random action; 0 with noisy weights. */
  readonly epsilon: number
  /** Mean loss of the updates since the last report; in nats for distributions of returns. */
  readonly loss: number
}

/** Trains; yields after each training phase, returns the agent. */
export function* learnValues(
  method: ValueMethod,
  given: EnvLike,
  options: ValueParts,
): Generator<ValueBasedReport, QPolicy, void> {
  const { read, o, envs, newNetwork, agentOf } = partsOf(method, given, options)
  const { gamma, nStep, totalTimesteps } = o
  const { numEnvs, observationSize } = envs
  const rng = new Rng(o.seed)
  const [network, target] = [newNetwork(rng), newNetwork(rng)]
  copyParameters(network, target)
  const agent = agentOf(network)
  const adam = (source: ParameterSource, s: object) => new Adam(source, { ...s, epsilon: o.adamEpsilon })
  const optimizer = makeOptimizer(method.name, options.optimizer, network, o.learningRate, adam)
  const lossOf = (sample: ReplayBatch, reduction: 'mean' | 'none') =>
    o.loss(valueBatch(o.head.width, network, target, sample, gamma, rng), reduction)
  const replay = { capacity: o.bufferSize, observationSize, dtype: numberTypeOf(envs) }
  const buffer = o.prioritized
    ? new PrioritizedReplayBuffer({ ...replay, alpha: o.priorityExponent })
    : new ReplayBuffer(replay)
  const writer = new NStepBuffer(buffer, { nStep, gamma, observationSize, numEnvs })
  const counters = { step: 0 }
  const parts = { network, target, optimizer, buffer, writer, envs, rng, counters }
  const training = new TrainingState(method.name, read, parts)
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
          const { loss: terms, errors = () => terms } = lossOf(sample, 'none')
          buffer.updatePriorities(sample.indices, noGrad(errors).view())
          return weightedMean(terms, tensor(sample.weights))
        }, o)
      }
      const epsilon = epsilonOf(step)
      yield { step, episodes: episodes.splice(0), epsilon, loss: loss / o.gradientSteps, agent, save: training.save }
    }
  }
  return agent
}

/** The untrained agent. */
export function newValueAgent(method: ValueMethod, given: EnvLike, options: ValueParts = {}): QPolicy {
  const { newNetwork, agentOf } = partsOf(method, given, options)
  return agentOf(newNetwork(new Rng()))
}

const scalarHead: ValueHead = { width: 1, means: (values) => values }

// The options as read, with the method's learner or the caller's loss, and what makes networks and agents for the spaces.
function partsOf({ name, options: table, learner }: ValueMethod, given: EnvLike, options: ValueParts) {
  const { loss: own, network = '' } = options
  const objects = ['resume', 'network', 'optimizer', ...(typeof own === 'function' ? ['loss'] : [])]
  const read: ValueSettings = readOptions(name, table, options as GivenOptions<typeof table>, objects)
  const o = { ...defaultsOf(extensionOptions), head: scalarHead, ...read, ...learner(read) }
  if (typeof own === 'function') o.loss = sampleLossOf(own)
  const { head } = o
  const envs = toVectorEnv(given, name)
  const { observationSize, observationShape, numActions } = requireChoices(name, envs)
  const site = { shape: observationShape, outputs: numActions * head.width }
  const standard: NetworkFunction = ({ shape, rng }) =>
    build(valueNetwork(shape, numActions, { ...o, network: options.network, atoms: head.width }), rng)
  const make = typeof network === 'string' ? standard : network
  return {
    ...{ read, o, envs },
    newNetwork: (rng: Rng) => makeNetwork(name, 'network', make, { ...site, rng }),
    agentOf: (network: Module) =>
      new QPolicy(head.width === 1 ? network : new ActionValues(network, head), observationSize, numActions),
  }
}
