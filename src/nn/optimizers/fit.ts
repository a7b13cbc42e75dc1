// Supervised learning in one call: epochs of shuffled minibatches with a validation loss. For a training loop of your own call
// `optimizer.minimize`, as this does.

import { inferenceMode } from '../../tensor/autograd/scope.ts'
import { Tensor } from '../../tensor/autograd/tensor.ts'
import { formatShape, requireKnown, ShapeError, ValueError } from '../../tensor/errors.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { indexSelect } from '../../tensor/ops/indexing.ts'
import { Rng } from '../../tensor/random.ts'
import { requireSize } from '../checks.ts'
import type { Module } from '../module.ts'
import type { CommonSettings, MinimizeOptions, Optimizer } from './optimizer.ts'

export interface EpochReport {
  /** From 0. */
  readonly epoch: number
  /** Mean training loss of the examples, each before the step that used it. */
  readonly loss: number
  /** Loss on the validation set after the epoch; null without one. */
  readonly validationLoss: number | null
}

export interface FitOptions extends MinimizeOptions {
  /** A mean over the rows, such as `mseLoss` or `crossEntropy`. */
  readonly loss: (prediction: Tensor, target: Tensor) => Tensor
  /** Of the model's parameters, such as `new Adam(model)`. */
  readonly optimizer: Pick<Optimizer<CommonSettings>, 'minimize'>
  /** Passes over the examples. Default 1. */
  readonly epochs?: number
  /** Examples per step; the last step of an epoch takes the remainder. Default 32. */
  readonly batchSize?: number
  /** Held-out examples and targets. */
  readonly validation?: readonly [x: Tensor, y: Tensor]
  /** Draw a new order in each epoch. Default true. */
  readonly shuffle?: boolean
  /** For the order, dropout and noisy layers. Default: a generator with seed 0. */
  readonly rng?: Rng
  /** Called after each epoch; returning false stops the training. */
  readonly onEpoch?: (report: EpochReport) => unknown
}

const FIT_OPTIONS = 'loss optimizer epochs batchSize validation shuffle rng onEpoch maxGradNorm'.split(' ')

/** Trains `model` on examples x [count, …] and targets y [count, …]; returns one report per epoch. */
export function fit(model: Module, x: Tensor, y: Tensor, options: FitOptions): EpochReport[] {
  const { forward } = (model ?? {}) as Partial<Module>
  const { minimize } = (options?.optimizer ?? {}) as Partial<FitOptions['optimizer']>
  if (![forward, minimize, options?.loss].every((each) => typeof each === 'function')) {
    throw new ValueError(
      'fit: expected fit(model, x, y, { loss, optimizer }), such as { loss: mseLoss, optimizer: new Adam(model) }',
    )
  }
  const { loss, optimizer, epochs = 1, batchSize = 32, validation, shuffle = true, rng = new Rng(0), onEpoch } = options
  requireKnown('fit', options, FIT_OPTIONS)
  const count = pairsIn('fit', x, y)
  requireSize('fit: epochs', epochs)
  requireSize('fit: batchSize', batchSize)
  if (validation !== undefined) pairsIn('fit: validation', ...validation)
  const order = Int32Array.from({ length: count }, (_, i) => i)
  const history: EpochReport[] = []
  for (let epoch = 0; epoch < epochs; epoch++) {
    if (shuffle) rng.shuffle(order)
    let total = 0
    for (let start = 0; start < count; start += batchSize) {
      const rows = order.subarray(start, start + batchSize)
      const batchLoss = () => {
        const picked = tensor(rows)
        return loss(model.forward(indexSelect(x, 0, picked), rng), indexSelect(y, 0, picked))
      }
      total += rows.length * optimizer.minimize(batchLoss, options)
    }
    const validationLoss = validation === undefined ? null : evaluateLoss(model, ...validation, loss)
    const report = { epoch, loss: total / count, validationLoss }
    history.push(report)
    if (onEpoch?.(report) === false) break
  }
  return history
}

function evaluateLoss(model: Module, x: Tensor, y: Tensor, loss: FitOptions['loss']): number {
  return inferenceMode(() => loss(model.forward(x), y).item())
}

function pairsIn(what: string, x: Tensor, y: Tensor): number {
  if (!(x instanceof Tensor && y instanceof Tensor)) {
    throw new ValueError(`${what}: x is ${typeof x}, y is ${typeof y}; expected tensors of examples and of targets`)
  }
  const count = x.dims[0]
  if (count === undefined || count === 0 || count !== y.dims[0]) {
    throw new ShapeError(
      `${what}: x is ${formatShape(x.dims)}, y is ${formatShape(y.dims)}; expected as many targets as examples, at least one`,
    )
  }
  return count
}
