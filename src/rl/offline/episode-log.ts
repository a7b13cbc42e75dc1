// A log of episodes, the data of offline learning: recorded by a wrapper (../envs/wrappers/episode.ts, `RecordLog`) or read from a table
// (episode-log-csv.ts).

import { Columns, field } from '../../data/columns.ts'
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
export type Rows = Columns<ReturnType<typeof rowFields>>

export const rowFields = (observationSize: number, actionSize: number) => ({
  observations: field(observationSize, 'float32'),
  actions: field(actionSize, 'float32'), // 0 in last observations, as are rewards
  rewards: field(1, 'float64'),
  outcomes: field(1, 'uint8'),
  episodes: field(1, 'int32'), // from 0
})

export class EpisodeLog implements LoggedTask {
  readonly id: string
  readonly observationSpace: Space<unknown>
  readonly actionSpace: Discrete | Box
  readonly observationSize: number
  /** Numbers of an action: 1 for a discrete one. */
  readonly actionSize: number
  /** Of the library. */
  readonly rows: Rows

  /** An empty log of a task. Throws a ValueError on actions that are neither discrete nor vectors. */
  constructor({ id, observationSpace, actionSpace }: LoggedTask, rows?: Rows) {
    if (!(actionSpace instanceof Discrete || actionSpace instanceof Box)) {
      throw new ValueError(`EpisodeLog: ${id} takes ${actionSpace}; expected discrete actions or vectors (a Box)`)
    }
    this.id = id
    this.observationSpace = observationSpace
    this.actionSpace = actionSpace
    this.observationSize = packedSize(observationSpace)
    this.actionSize = packedSize(actionSpace)
    this.rows = rows ?? new Columns(rowFields(this.observationSize, this.actionSize))
  }

  /** Number of episodes. */
  get episodes(): number {
    return (this.rows.first('episodes').at(-1) ?? -1) + 1
  }

  /** Number of steps. */
  get size(): number {
    return this.steps.length
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
    const { rows } = this
    const last = rows.size - 1
    const { episodes, outcomes } = rows.arrays
    const isEnded = last > 0 && episodes[last - 1] === episodes[last] && outcomes[last - 1] !== WENT_ON
    if (last < 0 || isEnded) throw new ValueError('EpisodeLog: add() outside an episode; call begin() first')
    rows.write('actions', last, typeof action === 'number' ? [action] : action)
    rows.write('rewards', last, [reward])
    rows.write('outcomes', last, [(terminated ? TERMINATED : 0) | (truncated ? TRUNCATED : 0)])
    this.push(nextObservation, episodes[last]!)
  }

  /**
   * The steps as columns: observations [size, observationSize], actions [size] or [size, actionSize], and returns [size], the discounted
   * sums of the rewards to the end of the recorded episode. The returns of a truncated episode lack the rewards that would have followed.
   */
  columns(gamma: number): Record<'observations' | 'actions' | 'returns', Float32Array> {
    const { steps, rows } = this
    const ends = Array.from({ length: rows.size }, (_, row) => (this.following(row) === undefined ? 1 : 0))
    const returns = discountedReturns(rows.first('rewards'), ends, [0], gamma)
    return {
      ...rows.take(steps, ['observations', 'actions']),
      returns: Float32Array.from(steps, (row) => returns[row]!),
    }
  }

  /**
   * Adds the transitions to a buffer, in order. Leaves out the last step of an episode that neither terminated nor has a last
   * observation.
   */
  replay(buffer: TransitionSink): void {
    const { outcomes, rewards } = this.rows.arrays
    const isDiscrete = this.actionSpace instanceof Discrete
    const isTransition = (row: number) =>
      outcomes[row] !== LAST && (this.following(row) !== undefined || (outcomes[row]! & TERMINATED) !== 0)
    for (const row of this.steps) {
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
    const columns = Object.values(this.rows.save(this.rows.size))
    return columns.map((each) => digestOf(new Uint8Array(Float64Array.from(each).buffer))).join('')
  }

  /** Rows that are steps. */
  private get steps(): Int32Array {
    const { size, arrays } = this.rows
    return Int32Array.from({ length: size }, (_, row) => row).filter((row) => arrays.outcomes[row] !== LAST)
  }

  // The next row of the same episode.
  private following(row: number): number | undefined {
    const { size, arrays } = this.rows
    return row + 1 < size && arrays.episodes[row + 1] === arrays.episodes[row] ? row + 1 : undefined
  }

  observationOf(row: number): Float32Array {
    return this.rows.row('observations', row)
  }

  actionOf(row: number): Float32Array {
    return this.rows.row('actions', row)
  }

  private push(observation: ArrayLike<number>, episode: number): void {
    if (observation.length !== this.observationSize) {
      throw new ShapeError(`EpisodeLog: observation of ${observation.length} numbers; expected ${this.observationSize}`)
    }
    const [actions, outcomes] = [new Float32Array(this.actionSize), [LAST]]
    this.rows.push({ observations: observation, actions, rewards: [0], outcomes, episodes: [episode] })
  }
}
