// The student's training: minibatches of a labelled dataset, one loss, Adam with a learning rate that falls to 0 along half a
// cosine. The final parameters are the result; no return is looked at. Read next: distill.ts, which calls it in rounds.

import { type Checkpoint, type Saveable, TrainingState } from '../data/checkpoint.ts'
import { gatherRows } from '../data/columns.ts'
import {
  count,
  flag,
  type GivenOptions,
  limit,
  type OptionValues,
  positive,
  readOptions,
  whole,
} from '../data/options.ts'
import type { Linear } from '../nn/layers/linear.ts'
import {
  firstLinear,
  fitStandardizer,
  fuseStandardizer,
  type Standardizer,
  standardize,
  unfuseStandardizer,
} from '../nn/layers/standardize.ts'
import type { Module } from '../nn/module.ts'
import { Adam } from '../nn/optimizers/adam.ts'
import { cosineSchedule } from '../nn/optimizers/schedules.ts'
import { requireOutputs } from '../rl/policies/discrete-policies.ts'
import type { Tensor } from '../tensor/autograd/tensor.ts'
import { CheckpointError, ShapeError, ValueError } from '../tensor/errors.ts'
import { tensor, zeros } from '../tensor/ops/create.ts'
import { reshape } from '../tensor/ops/layout.ts'
import { Rng } from '../tensor/random.ts'
import type { LabelledDataset } from './dataset/dataset.ts'
import type { Objective } from './targets/target.ts'

export const fitOptions = {
  seed: whole(0, 'of all random numbers: the same seed gives the same run, bit for bit'),
  updates: whole(6000, 'gradient steps'),
  batchSize: count(64, 'states per gradient step; the whole dataset if it is smaller'),
  learningRate: positive(5e-3, 'initial step size of Adam; falls to 0 along half a cosine'),
  maxGradNorm: limit(1, 'largest norm of the gradient; larger ones are scaled down'),
  standardize: flag(true, 'train on standardized observations and fuse the scaling into the first layer afterwards'),
}

export interface FitOptions extends GivenOptions<typeof fitOptions> {
  /** Continues a saved fit. */
  readonly resume?: Checkpoint | undefined
  /** Whether the network already takes raw observations, as after an earlier fit, rather than being fresh. Default false. */
  readonly warmStart?: boolean
}

export interface FitReport<Student = unknown> {
  /** Gradient steps so far. */
  readonly update: number
  /** Loss of the last minibatch. */
  readonly loss: number
  /** The student as it is now, which takes raw observations. Later updates change it. */
  student(): Student
  /** The whole fit as it is now, to resume from. */
  save(): Checkpoint
}

/**
 * Trains `network` on the labels of an objective. Yields after each gradient step, returns the student. With `standardize` the
 * network takes raw observations again when the generator ends, even early.
 *
 * Throws before any update: a ShapeError on a network that does not fit the dataset or the objective; a ValueError on labels that
 * are not finite or a minibatch below the objective's minimum. Throws a DivergenceError when the loss is not finite.
 */
export function* fitStudent<Student>(
  network: Module,
  dataset: LabelledDataset,
  objective: Objective<Student>,
  options: FitOptions = {},
): Generator<FitReport<Student>, Student, void> {
  const { resume, warmStart = false, ...given } = options
  const o = readOptions('fitStudent', fitOptions, given)
  const batches = minibatchesOf(network, dataset, objective, o)
  if (warmStart) batches.unfuse()
  const learningRate = cosineSchedule(o.learningRate, Math.max(1, o.updates))
  const optimizer = new Adam(network, { learningRate })
  const counters = { update: 0, loss: Number.NaN }
  const training = new TrainingState('fitStudent', o, { network, optimizer, batches, counters })
  if (resume !== undefined) training.restore(resume)
  const student = () => objective.student(batches.onRaw())
  try {
    while (counters.update < o.updates) {
      counters.loss = optimizer.minimize(() => batches.loss(), o)
      counters.update++
      yield { update: counters.update, loss: counters.loss, student, save: training.save }
    }
  } finally {
    batches.fuse()
  }
  return objective.student(network)
}

/** The minibatches of a fit. Throws whatever `fitStudent` throws before its first update. */
export function minibatchesOf(
  network: Module,
  dataset: LabelledDataset,
  objective: Objective<unknown>,
  { standardize, batchSize, seed }: Pick<OptionValues<typeof fitOptions>, 'standardize' | 'batchSize' | 'seed'>,
): Minibatches {
  dataset.requireUsable('fitStudent')
  requireOutputs(network, dataset.observationSize, objective.outputs)
  const first = standardize ? firstLinear(network, dataset.observationSize) : undefined
  return new Minibatches(network, first, dataset, objective, batchSize, new Rng(seed))
}

