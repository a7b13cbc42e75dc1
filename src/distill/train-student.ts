// The student's training: minibatches of a labelled set, one loss, Adam with a rate that falls to zero along a cosine.
// The final parameters are the result; no return is ever looked at on the way. Read next: targets.ts, losses.ts.

import type { Module } from '../nn/module.ts'
import { Adam } from '../nn/optimizers/adam.ts'
import { cosineSchedule } from '../nn/schedules.ts'
import { requireOutputs } from '../rl/discrete-policies.ts'
import { ShapeError, ValueError } from '../tensor/errors.ts'
import { tensor } from '../tensor/ops/create.ts'
import { reshape } from '../tensor/ops/layout.ts'
import { Rng } from '../tensor/random.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type LabelledSet, requireUsable } from './labelled-set.ts'
import { firstLinear, foldScaling, observationScaling, scaleObservations } from './observation-scaling.ts'
import type { PreparedTarget } from './targets/prepared.ts'

export const trainStudentDefaults = {
  seed: 0,
  /** Gradient steps. */
  updates: 1500,
  /** States a step; the whole set if it is smaller. */
  batchSize: 64,
  /** Falls to zero along half a cosine. */
  learningRate: 2e-3,
  maxGradNorm: 1,
  /** Train on observations less their mean and over their deviation, and fold both into the first layer afterwards. */
  scaleObservations: true,
}

export type TrainStudentOptions = Partial<typeof trainStudentDefaults>

export interface DistillReport {
  /** Updates made. */
  readonly update: number
  /** Of the last minibatch. */
  readonly loss: number
}

/**
 * Trains `network` on a set's prepared labels. Yields after each update, returns the student.
 *
 * With `scaleObservations` the network is taken as fresh: its first layer learns on scaled observations, and takes raw ones
 * from the end of the generator on, even an early end. To train a finished student further, turn it off.
 *
 * Throws before any update: a ShapeError on a network that does not fit the set or the target; a ValueError on an empty set,
 * on labels that are not finite or of another set, on a batch that is too small for the target, and on a network without a
 * first Linear layer to fold the scaling into. Throws a DivergenceError when the loss is no number any more.
 */
export function* trainStudent<S>(
  network: Module,
  set: LabelledSet,
  target: PreparedTarget<S>,
  options: TrainStudentOptions = {},
): Generator<DistillReport, S, void> {
  const o = { ...trainStudentDefaults, ...options }
  requireUsable('trainStudent', set)
  requireLabels(set, target)
  if (!(Number.isInteger(o.updates) && o.updates >= 0))
    throw new ValueError(`trainStudent: ${o.updates} updates; expected a whole number from 0`)
  const batchSize = Math.min(o.batchSize, set.size)
  const { leastBatch = 1 } = target
  if (!(Number.isInteger(batchSize) && batchSize >= leastBatch)) {
    throw new ValueError(
      `trainStudent: minibatches of ${batchSize} from ${set.size} states; this target needs a whole number from ${leastBatch}`,
    )
  }
  const first = o.scaleObservations ? firstLinear(network, set.observationSize) : null
  requireOutputs(network, set.observationSize, target.outputs)
  const optimizer = new Adam(network, { learningRate: cosineSchedule(o.learningRate, Math.max(1, o.updates)) })
  const scaling = observationScaling(set)
  const observations = first === null ? set.observations : scaleObservations(set.observations, scaling)
  const batches = new Minibatches({ ...set, observations }, target, batchSize, new Rng(o.seed))
  try {
    for (let update = 1; update <= o.updates; update++) {
      const loss = optimizer.minimize(() => {
        const { observations, labels, weights } = batches.next()
        return target.loss(labels, reshapeOutputs(network.forward(observations), target), weights)
      }, o)
      yield { update, loss }
    }
  } finally {
    if (first !== null) foldScaling(first, scaling)
  }
  return target.student(network)
}

function requireLabels(set: LabelledSet, { labels, width, weights }: PreparedTarget<unknown>): void {
  const numbers: [string, Float32Array | undefined, number][] = [
    ['labels', labels, set.size * width],
    ['weights', weights, set.size],
  ]
  for (const [name, values, length] of numbers) {
    if (values === undefined) continue
    if (values.length !== length) {
      throw new ShapeError(
        `trainStudent: the target has ${values.length} numbers of ${name}, the set of ${set.size} states needs ${length}; ` +
          'prepare the target from the set that it is trained on',
      )
    }
    const place = values.findIndex((each) => !Number.isFinite(each))
    if (place >= 0) {
      throw new ValueError(
        `trainStudent: the target's ${name} hold ${values[place]} for state ${Math.floor((place * set.size) / length)}; expected finite numbers`,
      )
    }
  }
}

function reshapeOutputs(outputs: Tensor, target: PreparedTarget<unknown>): Tensor {
  return target.outputs === 1 ? reshape(outputs, [outputs.shape[0]!]) : outputs
}

// Shuffled passes over the set, cut into batches of one size; a pass need not end with a batch.
class Minibatches {
  private readonly order: Int32Array
  private place: number
  private readonly observations: Float32Array
  private readonly labels: Float32Array
  private readonly weights: Float32Array | null

  constructor(
    private readonly set: LabelledSet,
    private readonly target: PreparedTarget<unknown>,
    private readonly size: number,
    private readonly rng: Rng,
  ) {
    this.order = rng.permutation(set.size)
    this.place = 0
    this.observations = new Float32Array(size * set.observationSize)
    this.labels = new Float32Array(size * target.width)
    this.weights = target.weights === undefined ? null : new Float32Array(size)
  }

  next(): { observations: Tensor; labels: Tensor; weights: Tensor | undefined } {
    const { set, target, size } = this
    for (let i = 0; i < size; i++) {
      if (this.place === set.size) {
        this.rng.shuffle(this.order)
        this.place = 0
      }
      const row = this.order[this.place++]!
      copyRow(set.observations, row, this.observations, i, set.observationSize)
      copyRow(target.labels, row, this.labels, i, target.width)
      if (this.weights !== null) this.weights[i] = target.weights![row]!
    }
    return {
      observations: tensor(this.observations, [size, set.observationSize]),
      labels: tensor(this.labels, target.width === 1 ? [size] : [size, target.width]),
      weights: this.weights === null ? undefined : tensor(this.weights),
    }
  }
}

function copyRow(from: Float32Array, row: number, to: Float32Array, at: number, width: number): void {
  for (let j = 0; j < width; j++) to[at * width + j] = from[row * width + j]!
}
