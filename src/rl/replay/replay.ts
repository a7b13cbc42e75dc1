// Experience replay: the newest `capacity` transitions, sampled uniformly with replacement (Lin 1992; Mnih et al. 2015,
// doi:10.1038/nature14236, algorithm 1). Flat arrays, allocated once. Read next: n-step.ts, prioritized.ts.

import {
  type Action,
  actionColumn,
  copyColumns,
  gatherRows,
  numberColumn,
  putAction,
  putRow,
  Rows,
  restoreColumns,
  type SavedArrays,
  savedArray,
} from '../../data/columns.ts'
import type { NumberType } from '../../data/spaces.ts'
import { requireSize } from '../../nn/checks.ts'
import { CheckpointError, requireKnown, StateError, ValueError } from '../../tensor/errors.ts'
import { ARRAYS, requireRoom } from '../../tensor/memory.ts'
import type { Rng } from '../../tensor/random.ts'

export interface ReplayOptions {
  /** Number of transitions kept; the newest replaces the oldest. */
  readonly capacity: number
  readonly observationSize: number
  /** Numbers of an action vector. Default: actions are choices. */
  readonly actionSize?: number
  /** How observations are stored. Default float32. */
  readonly dtype?: NumberType
}

class Transitions extends Rows {
  /** [size, observationSize] */
  readonly observations: Float32Array | Uint8Array
  /** Before any reset: [size, observationSize]. */
  readonly nextObservations: Float32Array | Uint8Array
  /** Choices [size], or vectors [size, actionSize]. */
  readonly actions = actionColumn(this.size, this.actionSize)
  /** Reward, or the discounted sum of `steps` rewards (n-step.ts): [size]. */
  readonly rewards = new Float32Array(this.size)
  /** 1 where the task ended, so that no value follows; 0 where the episode was truncated: [size]. */
  readonly terminated = new Float32Array(this.size)
  /** Number of steps between the two observations; the next value is discounted by γ^steps: [size]. */
  readonly steps = new Float32Array(this.size)

  constructor(size: number, observationSize: number, actionSize?: number, dtype?: NumberType) {
    super(size, observationSize, actionSize)
    this.observations = numberColumn(size * observationSize, dtype)
    this.nextObservations = numberColumn(size * observationSize, dtype)
  }
}

const stored = ['observations', 'nextObservations', 'actions', 'rewards', 'terminated', 'steps'] as const

/** A sample of transitions. The buffer owns the arrays; the next `sample` overwrites them. */
export class ReplayBatch extends Transitions {
  declare readonly observations: Float32Array
  declare readonly nextObservations: Float32Array
  /** Index of each row in the buffer: [size]. */
  readonly indices = new Int32Array(this.size)
}

export class ReplayBuffer {
  readonly capacity: number
  readonly observationSize: number
  /** 0 for choices. */
  readonly actionSize: number
  /** Bytes of a transition. */
  readonly rowBytes: number
  private readonly all: Transitions
  private batch: ReplayBatch
  private filled = 0
  private next = 0

  /** Throws a `ValueError` on sizes that are not whole numbers from 1. */
  constructor({ capacity, observationSize, actionSize, dtype, ...others }: ReplayOptions) {
    requireKnown('ReplayBuffer', others, ['capacity', 'observationSize', 'actionSize', 'dtype'])
    requireSize('ReplayBuffer: capacity', capacity)
    requireSize('ReplayBuffer: observationSize', observationSize)
    if (actionSize !== undefined) requireSize('ReplayBuffer: actionSize', actionSize)
    this.rowBytes = rowBytes(observationSize, actionSize, dtype)
    requireRoom(`ReplayBuffer: a capacity of ${capacity}`, this.rowBytes * capacity, ARRAYS)
    this.capacity = capacity
    this.observationSize = observationSize
    this.actionSize = actionSize ?? 0
    this.all = new Transitions(capacity, observationSize, actionSize, dtype)
    this.batch = new ReplayBatch(0, observationSize, actionSize)
  }

