// A rollout: T steps of N sub-environments, for on-policy algorithms (A2C, PPO). Time-major: step t of sub-environment i is row
// t N + i of [T, N, …]. Allocated once and overwritten by each rollout. Read next: ../training/returns.ts.

import { actionColumn, gatherRows, Rows } from '../../data/columns.ts'
import { requireSize } from '../../nn/checks.ts'
import { ARRAYS, requireRoom } from '../../tensor/memory.ts'
import type { Rng } from '../../tensor/random.ts'

interface RolloutOptions {
  /** T */
  readonly numSteps: number
  /** N */
  readonly numEnvs: number
  readonly observationSize: number
  /** Numbers of an action vector. Default: actions are choices. */
  readonly actionSize?: number
  /** Numbers of an action mask. Default: no masks. */
  readonly maskSize?: number
}

/** The columns that a learner reads: of a whole rollout (size T N) or a minibatch. */
export class LearnedColumns extends Rows {
  readonly observations = new Float32Array(this.size * this.observationSize)
  /** Choices [size], or vectors [size, actionSize]. */
  readonly actions = actionColumn(this.size, this.actionSize)
  /** 1 where an action is allowed: [size, maskSize]; empty without masks. */
  readonly actionMasks = new Float32Array(this.size * this.maskSize)
  /** ln π(a|s) of the policy that acted: [size]. */
  readonly logProbs = new Float32Array(this.size)
  /** V(sₜ) of the critic before the update: [size]. */
  readonly values = new Float32Array(this.size)
  /** Â(sₜ, aₜ), by returns.ts: [size]. */
  readonly advantages = new Float32Array(this.size)
  /** Targets of the critic: [size]. */
  readonly returns = new Float32Array(this.size)
}

const learned = ['observations', 'actions', 'actionMasks', 'logProbs', 'values', 'advantages', 'returns'] as const

/** Steps in random order. The rollout owns the arrays; the next minibatch overwrites them. */
export class Minibatch extends LearnedColumns {
  /** The row t N + i of each step: [size]. */
  readonly indices = new Int32Array(this.size)
}

export class RolloutBuffer extends LearnedColumns {
  readonly numSteps: number
  readonly numEnvs: number
  readonly rewards = new Float32Array(this.size) // [T, N]
  /** 1 where the task ended with this step: [T, N]. */
  readonly terminated = new Uint8Array(this.size)
  /** 1 where the episode was cut off with this step: [T, N]. */
  readonly truncated = new Uint8Array(this.size)
  /** Where `truncated` is set, the value of the episode's last observation, before the reset: [T, N]. */
  readonly finalValues = new Float32Array(this.size)
  /** V(s_T), of the observations that follow the last step: [N]. */
  readonly lastValues: Float32Array
  private readonly order = new Int32Array(this.size)
  private batch = this.minibatch(0)
  private remainder = this.batch

  /** Throws a `ValueError` on sizes that are not whole numbers from 1. */
  constructor({ numSteps, numEnvs, observationSize, actionSize, maskSize }: RolloutOptions) {
    const sizes = { numSteps, numEnvs, observationSize, actionSize: actionSize ?? 1, maskSize: maskSize ?? 1 }
    for (const [name, size] of Object.entries(sizes)) requireSize(`RolloutBuffer: ${name}`, size)
    const rows = numSteps * numEnvs
    const columns = observationSize + Math.max(1, actionSize ?? 0) + (maskSize ?? 0) + 8
    requireRoom(`RolloutBuffer: ${numSteps} steps of ${numEnvs} environments`, 4 * rows * columns, ARRAYS)
    super(rows, observationSize, actionSize, maskSize)
    this.numSteps = numSteps
    this.numEnvs = numEnvs
    this.lastValues = new Float32Array(numEnvs)
  }

  /** Yields every step once, in random order, `batchSize` at a time; the last batch may be smaller. */
  *minibatches(batchSize: number, rng: Rng): Generator<Minibatch> {
    requireSize('RolloutBuffer: the batch size', batchSize)
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

  private minibatch(size: number): Minibatch {
    return new Minibatch(size, this.observationSize, this.actionSize, this.maskSize)
  }

  private fill(batch: Minibatch, start: number): Minibatch {
    const { size, indices } = batch
    for (let i = 0; i < size; i++) indices[i] = this.order[start + i]!
    for (const name of learned) gatherRows(this[name], indices, batch[name])
    return batch
  }
}
