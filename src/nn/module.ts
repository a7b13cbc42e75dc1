// What every network, layer and head has in common: a forward pass and a list of named parameters. Parameters are listed
// by the module that owns them, under the names that PyTorch's state dict would give them, so that checkpoints travel.
// Read next: linear.ts for a layer, sequential.ts for how names are joined.

import { elementwise, transfers } from '../tensor/backends/families.ts'
import { backendOf } from '../tensor/backends/select.ts'
import { formatShape, ShapeError, ValueError } from '../tensor/errors.ts'
import type { Rng } from '../tensor/random.ts'
import { sameShape } from '../tensor/shape.ts'
import { CpuStorage, type DType, newArray, type Storage } from '../tensor/storage.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { stretchOf } from './flat.ts'

/** Parameters under the names of a PyTorch state dict, such as `0.weight`, in the order of the forward pass. */
export type NamedParameters = Readonly<Record<string, Tensor>>

/** Anything that owns parameters: a module, or an agent made of several. */
export interface HasParameters {
  parameters(): NamedParameters
}

export interface Module extends HasParameters {
  /**
   * The output for a batch `x`. With `rng` this is a training pass: dropout drops and noisy layers draw their noise from
   * it. Without `rng` it is an evaluation: both stand at their mean. There is no mode to switch and none to forget.
   */
  forward(x: Tensor, rng?: Rng): Tensor
}

/** What helpers and optimizers take: a module, its parameters, or a bare list of tensors. */
export type ParameterSource = HasParameters | NamedParameters | readonly Tensor[]

/** The parameters of any source by name; a list is named by its indices. */
export function namedParameters(source: ParameterSource): NamedParameters {
  if (source === null || typeof source !== 'object') {
    throw new ValueError(`expected a module, its parameters() or a list of tensors, got ${String(source)}`)
  }
  if (hasParameters(source)) return source.parameters()
  return source as NamedParameters
}

/** The parameters of any source, in order. */
export function parameterList(source: ParameterSource): Tensor[] {
  return Object.values(namedParameters(source))
}

function hasParameters(source: object): source is HasParameters {
  return typeof (source as Partial<HasParameters>).parameters === 'function'
}

/**
 * The parameters of several parts as one list: `{ actor, critic }` gives `actor.0.weight`, …, `critic.0.weight`, ….
 * Spreading the parts' own lists into one object would let equal names overwrite each other.
 */
export function collectParameters(parts: Readonly<Record<string, ParameterSource>>): NamedParameters {
  const joined: Record<string, Tensor> = {}
  for (const [prefix, part] of Object.entries(parts)) {
    for (const [name, tensor] of Object.entries(namedParameters(part))) joined[`${prefix}.${name}`] = tensor
  }
  return joined
}

/** How many numbers there are to learn. A parameter that is listed twice counts once. */
export function countParameters(source: ParameterSource): number {
  let count = 0
  for (const tensor of new Set(parameterList(source))) count += tensor.size
  return count
}

/** to := from, parameter by parameter in order. Throws a ShapeError if the two differ in number or shapes. */
export function copyParameters(from: ParameterSource, to: ParameterSource): void {
  for (const [target, source] of matchingStretches('copyParameters', from, to)) {
    backendOf(target, transfers).copyInto(target, source)
  }
}

/**
 * target := (1 - tau) target + tau source: a target network that trails the learner.
 * Lillicrap et al. 2016, arXiv:1509.02971, algorithm 1. `tau` is in [0, 1].
 */
export function polyakUpdate(target: ParameterSource, source: ParameterSource, tau: number): void {
  if (!(tau >= 0 && tau <= 1)) throw new ValueError(`polyakUpdate: tau is ${tau}; it must be from 0 to 1`)
  for (const [to, from] of matchingStretches('polyakUpdate', source, target)) {
    if (tau === 1) backendOf(to, transfers).copyInto(to, from)
    else backendOf(to, elementwise).lerpInto(to, from, tau)
  }
}

/** Gradients flow to these parameters no more, from anything that is computed from now on. */
export function freeze(source: ParameterSource): void {
  for (const tensor of parameterList(source)) tensor.requiresGrad = false
}

/** Undoes `freeze`. */
export function unfreeze(source: ParameterSource): void {
  for (const tensor of parameterList(source)) tensor.requiresGrad = true
}

/** Runs `body`, from whose results `source` takes no gradients, such as an actor's loss seen through its critic. */
export function withFrozen<T>(source: ParameterSource, body: () => T): T {
  const thawed = parameterList(source).filter((tensor) => tensor.requiresGrad)
  freeze(thawed)
  try {
    return body()
  } finally {
    unfreeze(thawed)
  }
}

/** Turns parameters on the CPU into another element type, in place; `float64` is for checking. Gradients are dropped. */
export function parametersToDtype(source: ParameterSource, dtype: DType): void {
  for (const tensor of parameterList(source)) {
    if (tensor.dtype === dtype) continue
    const values = newArray(dtype, tensor.size)
    values.set(tensor.view())
    tensor.storage = CpuStorage.onHeap(values)
    tensor.grad = null
    tensor.gradHome = null
  }
}

// Pairs [to, from] to work on: the two whole blocks where both lie in one, else one pair a parameter.
function matchingStretches(op: string, from: ParameterSource, to: ParameterSource): [Storage, Storage][] {
  const sources = parameterList(from)
  const targets = parameterList(to)
  if (sources.length !== targets.length) {
    throw new ShapeError(
      `${op}: ${sources.length} parameters cannot fill ${targets.length}; the networks must be built alike`,
    )
  }
  for (let i = 0; i < sources.length; i++) {
    if (!sameShape(sources[i]!.shape, targets[i]!.shape)) {
      const name = Object.keys(namedParameters(to))[i]
      throw new ShapeError(
        `${op}: parameter ${name} is ${formatShape(sources[i]!.shape)} in the source and ` +
          `${formatShape(targets[i]!.shape)} in the target; the networks must be built alike`,
      )
    }
  }
  const source = stretchOf(sources.map((tensor) => tensor.storage))
  const target = stretchOf(targets.map((tensor) => tensor.storage))
  if (source !== null && target !== null && source.length === target.length) return [[target, source]]
  return targets.map((tensor, i) => [tensor.storage, sources[i]!.storage])
}
