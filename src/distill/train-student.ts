// The student's training: minibatches of a labelled set, one loss, Adam with a rate that falls to zero along a cosine.
// The final parameters are the result; no return is ever looked at on the way. Read next: targets.ts, losses.ts.

import type { Module } from '../nn/module.ts'
import { Adam } from '../nn/optimizers/adam.ts'
import { cosineSchedule } from '../nn/schedules.ts'
import { requireOutputs } from '../rl/network-agents.ts'
import { ValueError } from '../tensor/errors.ts'
import { tensor } from '../tensor/ops/create.ts'
import { reshape } from '../tensor/ops/layout.ts'
import { Rng } from '../tensor/random.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type LabelledSet, requireUsable } from './labelled-set.ts'
import type { PreparedTarget, Student } from './targets.ts'

export const trainStudentDefaults = {
  seed: 0,
  /** Gradient steps. */
  updates: 1500,
  /** States a step; the whole set if it is smaller. */
  batchSize: 64,
  /** Falls to zero along half a cosine. */
  learningRate: 2e-3,
  maxGradNorm: 1,
}

export type TrainStudentOptions = Partial<typeof trainStudentDefaults>

export interface DistillReport {
  /** Updates made. */
  readonly update: number
  /** Of the last minibatch. */
  readonly loss: number
}

/** Trains `network` on a set's prepared labels. Yields after each update, returns the student. */
export function* trainStudent<S extends Student>(
  network: Module,
  set: LabelledSet,
  target: PreparedTarget<S>,
  options: TrainStudentOptions = {},
): Generator<DistillReport, S, void> {
  const o = { ...trainStudentDefaults, ...options }
  requireUsable('trainStudent', set)
  if (!(Number.isInteger(o.updates) && o.updates >= 0))
    throw new ValueError(`trainStudent: ${o.updates} updates; expected a whole number from 0`)
  requireOutputs(network, set.observationSize, target.outputs)
  const optimizer = new Adam(network, { learningRate: cosineSchedule(o.learningRate, Math.max(1, o.updates)) })
  const batches = new Minibatches(set, target, Math.min(o.batchSize, set.size), new Rng(o.seed))
  for (let update = 1; update <= o.updates; update++) {
    const loss = optimizer.minimize(() => {
      const { observations, labels } = batches.next()
      return target.loss(labels, reshapeOutputs(network.forward(observations), target))
    }, o)
    yield { update, loss }
  }
  return target.student(network)
}

function reshapeOutputs(outputs: Tensor, target: PreparedTarget): Tensor {
  return target.outputs === 1 ? reshape(outputs, [outputs.shape[0]!]) : outputs
}

// Shuffled passes over the set, cut into batches of one size; a pass need not end with a batch.
class Minibatches {
  private readonly order: Int32Array
  private place: number
  private readonly observations: Float32Array
  private readonly labels: Float32Array

  constructor(
    private readonly set: LabelledSet,
    private readonly target: PreparedTarget,
    private readonly size: number,
    private readonly rng: Rng,
  ) {
    this.order = rng.permutation(set.size)
    this.place = 0
    this.observations = new Float32Array(size * set.observationSize)
    this.labels = new Float32Array(size * target.width)
  }

  next(): { observations: Tensor; labels: Tensor } {
    const { set, target, size } = this
    for (let i = 0; i < size; i++) {
      if (this.place === set.size) {
        this.rng.shuffle(this.order)
        this.place = 0
      }
      const row = this.order[this.place++]!
      copyRow(set.observations, row, this.observations, i, set.observationSize)
      copyRow(target.labels, row, this.labels, i, target.width)
    }
    return {
      observations: tensor(this.observations, [size, set.observationSize]),
      labels: tensor(this.labels, target.width === 1 ? [size] : [size, target.width]),
    }
  }
}

function copyRow(from: Float32Array, row: number, to: Float32Array, at: number, width: number): void {
  for (let j = 0; j < width; j++) to[at * width + j] = from[row * width + j]!
}
