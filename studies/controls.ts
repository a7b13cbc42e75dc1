// Controls of the small-data study: custom targets, defined through the public interface. Each lacks one part of a proper
// target, to measure what that part contributes.

import { defineTarget, type LabelledDataset } from 'alambic/distill'
import { QPolicy, ValueFunction } from 'alambic/rl'
import {
  detach,
  div,
  log,
  logSoftmax,
  mean,
  mul,
  narrow,
  reshape,
  softmax,
  square,
  sub,
  sum,
  type Tensor,
  ValueError,
} from 'alambic/tensor'

/** Outputs are V = z, uncalibrated. */
function valueFunction(dataset: LabelledDataset, loss: (z: Tensor, values: Tensor) => Tensor) {
  const rows = (x: Tensor) => reshape(x, [x.size])
  return {
    outputs: 1,
    width: 1,
    labels: dataset.column('stateValues'),
    loss: (outputs: Tensor, labels: Tensor) => loss(rows(outputs), rows(labels)),
    student: (network: ConstructorParameters<typeof ValueFunction>[0]) =>
      new ValueFunction(network, dataset.observationSize, dataset.numActions),
    metrics: {},
  }
}

/**
 * One output per state and a softmax over the states of the minibatch, taken literally: -Σ p log q, p = softmax(V). `value-listnet` is
 * its corrected form.
 */
export const softmaxOverStates = defineTarget({
  name: 'softmax-over-states',
  about: 'cross-entropy of softmaxes over the states of a minibatch, uncalibrated',
  options: {},
  columns: ['stateValues'],
  acts: false,
  prepare(dataset) {
    if (dataset.size < 2) {
      throw new ValueError(`softmax-over-states: it ranks states; expected at least 2 labels, given ${dataset.size}`)
    }
    const loss = (z: Tensor, values: Tensor) => mul(sum(mul(softmax(detach(values), 0), logSoftmax(z, 0))), -1)
    return { ...valueFunction(dataset, loss), minBatch: 2 }
  },
})

/**
 * Categorical cross-entropy on one output divided by its own sum, as a library with a class axis of size one computes it: log(z/z) = 0,
 * so the loss is constant and its gradient zero. A student of it learns nothing.
 */
export const softmaxOverOneClass = defineTarget({
  name: 'softmax-over-one-class',
  about: 'cross-entropy over a class axis of size one, whose gradient is zero',
  options: {},
  columns: ['stateValues'],
  acts: false,
  prepare: (dataset) =>
    valueFunction(dataset, (z, values) => {
      const column = reshape(z, [z.size, 1])
      const fraction = reshape(div(column, sum(column, -1, true)), [z.size])
      return mul(sum(mul(softmax(detach(values), 0), log(fraction))), -1)
    }),
})

/** Learning without a teacher: the return seen after the action played, ½ (z_a - (G - μ)/σ)². */
export const monteCarloReturns = defineTarget({
  name: 'monte-carlo-returns',
  about: 'the observed returns of the actions played, without a teacher',
  options: {},
  columns: ['returns'],
  acts: true,
  prepare(dataset) {
    const { size, numActions, observationSize } = dataset
    const [actions, returns] = [dataset.column('actions'), dataset.column('returns')]
    const average = returns.reduce((total, each) => total + each / size, 0)
    const std = Math.sqrt(returns.reduce((total, each) => total + (each - average) * (each - average), 0) / size)
    const width = 2 * numActions // one-hot action, then its standardized return in the same place
    const labels = new Float32Array(size * width)
    for (let i = 0; i < size; i++) {
      labels[i * width + actions[i]!] = 1
      labels[i * width + numActions + actions[i]!] = (returns[i]! - average) / (std + 1e-8)
    }
    return {
      outputs: numActions,
      width,
      labels,
      loss(outputs: Tensor, given: Tensor) {
        const mask = detach(narrow(given, -1, 0, numActions))
        const targets = detach(narrow(given, -1, numActions, numActions))
        const perState = sum(square(sub(mul(mask, outputs), targets)), -1)
        return mul(mean(perState), 0.5)
      },
      student: (network: ConstructorParameters<typeof QPolicy>[0]) => new QPolicy(network, observationSize, numActions),
      metrics: { mean: average, std },
    }
  },
})

/** Action values minus their mean in each state, ½ ‖z - (A - μ)/σ‖²: no output is spent on the value of the state. */
export const advantageMse = defineTarget({
  name: 'advantage-mse',
  about: 'action values minus their mean in each state, squared error',
  options: {},
  columns: ['actionValues'],
  acts: true,
  prepare(dataset) {
    const { numActions, observationSize } = dataset
    const values = dataset.column('actionValues')
    const labels = new Float32Array(values.length)
    for (let start = 0; start < values.length; start += numActions) {
      let average = 0
      for (let a = 0; a < numActions; a++) average += values[start + a]! / numActions
      for (let a = 0; a < numActions; a++) labels[start + a] = values[start + a]! - average
    }
    let average = 0
    for (const advantage of labels) average += advantage / labels.length
    let squares = 0
    for (const advantage of labels) squares += (advantage - average) * (advantage - average)
    const std = Math.sqrt(squares / labels.length)
    return {
      outputs: numActions,
      width: numActions,
      labels: labels.map((advantage) => (advantage - average) / (std + 1e-8)),
      loss: (outputs: Tensor, given: Tensor) => mean(sum(mul(square(sub(outputs, detach(given))), 0.5), -1)),
      student: (network: ConstructorParameters<typeof QPolicy>[0]) => new QPolicy(network, observationSize, numActions),
      metrics: { mean: average, std },
    }
  },
})
