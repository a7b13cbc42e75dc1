// Learning from a log of episodes, without an environment: one loop of gradient steps on transitions drawn from the log. The algorithms differ
// in the loss.
//
//   behaviour-cloning   -ln π(a|s): the policy that recorded the log
//   monte-carlo-q       ½ (Q(s, a) - G)²: its action values; G is the observed return
//   monte-carlo-v       ½ (V(s) - G)²: its state values
//   cql                 offline Q-learning: action values of a better policy
//
// Read next: episode-log.ts, log-regression.ts, cql.ts.

import { type Checkpoint, type Resumable, TrainingState } from '../../data/checkpoint.ts'
import { count, flag, type GivenOptions, type OptionValues, readOptions, withDefaults } from '../../data/options.ts'
import { Box } from '../../data/spaces.ts'
import type { Linear } from '../../nn/layers/linear.ts'
import { firstLinear, fitStandardizer, fuseStandardizer, lastLinear, standardize } from '../../nn/layers/standardize.ts'
import { copyParameters, type HasParameters, type Module } from '../../nn/module.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import { cosineSchedule } from '../../nn/optimizers/schedules.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { Rng } from '../../tensor/random.ts'
import { type ReplayBatch, ReplayBuffer } from '../replay/replay.ts'
import { makeOptimizer, type OptimizerFunction, type OwnNetwork, partMakers } from '../training/networks.ts'
import type { ActionKind, AlgorithmSpec } from '../training/training.ts'
import { valueBasedOptions } from '../value-based/options.ts'
import type { EpisodeLog } from './episode-log.ts'

const { seed, hidden, network, learningRate, batchSize, maxGradNorm, gamma } = withDefaults(valueBasedOptions, {
  hidden: [64, 64],
  learningRate: 2e-3,
  batchSize: 256,
})

/** The options of all offline algorithms. */
export const offlineOptions = {
  seed,
  updates: count(10_000, 'gradient steps'),
  hidden,
  network,
  learningRate,
  batchSize,
  maxGradNorm,
  standardize: flag(
    true,
    'train on standardized observations and values; the finished network takes and gives raw ones',
  ),
}

/** The options of those that learn values. */
export const valueOptions = { ...offlineOptions, gamma }

export interface OfflineReport<Agent> {
  /** Gradient steps so far. */
  readonly update: number
  /** Mean loss since the last report. */
  readonly loss: number
  /** A copy of the agent as it is now. */
  readonly agent: Agent
  /** Saves the whole training, without the log. Call it before asking for the next report. */
  save(): Checkpoint
}

/** With a caller's network, an optimizer, which keeps its learning rate, and a checkpoint. */
export type OfflineOptions<Table extends typeof offlineOptions> = GivenOptions<Table> & OwnNetwork & Resumable

/** What the loop learns: rows of the log, standardized, and a loss. */
export interface Learner<Agent> {
  readonly buffer: ReplayBuffer
  /** Of the network. */
  readonly outputs: number
  loss(batch: ReplayBatch, network: Module, target: Module): Tensor
  /** Updates between copies into the target network. Default: none. */
  readonly targetUpdateInterval?: number
  /** A value is mean + std · output. Default: the output. */
  readonly units?: Units
  agent(network: Module): Agent
}

interface Units {
  readonly mean: number
  readonly std: number
}

/** An offline algorithm as the command lists it. */
export interface OfflineAlgorithm<Table extends typeof offlineOptions = typeof offlineOptions, Agent = HasParameters>
  extends AlgorithmSpec<Table> {
  readonly actions: readonly ActionKind[]
  learner(log: EpisodeLog, options: OptionValues<Table>, observe: (raw: Float32Array) => Float32Array): Learner<Agent>
}

/** Mean and standard deviation of numbers; 0 and 1 unless `standardize`. */
export function unitsOf(values: Float32Array, standardize: boolean): Units {
  if (!standardize) return { mean: 0, std: 1 }
  const { mean, std } = fitStandardizer((row) => values.subarray(row, row + 1), values.length, 1)
  return { mean: mean[0]!, std: std[0]! }
}

