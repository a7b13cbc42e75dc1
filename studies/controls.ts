// Custom targets of the studies, defined through the public interface: controls, each of which lacks one part of a proper target, to
// measure what that part contributes; and targets that did no better than those of the library.

import { defineTarget, type LabelledDataset, targets } from 'alambic/distill'
import { BinReadOut, crossEntropy, hlGauss, listNet, supportCenters } from 'alambic/nn'
import { count, QPolicy, ValueFunction } from 'alambic/rl'
import {
  detach,
  div,
  log,
  logSoftmax,
  mean,
  mul,
  narrow,
  noGrad,
  reshape,
  softmax,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
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
 * One output per state and a softmax over the states of the minibatch, taken literally: -Σ p log q, p = softmax(V). `valueListNet` is
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
    const { normal, average, std } = standardized(labels)
    return {
      outputs: numActions,
      width: numActions,
      labels: normal,
      loss: (outputs: Tensor, given: Tensor) => mean(sum(mul(square(sub(outputs, detach(given))), 0.5), -1)),
      student: (network: ConstructorParameters<typeof QPolicy>[0]) => new QPolicy(network, observationSize, numActions),
      metrics: { mean: average, std },
    }
  },
})

const valueFunctionOf =
  ({ observationSize, numActions }: LabelledDataset) =>
  (network: ConstructorParameters<typeof ValueFunction>[0], units = { mean: 0, deviation: 1 }) =>
    new ValueFunction(network, observationSize, numActions, units)

/**
 * The corrected form of `softmax-over-states`: standardized values u, a softmax within the minibatch, a temperature, and a constant
 * b = mean of u - z over the dataset, which the loss leaves open and which is added after training: V = μ + σ (z + b).
 */
export const valueListNet = defineTarget({
  name: 'value-listnet',
  about: 'which states are better than which: cross-entropy of softmaxes over the states of a minibatch (ListNet)',
  options: { temperature: targets['q-softmax'].options.temperature },
  columns: ['stateValues'],
  acts: false,
  prepare(dataset, { temperature }) {
    const { normal, average, std } = standardized(dataset.column('stateValues'))
    const given = temperature === 'auto' ? { relative: 1 } : temperature
    const relative = 'relative' in given ? given.relative : given.absolute / (std + 1e-8)
    const observations = tensor(dataset.column('observations'), [dataset.size, dataset.observationSize])
    return {
      outputs: 1,
      width: 1,
      labels: normal,
      minBatch: 2,
      loss: (outputs: Tensor, labels: Tensor) => listNet(outputs, labels, { temperature: relative }),
      student(network: ConstructorParameters<typeof ValueFunction>[0]) {
        const z = noGrad(() => network.forward(observations)).view()
        let b = 0
        for (let i = 0; i < dataset.size; i++) b += (normal[i]! - z[i]!) / dataset.size
        return valueFunctionOf(dataset)(network, { mean: average + std * b, deviation: std })
      },
      metrics: { mean: average, std, temperature: relative },
    }
  },
})

/** State values as histograms of a normal around them, read as Σ q c, c the centers of the bins. */
export const valueHlGauss = defineTarget({
  name: 'value-hl-gauss',
  about: 'state values as histograms of a normal around them (HL-Gauss), cross-entropy',
  options: {
    bins: count(51, 'bins, from 10 % of the range below the least label to 10 % above the greatest'),
  },
  columns: ['stateValues'],
  acts: false,
  prepare(dataset, { bins: size }) {
    const values = dataset.column('stateValues')
    const least = values.reduce((a, b) => Math.min(a, b), Infinity)
    const greatest = values.reduce((a, b) => Math.max(a, b), -Infinity)
    const margin = 0.1 * (greatest - least || 1)
    const bins = { low: least - margin, high: greatest + margin, count: size }
    const positions = supportCenters(bins)
    return {
      outputs: size,
      width: size,
      labels: Float32Array.from(hlGauss(values, bins, (0.75 * (bins.high - bins.low)) / size)),
      loss: (outputs: Tensor, given: Tensor) => crossEntropy(outputs, detach(given)),
      student: (network: ConstructorParameters<typeof ValueFunction>[0]) =>
        valueFunctionOf(dataset)(new BinReadOut(network, positions)),
      metrics: { low: positions[0]!, high: positions[size - 1]!, bins: size },
    }
  },
})

function standardized(values: Float32Array) {
  let average = 0
  for (const value of values) average += value / values.length
  let squares = 0
  for (const value of values) squares += (value - average) * (value - average)
  const std = Math.sqrt(squares / values.length)
  return { normal: values.map((value) => (value - average) / (std + 1e-8)), average, std }
}
