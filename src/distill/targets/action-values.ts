// Targets that teach what each action is worth; the student's outputs are action values, and it acts greedily.
// Read next: state-values.ts.

import type { Module } from '../../nn/module.ts'
import { QPolicy } from '../../rl/policies/discrete-policies.ts'
import { Categorical } from '../../rl/policies/distributions/categorical.ts'
import { detach } from '../../tensor/autograd/autograd.ts'
import { mul } from '../../tensor/ops/elementwise.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import type { LabelledDataset } from '../dataset/dataset.ts'
import { centered, defineTarget, type Objective, regression } from './target.ts'
import { temperatureOption } from './temperature.ts'

const teaching = { columns: ['actionValues'], acts: true } as const

/**
 * τ² keeps the size of the gradient as τ grows (Hinton et al. 2015, arXiv:1503.02531, section 2). z tends to Q up to a constant per
 * state.
 */
export const qSoftmaxTarget = defineTarget({
  ...teaching,
  name: 'q-softmax',
  about: 'action values through a softmax on both sides: τ² KL(softmax(Q/τ) ‖ softmax(z/τ))',
  options: { temperature: temperatureOption() },
  crossValidates: true,
  prepare(dataset, { temperature: given }): Objective<QPolicy> {
    const { labels, temperature, metrics } = centered(dataset, given)
    return {
      outputs: dataset.numActions,
      width: dataset.numActions,
      labels,
      loss(outputs, values) {
        const teacher = new Categorical(mul(detach(values), 1 / temperature))
        const student = new Categorical(mul(outputs, 1 / temperature))
        return mul(mean(teacher.kl(student)), temperature * temperature)
      },
      student: qPolicyOf(dataset),
      metrics,
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
