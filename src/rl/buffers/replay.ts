// Experience replay: the last `capacity` transitions, sampled uniformly with replacement (Lin 1992; Mnih et al. 2015,
// doi:10.1038/nature14236, algorithm 1). Flat arrays, allocated once. Read next: n-step.ts, prioritized.ts.

import { CheckpointError, StateError } from '../../tensor/errors.ts'
import { ARRAYS, requireRoom } from '../../tensor/memory.ts'
import type { Rng } from '../../tensor/random.ts'
import {
  type Action,
  actionColumn,
  type Column,
  forEachStep,
  gatherRows,
  type Outcomes,
  putAction,
  putRow,
  requireReward,
  requireWhole,
  type SavedArrays,
  type StepMemory,
  savedArray,
} from './columns.ts'

export interface ReplayOptions {
  /** Transitions kept; the oldest makes room for the newest. */
  readonly capacity: number
  /** Numbers in an observation. */
  readonly observationSize: number
  /** Numbers in an action vector. Left out: actions are choices. */
  readonly actionSize?: number
}

/** Transitions row by row. */
export interface Transitions {
  /** [size, observationSize] */
  readonly observations: Float32Array
  /** [size] choices, or [size, actionSize]. */
  readonly actions: Column
  /** [size]; after n-step.ts the discounted sum of `steps` rewards. */
  readonly rewards: Float32Array
  /** [size, observationSize], before any reset: what the bootstrap's value is taken of. */
  readonly nextObservations: Float32Array
  /** [size]: 1 where the task ended, so that no value follows. A truncated episode has 0 here. */
  readonly terminated: Float32Array
  /** [size]: how many steps lie between the two observations. The value that follows is discounted by γ^steps. */
  readonly steps: Float32Array
}

/** A sample of transitions. Its arrays are the buffer's own; the next `sample` writes them anew. */
export interface ReplayBatch extends Transitions {
  readonly size: number
  /** Where each row lies in the buffer: [size]. */
  readonly indices: Int32Array
}

export class ReplayBuffer implements StepMemory {
  readonly capacity: number
  readonly observationSize: number
  /** 0 for choices. */
  readonly actionSize: number
  private readonly all: Transitions
  private batch: ReplayBatch
  private filled = 0
  private next = 0

  /** Throws a `ValueError` on sizes that are no whole numbers from 1 on. */
  constructor({ capacity, observationSize, actionSize }: ReplayOptions) {
    requireWhole('ReplayBuffer', 'capacity', capacity, 1)
    requireWhole('ReplayBuffer', 'observationSize', observationSize, 1)
    if (actionSize !== undefined) requireWhole('ReplayBuffer', 'actionSize', actionSize, 1)
    requireRoom(`ReplayBuffer: a capacity of ${capacity}`, rowBytes(observationSize, actionSize) * capacity, ARRAYS)
    this.capacity = capacity
    this.observationSize = observationSize
    this.actionSize = actionSize ?? 0
    this.all = this.rows(capacity)
    this.batch = { size: 0, indices: new Int32Array(0), ...this.rows(0) }
  }

  /** Transitions held. */
  get size(): number {
    return this.filled
  }

  /**
   * Stores a transition and returns its place. Throws a `ShapeError` or `ValueError` on numbers that do not fit or are not finite. `nextObservation` is the one before any reset, `terminated` the task's own
   * end (not a time limit's).
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
    requireReward(reward)
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

  /** Stores one transition of each environment, except of those that only began a new episode. */
  addSteps(observations: Float32Array, actions: Column, outcomes: Outcomes): void {
    forEachStep(observations, actions, outcomes, this.actionSize, (observation, action, reward, next, terminated) => {
      this.add(observation, action, reward, next, terminated)
    })
  }

  /** `batchSize` transitions, each drawn uniformly. Throws a `StateError` from an empty buffer. */
  sample(batchSize: number, rng: Rng): ReplayBatch {
    this.requireSample(batchSize)
    const { indices } = this.batchOf(batchSize)
    for (let i = 0; i < batchSize; i++) indices[i] = rng.integer(this.filled)
    return this.gather(indices)
  }

