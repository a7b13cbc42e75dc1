// The episode loop of the learning methods: plays within a budget, counts steps and episodes, reports, saves and resumes.
// Read next: td-control.ts for a use.

import { type Checkpoint, type Resumable, type SaveablePart, TrainingState } from '../data/checkpoint.ts'
import { count, fraction, type GivenOptions, limit, type OptionValues, readOptions, whole } from '../data/options.ts'
import { Discrete, Tuple } from '../data/spaces.ts'
import { faultOf, rewardFault, violation } from '../data/values.ts'
import type { Env, Step } from '../rl/envs/env.ts'
import { ObservationWrapper, restoreEnv, type SavedEnv, saveEnv } from '../rl/envs/wrappers/wrapper.ts'
import type { ResumableReport } from '../rl/training/training.ts'
import { CheckpointError, ValueError } from '../tensor/errors.ts'
import { Rng } from '../tensor/random.ts'
import { QTable } from './q-table.ts'

/** States and actions are whole numbers from 0. */
export interface FiniteTask extends Env<number, number> {
  /** The number of allowed actions in a state: 0 … n - 1. Default: all. */
  actionsIn?(state: number): number
}

export const runOptions = {
  totalTimesteps: count(100_000, 'environment steps in all'),
  totalEpisodes: limit(Infinity, 'episodes in all; the run ends when either budget is used up'),
  seed: whole(0, 'seed of all random numbers: equal seeds give equal runs, bit for bit'),
  gamma: fraction(1, 'discount'),
}

type Table = Float64Array | Int32Array

/** One report an episode. `agent` is what has been learned so far. */
export interface TabularReport<Learnt> extends ResumableReport<Learnt> {
  /** Episodes begun so far. */
  readonly episode: number
}

export class Run<Options extends typeof runOptions = typeof runOptions> {
  readonly o: OptionValues<Options>
  readonly rng: Rng
  readonly numStates: number
  readonly numActions: number
  /** The number of allowed actions in a state: 0 … n - 1. */
  readonly actionsIn: (state: number) => number
  /** True from `start` until the step that ends the episode or uses up the budget. */
  inEpisode = false
  private episodeReturn = 0
  private episodeLength = 0
  private finished = false
  private readonly counters = { step: 0, episode: 0 }
  private readonly parts: Record<string, SaveablePart>
  private readonly training: TrainingState
  private readonly resume: Checkpoint | undefined

  /** Throws a `ValueError` on an option out of range and on an environment whose states or actions cannot be counted. */
  constructor(
    method: string,
    private readonly env: FiniteTask,
    table: Options,
    options: GivenOptions<Options> & Resumable,
  ) {
    this.o = readOptions(method, table, options, ['resume'])
    this.resume = options.resume
    this.numStates = requireCountable(method, env, 'states', env.observationSpace)
    this.numActions = requireCountable(method, env, 'actions', env.actionSpace)
    this.actionsIn = env.actionsIn?.bind(env) ?? (() => this.numActions)
    this.rng = new Rng(this.o.seed)
    // Saved between two episodes, so the environment's random numbers and its wrappers' memory suffice.
    const savedEnv = { save: () => saveEnv(env), restore: (saved: SavedEnv) => restoreEnv(env, saved, true) }
    this.parts = { counters: this.counters, rng: this.rng, env: savedEnv }
    this.training = new TrainingState(method, this.o, this.parts)
    if (this.resume !== undefined) this.training.restore(this.resume)
  }

  /** Registers a table of what is learned: saved with the run, and filled from `resume`. */
  keep<T extends Table>(name: string, table: T): T {
    const restore = (values: Table) => {
      if (!ArrayBuffer.isView(values) || values.length !== table.length || !values.every(Number.isFinite)) {
        throw new CheckpointError(
          `the saved run has ${values?.length ?? 'no'} numbers for "${name}", this one needs ${table.length} finite ones; ` +
            'was it saved in another environment?',
        )
      }
      table.set(values)
    }
    this.parts[name] = { save: () => table, restore }
    if (this.resume !== undefined) restore(this.resume.parts[name] as Table)
    return table
  }

