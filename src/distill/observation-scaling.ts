// Observations brought to order 1, for training only. A first layer that has learned W and b on (x - μ)/σ does on raw x, with
// W/σ and b - W μ/σ, exactly the same; so the finished student is a plain network without a scaling of its own.

import { Linear } from '../nn/linear.ts'
import type { Module } from '../nn/module.ts'
import { Sequential } from '../nn/sequential.ts'
import { ShapeError, ValueError } from '../tensor/errors.ts'
import type { LabelledSet } from './labelled-set.ts'

/** One mean μ and deviation σ a number of the observation. */
export interface ObservationScaling {
  readonly mean: Float64Array
  readonly deviation: Float64Array
}

/** Differences below this share of the numbers themselves are rounding, not observation. */
const ROUNDING = 1e-6

/** Mean and deviation (population) of a set's observations. A number that never varies gets the deviation 1. */
export function observationScaling({
  observations,
  observationSize,
  size,
}: Pick<LabelledSet, 'observations' | 'observationSize' | 'size'>): ObservationScaling {
  const mean = new Float64Array(observationSize)
  const deviation = new Float64Array(observationSize)
  for (let j = 0; j < observationSize; j++) {
    for (let i = 0; i < size; i++) mean[j]! += observations[i * observationSize + j]!
    mean[j]! /= size
    for (let i = 0; i < size; i++) {
      const off = observations[i * observationSize + j]! - mean[j]!
      deviation[j]! += off * off
    }
    deviation[j] = Math.sqrt(deviation[j]! / size)
    if (deviation[j]! <= ROUNDING * Math.abs(mean[j]!)) deviation[j] = 1
  }
  return { mean, deviation }
}

/** (x - μ)/σ for observations that lie one after the other. */
export function scaleObservations(observations: Float32Array, { mean, deviation }: ObservationScaling): Float32Array {
  return observations.map((x, i) => (x - mean[i % mean.length]!) / deviation[i % mean.length]!)
}

/** Turns the layer of a network that takes scaled observations into that of one which takes raw ones, in place. */
export function foldScaling(first: Linear, { mean, deviation }: ObservationScaling): void {
  const weight = first.weight.view()
  const bias = first.bias!.view()
  for (let row = 0; row < first.outputs; row++) {
    let shift = 0
    for (let j = 0; j < first.inputs; j++) {
      const scaled = weight[row * first.inputs + j]! / deviation[j]!
      weight[row * first.inputs + j] = scaled
      shift += scaled * mean[j]!
    }
    bias[row]! -= shift
  }
}

/**
 * The layer that scaling can be folded into: the network itself, or the first of its layers, a Linear with a bias. Throws a
 * ValueError that names the way out where there is none, a ShapeError where it takes another number of inputs.
 */
export function firstLinear(network: Module, observationSize: number): Linear {
  let first: unknown = network
  while (first instanceof Sequential) first = first.layers[0]
  if (!(first instanceof Linear) || first.bias === null) {
    throw new ValueError(
      'trainStudent: the scaling of the observations is folded into a first Linear layer with a bias, and this network does ' +
        'not begin with one; pass scaleObservations: false to train it on the observations as they are',
    )
  }
  if (first.inputs !== observationSize) {
    throw new ShapeError(
      `trainStudent: the network takes ${first.inputs} inputs; expected ${observationSize}, the size of an observation`,
    )
  }
  return first
}
