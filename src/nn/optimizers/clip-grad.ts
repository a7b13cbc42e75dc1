// Gradient clipping. Pascanu, Mikolov and Bengio 2013, arXiv:1211.5063, algorithm 1. Gradients in one block take one call.

import { scope } from '../../tensor/autograd/scope.ts'
import { Tensor } from '../../tensor/autograd/tensor.ts'
import { elementwise, reductions, transfers } from '../../tensor/dispatch/families.ts'
import { backendOf } from '../../tensor/dispatch/select.ts'
import { ValueError } from '../../tensor/errors.ts'
import type { Storage } from '../../tensor/storage.ts'
import { stretchOf } from '../flat.ts'
import { type ParameterSource, parameterList } from '../module.ts'

/** 1: sum of magnitudes; 2: Euclidean; Infinity: largest magnitude. */
export type NormType = 1 | 2 | typeof Infinity

/**
 * Multiplies all gradients by min(1, maxNorm / (norm + 1e-6)) and returns the norm of all of them together before. Parameters
 * without a gradient are skipped. A NaN norm leaves the gradients unchanged.
 */
export function clipGradNorm(source: ParameterSource, maxNorm: number, type: NormType = 2): number {
  requireLimit('clipGradNorm: maxNorm', maxNorm)
  if (type !== 1 && type !== 2 && type !== Infinity) {
    throw new ValueError(`clipGradNorm: the norm type is ${type}; known are 1, 2 and Infinity`)
  }
  const gradients = gradientsOf(source)
  const norm = scope(() => normOf(gradients, type))
  const factor = maxNorm / (norm + 1e-6)
  if (factor < 1) for (const gradient of gradients) backendOf(gradient, elementwise).scaleInto(gradient, factor)
  return norm
}

/** `clipGradNorm` by the Euclidean norm for gradients on a GPU, without reading the norm back. */
export function clipGradNormOnDevice(source: ParameterSource, maxNorm: number): void {
  requireLimit('clipGradNormOnDevice: maxNorm', maxNorm)
  const gradients = gradientsOf(source)
  if (gradients.length === 0) return
  const { map, zip } = backendOf(gradients[0]!, elementwise)
  const { copyInto } = backendOf(gradients[0]!, transfers)
  scope(() => {
    const sums = gradients.map((gradient) => over('sum', map('square', gradient, 0, 0)))
    const total = sums.reduce((a, b) => zip('add', a, [], b, [], [], 0, 0))
    const inverse = map('reciprocal', map('shift', map('sqrt', total, 0, 0), 1e-6, 0), 0, 0)
    const factor = map('clamp', map('scale', inverse, maxNorm, 0), 0, 1)
    for (const gradient of gradients) {
      const shape = [gradient.length]
      copyInto(gradient, zip('mul', gradient, shape, factor, [], shape, 0, 0))
    }
  })
}

/** Clamps each element of each gradient to [-limit, limit]. */
export function clipGradValue(source: ParameterSource, limit: number): void {
  requireLimit('clipGradValue: the limit', limit)
  scope(() => {
    for (const gradient of gradientsOf(source)) {
      const clamped = backendOf(gradient, elementwise).map('clamp', gradient, -limit, limit)
      backendOf(gradient, transfers).copyInto(gradient, clamped)
    }
  })
}

function normOf(gradients: readonly Storage[], type: NormType): number {
  let total = 0
  for (const gradient of gradients) {
    const terms = backendOf(gradient, elementwise).map(type === 2 ? 'square' : 'abs', gradient, 0, 0)
    const part = new Tensor([], over(type === Infinity ? 'max' : 'sum', terms)).item()
    total = type === Infinity ? Math.max(total, part) : total + part
  }
  return type === 2 ? Math.sqrt(total) : total
}

function over(op: 'sum' | 'max', terms: Storage): Storage {
  return backendOf(terms, reductions).reduce(op, terms, { outer: 1, size: terms.length, inner: 1 })
}

// The gradients that exist and have elements, as one storage where they are contiguous.
function gradientsOf(source: ParameterSource): readonly Storage[] {
  const gradients: Storage[] = []
  for (const { grad } of parameterList(source))
    if (grad !== null && grad.storage.length > 0) gradients.push(grad.storage)
  const stretch = stretchOf(gradients)
  return stretch === null ? gradients : [stretch]
}

function requireLimit(what: string, limit: number): void {
  if (!(limit > 0)) throw new ValueError(`${what} is ${limit}; expected a number above 0`)
}
