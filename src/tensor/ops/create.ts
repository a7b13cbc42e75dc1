// Creation of tensors.

import { allocate } from '../arena.ts'
import { linearOp } from '../autograd/autograd.ts'
import { requireLive, Tensor } from '../autograd/tensor.ts'
import { transfers } from '../dispatch/families.ts'
import { DTypeError, formatShape, requireMethods, ShapeError, unknownName, ValueError } from '../errors.ts'
import { memory } from '../memory.ts'
import type { Rng } from '../random.ts'
import { MAX_ELEMENTS, type Shape, sizeOf } from '../shape.ts'
import { CpuStorage, type DType, dtypeOf, newArray, type TypedArray } from '../storage.ts'
import { backendFor } from './primitives.ts'

/** Numbers in lists nested to the rank of the tensor. */
export type NestedNumbers = number | readonly NestedNumbers[]

export interface TensorOptions {
  /** Default: the type of a typed array; `float32` for lists. */
  readonly dtype?: DType
  /** Compute a gradient for this tensor in `backward()`. Default false. */
  readonly requiresGrad?: boolean
}

/**
 * A tensor with a copy of `data`: a number, a list, nested lists or a typed array. Default shape: that of the lists. Throws a
 * ShapeError for ragged lists or a shape of another size.
 */
export function tensor(data: NestedNumbers | TypedArray, options?: TensorOptions): Tensor
export function tensor(data: NestedNumbers | TypedArray, shape: Shape | undefined, options?: TensorOptions): Tensor
export function tensor(
  data: NestedNumbers | TypedArray,
  second?: Shape | TensorOptions,
  third: TensorOptions = {},
): Tensor {
  const [shape, options] = isShape(second) ? [second, third] : [undefined, second ?? third]
  const isTyped = ArrayBuffer.isView(data)
  if (isTyped) requireNumberArray(data)
  const found = isTyped ? [(data as TypedArray).length] : nestedShape(data as NestedNumbers)
  const wanted = shape === undefined ? found : checkedShape('tensor', shape)
  const length = sizeOf(found)
  if (sizeOf(wanted) !== length) {
    throw new ShapeError(
      `tensor: ${length} numbers for the shape ${formatShape(wanted)}; expected ${sizeOf(wanted)} numbers`,
    )
  }
  const dtype = options.dtype ?? (isTyped ? dtypeOf(data as TypedArray) : 'float32')
  // A view of linear memory would be detached if allocation makes the memory grow.
  const source = isTyped && data.buffer === memory.buffer ? (data as TypedArray).slice() : data
  const storage = placed('tensor', dtype, length, options)
  if (isTyped) storage.set(source as TypedArray)
  else flatten(data as NestedNumbers, found, 0, storage.view(), 0)
  return new Tensor(wanted, storage, options.requiresGrad === true)
}

export function full(shape: Shape, value: number, options: TensorOptions = {}): Tensor {
  return filled('full', shape, options, (to) => to.fill(value))
}

export function zeros(shape: Shape, options: TensorOptions = {}): Tensor {
  return filled('zeros', shape, options, (to) => to.fill(0))
}

export function ones(shape: Shape, options: TensorOptions = {}): Tensor {
  return filled('ones', shape, options, (to) => to.fill(1))
}

/** Zeros with the shape and element type of `like`, on the CPU. */
export function zerosLike(like: Tensor): Tensor {
  return zeros(like.dims, { dtype: like.dtype })
}

/** start, start + step, … excluding stop. Throws a ValueError for step 0 or an infinite range. */
export function arange(start: number, stop: number, step = 1, options: TensorOptions = {}): Tensor {
  if (!(step !== 0) || !Number.isFinite((stop - start) / step)) {
    throw new ValueError(
      `arange: from ${start} to ${stop} in steps of ${step}; expected a finite range and a step other than 0`,
    )
  }
  const count = Math.max(0, Math.ceil((stop - start) / step))
  return fromFunction('arange', [count], options, (i) => start + i * step)
}

/** The identity matrix [n, n]. */
export function eye(n: number, options: TensorOptions = {}): Tensor {
  return fromFunction('eye', [n, n], options, (i) => (Math.floor(i / n) === i % n ? 1 : 0))
}

/** Independent draws, uniform in [low, high). In float32, one in 2^25 is rounded to `high`. */
export function uniform(rng: Rng, shape: Shape, low = 0, high = 1, options: TensorOptions = {}): Tensor {
  return fromFunction('uniform', shape, options, () => rng.uniform(low, high))
}

/** Independent normal draws. */
export function normal(rng: Rng, shape: Shape, mean = 0, deviation = 1, options: TensorOptions = {}): Tensor {
  return fromFunction('normal', shape, options, () => rng.normal(mean, deviation))
}

