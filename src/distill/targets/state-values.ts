// Targets that teach what each state is worth. The student is a value function, which needs a look-ahead to act
// (rl/policies/lookahead.ts). Labels y = V of the teacher; u = (y - μ)/σ. Read next: ../collecting/successors.ts.

import { count, nonNegative, type Option } from '../../data/options.ts'
import { medianOf } from '../../data/statistics.ts'
import { requirePositive } from '../../nn/checks.ts'
import { BinReadOut, hlGauss, type Support, supportCenters } from '../../nn/layers/value-bins.ts'
import { crossEntropy } from '../../nn/losses/classification.ts'
import { generalizedJsd, listNet } from '../../nn/losses/distillation.ts'
import { mseLoss } from '../../nn/losses/regression.ts'
import type { Module } from '../../nn/module.ts'
import { ValueFunction } from '../../rl/policies/discrete-policies.ts'
import { detach } from '../../tensor/autograd/autograd.ts'
import { add, mul } from '../../tensor/ops/elementwise.ts'
import { narrow, reshape } from '../../tensor/ops/layout.ts'
import { type LabelledDataset, SUCCESSORS } from '../dataset/dataset.ts'
import {
  defineTarget,
  evaluated,
  meanAndStd,
  type Objective,
  regression,
  resolveTemperature,
  settled,
  standardized,
  temperatureOption,
} from './target.ts'

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
