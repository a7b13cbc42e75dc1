// The interface of every network, layer and head: a forward pass and named parameters. Names are those of PyTorch's state
// dicts, so that checkpoints can be exchanged. Read next: layers/linear.ts for a layer, layers/sequential.ts for how names are joined.

import type { Tensor } from '../tensor/autograd/tensor.ts'
import { elementwise, transfers } from '../tensor/dispatch/families.ts'
import { backendOf } from '../tensor/dispatch/select.ts'
import { formatShape, ShapeError, ValueError } from '../tensor/errors.ts'
import type { Rng } from '../tensor/random.ts'
import { sameShape } from '../tensor/shape.ts'
import type { Storage } from '../tensor/storage.ts'
import { requireFraction } from './checks.ts'
import { stretchOf } from './flat.ts'

/** Parameters under the names of a PyTorch state dict, such as `0.weight`, in the order of the forward pass. */
export type NamedParameters = Readonly<Record<string, Tensor>>

/** Anything that owns parameters: a module, or an agent made of several. */
export interface HasParameters {
  parameters(): NamedParameters
}

export interface Module extends HasParameters {
  /**
   * The output for a batch `x`. With `rng` this is a training pass: dropout and noisy layers draw from it. Without `rng` it is
   * an evaluation, with both at their mean. There is no train or eval mode.
   */
  forward(x: Tensor, rng?: Rng): Tensor
}

/** A module, its parameters, or a list of tensors. */
export type ParameterSource = HasParameters | NamedParameters | readonly Tensor[]

/** The parameters of any source by name; a list is named by its indices. */
export function namedParameters(source: ParameterSource): NamedParameters {
  if (source === null || typeof source !== 'object') {
    throw new ValueError(`expected a module, its parameters() or a list of tensors, got ${String(source)}`)
  }
  const { parameters } = source as Partial<HasParameters>
  return typeof parameters === 'function' ? parameters.call(source) : (source as NamedParameters)
}

/** The parameters of any source, in order. */
export function parameterList(source: ParameterSource): Tensor[] {
  return Object.values(namedParameters(source))
}

/**
 * The parameters of several parts, each name prefixed by that of its part: `{ actor, critic }` gives `actor.0.weight`, …,
 * `critic.0.weight`, ….
 */
export function collectParameters(parts: Readonly<Record<string, ParameterSource>>): NamedParameters {
  const joined: Record<string, Tensor> = {}
  for (const [prefix, part] of Object.entries(parts)) {
    for (const [name, tensor] of Object.entries(namedParameters(part))) joined[`${prefix}.${name}`] = tensor
  }
  return joined
}

/** Number of learnable numbers. A parameter that is listed twice counts once. */
export function countParameters(source: ParameterSource): number {
  let count = 0
  for (const tensor of new Set(parameterList(source))) count += tensor.size
  return count
}

/** to := from, in order. Throws a ShapeError if number or shapes differ, a ValueError on a parameter of both. */
export function copyParameters(from: ParameterSource, to: ParameterSource): void {
  for (const [target, source] of matchingStretches('copyParameters', from, to)) {
    backendOf(target, transfers).copyInto(target, source)
  }
}

/**
 * target := (1 - tau) target + tau source, the Polyak average of a target network. `tau` is in [0, 1]. Lillicrap et al. 2016,
 * arXiv:1509.02971, algorithm 1.
 */
export function polyakUpdate(target: ParameterSource, source: ParameterSource, tau: number): void {
  requireFraction('polyakUpdate: tau', tau)
  for (const [to, from] of matchingStretches('polyakUpdate', source, target)) {
    if (tau === 1) backendOf(to, transfers).copyInto(to, from)
    else backendOf(to, elementwise).lerpInto(to, from, tau)
  }
}

/** The numbers of several tensors as one vector, in float64. */
export function vectorOf(tensors: readonly Tensor[]): Float64Array {
  const vector = new Float64Array(tensors.reduce((sum, { size }) => sum + size, 0))
  let at = 0
  for (const each of tensors) {
    vector.set(each.view(), at)
    at += each.size
  }
  return vector
}

/** Writes such a vector back. */
export function setVector(tensors: readonly Tensor[], vector: Float64Array): void {
  let at = 0
  for (const each of tensors) {
    each.view().set(vector.subarray(at, at + each.size))
    at += each.size
  }
}

/** Stops gradients to these parameters (sets `requiresGrad = false`). Graphs recorded earlier are unaffected. */
export function freeze(source: ParameterSource): void {
  for (const tensor of parameterList(source)) tensor.requiresGrad = false
}

/** Undoes `freeze`. */
export function unfreeze(source: ParameterSource): void {
  for (const tensor of parameterList(source)) tensor.requiresGrad = true
}

/** Runs `body` with `source` frozen, such as an actor's loss that goes through a critic. */
export function withFrozen<T>(source: ParameterSource, body: () => T): T {
  const thawed = parameterList(source).filter((tensor) => tensor.requiresGrad)
  freeze(thawed)
  try {
    return body()
  } finally {
    unfreeze(thawed)
  }
}

// Pairs [to, from]: the two whole blocks where both lie in one, else one pair per parameter.
function matchingStretches(op: string, from: ParameterSource, to: ParameterSource): [Storage, Storage][] {
  const sources = parameterList(from)
  const targets = parameterList(to)
  const misfit = (what: string) => new ShapeError(`${op}: ${what}; the networks must be built alike`)
  if (sources.length !== targets.length) {
    throw misfit(`${sources.length} parameters cannot fill ${targets.length}`)
  }
  const nameOf = (i: number) => Object.keys(namedParameters(to))[i]
  for (let i = 0; i < targets.length; i++) {
    const [there, here] = [sources[i]!.dims, targets[i]!.dims]
    if (sources[i] === targets[i])
      throw new ValueError(`${op}: both share parameter ${nameOf(i)}; make new layers for each`)
    if (sameShape(there, here)) continue
    throw misfit(`parameter ${nameOf(i)} is ${formatShape(there)} in the source and ${formatShape(here)} in the target`)
  }
  const source = stretchOf(sources.map((tensor) => tensor.storage))
  const target = stretchOf(targets.map((tensor) => tensor.storage))
  if (source !== null && target !== null && source.length === target.length) return [[target, source]]
  return targets.map((tensor, i) => [tensor.storage, sources[i]!.storage])
}
