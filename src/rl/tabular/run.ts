// What the learning methods of this folder share: playing episodes within a budget, counting, reporting, and picking a run
// up again where it was saved. Read next: q-learning.ts for how one uses it.

import { CheckpointError, ValueError } from '../../tensor/errors.ts'
import { Rng, type RngState } from '../../tensor/random.ts'
import type { Env, Step } from '../env.ts'
import { Discrete } from '../spaces.ts'
import type { TrainingReport } from '../training.ts'

/** States and actions are whole numbers from 0. */
export interface FiniteTask extends Env<number, number> {
  /** How many of the actions, counted from 0, are open in a state; all of them where this is left out. */
  actionsIn?(state: number): number
}

export const runDefaults = {
  /** Environment steps in all. */
  totalTimesteps: 100_000,
  /** Episodes in all; whichever budget is used up first ends the run. */
  totalEpisodes: Infinity,
  seed: 0,
  /** Discount. */
  gamma: 1,
}

type Budget = typeof runDefaults

type Table = Float64Array | Int32Array

/** A run between two episodes, as plain data. */
export interface SavedRun {
  readonly step: number
  readonly episode: number
  readonly rng: RngState
  readonly envRng: RngState
  readonly tables: Readonly<Record<string, readonly number[]>>
}

/** An episode is over, or the budget. */
export interface TabularReport<Learnt> extends TrainingReport<Learnt> {
  /** Episodes begun so far. */
  readonly episode: number
  /** The run as it is at this yield; give it to the same method, with the same options, to go on from here. */
  save(): SavedRun
}

export class Run {
  readonly rng: Rng
  readonly numStates: number
  readonly numActions: number
  /** Environment steps so far. */
  step = 0
  episode = 0
  /** False from the step that ended an episode, or used up the budget, until the next start. */
  inEpisode = false
  private episodeReturn = 0
  private episodeLength = 0
  private finished = false
  private readonly tables: Record<string, Table> = {}

  /** Throws a `ValueError` on an environment whose states or actions cannot be counted, and on options out of range. */
  constructor(
    method: string,
    private readonly env: FiniteTask,
    private readonly options: Budget,
    private readonly saved?: SavedRun,
  ) {
    this.numStates = requireCountable(method, env, 'states', env.observationSpace)
    this.numActions = requireCountable(method, env, 'actions', env.actionSpace)
    const { totalTimesteps, totalEpisodes } = options
    if (!(totalTimesteps >= 1))
      throw new ValueError(`${method}: totalTimesteps is ${totalTimesteps}; expected 1 or more`)
    if (!(totalEpisodes >= 1)) throw new ValueError(`${method}: totalEpisodes is ${totalEpisodes}; expected 1 or more`)
    requireShares(method, { gamma: options.gamma })
    this.rng = new Rng(options.seed)
    if (saved === undefined) return
    this.step = saved.step
    this.episode = saved.episode
    this.rng.state = saved.rng
    env.rng.state = saved.envRng
  }

  /** A part of what is learnt: saved with the run, and filled from it where it goes on from one. */
  keep<T extends Table>(name: string, table: T): T {
    this.tables[name] = table
    if (this.saved === undefined) return table
    const values = this.saved.tables[name]
    if (values?.length !== table.length) {
      throw new CheckpointError(
        `the saved run has ${values?.length ?? 'no'} numbers for "${name}", this one needs ${table.length}; ` +
          'was it saved by another method or in another environment?',
      )
    }
    table.set(values)
    return table
  }

  /** Whether there is budget for another episode. */
  get goesOn(): boolean {
    return this.step < this.options.totalTimesteps && this.episode < this.options.totalEpisodes
  }

  /** Starts an episode and returns its first state. */
  start(): number {
    const { observation } = this.env.reset(this.episode === 0 ? { seed: this.options.seed } : undefined)
    this.episode++
    this.episodeReturn = 0
    this.episodeLength = 0
    this.finished = false
    this.inEpisode = true
    return observation
  }

  play(action: number): Step<number> {
    const step = this.env.step(action)
    this.step++
    this.episodeLength++
    this.episodeReturn += step.reward
    this.finished = step.terminated || step.truncated
    if (this.finished || this.step >= this.options.totalTimesteps) this.inEpisode = false
    return step
  }

  /** An episode cut off by the budget is not reported. */
  report<Learnt>(agent: Learnt): TabularReport<Learnt> {
    const ended = { return: this.episodeReturn, length: this.episodeLength, step: this.step }
    return {
      step: this.step,
      episode: this.episode,
      episodes: this.finished ? [ended] : [],
      agent,
      save: () => this.snapshot(),
    }
  }

  private snapshot(): SavedRun {
    const tables = Object.entries(this.tables).map(([name, table]) => [name, Array.from(table)] as const)
    return {
      step: this.step,
      episode: this.episode,
      rng: this.rng.state,
      envRng: this.env.rng.state,
      tables: Object.fromEntries(tables),
    }
  }
}

/** Throws a `ValueError` unless each number is from 0 to 1. */
export function requireShares(method: string, numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (!(value >= 0 && value <= 1))
      throw new ValueError(`${method}: ${name} is ${value}; expected a number from 0 to 1`)
  }
}

function requireCountable(method: string, env: FiniteTask, what: string, space: unknown): number {
  if (space instanceof Discrete && space.start === 0) return space.n
  throw new ValueError(
    `${method}: the ${what} of ${env.id} are ${String(space)}; a table needs whole numbers from 0 (Discrete). ` +
      'EnumeratedStates numbers tuples of them',
  )
}