/** The steps of a log, with standardized returns in place of rewards and vector actions scaled to [-1, 1]. No value follows them. */
export function stepsOf(
  log: EpisodeLog,
  { gamma = 0, standardize }: { readonly gamma?: number; readonly standardize: boolean },
  observe: (raw: Float32Array) => Float32Array,
): Pick<Learner<unknown>, 'buffer'> & { readonly units: Units } {
  const { observationSize, actionSize, actionSpace } = log
  const { observations, actions, returns } = log.columns(gamma)
  const units = unitsOf(returns, standardize)
  const box = actionSpace instanceof Box ? actionSpace : undefined
  const buffer = new ReplayBuffer({ capacity: returns.length, observationSize, ...(box && { actionSize }) })
  for (const [row, value] of returns.entries()) {
    const observation = observe(observations.subarray(row * observationSize, (row + 1) * observationSize))
    const taken = actions.subarray(row * actionSize, (row + 1) * actionSize)
    const action = box ? taken.map((x, j) => (2 * (x - box.low[j]!)) / (box.high[j]! - box.low[j]!) - 1) : taken[0]!
    buffer.add(observation, action, (value - units.mean) / units.std, observation, true)
  }
  return { buffer, units }
}

/** Makes a network's outputs mean + std · output. */
function restoreUnits({ weight, bias }: Linear, { mean, std }: Units): void {
  for (const [i, each] of weight.view().entries()) weight.view()[i] = each * std
  for (const [i, each] of bias!.view().entries()) bias!.view()[i] = each * std + mean
}

/** Gradient steps between reports. */
const REPORT_EVERY = 100

/**
 * Learns from a log. Yields every hundred gradient steps and after the last, returns the agent. Throws a ValueError on actions that the
 * algorithm does not learn and on a checkpoint of another log.
 */
export function* learnOffline<Table extends typeof offlineOptions, Agent>(
  algorithm: OfflineAlgorithm<Table, Agent>,
  log: EpisodeLog,
  options: OfflineOptions<Table> = {},
): Generator<OfflineReport<Agent>, Agent, void> {
  const o = readOptions(algorithm.name, algorithm.options, options, ['resume', 'network', 'optimizer'])
  const { observationSize } = log
  const raw = log.columns(0).observations
  const observation = (row: number) => raw.subarray(row * observationSize, (row + 1) * observationSize)
  const moments = fitStandardizer(observation, log.size, observationSize)
  const learner = algorithm.learner(log, o, (x) => (o.standardize ? standardize(x, moments) : x))
  const rng = new Rng(o.seed)
  const makeNetwork = (source = rng) =>
    partMakers(algorithm.name, o.hidden, source, options).actor([observationSize], learner.outputs)
  const [network, target] = [makeNetwork(), makeNetwork()]
  const learningRate = cosineSchedule(o.learningRate, o.updates)
  const adam: OptimizerFunction = (source) => new Adam(source, { learningRate })
  const optimizer = makeOptimizer(algorithm.name, options.optimizer, network, o.learningRate, adam)
  const counters = { update: 0 }
  const parts = { network, target, optimizer, rng, counters }
  const training = new TrainingState(algorithm.name, { ...o, log: log.digest() }, parts)
  if (options.resume !== undefined) training.restore(options.resume)
  const { targetUpdateInterval = Infinity } = learner

  // A copy of the network that takes raw observations and gives raw values.
  const agentOf = (): Agent => {
    const finished = makeNetwork(new Rng(0))
    copyParameters(network, finished)
    if (o.standardize) fuseStandardizer(firstLinear(finished, observationSize), moments)
    if (o.standardize && learner.units) restoreUnits(lastLinear(finished), learner.units)
    return learner.agent(finished)
  }
  let losses = 0
  while (counters.update < o.updates) {
    if (counters.update % targetUpdateInterval === 0) copyParameters(network, target)
    losses += optimizer.minimize(() => learner.loss(learner.buffer.sample(o.batchSize, rng), network, target), o)
    counters.update++
    const { update } = counters
    if (update % REPORT_EVERY > 0 && update < o.updates) continue
    const loss = losses / (((update - 1) % REPORT_EVERY) + 1)
    losses = 0
    yield {
      update,
      loss,
      save: training.save,
      get agent() {
        return agentOf()
      },
    }
  }
  return agentOf()
}
