// Several agents that teach as one: the mean of their probabilities or of their values (Hinton et al. 2015, arXiv:1503.02531,
// section 1); for continuous actions the Gaussian with the mean and variance of their mixture.

import { DiscreteAgent } from '../rl/discrete-policies.ts'
import type { PolicyOutputs } from '../rl/policy.ts'
import { ShapeError, ValueError } from '../tensor/errors.ts'
import { add, exp, log as lnOf, mul, square, sub } from '../tensor/ops/elementwise.ts'
import { stack } from '../tensor/ops/layout.ts'
import { logsumexp } from '../tensor/ops/reduce.ts'
import { logSoftmax } from '../tensor/ops/softmax.ts'
import { log } from '../tensor/portable-math.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { actsByGaussian } from './function-teacher.ts'
import { type GaussianOutputs, gaussianOf, isSquashed, kindsOfGaussian, type TeachingPolicy } from './teaching-agent.ts'

/**
 * One agent with the outputs that all members have. Its logits are the logarithms of the mean probabilities. Throws a ValueError on
 * no members or no output common to all, a ShapeError where sizes differ.
 */
export function ensembleOf(members: readonly TeachingPolicy[]): TeachingPolicy {
  const first = members[0]
  if (first === undefined) throw new ValueError('ensembleOf: no members; expected at least one agent')
  const { observationSize, numActions, bounds } = first
  members.forEach((each, i) => {
    if (taskOf(each) === taskOf(first)) return
    throw new ShapeError(`ensembleOf: member ${i} ${taskOf(each)}, member 0 ${taskOf(first)}; all must be of one task`)
  })
  const all = (output: keyof PolicyOutputs) => members.every((each) => each[output] !== undefined)
  const outputs: PolicyOutputs = {
    ...(all('logits') && { logits: (x: Tensor) => meanPolicy(members.map((each) => each.logits!(x))) }),
    ...(all('actionValues') && { actionValues: (x: Tensor) => mean(members.map((each) => each.actionValues!(x))) }),
    ...(all('stateValues') && { stateValues: (x: Tensor) => mean(members.map((each) => each.stateValues!(x))) }),
  }
  const kinds = members.map((each) => `${kindsOfGaussian(each)} ${isSquashed(each)}`)
  const isGaussian =
    bounds !== undefined && kindsOfGaussian(first).length > 0 && kinds.every((each) => each === kinds[0])
  if (Object.keys(outputs).length === 0 && !isGaussian) {
    throw new ValueError(
      'ensembleOf: no output that all members have; combine policies with policies, values with values',
    )
  }
  if (numActions !== undefined && bounds === undefined) {
    return Object.assign(new DiscreteAgent(observationSize, numActions, outputs), { members })
  }
  if (!isGaussian) return { observationSize, ...(bounds && { bounds }), ...outputs, members }
  const gaussian = (x: Tensor) => mixture(members.map((each) => gaussianOf(each, x)!))
  return { ...outputs, ...actsByGaussian(first, gaussian, isSquashed(first)), members }
}

function taskOf({ observationSize, numActions, bounds }: TeachingPolicy): string {
  const actions = bounds === undefined ? `${numActions} actions` : `actions in [${bounds.low}] … [${bounds.high}]`
  return `observes ${observationSize} numbers and has ${actions}`
}

// ln (1/m Σ softmax(z)), without underflow of a probability that is tiny for all members.
function meanPolicy(logits: readonly Tensor[]): Tensor {
  const logPs = logits.map((each) => logSoftmax(each))
  return add(logsumexp(stack(logPs, 0), 0), -log(logits.length))
}

function mean(values: readonly Tensor[]): Tensor {
  const sum = values.reduce((a, b) => add(a, b))
  return mul(sum, 1 / values.length)
}

// Moments of a mixture: μ̄ = mean μ, σ̄² = mean σ² + mean (μ - μ̄)², a sum of positive numbers, so that its logarithm is finite.
function mixture(members: readonly GaussianOutputs[]): GaussianOutputs {
  const average = mean(members.map((each) => each.mean))
  if (members.some((each) => each.logStd === undefined)) return { mean: average }
  const variance = mean(members.map((each) => add(exp(mul(each.logStd!, 2)), square(sub(each.mean, average)))))
  return { mean: average, logStd: mul(lnOf(variance), 0.5) }
}
