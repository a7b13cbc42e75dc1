// Experience replay: the newest `capacity` transitions, sampled uniformly with replacement (Lin 1992; Mnih et al. 2015,
// doi:10.1038/nature14236, algorithm 1). Flat arrays, allocated once.

import {
  type Action,
  type ArraysOf,
  actionField,
  Columns,
  field,
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

const fieldsOf = <Type extends NumberType>(observationSize: number, actionSize: number, dtype: Type) => ({
  observations: field(observationSize, dtype),
  /** Before any reset. */
  nextObservations: field(observationSize, dtype),
  actions: actionField(actionSize),
  /** Reward, or the discounted sum of `steps` rewards (n-step.ts). */
  rewards: field(1, 'float32'),
  /** 1 where the task ended, so that no value follows; 0 where the episode was truncated. */
  terminated: field(1, 'float32'),
  /** Number of steps between the two observations; the next value is discounted by γ^steps. */
  steps: field(1, 'float32'),
})

/** A sample of transitions, [size, …] each. The buffer owns the arrays; the next `sample` overwrites them. */
export type ReplayBatch = ArraysOf<ReturnType<typeof fieldsOf<'float32'>>> & {
  readonly size: number
  /** Index of each row in the buffer: [size]. */
  readonly indices: Int32Array
}

export class ReplayBuffer {
  readonly capacity: number
  readonly observationSize: number
  /** 0 for choices. */
  readonly actionSize: number
  private readonly all: Columns<ReturnType<typeof fieldsOf>>
  private batch: ReplayBatch
  private filled = 0
  private next = 0

  /** Throws a `ValueError` on sizes that are not whole numbers from 1. */
  constructor({ capacity, observationSize, actionSize, dtype, ...others }: ReplayOptions) {
    requireKnown('ReplayBuffer', others, ['capacity', 'observationSize', 'actionSize', 'dtype'])
    requireSize('ReplayBuffer: capacity', capacity)
    requireSize('ReplayBuffer: observationSize', observationSize)
    if (actionSize !== undefined) requireSize('ReplayBuffer: actionSize', actionSize)
    const fields = fieldsOf(observationSize, actionSize ?? 0, dtype ?? 'float32')
    requireRoom(`ReplayBuffer: a capacity of ${capacity}`, new Columns(fields).rowBytes * capacity, ARRAYS)
    this.capacity = capacity
    this.observationSize = observationSize
    this.actionSize = actionSize ?? 0
    this.all = new Columns(fields, capacity)
    this.batch = this.newBatch(0)
  }

  /** Bytes of a transition. */
  get rowBytes(): number {
    return this.all.rowBytes
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
    const { rewards, terminated: ends, steps: counts } = all.arrays
    if (!Number.isFinite(reward)) throw new ValueError(`the reward is ${reward}; expected a finite number`)
    all.put('observations', next, observation, 'the observation')
    all.put('nextObservations', next, nextObservation, 'the next observation')
    all.putAction('actions', next, action)
    rewards[next] = reward
    ends[next] = terminated ? 1 : 0
    counts[next] = steps
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
    const batch = this.batchOf(indices.length)
    if (indices !== batch.indices) batch.indices.set(indices)
    this.all.gather(indices, batch)
    return batch
  }

  /** Throws a `ValueError` unless the batch size is a whole number from 1, a `StateError` if the buffer is empty. */
  requireSample(batchSize: number): void {
    requireSize('ReplayBuffer: the batch size', batchSize)
    requireRoom(`ReplayBuffer: a batch of ${batchSize}`, 4 * (2 * this.observationSize + 4) * batchSize)
    if (this.filled === 0) throw new StateError('ReplayBuffer: sample() from an empty buffer; add() transitions first')
  }

  save(): SavedArrays {
    return { counters: Int32Array.of(this.filled, this.next), ...this.all.save(this.filled) }
  }

  /** Throws a `CheckpointError` if the saved contents do not fit this buffer's sizes. */
  restore(saved: SavedArrays): void {
    const [filled, next] = savedArray('ReplayBuffer', saved, 'counters', 2) as unknown as [number, number]
    for (const [name, { width }] of Object.entries(this.all.fields)) {
      if (savedArray('ReplayBuffer', saved, name, width * filled).every(Number.isFinite)) continue
      throw new CheckpointError(`ReplayBuffer: the saved "${name}" has NaN or infinite numbers`)
    }
    const isNext = filled === this.capacity ? next >= 0 && next < filled : next === filled
    if (!(filled >= 0 && filled <= this.capacity && isNext)) {
      throw new CheckpointError(
        `ReplayBuffer: ${filled} saved transitions, the next at ${next}, do not fit a capacity of ${this.capacity}`,
      )
    }
    this.all.restore('ReplayBuffer', saved, filled)
    this.filled = filled
    this.next = next
  }

  private batchOf(size: number): ReplayBatch {
    if (this.batch.size !== size) this.batch = this.newBatch(size)
    return this.batch
  }

  private newBatch(size: number): ReplayBatch {
    const { arrays } = new Columns(fieldsOf(this.observationSize, this.actionSize, 'float32'), size)
    return { size, indices: new Int32Array(size), ...arrays }
  }
}
