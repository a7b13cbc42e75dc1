// What the learning methods of this folder share: playing episodes within a budget, counting, reporting, and picking a run
// up again where it was saved. Read next: q-learning.ts for how one uses it.

import { CheckpointError, ValueError } from '../../tensor/errors.ts'
import { Rng } from '../../tensor/random.ts'
import type { Env, Step } from '../env.ts'
import { count, limit, type OptionValues, share, whole } from '../options.ts'
import { restoreEnv, type SavedEnv, saveEnv } from '../save-env.ts'
import { type Part, type SavedTraining, Training } from '../saved-training.ts'
import { Discrete } from '../spaces.ts'
import type { ResumableReport } from '../training.ts'

/** States and actions are whole numbers from 0. */
export interface FiniteTask extends Env<number, number> {
  /** How many of the actions, counted from 0, are open in a state; all of them where this is left out. */
  actionsIn?(state: number): number
}

export const runOptions = {
  totalTimesteps: count(100_000, 'environment steps in all'),
  totalEpisodes: limit(Infinity, 'episodes in all; whichever budget is used up first ends the run'),
  seed: whole(0, 'of everything random: the same one gives the same run, bit for bit'),
  gamma: share(1, 'discount'),
}

type Budget = OptionValues<typeof runOptions>

type Table = Float64Array | Int32Array

/** An episode is over, or the budget. */
export interface TabularReport<Learnt> extends ResumableReport<Learnt> {
  /** Episodes begun so far. */
  readonly episode: number
}

export class Run {
  readonly rng: Rng
  readonly numStates: number
  readonly numActions: number
  /** False from the step that ended an episode, or used up the budget, until the next start. */
  inEpisode = false
  private episodeReturn = 0
  private episodeLength = 0
  private finished = false
  private readonly counters = { step: 0, episode: 0 }
  private readonly parts: Record<string, Part>
  private readonly training: Training

  /** Throws a `ValueError` on an environment whose states or actions cannot be counted. */
  constructor(
    method: string,
    private readonly env: FiniteTask,
    private readonly options: Budget,
    private readonly resume?: SavedTraining,
  ) {
    this.numStates = requireCountable(method, env, 'states', env.observationSpace)
    this.numActions = requireCountable(method, env, 'actions', env.actionSpace)
    this.rng = new Rng(options.seed)
    // Between two episodes all that matters of the environment is its random numbers and what its wrappers remember.
    const savedEnv = { save: () => saveEnv(env), restore: (saved: SavedEnv) => restoreEnv(env, saved, true) }
    this.parts = { counters: this.counters, rng: this.rng, env: savedEnv }
    this.training = new Training(method, options, this.parts)
    if (resume !== undefined) this.training.restore(resume)
  }

  /** A part of what is learnt: saved with the run, and filled from the one it goes on from. */
  keep<T extends Table>(name: string, table: T): T {
    const restore = (values: Table) => {
      if (values?.length !== table.length) {
        throw new CheckpointError(
          `the saved run has ${values?.length ?? 'no'} numbers for "${name}", this one needs ${table.length}; ` +
            'was it saved in another environment?',
        )
      }
      table.set(values)
    }
    this.parts[name] = { save: () => table, restore }
    if (this.resume !== undefined) restore(this.resume.parts[name] as Table)
    return table
  }

  /** Whether there is budget for another episode. */
  get goesOn(): boolean {
    const { step, episode } = this.counters
    return step < this.options.totalTimesteps && episode < this.options.totalEpisodes
  }

  /** Starts an episode and returns its first state. */
  start(): number {
    const { observation } = this.env.reset(this.counters.episode === 0 ? { seed: this.options.seed } : undefined)
    this.counters.episode++
    this.episodeReturn = 0
    this.episodeLength = 0
    this.finished = false
    this.inEpisode = true
    return observation
  }

  play(action: number): Step<number> {
    const step = this.env.step(action)
    this.counters.step++
    this.episodeLength++
    this.episodeReturn += step.reward
    this.finished = step.terminated || step.truncated
    if (this.finished || this.counters.step >= this.options.totalTimesteps) this.inEpisode = false
    return step
  }

  /** An episode cut off by the budget is not reported. */
  report<Learnt>(agent: Learnt): TabularReport<Learnt> {
    const { step, episode } = this.counters
    const ended = { return: this.episodeReturn, length: this.episodeLength, step }
    return { step, episode, episodes: this.finished ? [ended] : [], agent, save: this.training.save }
  }
}

/** How many there are. Throws a `ValueError` where they are not whole numbers from 0. */
export function requireCountable(method: string, env: FiniteTask, what: string, space: unknown): number {
  if (space instanceof Discrete && space.start === 0) return space.n
  throw new ValueError(
    `${method}: the ${what} of ${env.id} are ${String(space)}; a table needs whole numbers from 0 (Discrete). ` +
      'EnumeratedStates numbers tuples of them',
  )
}
