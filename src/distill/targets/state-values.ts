// Targets that teach what each state is worth. The student is a value function, which needs a look-ahead to act
// (rl/lookahead.ts). Labels y = V of the teacher; u = (y - μ)/σ.

import { count, type Option } from '../../data/options.ts'
import { requirePositive } from '../../nn/checks.ts'
import { BinReadOut, hlGauss, type Support, supportCenters } from '../../nn/layers/value-bins.ts'
import { crossEntropy } from '../../nn/losses/classification.ts'
import { listNet } from '../../nn/losses/distillation.ts'
import type { Module } from '../../nn/module.ts'
import { ValueFunction } from '../../rl/policies/discrete-policies.ts'
import { detach } from '../../tensor/autograd/autograd.ts'
import type { LabelledDataset } from '../dataset/dataset.ts'
import { defineTarget, evaluated, type Objective, regression, standardized } from './target.ts'
import { settled, temperatureOption } from './temperature.ts'

const valuing = { columns: ['stateValues'], acts: false } as const

export const valueMseTarget = defineTarget({
  ...valuing,
  name: 'value-mse',
  about: 'state values as numbers: ½ (z - u)²',
  options: {},
  prepare: (dataset) => regression(dataset.column('stateValues'), 1, valueFunctionOf(dataset)),
})

/** The loss leaves a constant open: b = mean of u - z over the dataset is added after training, V = μ + σ (z + b). */
export const valueListNetTarget = defineTarget({
  ...valuing,
  name: 'value-listnet',
  about: 'which states are better than which: cross-entropy of softmaxes over the states of a minibatch (ListNet)',
  options: { temperature: temperatureOption() },
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

/** The value is read as Σ q c, c the centers of the bins. */
export const valueHlGaussTarget = defineTarget({
  ...valuing,
  name: 'value-hl-gauss',
  about: 'state values as histograms of a normal around them (HL-Gauss), cross-entropy',
  options: { bins: binsOption() },
  prepare(dataset, { bins: count }): Objective<ValueFunction> {
    const values = dataset.column('stateValues')
    const bins = binsAround(values, count)
    const positions = supportCenters(bins)
    return {
      outputs: count,
      width: count,
      labels: Float32Array.from(hlGauss(values, bins, (HL_GAUSS_SIGMA * (bins.high - bins.low)) / count)),
      loss: (outputs, given) => crossEntropy(outputs, detach(given)),
      student: (network) => valueFunctionOf(dataset)(new BinReadOut(network, positions)),
      metrics: { low: positions[0]!, high: positions[count - 1]!, bins: count },
    }
  },
})

/** Standard deviation of HL-Gauss in bin widths. Farebrother et al. 2024, arXiv:2403.03950, section 3.2. */
const HL_GAUSS_SIGMA = 0.75

function valueFunctionOf({ observationSize, numActions }: LabelledDataset) {
  return (network: Module, units = { mean: 0, deviation: 1 }) =>
    new ValueFunction(network, observationSize, numActions, units)
}

function binsOption(): Option<number> {
  return {
    ...count(51, 'bins, from 10 % of the range below the least label to 10 % above the greatest'),
    allowed: 'a whole number from 2 on',
    accepts: (given) => Number.isSafeInteger(given) && (given as number) >= 2,
  }
}

/** `bins` bins from the least value minus 10 % of the range to the greatest plus 10 %. Equal values get a range of 1. */
function binsAround(values: Float32Array, bins: number): Support {
  const least = values.reduce((a, b) => Math.min(a, b), Infinity)
  const greatest = values.reduce((a, b) => Math.max(a, b), -Infinity)
  const margin = 0.1 * (greatest - least || 1)
  return { low: least - margin, high: greatest + margin, count: bins }
}
