// A rollout: T steps of N sub-environments, for on-policy algorithms (A2C, PPO). Time-major: step t of sub-environment i is row
// t N + i of [T, N, …]. Allocated once and overwritten by each rollout. Read next: ../training/returns.ts.

import { type ArraysOf, actionField, Columns, field } from '../../data/columns.ts'
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

interface RowSizes {
  readonly observationSize: number
  /** Numbers of an action vector; 0 for choices. */
  readonly actionSize: number
  /** Numbers of an action mask; 0 without masks. */
  readonly maskSize: number
}

/** What a learner reads, each [size, width]. */
const learnedFields = ({ observationSize, actionSize, maskSize }: RowSizes) => ({
  observations: field(observationSize, 'float32'),
  actions: actionField(actionSize),
  /** 1 where an action is allowed; empty without masks. */
  actionMasks: field(maskSize, 'float32'),
  /** ln π(a|s) of the policy that acted. */
  logProbs: field(1, 'float32'),
  /** V(sₜ) of the critic before the update. */
  values: field(1, 'float32'),
  /** Â(sₜ, aₜ), by returns.ts. */
  advantages: field(1, 'float32'),
  /** Targets of the critic. */
  returns: field(1, 'float32'),
})

const rolloutFields = (sizes: RowSizes) => ({
  ...learnedFields(sizes),
  rewards: field(1, 'float32'),
  /** 1 where the task ended with this step. */
  terminated: field(1, 'uint8'),
  /** 1 where the episode was cut off with this step. */
  truncated: field(1, 'uint8'),
  /** Where `truncated` is set, the value of the episode's last observation, before the reset. */
  finalValues: field(1, 'float32'),
})

/** Of a whole rollout (size T N) or a minibatch. */
export type LearnedColumns = ArraysOf<ReturnType<typeof learnedFields>> & { readonly size: number }

/** Steps in random order, and the row t N + i of each. The rollout owns the arrays; the next minibatch overwrites them. */
type Minibatch = LearnedColumns & { readonly indices: Int32Array }

/** The columns, [T, N, …]. */
export interface RolloutBuffer extends ArraysOf<ReturnType<typeof rolloutFields>> {}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor assigns the columns
export class RolloutBuffer implements RowSizes {
  readonly numSteps: number
  readonly numEnvs: number
  readonly observationSize: number
  readonly actionSize: number
  readonly maskSize: number
  /** T N */
  readonly size: number
  /** V(s_T), of the observations that follow the last step: [N]. */
  readonly lastValues: Float32Array
  private readonly columns: Columns<ReturnType<typeof rolloutFields>>
  private readonly order: Int32Array
  private batch: Minibatch
  private remainder: Minibatch

  /** Throws a `ValueError` on sizes that are not whole numbers from 1. */
  constructor({ numSteps, numEnvs, observationSize, actionSize, maskSize }: RolloutOptions) {
    const sizes = { numSteps, numEnvs, observationSize, actionSize: actionSize ?? 1, maskSize: maskSize ?? 1 }
    for (const [name, size] of Object.entries(sizes)) requireSize(`RolloutBuffer: ${name}`, size)
    this.numSteps = numSteps
    this.numEnvs = numEnvs
    this.observationSize = observationSize
    this.actionSize = actionSize ?? 0
    this.maskSize = maskSize ?? 0
    this.size = numSteps * numEnvs
    const fields = rolloutFields(this)
    const bytes = this.size * (new Columns(fields).rowBytes + Int32Array.BYTES_PER_ELEMENT)
    requireRoom(`RolloutBuffer: ${numSteps} steps of ${numEnvs} environments`, bytes, ARRAYS)
    this.columns = new Columns(fields, this.size)
    Object.assign(this, this.columns.arrays)
    this.lastValues = new Float32Array(numEnvs)
    this.order = new Int32Array(this.size)
    this.batch = this.minibatch(0)
    this.remainder = this.batch
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
    return { size, indices: new Int32Array(size), ...new Columns(learnedFields(this), size).arrays }
  }

  private fill(batch: Minibatch, start: number): Minibatch {
    batch.indices.set(this.order.subarray(start, start + batch.size))
    this.columns.gather(batch.indices, batch)
    return batch
  }
}
