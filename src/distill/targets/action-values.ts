// Targets that teach what each action is worth; the student's outputs are action values, or bins of them, and it acts greedily.
// Read next: state-values.ts.

import { fraction } from '../../data/options.ts'
import { BinReadOut, hlGauss, supportCenters } from '../../nn/layers/value-bins.ts'
import { crossEntropy } from '../../nn/losses/classification.ts'
import { binnedCrossEntropy } from '../../nn/losses/distillation.ts'
import { weightedMean } from '../../nn/losses/reduction.ts'
import type { Module } from '../../nn/module.ts'
import { QPolicy } from '../../rl/policies/discrete-policies.ts'
import { Categorical } from '../../rl/policies/distributions/categorical.ts'
import { detach } from '../../tensor/autograd/autograd.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { add, mul } from '../../tensor/ops/elementwise.ts'
import { argmax } from '../../tensor/ops/reduce.ts'
import type { LabelledDataset } from '../dataset/dataset.ts'
import {
  advantagesOf,
  binsAround,
  binsOption,
  centered,
  defineTarget,
  HL_GAUSS_SIGMA,
  type Objective,
  regression,
} from './target.ts'
import { temperatureOption } from './temperature.ts'

const teaching = { columns: ['actionValues'], acts: true } as const

export const qSoftmaxTarget = defineTarget({
  ...teaching,
  name: 'q-softmax',
  about: 'action values through a softmax on both sides: τ² KL(softmax(Q/τ) ‖ softmax(z/τ))',
  options: { temperature: temperatureOption() },
  crossValidates: true,
  prepare(dataset, { temperature: given }): Objective<QPolicy> {
    const { labels, temperature, metrics } = centered(dataset, given)
    return {
      ...actionValuesOf(dataset),
      labels,
      loss: (outputs, values, weights) => softenedKl(outputs, values, temperature, weights),
      metrics,
    }
  },
})

export const softAndHardTarget = defineTarget({
  ...teaching,
  name: 'soft-and-hard',
  about: 'alpha times q-softmax, and the rest -log q of the best action',
  options: {
    temperature: temperatureOption(),
    alpha: fraction(0.8, 'weight of the soft labels; the hard ones have the rest'),
  },
  crossValidates: true,
  prepare(dataset, { temperature: given, alpha }): Objective<QPolicy> {
    const { labels, temperature, metrics } = centered(dataset, given)
    return {
      ...actionValuesOf(dataset),
      labels,
      loss(outputs, values, weights) {
        const hard = weightedMean(crossEntropy(outputs, argmax(values, -1), { reduction: 'none' }), weights)
        return add(mul(softenedKl(outputs, values, temperature, weights), alpha), mul(hard, 1 - alpha))
      },
      metrics: { ...metrics, alpha },
    }
  },
})

export const qMseTarget = defineTarget({
  ...teaching,
  name: 'q-mse',
  about: 'action values as numbers: ½ ‖z - (Q - μ)/σ‖²',
  options: {},
  prepare: (dataset) => regressionOf(dataset, dataset.column('actionValues')),
})

export const advantageMseTarget = defineTarget({
  ...teaching,
  name: 'advantage-mse',
  about: 'the same on A = Q - mean of Q over the actions: no output is spent on the value of the state',
  options: {},
  prepare: (dataset) => regressionOf(dataset, advantagesOf(dataset.column('actionValues'), dataset.numActions)),
})

export const qHlGaussTarget = defineTarget({
  ...teaching,
  name: 'q-hl-gauss',
  about: 'each action value as a histogram (HL-Gauss), cross-entropy',
  options: { bins: binsOption() },
  prepare(dataset, { bins: count }): Objective<QPolicy> {
    const values = dataset.column('actionValues')
    const { bins, width } = binsAround(values, count)
    const outputs = dataset.numActions * count
    return {
      outputs,
      width: outputs,
      labels: Float32Array.from(hlGauss(values, bins, HL_GAUSS_SIGMA * width)),
      loss: (z, labels, sampleWeights) => binnedCrossEntropy(z, labels, { bins: count, sampleWeights }),
      student: (network) => actionValuesOf(dataset).student(new BinReadOut(network, supportCenters(bins))),
      metrics: { low: bins.low, high: bins.high, bins: count },
    }
  },
})

// τ² KL(softmax(Q/τ) ‖ softmax(z/τ)): τ² keeps the size of the gradient as τ grows (Hinton et al. 2015, arXiv:1503.02531,
// section 2). z tends to Q up to a constant per state.
function softenedKl(outputs: Tensor, values: Tensor, temperature: number, weights?: Tensor): Tensor {
  const teacher = new Categorical(mul(detach(values), 1 / temperature))
  const student = new Categorical(mul(outputs, 1 / temperature))
  return mul(weightedMean(teacher.kl(student), weights), temperature * temperature)
}

function regressionOf(dataset: LabelledDataset, values: Float32Array): Objective<QPolicy> {
  return regression(values, dataset.numActions, actionValuesOf(dataset).student)
}

// One output per action.
function actionValuesOf({ numActions, observationSize }: LabelledDataset) {
  const student = (network: Module) => new QPolicy(network, observationSize, numActions)
  return { outputs: numActions, width: numActions, student }
}
