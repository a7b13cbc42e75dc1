// Training is a generator: it yields a report after each update and returns the agent. The caller runs the loop: progress, plots,
// early stopping and checkpoints. `for (const report of dqn(env)) …`, or `finish(dqn(env))`.

import type { Checkpoint, Resumable } from '../../data/checkpoint.ts'
import type { GivenOptions, OptionTable } from '../../data/options.ts'
import { meanOf } from '../../data/statistics.ts'
import type { HasParameters } from '../../nn/module.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { requireMethods } from '../../tensor/errors.ts'
import type { EpisodeStatistics } from '../envs/env.ts'
import type { EnvLike } from '../envs/vector/sync-vector-env.ts'
import type { VectorEnv } from '../envs/vector/vector-env.ts'
import type { Policy } from '../policies/policy.ts'

export interface FinishedEpisode extends EpisodeStatistics {
  /** Environment steps over all sub-environments when it ended. */
  readonly step: number
}

/** The report of every algorithm. */
export interface TrainingReport<TrainedAgent> {
  /** Environment steps so far, over all sub-environments. */
  readonly step: number
  /** Episodes that ended since the last report. */
  readonly episodes: readonly FinishedEpisode[]
  /** The agent itself; training continues to change it. */
  readonly agent: TrainedAgent
}

/** The report of an algorithm that can be saved and resumed at any yield. */
export interface ResumableReport<TrainedAgent> extends TrainingReport<TrainedAgent> {
  /** Saves the whole training. Call it before asking for the next report. */
  save(): Checkpoint
}

/** The result of a training: a policy whose parameters can be stored. */
export type TrainedAgent = Policy & HasParameters

export type ActionKind = 'discrete' | 'multi-discrete' | 'multi-binary' | 'box'

/** The name and the options of an algorithm. */
export interface AlgorithmSpec<Table extends OptionTable = OptionTable> {
  readonly name: string
  /** One line of help. */
  readonly about: string
  readonly options: Table
}

/** An algorithm as the registry lists it (../registry.ts). */
export interface Algorithm extends AlgorithmSpec {
  readonly actions: readonly ActionKind[]
  /** `states`: trains on the state numbers of one environment. Default: on vectors. Its agent observes vectors in both cases. */
  readonly observes?: 'states'
  /** Default number of sub-environments. */
  readonly numEnvs: number
  /** Largest number of sub-environments. Default: no limit. */
  readonly maxEnvs?: number
  train(
    envs: EnvLike,
    options?: GivenOptions<OptionTable> & Resumable,
  ): Generator<ResumableReport<TrainedAgent>, TrainedAgent, void>
  /** The untrained agent, to load parameters into. */
  newAgent(envs: EnvLike, options?: GivenOptions<OptionTable>): TrainedAgent
}

/** Adds the episodes that ended in the last step of `envs`. `step` counts environment steps, that one included. */
export function addFinished(episodes: FinishedEpisode[], envs: VectorEnv, step: number): void {
  const { dones, episodeReturns, episodeLengths } = envs
  for (let i = 0; i < dones.length; i++) {
    if (dones[i] === 1) episodes.push({ return: episodeReturns[i]!, length: episodeLengths[i]!, step })
  }
}

/** Runs a training to its end. */
export function finish<Report, Result>(training: Generator<Report, Result, void>): Result {
  requireMethods('finish: the training', training, ['next'], 'what an algorithm returns, such as ppo(env)')
  for (;;) {
    const next = training.next()
    if (next.done === true) return next.value
  }
}

/** The numbers of several scalars. */
export function itemsOf<Name extends string>(scalars: Readonly<Record<Name, Tensor>>): Record<Name, number> {
  const entries = Object.entries<Tensor>(scalars).map(([name, scalar]) => [name, scalar.item()])
  return Object.fromEntries(entries) as Record<Name, number>
}

/** The mean of each figure over the updates where it is defined; NaN if it is defined in none. Expects at least one update. */
export function meansOf<Figures extends { readonly [Name in keyof Figures]: number | undefined }>(
  updates: readonly Figures[],
): { [Name in keyof Figures]: number } {
  const means = Object.keys(updates[0] ?? {}).map((name) => {
    const figures = updates.map((update) => update[name as keyof Figures] as number | undefined)
    return [name, meanOf(figures.filter((figure) => figure !== undefined))]
  })
  return Object.fromEntries(means)
}