  /** The transitions at the given places. */
  gather(places: Int32Array): ReplayBatch {
    const { all, observationSize } = this
    const count = places.length
    const batch = this.batchOf(count)
    if (places !== batch.indices) batch.indices.set(places)
    gatherRows(all.observations, places, count, observationSize, batch.observations)
    gatherRows(all.nextObservations, places, count, observationSize, batch.nextObservations)
    gatherRows(all.actions, places, count, Math.max(1, this.actionSize), batch.actions)
    gatherRows(all.rewards, places, count, 1, batch.rewards)
    gatherRows(all.terminated, places, count, 1, batch.terminated)
    gatherRows(all.steps, places, count, 1, batch.steps)
    return batch
  }

  /** Throws a `StateError` while the buffer is empty, a `ValueError` unless the size is a whole number from 1 on. */
  requireSample(batchSize: number): void {
    requireWhole('ReplayBuffer', 'the batch size', batchSize, 1)
    const bytes = rowBytes(this.observationSize, this.actionSize) * batchSize
    requireRoom(`ReplayBuffer: a batch of ${batchSize}`, bytes)
    if (this.filled === 0) throw new StateError('ReplayBuffer: sample() from an empty buffer; add() transitions first')
  }

  /** A copy of the contents. */
  save(): SavedArrays {
    const { filled, all } = this
    return {
      counters: Int32Array.of(filled, this.next),
      observations: all.observations.slice(0, filled * this.observationSize),
      nextObservations: all.nextObservations.slice(0, filled * this.observationSize),
      actions: all.actions.slice(0, filled * Math.max(1, this.actionSize)),
      rewards: all.rewards.slice(0, filled),
      terminated: all.terminated.slice(0, filled),
      steps: all.steps.slice(0, filled),
    }
  }

  /** Puts saved contents back. Throws a `CheckpointError` where they do not fit this buffer's sizes. */
  restore(saved: SavedArrays): void {
    const [filled, next] = savedArray('ReplayBuffer', saved, 'counters', 2) as unknown as [number, number]
    const vector = this.observationSize
    const widths = { observations: vector, nextObservations: vector, rewards: 1, terminated: 1, steps: 1 }
    const columns = Object.entries({ ...widths, actions: Math.max(1, this.actionSize) }) as [
      keyof Transitions,
      number,
    ][]
    const values = columns.map(([name, width]) => savedArray('ReplayBuffer', saved, name, filled * width))
    const isNext = filled === this.capacity ? next >= 0 && next < filled : next === filled
    if (!(filled >= 0 && filled <= this.capacity && isNext)) {
      throw new CheckpointError(
        `ReplayBuffer: ${filled} saved transitions, the next at ${next}, do not fit a capacity of ${this.capacity}`,
      )
    }
    const wrong = values.findIndex((column) => !column.every(Number.isFinite))
    if (wrong >= 0) throw new CheckpointError(`ReplayBuffer: the saved "${columns[wrong]![0]}" holds NaN or infinity`)
    columns.forEach(([name], i) => {
      this.all[name].set(values[i]!)
    })
    this.filled = filled
    this.next = next
  }

  private batchOf(size: number): ReplayBatch {
    if (this.batch.size !== size) {
      this.batch = { size, indices: new Int32Array(size), ...this.rows(size) }
    }
    return this.batch
  }

  private rows(size: number): Transitions {
    return {
      observations: new Float32Array(size * this.observationSize),
      actions: actionColumn(size, this.actionSize),
      rewards: new Float32Array(size),
      nextObservations: new Float32Array(size * this.observationSize),
      terminated: new Float32Array(size),
      steps: new Float32Array(size),
    }
  }
}

function rowBytes(observationSize: number, actionSize = 0): number {
  return 4 * (2 * observationSize + Math.max(1, actionSize) + 3)
}
