// Standardization of observations during training, fused into the first layer afterwards: a layer trained on (x - μ)/σ computes
// the same on raw x with W/σ and b - W μ/σ, so the finished network needs no preprocessing.

import { ShapeError, ValueError } from '../../tensor/errors.ts'
import type { Module } from '../module.ts'
import { Linear } from './linear.ts'
import { Sequential } from './sequential.ts'

/** Mean μ and standard deviation σ of each number of an observation. */
export interface Standardizer {
  readonly mean: Float64Array
  readonly std: Float64Array
}

/** A deviation below this fraction of the mean is rounding noise. */
const ROUNDING = 1e-6

/** Mean and population standard deviation of `count` observations. A number that never varies gets σ = 1. */
export function fitStandardizer(
  observation: (row: number) => Float32Array,
  count: number,
  observationSize: number,
): Standardizer {
  const mean = new Float64Array(observationSize)
  const std = new Float64Array(observationSize)
  for (let i = 0; i < count; i++) {
    const x = observation(i)
    for (let j = 0; j < observationSize; j++) mean[j]! += x[j]!
  }
  for (let j = 0; j < observationSize; j++) mean[j]! /= count
  for (let i = 0; i < count; i++) {
    const x = observation(i)
    for (let j = 0; j < observationSize; j++) std[j]! += (x[j]! - mean[j]!) * (x[j]! - mean[j]!)
  }
  for (let j = 0; j < observationSize; j++) {
    std[j] = Math.sqrt(std[j]! / count)
    if (std[j]! <= ROUNDING * Math.abs(mean[j]!)) std[j] = 1
  }
  return { mean, std }
}

/** (x - μ)/σ for observations [count, observationSize], flat. */
export function standardize(observations: Float32Array, { mean, std }: Standardizer): Float32Array {
  return observations.map((x, i) => (x - mean[i % mean.length]!) / std[i % std.length]!)
}

/** Turns, in place, a layer that takes standardized observations into one that takes raw ones. */
export function fuseStandardizer(first: Linear, { mean, std }: Standardizer): void {
  const weight = first.weight.view()
  const bias = first.bias!.view()
  for (let row = 0; row < first.outputs; row++) {
    let shift = 0
    for (let j = 0; j < first.inputs; j++) {
      const fused = weight[row * first.inputs + j]! / std[j]!
      weight[row * first.inputs + j] = fused
      shift += fused * mean[j]!
    }
    bias[row]! -= shift
  }
}

/** Turns, in place, a layer that takes raw observations into one that takes standardized ones. */
export function unfuseStandardizer(first: Linear, { mean, std }: Standardizer): void {
  const inverse = { mean: mean.map((each, j) => -each / std[j]!), std: std.map((each) => 1 / each) }
  fuseStandardizer(first, inverse)
}

/**
 * The layer to fuse with: the network itself or the first of its layers, a Linear with a bias. Throws a ValueError where there is
 * none, a ShapeError where it takes another number of inputs.
 */
export function firstLinear(network: Module, observationSize: number): Linear {
  const first = linearAt(network, 0, 'begin')
  if (first.inputs !== observationSize) {
    throw new ShapeError(
      `standardize: the network takes ${first.inputs} inputs; expected ${observationSize}, the size of an observation`,
    )
  }
  return first
}

/** The last layer, to scale the outputs with. Throws a ValueError where it is no Linear with a bias. */
export function lastLinear(network: Module): Linear {
  return linearAt(network, -1, 'end')
}

function linearAt(network: Module, place: number, verb: string): Linear {
  let layer: unknown = network
  while (layer instanceof Sequential) layer = layer.layers.at(place)
  if (layer instanceof Linear && layer.bias !== null) return layer
  throw new ValueError(
    `standardize: the network does not ${verb} with a Linear layer that has a bias, into which the standardization could be fused; ` +
      'pass standardize: false to train on raw numbers',
  )
}