/** 1 at each index, 0 elsewhere: [...] → [..., classes]. Throws a ValueError for an index outside 0 … classes - 1. */
export function oneHot(indices: Tensor, classes: number, dtype: DType = 'float32'): Tensor {
  requireLive('oneHot', indices)
  const from = indices.view()
  if (!(Number.isInteger(classes) && classes >= 0 && from.length * classes <= MAX_ELEMENTS)) {
    throw new ValueError(`oneHot: ${classes} classes; expected an integer >= 0 for at most ${MAX_ELEMENTS} elements`)
  }
  const array = newArray(dtype, from.length * classes)
  for (let i = 0; i < from.length; i++) {
    const index = from[i]!
    if (!(Number.isInteger(index) && index >= 0 && index < classes)) {
      throw new ValueError(`oneHot: index ${index} at position ${i}; allowed are 0 to ${classes - 1}`)
    }
    array[i * classes + index] = 1
  }
  return tensor(array, [...indices.dims, classes])
}

/** The elements in another type. int32 rounds towards 0. The gradient is converted back. */
export function cast(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x
  if (x.requiresGrad && dtype === 'int32')
    throw new DTypeError('cast: int32 for a tensor with a gradient; int32 tensors have none: detach(x) first')
  requireDType('cast', dtype)
  const into = (to: DType) => (y: Tensor) => new Tensor(y.dims, backendFor('cast', y, transfers).cast(y.storage, to))
  return linearOp(x, into(dtype), into(x.dtype))
}

/** Moves a constant, such as a mask drawn on the CPU, to the device of `like`. */
export function onDeviceOf(like: Tensor, constant: Tensor): Tensor {
  if (like.device === constant.device) return constant
  return new Tensor(constant.dims, backendFor('onDeviceOf', like, transfers).upload(constant.view()))
}

function fromFunction(op: string, shape: Shape, options: TensorOptions, value: (i: number) => number): Tensor {
  return filled(op, shape, options, (to) => {
    for (let i = 0; i < to.length; i++) to[i] = value(i)
  })
}

function filled(op: string, shape: Shape, options: TensorOptions, write: (to: TypedArray) => void): Tensor {
  const wanted = checkedShape(op, shape)
  const storage = placed(op, options.dtype ?? 'float32', sizeOf(wanted), options)
  write(storage.view())
  return new Tensor(wanted, storage, options.requiresGrad === true)
}

function placed(op: string, dtype: DType, length: number, { requiresGrad = false }: TensorOptions): CpuStorage {
  requireDType(op, dtype)
  if (requiresGrad && dtype === 'int32') {
    throw new DTypeError(`${op}: requiresGrad with int32; expected float32 or float64`)
  }
  // A tensor with requiresGrad outlives its scope.
  return requiresGrad ? CpuStorage.onHeap(newArray(dtype, length)) : allocate(dtype, length)
}

function requireDType(op: string, dtype: DType): void {
  if (dtype === 'float32' || dtype === 'float64' || dtype === 'int32') return
  throw new DTypeError(`${op}: ${unknownName('dtype', String(dtype), ['float32', 'float64', 'int32'])}`)
}

function isShape(second: Shape | TensorOptions | undefined): second is Shape {
  return Array.isArray(second)
}

function requireNumberArray(data: ArrayBufferView): void {
  if (data instanceof Float32Array || data instanceof Float64Array || data instanceof Int32Array) return
  throw new DTypeError(
    `tensor: a ${data.constructor.name}; expected Float32Array, Float64Array or Int32Array: ` +
      'Float32Array.from(data) converts it',
  )
}

function checkedShape(op: string, shape: Shape): Shape {
  if (!Array.isArray(shape)) requireMethods(`${op}: the shape`, shape, ['slice'], 'a list of sizes, such as [3]')
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 0) {
      throw new ShapeError(`${op}: the shape ${formatShape(shape)} has the size ${size}; expected integers >= 0`)
    }
  }
  if (sizeOf(shape) > MAX_ELEMENTS) {
    throw new ShapeError(
      `${op}: the shape ${formatShape(shape)} has ${sizeOf(shape)} elements; expected at most ${MAX_ELEMENTS}`,
    )
  }
  return shape.slice()
}

function nestedShape(data: NestedNumbers): number[] {
  const shape: number[] = []
  let level: NestedNumbers | undefined = data
  while (Array.isArray(level)) {
    shape.push(level.length)
    level = level[0] as NestedNumbers | undefined
  }
  return shape
}

function flatten(data: NestedNumbers, shape: readonly number[], level: number, to: TypedArray, at: number): number {
  if (typeof data === 'number') {
    if (level !== shape.length) throw ragged(shape)
    to[at] = data
    return at + 1
  }
  if (!Array.isArray(data) || data.length !== shape[level]) throw ragged(shape)
  let next = at
  for (const each of data) next = flatten(each as NestedNumbers, shape, level + 1, to, next)
  return next
}

function ragged(shape: readonly number[]): ShapeError {
  return new ShapeError(
    `tensor: nested lists that are ragged or contain no numbers; expected the shape of the first, ${formatShape(shape)}`,
  )
}
