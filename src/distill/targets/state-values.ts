// Targets that teach what each state is worth. The student is a value function, which needs a look-ahead to act
// (rl/policies/lookahead.ts). Labels y = V of the teacher; u = (y - μ)/σ. Read next: ../collecting/successors.ts.

import { nonNegative } from '../../data/options.ts'
import { medianOf } from '../../data/statistics.ts'
import { generalizedJsd } from '../../nn/losses/distillation.ts'
import { mseLoss } from '../../nn/losses/regression.ts'
import { ValueFunction } from '../../rl/policies/discrete-policies.ts'
import { detach } from '../../tensor/autograd/autograd.ts'
import { add, mul } from '../../tensor/ops/elementwise.ts'
import { narrow, reshape } from '../../tensor/ops/layout.ts'
import { SUCCESSORS } from '../dataset/dataset.ts'
import {
  defineTarget,
  meanAndStd,
  type Objective,
  regression,
  resolveTemperature,
  temperatureOption,
} from './target.ts'

export const valueMseTarget = defineTarget({
  name: 'value-mse',
  about: 'state values as numbers: ½ (z - u)²',
  options: {},
  columns: ['stateValues'],
  acts: false,
  prepare: (dataset) =>
    regression(
      dataset.column('stateValues'),
      1,
      (network, units) => new ValueFunction(network, dataset.observationSize, dataset.numActions, units),
    ),
})

// State values for a look-ahead, which compares the successors of a state. The values of two successors differ far less than those of the
// states of a dataset, so a regression can fit its labels well and still order successors badly.

/**
 * KL(softmax(s_T/τ) ‖ softmax(s_S/τ)) + c ((s_T - s_S)/σ)² over two successors s' of each state, s = r + γ V(s') with V = 0 after a
 * termination and σ the standard deviation of V_T. The first term is RankNet with soft labels (Burges et al. 2005, section 3). It
 * leaves a constant open, which the second sets.
 */
export const valueSuccessorsTarget = defineTarget({
  name: 'value-successors',
  about:
    'which of two successors is better, for a look-ahead: KL of softmaxes of (r + γ V)/τ; the teacher values two per state',
  options: {
    temperature: {
      ...temperatureOption(),
      value: { relative: 0.3 },
      about: 'softness of the labels, in standard deviations of r + γ V over two successors, or absolute:<x>',
    },
    valueCoef: nonNegative(0.1, 'weight of the squared error of the values, in standard deviations'),
  },
  columns: ['successorValues'],
  acts: true,
  successors: SUCCESSORS,
  prepare(dataset, { temperature, valueCoef }): Objective<ValueFunction> {
    const { size, observationSize, numActions } = dataset
    const [values, rewards] = [dataset.column('successorValues'), dataset.column('successorRewards')]
    const discounts = dataset.column('successorDiscounts')
    const { mean, std } = meanAndStd(values.filter((_, i) => discounts[i] !== 0))
    const deviation = std + 1e-8
    const scores = values.map((value, i) => rewards[i]! + discounts[i]! * value)
    const resolved = resolveTemperature(temperature, clipped(scores), SUCCESSORS)
    // With V = μ + σ z the student's score is offset + gain · z.
    const width = 3 * SUCCESSORS
    const labels = new Float32Array(size * width)
    for (let i = 0; i < values.length; i++) {
      const at = Math.floor(i / SUCCESSORS) * width + (i % SUCCESSORS)
      labels[at] = scores[i]! / resolved
      labels[at + SUCCESSORS] = (rewards[i]! + discounts[i]! * mean) / resolved
      labels[at + 2 * SUCCESSORS] = (discounts[i]! * deviation) / resolved
    }
    const squaredUnit = (resolved / deviation) ** 2
    return {
      outputs: 1,
      width,
      labels,
      inputs: dataset.column('successors'),
      loss(outputs, given) {
        const [teacher, offset, gain] = [0, 1, 2].map((k) => detach(narrow(given, 1, k * SUCCESSORS, SUCCESSORS)))
        const student = add(offset!, mul(gain!, reshape(outputs, teacher!.dims)))
        return add(
          generalizedJsd(student, teacher!, { beta: 0 }),
          mul(mseLoss(student, teacher!), valueCoef * squaredUnit),
        )
      },
      student: (network) => new ValueFunction(network, observationSize, numActions, { mean, deviation }),
      metrics: { mean, std, temperature: resolved },
    }
  },
})

/** A few states before a certain failure can have differences a hundred times the median; a mean over them is no temperature for the others. */
const LARGEST_DIFFERENCE = 10

// The scores of each pair as (0, difference), with differences of at most ten medians.
function clipped(scores: Float32Array): Float32Array {
  const differences = scores.filter((_, i) => i % SUCCESSORS === 1).map((score, i) => Math.abs(score - scores[2 * i]!))
  const limit = LARGEST_DIFFERENCE * medianOf(differences) || Infinity
  return Float32Array.from(
    scores,
    (_, i) => (i % SUCCESSORS) * Math.min(differences[Math.floor(i / SUCCESSORS)]!, limit),
  )
}
