// Targets that teach what each action is worth; the student's outputs are action values, and it acts greedily.
// Read next: state-values.ts.

import type { Module } from '../../nn/module.ts'
import { QPolicy } from '../../rl/policies/discrete-policies.ts'
import { Categorical } from '../../rl/policies/distributions/categorical.ts'
import { detach } from '../../tensor/autograd/autograd.ts'
import { mul } from '../../tensor/ops/elementwise.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import type { LabelledDataset } from '../dataset/dataset.ts'
import {
  actionValueStd,
  defineTarget,
  type Objective,
  regression,
  resolveTemperature,
  temperatureOption,
} from './target.ts'

const teaching = { columns: ['actionValues'], acts: true } as const

/**
 * τ² keeps the size of the gradient as τ grows (Hinton et al. 2015, arXiv:1503.02531, section 2). z tends to Q up to a constant per
 * state. The labels are action values minus their mean per state, in units of their standard deviation, and so is τ: what is learned
 * does not depend on the unit of reward or on the value of the state.
 */
export const qSoftmaxTarget = defineTarget({
  ...teaching,
  name: 'q-softmax',
  about: 'action values through a softmax on both sides: τ² KL(softmax(Q/τ) ‖ softmax(z/τ))',
  options: { temperature: temperatureOption() },
  crossValidates: true,
  prepare(dataset, { temperature: given }): Objective<QPolicy> {
    const { numActions } = dataset
    const values = dataset.column('actionValues')
    const std = actionValueStd(values, numActions)
    const resolved = resolveTemperature(given, values, numActions)
    const temperature = resolved / std
    return {
      outputs: numActions,
      width: numActions,
      labels: advantagesOf(values, numActions).map((each) => each / std),
      loss(outputs, values) {
        const teacher = new Categorical(mul(detach(values), 1 / temperature))
        const student = new Categorical(mul(outputs, 1 / temperature))
        return mul(mean(teacher.kl(student)), temperature * temperature)
      },
      student: qPolicyOf(dataset),
      metrics: { temperature: resolved, actionValueStd: std },
    }
  },
})

export const qMseTarget = defineTarget({
  ...teaching,
  name: 'q-mse',
  about: 'action values as numbers: ½ ‖z - (Q - μ)/σ‖²',
  options: {},
  prepare: (dataset) => regression(dataset.column('actionValues'), dataset.numActions, qPolicyOf(dataset)),
})

function qPolicyOf({ numActions, observationSize }: LabelledDataset) {
  return (network: Module) => new QPolicy(network, observationSize, numActions)
}

// A = Q - mean of Q over the actions of each state. `values` is [states, actions].
function advantagesOf(values: Float32Array, numActions: number): Float32Array {
  const advantages = new Float32Array(values.length)
  for (let start = 0; start < values.length; start += numActions) {
    let average = 0
    for (let a = 0; a < numActions; a++) average += values[start + a]! / numActions
    for (let a = 0; a < numActions; a++) advantages[start + a] = values[start + a]! - average
  }
  return advantages
}