  /** Number of transitions stored. */
  get size(): number {
    return this.filled
  }

  /**
   * Stores a transition and returns its index. `nextObservation` is the one before any reset. `terminated` marks an end of the
   * task, not a time limit. Throws a `ShapeError` or `ValueError` on numbers that do not fit or are not finite.
   */
  add(
    observation: ArrayLike<number>,
    action: Action,
    reward: number,
    nextObservation: ArrayLike<number>,
    terminated: boolean | number,
    steps = 1,
  ): number {
    const { all, next } = this
    if (!Number.isFinite(reward)) throw new ValueError(`the reward is ${reward}; expected a finite number`)
    putRow(all.observations, next, this.observationSize, observation, 'the observation')
    putRow(all.nextObservations, next, this.observationSize, nextObservation, 'the next observation')
    putAction(all.actions, next, this.actionSize, action)
    all.rewards[next] = reward
    all.terminated[next] = terminated ? 1 : 0
    all.steps[next] = steps
    this.next = next + 1 === this.capacity ? 0 : next + 1
    if (this.filled < this.capacity) this.filled++
    return next
  }

  /** Draws `batchSize` transitions uniformly. Throws a `StateError` if the buffer is empty. */
  sample(batchSize: number, rng: Rng): ReplayBatch {
    this.requireSample(batchSize)
    const { indices } = this.batchOf(batchSize)
    for (let i = 0; i < batchSize; i++) indices[i] = rng.integer(this.filled)
    return this.gather(indices)
  }

  gather(indices: Int32Array): ReplayBatch {
    const { all } = this
    const batch = this.batchOf(indices.length)
    if (indices !== batch.indices) batch.indices.set(indices)
    for (const name of stored) gatherRows(all[name], indices, batch[name])
    return batch
  }

  /** Throws a `ValueError` unless the batch size is a whole number from 1, a `StateError` if the buffer is empty. */
  requireSample(batchSize: number): void {
    requireSize('ReplayBuffer: the batch size', batchSize)
    const bytes = rowBytes(this.observationSize, this.actionSize) * batchSize
    requireRoom(`ReplayBuffer: a batch of ${batchSize}`, bytes)
    if (this.filled === 0) throw new StateError('ReplayBuffer: sample() from an empty buffer; add() transitions first')
  }

  save(): SavedArrays {
    const { filled, next, all, capacity } = this
    return { counters: Int32Array.of(filled, next), ...copyColumns(all, filled, capacity) }
  }

  /** Throws a `CheckpointError` if the saved contents do not fit this buffer's sizes. */
  restore(saved: SavedArrays): void {
    const [filled, next] = savedArray('ReplayBuffer', saved, 'counters', 2) as unknown as [number, number]
    for (const name of stored) {
      const values = savedArray('ReplayBuffer', saved, name, (this.all[name].length / this.capacity) * filled)
      if (!values.every(Number.isFinite)) {
        throw new CheckpointError(`ReplayBuffer: the saved "${name}" has NaN or infinite numbers`)
      }
    }
    const isNext = filled === this.capacity ? next >= 0 && next < filled : next === filled
    if (!(filled >= 0 && filled <= this.capacity && isNext)) {
      throw new CheckpointError(
        `ReplayBuffer: ${filled} saved transitions, the next at ${next}, do not fit a capacity of ${this.capacity}`,
      )
    }
    restoreColumns('ReplayBuffer', saved, this.all, filled, this.capacity)
    this.filled = filled
    this.next = next
  }

  private batchOf(size: number): ReplayBatch {
    const { observationSize, actionSize } = this
    if (this.batch.size !== size) this.batch = new ReplayBatch(size, observationSize, actionSize)
    return this.batch
  }
}

function rowBytes(observationSize: number, actionSize = 0, dtype: NumberType = 'float32'): number {
  return (dtype === 'uint8' ? 2 : 8) * observationSize + 4 * (Math.max(1, actionSize) + 3)
}