  /** A table of action values that is kept. `epsilon` is the probability of a random action in its samples. */
  actionValues(epsilon: number, initialValue: number): QTable {
    const q = new QTable(this.numStates, this.numActions, epsilon, this.actionsIn)
    this.keep('actionValues', q.values.fill(initialValue))
    return q
  }

  /** Whether the budget allows another episode. */
  get goesOn(): boolean {
    const { step, episode } = this.counters
    return step < this.o.totalTimesteps && episode < this.o.totalEpisodes
  }

  /** Starts an episode and returns its first state. */
  start(): number {
    const { observation } = this.env.reset(this.counters.episode === 0 ? { seed: this.o.seed } : undefined)
    this.counters.episode++
    this.episodeReturn = 0
    this.episodeLength = 0
    this.finished = false
    this.inEpisode = true
    this.check(observation, 0)
    return observation
  }

  play(action: number): Step<number> {
    const step = this.env.step(action)
    this.counters.step++
    this.episodeLength++
    this.check(step.observation, step.reward)
    this.episodeReturn += step.reward
    this.finished = step.terminated || step.truncated
    if (this.finished || this.counters.step >= this.o.totalTimesteps) this.inEpisode = false
    return step
  }

  private check(state: number, reward: number): void {
    if (Number.isInteger(state) && state >= 0 && state < this.numStates && Number.isFinite(reward)) return
    const { env, episodeLength } = this
    const fault = faultOf(env.observationSpace, state)
    throw new ValueError(
      fault === undefined
        ? violation(env.id, 'reward', episodeLength, rewardFault(reward))
        : violation(env.id, 'observation', episodeLength, fault),
    )
  }

  /** The report after an episode; an episode cut off by the budget is not in `episodes`. */
  report<Learnt>(agent: Learnt): TabularReport<Learnt> {
    const { step, episode } = this.counters
    const ended = { return: this.episodeReturn, length: this.episodeLength, step }
    return { step, episode, episodes: this.finished ? [ended] : [], agent, save: this.training.save }
  }
}

/** The size of a `Discrete` space from 0. Throws a `ValueError` on any other space. */
export function requireCountable(method: string, env: FiniteTask, what: string, space: unknown): number {
  if (space instanceof Discrete && space.start === 0) return space.n
  throw new ValueError(
    `${method}: the ${what} of ${env.id} are ${String(space)}; a table needs whole numbers from 0 (Discrete). ` +
      'EnumeratedStates numbers tuples of them',
  )
}

/** A wrapper that turns observations that are tuples of whole numbers, such as Blackjack's, into one state number. */
export class EnumeratedStates<Action> extends ObservationWrapper<number, Action, readonly number[]> {
  readonly observationSpace: Discrete
  private readonly parts: readonly Discrete[]

  /** Throws a `ValueError` on an environment whose observations are not a `Tuple` of `Discrete`. */
  constructor(env: Env<readonly number[], Action>) {
    super(env)
    const space: unknown = env.observationSpace
    const parts: readonly unknown[] = space instanceof Tuple ? space.spaces : []
    if (parts.length === 0 || !parts.every((part) => part instanceof Discrete)) {
      throw new ValueError(`EnumeratedStates: ${env.id} observes ${String(space)}; expected a Tuple of Discrete`)
    }
    this.parts = parts as readonly Discrete[]
    this.observationSpace = new Discrete(this.parts.reduce((product, { n }) => product * n, 1))
  }

  /** The state number of a tuple: row-major, the last part varies fastest. */
  observation(observation: readonly number[]): number {
    return this.parts.reduce((number, { n, start }, i) => number * n + observation[i]! - start, 0)
  }
}
