// The tensor: a shape, an element type, numbers somewhere, and how it was computed if gradients are to flow through it.
// Operations are functions (ops/), not methods. Read next: autograd.ts, then ops/elementwise.ts.

import { backward, type Step } from './autograd.ts'
import { DeviceError, formatShape, GradientError, ShapeError } from './errors.ts'
import { type Shape, sizeOf } from './shape.ts'
import { CpuStorage, type Device, type DType, type Storage, type TypedArray } from './storage.ts'

export class Tensor {
  /** The gradient of the last `backward()`, for tensors that were made with `requiresGrad` or told to `retainGrad()`. */
  grad: Tensor | null = null
  /** How this tensor was computed; null for leaves. Written by `record`. */
  step: Step | null = null
  /** Keep `grad` although this tensor is no leaf. */
  retainsGrad = false
  /** Where gradients of a leaf are collected; an optimizer points it into its flat block. */
  gradHome: Storage | null = null

  constructor(
    readonly shape: Shape,
    /** Moved by the library only: to a parameter block, or out of an ending scope. */
    public storage: Storage,
    /** Gradients flow to this tensor. */
    public requiresGrad = false,
  ) {}

  get dtype(): DType {
    return this.storage.dtype
  }

  get device(): Device {
    return this.storage.device
  }

  /** The number of elements. */
  get size(): number {
    return sizeOf(this.shape)
  }

  /** A copy of the numbers, row-major. Works on every device. */
  async data(): Promise<TypedArray> {
    requireLive('data', this)
    return this.storage.read()
  }

  /** A copy of the numbers, row-major, at once. Throws a DeviceError for a tensor on the GPU: `await tensor.data()` there. */
  toArray(): TypedArray {
    return this.numbers('toArray').slice()
  }

  /** The numbers themselves, not a copy: read them at once, before the next operation. CPU only. */
  view(): TypedArray {
    return this.numbers('view')
  }

  /** The single element as a number. Throws a ShapeError when there is not exactly one. */
  item(): number {
    if (this.size !== 1) throw new ShapeError(`item: the tensor ${this} has ${this.size} elements; expected exactly 1`)
    requireLive('item', this)
    return this.storage instanceof CpuStorage ? this.storage.at(0) : this.numbers('item')[0]!
  }

  /**
   * Gradients of this scalar with respect to every leaf that requires them, added to what `leaf.grad` holds.
   * A tensor with more than one element needs `cotangent`, the gradient that flows into it, of the same shape.
   */
  backward(cotangent?: Tensor): void {
    backward(this, cotangent)
  }

  /** Keeps `grad` of a tensor in the middle of a graph. Throws a GradientError for one that no gradient flows to. */
  retainGrad(): this {
    if (!this.requiresGrad) {
      throw new GradientError(
        `retainGrad: ${this} has no history, so no gradient will flow to it; make it from tensors with requiresGrad, ` +
          'outside noGrad',
      )
    }
    this.retainsGrad = true
    return this
  }

  /** `float32[2, 3] on cpu`, as shown in messages. */
  toString(): string {
    return `${this.dtype}${formatShape(this.shape)} on ${this.device}`
  }

  private numbers(use: string): TypedArray {
    requireLive(use, this)
    if (this.storage instanceof CpuStorage) return this.storage.view()
    throw new DeviceError(`${use}: the tensor ${this} is on the ${this.device}; read it with "await tensor.data()"`)
  }
}

/** Throws a ScopeError, with the operation and the tensor in its message, if the tensor's scope has ended. */
export function requireLive(op: string, x: Tensor): void {
  const { storage } = x
  if (storage instanceof CpuStorage && !storage.open) storage.requireOpen(`${op}: the tensor ${x} was`)
}
