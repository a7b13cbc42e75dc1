// Targets that teach what each state is worth. The student is a value function, which needs a look-ahead to act
// (rl/lookahead.ts). Labels y = V of the teacher; u = (y - μ)/σ.

import { positive } from '../../data/options.ts'
import { requirePositive } from '../../nn/checks.ts'
import { BinReadOut, hlGauss, supportCenters, supportValues, twoHot } from '../../nn/layers/value-bins.ts'
import { crossEntropy } from '../../nn/losses/classification.ts'
import { listNet } from '../../nn/losses/distillation.ts'
import { weightedMean } from '../../nn/losses/reduction.ts'
import { huberLoss } from '../../nn/losses/regression.ts'
import type { Module } from '../../nn/module.ts'
import { ValueFunction } from '../../rl/policies/discrete-policies.ts'
import { detach } from '../../tensor/autograd/autograd.ts'
import type { LabelledDataset } from '../dataset/dataset.ts'
import {
  binsAround,
  binsOption,
  defineTarget,
  evaluated,
  HL_GAUSS_SIGMA,
  type Objective,
  regression,
  standardized,
} from './target.ts'
import { settled, temperatureOption } from './temperature.ts'

const valuing = { columns: ['stateValues'], acts: false } as const

export const valueMseTarget = defineTarget({
  ...valuing,
  name: 'value-mse',
  about: 'state values as numbers: ½ (z - u)²',
  options: {},
  prepare: (dataset) => regression(dataset.column('stateValues'), 1, valueFunctionOf(dataset)),
})

export const valueHuberTarget = defineTarget({
  ...valuing,
  name: 'value-huber',
  about: 'state values by the Huber loss, on which outliers have less influence',
  options: { delta: positive(1, 'where the parabola becomes a line, in standard deviations of the values') },
  prepare: (dataset, { delta }) =>
    regression(dataset.column('stateValues'), 1, valueFunctionOf(dataset), (outputs, labels) =>
      huberLoss(outputs, labels, { delta, reduction: 'none' }),
    ),
})

/** The loss leaves a constant open: b = mean of u - z over the dataset is added after training, V = μ + σ (z + b). */
export const valueListNetTarget = defineTarget({
  ...valuing,
  name: 'value-listnet',
  about: 'which states are better than which: cross-entropy of softmaxes over the states of a minibatch (ListNet)',
  options: { temperature: temperatureOption() },
  weightable: false,
  prepare(dataset, { temperature }): Objective<ValueFunction> {
    const { normal, mean, std } = standardized(dataset.column('stateValues'))
    const given = settled(temperature)
    const relative = 'relative' in given ? given.relative : given.absolute / (std + 1e-8)
    requirePositive('value-listnet: the temperature', relative)
    return {
      outputs: 1,
      width: 1,
      labels: normal,
      minBatch: 2,
      loss: (outputs, labels) => listNet(outputs, labels, { temperature: relative }),
      student(network) {
        const z = evaluated(dataset.column('observations'), dataset.observationSize, (x) => network.forward(x))
        let b = 0
        for (let i = 0; i < dataset.size; i++) b += (normal[i]! - z[i]!) / dataset.size
        return valueFunctionOf(dataset)(network, { mean: mean + std * b, deviation: std })
      },
      metrics: { mean, std, temperature: relative },
    }
  },
})

export const valueTwoHotTarget = defineTarget({
  ...valuing,
  name: 'value-two-hot',
  about: 'state values as weights on the two nearest bins, cross-entropy',
  options: { bins: binsOption() },
  prepare(dataset, { bins: count }) {
    const values = dataset.column('stateValues')
    const { bins } = binsAround(values, count)
    return histogram(dataset, twoHot(values, bins), supportValues(bins))
  },
})

export const valueHlGaussTarget = defineTarget({
  ...valuing,
  name: 'value-hl-gauss',
  about: 'state values as histograms of a normal around them (HL-Gauss), cross-entropy',
  options: { bins: binsOption() },
  prepare(dataset, { bins: count }) {
    const values = dataset.column('stateValues')
    const { bins, width } = binsAround(values, count)
    return histogram(dataset, hlGauss(values, bins, HL_GAUSS_SIGMA * width), supportCenters(bins))
  },
})

// The value is read as Σ q c, c the values that the bins stand for.
function histogram(dataset: LabelledDataset, labels: Float64Array, positions: Float64Array): Objective<ValueFunction> {
  const bins = positions.length
  return {
    outputs: bins,
    width: bins,
    labels: Float32Array.from(labels),
    loss: (outputs, given, weights) =>
      weightedMean(crossEntropy(outputs, detach(given), { reduction: 'none' }), weights),
    student: (network) => valueFunctionOf(dataset)(new BinReadOut(network, positions)),
    metrics: { low: positions[0]!, high: positions[bins - 1]!, bins },
  }
}

function valueFunctionOf({ observationSize, numActions }: LabelledDataset) {
  return (network: Module, units = { mean: 0, deviation: 1 }) =>
    new ValueFunction(network, observationSize, numActions, units)
}