/** Throws a ShapeError or ValueError unless there are `width` finite labels for each state. */
function requireLabels(size: number, { labels, width }: Objective<unknown>): void {
  if (labels.length !== size * width) {
    throw new ShapeError(
      `fitStudent: the objective has ${labels.length} numbers of labels, ${size} states need ${size * width}; ` +
        'prepare it from the dataset that it is fitted to',
    )
  }
  const at = labels.findIndex((each) => !Number.isFinite(each))
  if (at < 0) return
  throw new ValueError(
    `fitStudent: labels is ${labels[at]} in state ${Math.floor(at / width)}; expected finite numbers`,
  )
}

/** Minibatches of one size from shuffled passes over a dataset, and their losses; a minibatch may span two passes. */
export class Minibatches implements Saveable {
  private readonly observations: Float32Array
  private readonly standardizer: Standardizer
  private readonly order: Int32Array
  private position = 0
  private readonly rows: Int32Array
  private isFused = false

  /** @param first layer that takes standardized observations during the fit; undefined to train on raw ones */
  constructor(
    private readonly network: Module,
    private readonly first: Linear | undefined,
    dataset: LabelledDataset,
    private readonly objective: Objective<unknown>,
    batchSize: number,
    private readonly rng: Rng,
  ) {
    const { size, observationSize } = dataset
    const batch = Math.min(batchSize, size)
    const { minBatch = 1 } = objective
    requireLabels(size, objective)
    if (batch < minBatch) {
      throw new ValueError(
        `fitStudent: minibatches of ${batch} from ${size} states; this target needs at least ${minBatch}`,
      )
    }
    const raw = objective.inputs ?? dataset.column('observations')
    const input = (row: number) => raw.subarray(row * observationSize, (row + 1) * observationSize)
    this.standardizer = fitStandardizer(input, raw.length / observationSize, observationSize)
    this.observations = first === undefined ? raw : standardize(raw, this.standardizer)
    this.order = rng.permutation(size)
    this.rows = new Int32Array(batch)
  }

  /** Of the next minibatch. */
  loss(): Tensor {
    const { order, rows, observations, network } = this
    for (let i = 0; i < rows.length; i++) {
      if (this.position === order.length) {
        this.rng.shuffle(order)
        this.position = 0
      }
      rows[i] = order[this.position++]!
    }
    const { labels, width } = this.objective
    const inputs = minibatch(observations, observations.length / order.length, rows)
    const outputs = network.forward(reshape(inputs, [-1, this.standardizer.mean.length]))
    return this.objective.loss(outputs, minibatch(labels, width, rows))
  }

  /** The network, which shares its parameters, on raw observations at any time of the fit. For evaluation: no gradient. */
  onRaw(): Module {
    const { network, first, standardizer } = this
    if (first === undefined) return network
    const scaled = (x: Tensor) => tensor(standardize(Float32Array.from(x.view()), standardizer), x.dims)
    return {
      forward: (x, rng) => network.forward(this.isFused ? x : scaled(x), rng),
      parameters: () => network.parameters(),
    }
  }

  /** From here on the network takes raw observations. */
  fuse(): void {
    if (this.first !== undefined) fuseStandardizer(this.first, this.standardizer)
    this.isFused = true
  }

  /** From here on the network takes standardized observations. */
  unfuse(): void {
    if (this.first !== undefined) unfuseStandardizer(this.first, this.standardizer)
  }

  save() {
    return { order: this.order, position: this.position, rng: this.rng.state }
  }

  restore({ order, position, rng }: ReturnType<Minibatches['save']>): void {
    const isIndex = (each: number) => Number.isInteger(each) && each >= 0 && each < this.order.length
    if (
      order.length !== this.order.length ||
      !order.every(isIndex) ||
      !(position === order.length || isIndex(position))
    ) {
      throw new CheckpointError(
        `the saved order of ${order.length} states does not fit a dataset of ${this.order.length}`,
      )
    }
    this.order.set(order)
    this.position = position
    this.rng.state = rng
  }
}

// The given rows of a column, written straight into a tensor: [rows, width].
function minibatch(column: Float32Array, width: number, rows: Int32Array): Tensor {
  const x = zeros([rows.length, width])
  gatherRows(column, rows, width, x.view() as Float32Array)
  return x
}
