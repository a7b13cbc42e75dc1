// The loop of the actor-critics: play a rollout with the current policy, update on it, discard it. The algorithms (a2c.ts, ppo.ts,
// trpo.ts, expected-entropy.ts) differ in the optimizer and the update.

import { type Resumable, type Saveable, TrainingState } from '../../data/checkpoint.ts'
import type { GivenOptions, OptionValues } from '../../data/options.ts'
import { count, fraction, limit, nonNegative, readOptions, sizes, whole } from '../../data/options.ts'
import { flattenSpace } from '../../data/packing.ts'
import { Box, MultiBinary, MultiDiscrete } from '../../data/spaces.ts'
import { parameter } from '../../nn/flat.ts'
import { constant, orthogonal } from '../../nn/init.ts'
import { build } from '../../nn/layers/spec.ts'
import type { Module } from '../../nn/module.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { Rng } from '../../tensor/random.ts'
import { sizeOf } from '../../tensor/shape.ts'
import { type EnvLike, toVectorEnv } from '../envs/vector/sync-vector-env.ts'
import type { VectorEnv } from '../envs/vector/vector-env.ts'
import {
  type ActorCritic,
  CategoricalActorCritic,
  FactoredActorCritic,
  GaussianActorCritic,
} from '../policies/actor-critic.ts'
import type { DistributionWithEntropy } from '../policies/distributions/distribution.ts'
import {
  type AnyOptimizer,
  type NetworkFunction,
  networkOption,
  type OptimizerFunction,
  type OwnOptimizer,
  perceptron,
  takingRows,
} from '../training/networks.ts'
import { requireChoices, requireShape } from '../training/requirements.ts'
import type { AlgorithmSpec, FinishedEpisode, ResumableReport } from '../training/training.ts'
import { collectRollouts, type RolloutBuffer, rolloutFor } from './collect-rollout.ts'

export const onPolicyOptions = {
  totalTimesteps: count(500_000, 'environment steps over all sub-environments, rounded up to whole rollouts'),
  seed: whole(0, 'seed of all random numbers; a run is a function of it, bit for bit'),
  hidden: sizes([64, 64], 'widths of the hidden layers of actor and critic'),
  network: networkOption<NetworkSource>(),
  numSteps: count(128, 'steps of each sub-environment in a rollout'),
  gamma: fraction(0.99, 'discount'),
  gaeLambda: fraction(
    0.95,
    'lambda of generalised advantage estimation: 1 uses rewards alone, 0 one reward and the critic',
  ),
}

/** Options of a loss that actor and critic share. */
export const lossOptions = {
  entropyCoef: nonNegative(0, 'weight of the entropy bonus'),
  valueCoef: nonNegative(0.5, 'weight of the value loss'),
  maxGradNorm: limit(0.5, 'largest norm of the gradient; larger ones are scaled down'),
}

/** A minibatch of the learner's play. */
export interface AuxiliaryBatch {
  /** [batch, observationSize] */
  readonly observations: Tensor
  /** 1 where an action is allowed: [batch, actions]. Undefined without masks. */
  readonly masks: Tensor | undefined
  /** The current policy, with gradient. */
  readonly policy: DistributionWithEntropy
  /** ln π(a|s) of the actions taken, under the current policy: [batch]. */
  readonly logProbs: Tensor
  /** The same under the policy that acted. */
  readonly oldLogProbs: Tensor
}

/** A term added to the loss of PPO and A2C, such as one that keeps a student near its teacher (teacher-losses.ts). */
export interface AuxiliaryLoss extends Saveable {
  /** Called before training. Throws a `ValueError` on an agent of another task. */
  start(agent: ActorCritic): void
  /** Called after each rollout, before its update. `step` counts environment steps. */
  afterRollout(episodes: readonly FinishedEpisode[], step: number, totalTimesteps: number): void
  /** The term added to the loss: a scalar. */
  loss(batch: AuxiliaryBatch): Tensor
}

/** The options of the on-policy algorithms that are objects. */
export interface OnPolicyParts extends ActorCriticNetworks, OwnOptimizer, Resumable {
  /** A term added to the loss of every minibatch. */
  readonly auxiliaryLoss?: AuxiliaryLoss | undefined
}

/** The parts that an update reads and changes. */
export interface OnPolicyLearner {
  readonly agent: ActorCritic
  readonly optimizer: AnyOptimizer
  /** Played with the current policy; its advantages and returns are not yet estimated. */
  readonly rollout: RolloutBuffer
  readonly rng: Rng
  readonly auxiliaryLoss: AuxiliaryLoss | undefined
  /** Environment steps before this rollout. */
  readonly stepBefore: number
}

export interface OnPolicyAlgorithm<Table extends typeof onPolicyOptions, Figures> extends AlgorithmSpec<Table> {
  /** Options that are objects. Default: all of `OnPolicyParts`. */
  readonly objects?: readonly string[]
  /** @param own the caller's `optimizer` */
  makeOptimizer(agent: ActorCritic, options: OptionValues<Table>, own?: OptimizerFunction): AnyOptimizer
  /** Learns from a rollout. Returns the figures of the report. */
  update(learner: OnPolicyLearner, options: OptionValues<Table>): Figures
}

