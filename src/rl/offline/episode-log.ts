// A log of episodes, the data of offline learning: recorded by a wrapper (../envs/wrappers/episode.ts, `RecordLog`) or read from a table
// (episode-log-csv.ts). Read next: offline.ts, which learns from one.

import { digestOf } from '../../data/digest.ts'
import { packedSize } from '../../data/packing.ts'
import { Box, Discrete, type Space } from '../../data/spaces.ts'
import { ShapeError, ValueError } from '../../tensor/errors.ts'
import { discountedReturns } from '../training/returns.ts'

/** The task that was recorded; an environment is one. */
export interface LoggedTask {
  readonly id: string
  readonly observationSpace: Space<unknown>
  readonly actionSpace: Space<unknown>
}

/** Receives transitions, as `NStepBuffer` does. */
interface TransitionSink {
  add(
    observation: Float32Array,
    action: number | Float32Array,
    reward: number,
    nextObservation: Float32Array,
    terminated: boolean,
    truncated: boolean,
  ): void
}

/** What followed a row: a step, which may have ended the episode, or nothing, as it holds the last observation. */
export const [WENT_ON, TERMINATED, TRUNCATED, LAST] = [0, 1, 2, 4] as const

/** Steps and last observations, in order. */
export class Rows {
  readonly observations: number[] = [] // [rows, observationSize]
  readonly actions: number[] = [] // [rows, actionSize]; 0 in last observations, as are rewards
  readonly rewards: number[] = []
  readonly outcomes: number[] = []
  readonly episodes: number[] = [] // from 0
}

export class EpisodeLog implements LoggedTask {
  readonly id: string
  readonly observationSpace: Space<unknown>
  readonly actionSpace: Discrete | Box
  readonly observationSize: number
  /** Numbers of an action: 1 for a discrete one. */
  readonly actionSize: number

  /** An empty log of a task. Throws a ValueError on actions that are neither discrete nor vectors. */
  constructor(
    { id, observationSpace, actionSpace }: LoggedTask,
    /** Of the library. */
    readonly rows = new Rows(),
  ) {
    if (!(actionSpace instanceof Discrete || actionSpace instanceof Box)) {
      throw new ValueError(`EpisodeLog: ${id} takes ${actionSpace}; expected discrete actions or vectors (a Box)`)
    }
    this.id = id
    this.observationSpace = observationSpace
    this.actionSpace = actionSpace
    this.observationSize = packedSize(observationSpace)
    this.actionSize = packedSize(actionSpace)
  }

  /** Number of episodes. */
  get episodes(): number {
    return (this.rows.episodes.at(-1) ?? -1) + 1
  }

  /** Number of steps. */
  get size(): number {
    return this.rows.outcomes.reduce((count, outcome) => count + (outcome === LAST ? 0 : 1), 0)
  }

  /** Starts an episode with its first observation. */
  begin(observation: ArrayLike<number>): void {
    this.push(observation, this.episodes)
  }

  /** Adds a step of the episode; `nextObservation` is the one before any reset. Throws a ValueError outside an episode. */
  add(
    action: number | ArrayLike<number>,
    reward: number,
    nextObservation: ArrayLike<number>,
    terminated: boolean,
    truncated: boolean,
  ): void {
    const { actions, rewards, outcomes, episodes } = this.rows
    const row = outcomes.length - 1
    const isEnded = row > 0 && episodes[row - 1] === episodes[row] && outcomes[row - 1] !== WENT_ON
    if (row < 0 || isEnded) throw new ValueError('EpisodeLog: add() outside an episode; call begin() first')
    const numbers = typeof action === 'number' ? [action] : action
    for (let j = 0; j < this.actionSize; j++) actions[row * this.actionSize + j] = numbers[j]!
    rewards[row] = reward
    outcomes[row] = (terminated ? TERMINATED : 0) | (truncated ? TRUNCATED : 0)
    this.push(nextObservation, episodes[row]!)
  }

  /**
   * The steps as columns: observations [size, observationSize], actions [size] or [size, actionSize], and returns [size], the discounted
   * sums of the rewards to the end of the recorded episode. The returns of a truncated episode lack the rewards that would have followed.
   */
  columns(gamma: number): Record<'observations' | 'actions' | 'returns', Float32Array> {
    const { observations, actions, rewards, outcomes } = this.rows
    const steps = [...outcomes.keys()].filter((row) => outcomes[row] !== LAST)
    const ends = outcomes.map((_, row) => (this.following(row) === undefined ? 1 : 0))
    const select = (column: ArrayLike<number>, width: number) => {
      const at = (i: number) => steps[Math.floor(i / width)]! * width + (i % width)
      return Float32Array.from({ length: steps.length * width }, (_, i) => column[at(i)]!)
    }
    return {
      observations: select(observations, this.observationSize),
      actions: select(actions, this.actionSize),
      returns: select(discountedReturns(rewards, ends, [0], gamma), 1),
    }
  }

  /**
   * Adds the transitions to a buffer, in order. Leaves out the last step of an episode that neither terminated nor has a last
   * observation.
   */
  replay(buffer: TransitionSink): void {
    const { rewards, outcomes } = this.rows
    const isDiscrete = this.actionSpace instanceof Discrete
    const isTransition = (row: number) =>
      outcomes[row] !== LAST && (this.following(row) !== undefined || (outcomes[row]! & TERMINATED) !== 0)
    for (const row of outcomes.keys()) {
      if (!isTransition(row)) continue
      const next = this.following(row)
      const terminated = (outcomes[row]! & TERMINATED) !== 0
      const action = isDiscrete ? this.actionOf(row)[0]! : this.actionOf(row)
      const nextObservation = this.observationOf(next ?? row) // no value follows a termination
      const isLast = next === undefined || !isTransition(next)
      buffer.add(this.observationOf(row), action, rewards[row]!, nextObservation, terminated, isLast)
    }
  }

  /** Tells two logs apart. */
  digest(): string {
    const columns = Object.values(this.rows) as number[][]
    return columns.map((each) => digestOf(new Uint8Array(Float64Array.from(each).buffer))).join('')
  }

  // The next row of the same episode.
  private following(row: number): number | undefined {
    const { episodes } = this.rows
    return episodes[row + 1] === episodes[row] ? row + 1 : undefined
  }

  observationOf(row: number): Float32Array {
    const from = row * this.observationSize
    return Float32Array.from(this.rows.observations.slice(from, from + this.observationSize))
  }

  actionOf(row: number): Float32Array {
    return Float32Array.from(this.rows.actions.slice(row * this.actionSize, (row + 1) * this.actionSize))
  }

  private push(observation: ArrayLike<number>, episode: number): void {
    const { observations, actions, rewards, outcomes, episodes } = this.rows
    if (observation.length !== this.observationSize) {
      throw new ShapeError(
        `EpisodeLog: the observation has ${observation.length} numbers; expected ${this.observationSize}`,
      )
    }
    for (let j = 0; j < this.observationSize; j++) observations.push(observation[j]!)
    for (let j = 0; j < this.actionSize; j++) actions.push(0)
    rewards.push(0)
    outcomes.push(LAST)
    episodes.push(episode)
  }
}
