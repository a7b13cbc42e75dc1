// A rollout: the last T steps of N environments, for the on-policy methods (A2C, PPO). Everything is time-major: step t of
// environment i is row t N + i of [T, N, …]. Allocated once, written step by step. Read next: ../returns.ts.

import { ARRAYS, requireRoom } from '../../tensor/memory.ts'
import type { Rng } from '../../tensor/random.ts'
import { actionColumn, type Column, gatherRows, requireWhole } from './columns.ts'

export interface RolloutOptions {
  /** T */
  readonly numSteps: number
  /** N */
  readonly numEnvs: number
  readonly observationSize: number
  /** Numbers in an action vector. Left out: actions are choices. */
  readonly actionSize?: number
  /** Numbers in an action mask. Left out: all actions are always allowed. */
  readonly maskSize?: number
}

/** Steps in random order. The arrays are the rollout's own; the next minibatch overwrites them. */
export interface Minibatch {
  readonly size: number
  /** The row t N + i of each step: [size]. */
  readonly indices: Int32Array
  /** [size, observationSize] */
  readonly observations: Float32Array
  /** [size] choices, or [size, actionSize]. */
  readonly actions: Column
  /** [size, maskSize], empty without masks. */
  readonly actionMasks: Float32Array
  /** Under the policy that acted: [size]. */
  readonly logProbs: Float32Array
  /** As estimated when acting: [size]. */
  readonly values: Float32Array
  readonly advantages: Float32Array
  readonly returns: Float32Array
}

export class RolloutBuffer {
  readonly numSteps: number
  readonly numEnvs: number
  readonly observationSize: number
  /** 0 for choices. */
  readonly actionSize: number
  readonly maskSize: number
  /** [T, N, observationSize], what each action was chosen by. */
  readonly observations: Float32Array
  /** [T, N] choices, or [T, N, actionSize]. */
  readonly actions: Column
  /** [T, N, maskSize]: 1 where an action is allowed. */
  readonly actionMasks: Float32Array
  /** ln π(a|s) of the policy that acted: [T, N]. */
  readonly logProbs: Float32Array
  /** V(sₜ): [T, N]. */
  readonly values: Float32Array
  readonly rewards: Float32Array
  /** 1 where the task ended with this step: [T, N]. */
  readonly terminated: Uint8Array
  /** 1 where the episode was cut off with this step: [T, N]. */
  readonly truncated: Uint8Array
  /** Where `truncated` is set, the value of the episode's last observation, before the reset: [T, N]. */
  readonly finalValues: Float32Array
  /** V(s_T), of the observations that follow the last step: [N]. */
  readonly lastValues: Float32Array
  /** Â(sₜ, aₜ), by returns.ts: [T, N]. */
  readonly advantages: Float32Array
  /** What the value function learns: [T, N]. */
  readonly returns: Float32Array
  private readonly order: Int32Array
  private batch: Minibatch
  private remainder: Minibatch

  /** Throws a `ValueError` on sizes that are no whole numbers from 1 on. */
  constructor({ numSteps, numEnvs, observationSize, actionSize, maskSize }: RolloutOptions) {
    const sizes = { numSteps, numEnvs, observationSize, actionSize: actionSize ?? 1, maskSize: maskSize ?? 1 }
    for (const [name, size] of Object.entries(sizes)) requireWhole('RolloutBuffer', name, size, 1)
    const rows = numSteps * numEnvs
    const columns = observationSize + Math.max(1, actionSize ?? 0) + (maskSize ?? 0) + 8
    requireRoom(`Rollout: ${numSteps} steps of ${numEnvs} environments`, 4 * rows * columns, ARRAYS)
    this.numSteps = numSteps
    this.numEnvs = numEnvs
    this.observationSize = observationSize
    this.actionSize = actionSize ?? 0
    this.maskSize = maskSize ?? 0
    this.observations = new Float32Array(rows * observationSize)
    this.actions = actionColumn(rows, this.actionSize)
    this.actionMasks = new Float32Array(rows * this.maskSize)
    this.logProbs = new Float32Array(rows)
    this.values = new Float32Array(rows)
    this.rewards = new Float32Array(rows)
    this.terminated = new Uint8Array(rows)
    this.truncated = new Uint8Array(rows)
    this.finalValues = new Float32Array(rows)
    this.lastValues = new Float32Array(numEnvs)
    this.advantages = new Float32Array(rows)
    this.returns = new Float32Array(rows)
    this.order = new Int32Array(rows)
    this.batch = this.minibatch(0)
    this.remainder = this.minibatch(0)
  }

  /** T N, the steps held. */
  get size(): number {
    return this.order.length
  }

  /**
   * Every step once, in random order, `batchSize` at a time; the last batch holds what is left. All that are yielded are
   * the same arrays, so use each before asking for the next.
   */
  *minibatches(batchSize: number, rng: Rng): Generator<Minibatch> {
    requireWhole('RolloutBuffer', 'the batch size', batchSize, 1)
    const { order } = this
    for (let i = 0; i < order.length; i++) order[i] = i
    rng.shuffle(order)
    if (this.batch.size !== batchSize) this.batch = this.minibatch(batchSize)
    let start = 0
    for (; start + batchSize <= order.length; start += batchSize) yield this.fill(this.batch, start)
    const left = order.length - start
    if (left === 0) return
    if (this.remainder.size !== left) this.remainder = this.minibatch(left)
    yield this.fill(this.remainder, start)
  }

  private fill(batch: Minibatch, start: number): Minibatch {
    const { size, indices } = batch
    for (let i = 0; i < size; i++) indices[i] = this.order[start + i]!
    gatherRows(this.observations, indices, size, this.observationSize, batch.observations)
    gatherRows(this.actions, indices, size, Math.max(1, this.actionSize), batch.actions)
    if (this.maskSize > 0) gatherRows(this.actionMasks, indices, size, this.maskSize, batch.actionMasks)
    gatherRows(this.logProbs, indices, size, 1, batch.logProbs)
    gatherRows(this.values, indices, size, 1, batch.values)
    gatherRows(this.advantages, indices, size, 1, batch.advantages)
    gatherRows(this.returns, indices, size, 1, batch.returns)
    return batch
  }

  private minibatch(size: number): Minibatch {
    return {
      size,
      indices: new Int32Array(size),
      observations: new Float32Array(size * this.observationSize),
      actions: actionColumn(size, this.actionSize),
      actionMasks: new Float32Array(size * this.maskSize),
      logProbs: new Float32Array(size),
      values: new Float32Array(size),
      advantages: new Float32Array(size),
      returns: new Float32Array(size),
    }
  }
}