const OBJECTS = ['resume', 'network', 'critic', 'optimizer', 'auxiliaryLoss']

/** Trains in the given environments. Yields after each rollout's update, returns the agent. */
export function* learnOnPolicy<Table extends typeof onPolicyOptions, Figures>(
  algorithm: OnPolicyAlgorithm<Table, Figures>,
  given: EnvLike,
  options: GivenOptions<Table> & OnPolicyParts = {},
): Generator<ResumableReport<ActorCritic> & Figures, ActorCritic, void> {
  const { name, objects = OBJECTS } = algorithm
  const o = readOptions(name, algorithm.options, options, objects)
  const { resume, auxiliaryLoss } = options
  const envs = toVectorEnv(given, name)
  const rng = new Rng(o.seed)
  const agent = makeActorCritic(name, envs, o.hidden, rng, options)
  auxiliaryLoss?.start(agent)
  const optimizer = algorithm.makeOptimizer(agent, o, options.optimizer)
  const counters = { step: 0 }
  const parts = { agent, optimizer, envs, rng, counters, ...(auxiliaryLoss && { auxiliaryLoss }) }
  const training = new TrainingState(name, o, parts)
  training.start(envs, o.seed, resume)
  const rollout = rolloutFor(envs, o.numSteps, agent)
  while (counters.step < o.totalTimesteps) {
    const stepBefore = counters.step
    const episodes = collectRollouts(envs, agent, rollout, rng, stepBefore)
    counters.step += rollout.size
    auxiliaryLoss?.afterRollout(episodes, counters.step, o.totalTimesteps)
    const figures = algorithm.update({ agent, optimizer, rollout, rng, auxiliaryLoss, stepBefore }, o)
    yield { step: counters.step, episodes, agent, ...figures, save: training.save }
  }
  return agent
}

export function newActorCritic<Table extends Pick<typeof onPolicyOptions, 'hidden'>>(
  { name, options: table }: { readonly name: string; readonly options: Table },
  envs: EnvLike,
  options: GivenOptions<Table> & OnPolicyParts = {},
): ActorCritic {
  const { hidden } = readOptions(name, table, options, OBJECTS)
  return makeActorCritic(name, toVectorEnv(envs), hidden, new Rng(), options)
}

export type NetworkSource = Module | NetworkFunction

/**
 * Networks in place of the default ones: a module, which is trained itself, or a function that makes one. Actor and critic may share
 * layers, such as a trunk, except in TRPO.
 */
export interface ActorCriticNetworks {
  /**
   * The actor: [batch, ...observation] → logits [batch, actions], concatenated logits, or means [batch, actionSize]. A text is the layers
   * before the outputs, of actor and critic.
   */
  readonly network?: NetworkSource | string | undefined
  /** [batch, ...observation] → [batch, 1] */
  readonly critic?: NetworkSource | undefined
}

/**
 * As in the code of PPO's authors: tanh layers with orthogonal weights, and a small output layer of the actor, so that the first policy
 * is almost uniform. Throws a `ValueError` on observations or actions of other kinds, a `ShapeError` on networks of other sizes.
 */
export function makeActorCritic(
  algorithm: string,
  envs: VectorEnv,
  hidden: readonly number[],
  rng: Rng,
  { network, critic }: ActorCriticNetworks = {},
): ActorCritic {
  const shape = requireShape(algorithm, envs)
  const observationSize = sizeOf(shape)
  const make = (source: NetworkSource | string | undefined, outputs: number, outputGain: number): Module => {
    if (source !== undefined && typeof source !== 'string') {
      const site = { shape, inputs: observationSize, outputs, rng }
      return takingRows('forward' in source ? source : source(site), shape)
    }
    return build(perceptron(network, hidden, 'tanh', { shape, outputs }), rng, {
      weightInit: orthogonal(Math.SQRT2),
      outputInit: orthogonal(outputGain),
      biasInit: constant(0),
    })
  }
  const makeBoth = (outputs: number) => [make(network, outputs, 0.01), make(critic, 1, 1)] as const
  const { actionSpace } = envs
  if (actionSpace instanceof Box) {
    const actionSize = actionSpace.low.length
    const logStd = parameter([actionSize], new Float32Array(actionSize))
    return new GaussianActorCritic(...makeBoth(actionSize), observationSize, logStd, actionSpace)
  }
  if (actionSpace instanceof MultiDiscrete || actionSpace instanceof MultiBinary) {
    const networks = makeBoth(flattenSpace(actionSpace).low.length)
    return new FactoredActorCritic(...networks, observationSize, actionSpace)
  }
  const expected = 'this algorithm acts in Box, Discrete, MultiDiscrete and MultiBinary spaces'
  const { numActions } = requireChoices(algorithm, envs, expected)
  return new CategoricalActorCritic(...makeBoth(numActions), observationSize, numActions)
}
