// Targets that teach what each state is worth. The student is a value function, which needs a look-ahead to act
// (rl/lookahead.ts). Labels y = V of the teacher; u = (y - μ)/σ.

import type { Module } from '../../nn/module.ts'
import { binCentres, binValues, hlGauss, twoHot } from '../../nn/value-bins.ts'
import { StateValueAgent } from '../../rl/discrete-policies.ts'
import { ValueError } from '../../tensor/errors.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type LabelledSet, labelsOf } from '../labelled-set.ts'
import * as losses from '../losses.ts'
import { BinReadOut, binsAround, HL_GAUSS_SIGMA } from './bins.ts'
import { DEFAULT_TEMPERATURE, evaluated, type PreparedTarget, standardized, type TargetSettings } from './prepared.ts'

/** The teacher's state values: ½ (z - u)². Read out as V = μ + σ z. */
export function stateValueTarget(set: LabelledSet): PreparedTarget<StateValueAgent> {
  return regression('stateValues', set, losses.squaredError)
}

/** The same by Huber's loss, which odd labels rule less: a line beyond `huberDelta` deviations. Read out as V = μ + σ z. */
export function huberTarget(
  set: LabelledSet,
  { huberDelta = 1 }: TargetSettings = {},
): PreparedTarget<StateValueAgent> {
  return regression('stateValuesHuber', set, (labels, outputs, weights) =>
    losses.huberError(labels, outputs, huberDelta, weights),
  )
}

/**
 * Which states are better than which: -τ² Σ p log q over the states of a minibatch, p = softmax(u/τ), q = softmax(z/τ).
 * The loss leaves a constant open, so after training b = mean of u - z over the labelled set is found and the read-out is
 * V = μ + σ (z + b). Cao et al. 2007 (ListNet). Throws a ValueError on a set of less than 2 states.
 */
export function listwiseTarget(set: LabelledSet, settings: TargetSettings = {}): PreparedTarget<StateValueAgent> {
  const values = rankable('listwise', set)
  const { normal, mean, deviation } = standardized(values)
  const { temperature = DEFAULT_TEMPERATURE } = settings
  const tau = temperature.kind === 'gap' ? temperature.c : temperature.value / (deviation + 1e-8)
  losses.requireTemperature('listwise', tau)
  return {
    ...oneNumber(normal),
    leastBatch: 2,
    loss: (labels, outputs) => losses.listwise(labels, outputs, tau),
    student: (network) => {
      const z = evaluated(set.observations, set.observationSize, (x) => network.forward(x))
      let b = 0
      for (let i = 0; i < set.size; i++) b += (normal[i]! - z[i]!) / set.size
      return valuesOf(set, { mean: mean + deviation * b, deviation })(network)
    },
    settings: { mean, deviation, tau },
  }
}

/** V as weights on its two neighbours among the bins, cross-entropy. Read out as Σ q c, c the values of the bins. */
export function twoHotTarget(set: LabelledSet, settings: TargetSettings = {}): PreparedTarget<StateValueAgent> {
  const values = labelsOf('twoHot', set, 'stateValues')
  const { bins } = binsAround(values, settings.bins)
  return binned(set, twoHot(values, bins), binValues(bins))
}

/** V as a normal around it cut into bins, cross-entropy. Read out as Σ q c, c the middles of the bins. */
export function hlGaussTarget(set: LabelledSet, settings: TargetSettings = {}): PreparedTarget<StateValueAgent> {
  const values = labelsOf('hlGauss', set, 'stateValues')
  const { bins, width } = binsAround(values, settings.bins)
  return binned(set, hlGauss(values, bins, HL_GAUSS_SIGMA * width), binCentres(bins))
}

/**
 * The recipe of a softmax over the states, taken literally: -Σ p log q with p = softmax(y) inside the minibatch. Kept for
 * comparison; `listwise` is its corrected form. Read out as V = z, uncalibrated.
 */
export function literalTarget(set: LabelledSet): PreparedTarget<StateValueAgent> {
  return {
    ...oneNumber(rankable('literal', set)),
    leastBatch: 2,
    loss: losses.literal,
    student: valuesOf(set, { mean: 0, deviation: 1 }),
    settings: {},
  }
}

/** Control: the same on one output divided by itself, whose gradient is exactly zero. Read out as V = z, untrained. */
export function literalKerasTarget(set: LabelledSet): PreparedTarget<StateValueAgent> {
  return {
    ...oneNumber(labelsOf('literalKeras', set, 'stateValues')),
    loss: losses.literalKeras,
    student: valuesOf(set, { mean: 0, deviation: 1 }),
    settings: {},
  }
}

function regression(
  name: string,
  set: LabelledSet,
  loss: (labels: Tensor, outputs: Tensor, weights?: Tensor) => Tensor,
): PreparedTarget<StateValueAgent> {
  const { normal, mean, deviation } = standardized(labelsOf(name, set, 'stateValues'))
  return {
    ...oneNumber(normal),
    loss,
    student: valuesOf(set, { mean, deviation }),
    settings: { mean, deviation },
  }
}

function binned(set: LabelledSet, labels: Float64Array, positions: Float64Array): PreparedTarget<StateValueAgent> {
  const bins = positions.length
  return {
    outputs: bins,
    width: bins,
    labels: Float32Array.from(labels),
    loss: losses.softCrossEntropy,
    student: (network) => valuesOf(set, { mean: 0, deviation: 1 })(new BinReadOut(network, positions)),
    settings: { low: positions[0]!, high: positions[bins - 1]!, bins },
  }
}

function valuesOf(set: LabelledSet, units: { mean: number; deviation: number }): (network: Module) => StateValueAgent {
  return (network) => new StateValueAgent(network, set.observationSize, set.actionCount, units)
}

function oneNumber(labels: Float32Array) {
  return { outputs: 1, width: 1, labels }
}

function rankable(name: string, set: LabelledSet): Float32Array {
  if (set.size < 2) {
    throw new ValueError(`${name}: it ranks states, so it needs at least 2 labels; the set has ${set.size}`)
  }
  return labelsOf(name, set, 'stateValues')
}
