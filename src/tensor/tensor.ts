// The tensor (shape, element type, storage, and a record of its computation) and the backward pass over these records.
// Operations are functions (ops/), not methods. Read next: autograd.ts, then ops/elementwise.ts.
//
// Steps are numbered in order of creation, which is a topological order: the inputs of an operation are older than its
// result. Baydin et al. 2018, arXiv:1502.05767, section 3.2.

import { keepBeyondScope, type Releasable } from './arena.ts'
import { elementwise, transfers } from './backends/families.ts'
import { backendOf, requireSameKind } from './backends/select.ts'
import { DeviceError, DTypeError, described, formatShape, GradientError, ShapeError, ValueError } from './errors.ts'
import { withoutRecording } from './recording.ts'
import { type Shape, sameShape, sizeOf } from './shape.ts'
import { CpuStorage, type Device, type DType, newArray, type Storage, type TypedArray } from './storage.ts'

/** dL/d(output) → dL/d(input), in the input's shape. */
export type BackwardFn = (dy: Tensor) => Tensor

/** The record of how a tensor was computed. The backward pass releases its inputs and rules. */
export interface Step {
  readonly order: number
  inputs: readonly Tensor[]
  /** Null for an input without requiresGrad at the time of recording. */
  rules: readonly (BackwardFn | null)[]
  /** The gradient accumulated so far by the current backward pass. */
  pending: Tensor | null
  /** The last backward pass that visited this step. */
  pass: number
  used: boolean
}

export class Tensor {
  /** The accumulated gradient, for leaves with `requiresGrad` and for tensors after `retainGrad()`. */
  grad: Tensor | null = null
  /** How this tensor was computed; null for leaves. Set by `customOp`. */
  step: Step | null = null
  /** Keep `grad` although this tensor is not a leaf. */
  retainsGrad = false
  /** The storage of a leaf's gradient; an optimizer sets it to a part of its flat block. */
  gradHome: Storage | null = null

  private frozen: Shape | null = null

  constructor(
    /** The shape as the library reads it, shared between tensors; use `shape`. */
    readonly dims: Shape,
    /** Reassigned by the library only: to a parameter block, or out of an ending scope. */
    public storage: Storage,
    /** Gradients are computed for this tensor. */
    public requiresGrad = false,
  ) {}

  /** Size of each axis. Frozen. */
  get shape(): Shape {
    this.frozen ??= Object.freeze(this.dims.slice())
    return this.frozen
  }

  get dtype(): DType {
    return this.storage.dtype
  }

  get device(): Device {
    return this.storage.device
  }

  get size(): number {
    return sizeOf(this.dims)
  }

  /** A row-major copy of the elements, on any device. */
  async data(): Promise<TypedArray> {
    requireLive('data', this)
    return this.storage.read()
  }

  /** A row-major copy of the elements. Throws a DeviceError for a tensor on the GPU; use `await tensor.data()` there. */
  toArray(): TypedArray {
    return this.numbers('toArray').slice()
  }

  /** A view of the elements, valid until the next operation. Throws a DeviceError for a tensor on the GPU. */
  view(): TypedArray {
    return this.numbers('view')
  }

  /** The value of a tensor with one element. Throws a ShapeError for any other size. */
  item(): number {
    if (this.size !== 1) throw new ShapeError(`item: the tensor ${this} has ${this.size} elements; expected exactly 1`)
    requireLive('item', this)
    return this.storage instanceof CpuStorage ? this.storage.at(0) : this.numbers('item')[0]!
  }

  /**
   * Computes the gradient of this scalar with respect to each leaf with `requiresGrad` and adds it to `leaf.grad`. A tensor
   * with more than one element requires `cotangent`, the gradient of the loss with respect to it, of the same shape.
   */
  backward(cotangent?: Tensor): void {
    if (!this.requiresGrad) {
      throw new GradientError(
        `backward: ${this} has no history: no input had requiresGrad, or it was computed under noGrad or detached ` +
          '(gradients of gradients are not supported)',
      )
    }
    if (cotangent === undefined && this.size !== 1) {
      throw new GradientError(
        `backward: ${this} is not a scalar; reduce it first (sum, mean) or pass a cotangent of its shape`,
      )
    }
    if (cotangent !== undefined) requireFits(cotangent, this)
    const dy = cotangent ?? new Tensor(this.dims, backendOf(this.storage, transfers).fill(1, 1, this.dtype))
    withoutRecording(() => flow(this, dy))
  }

  /** Keeps `grad` of a tensor that is not a leaf. Throws a GradientError for a tensor without history. */
  retainGrad(): this {
    if (!this.requiresGrad) {
      throw new GradientError(
        `retainGrad: ${this} has no history, so it receives no gradient; compute it from tensors with requiresGrad, ` +
          'outside noGrad',
      )
    }
    this.retainsGrad = true
    return this
  }

  /** `float32[2, 3] on cpu`. */
  toString(): string {
    return `${this.dtype}${formatShape(this.dims)} on ${this.device}`
  }

  private numbers(use: string): TypedArray {
    requireLive(use, this)
    if (this.storage instanceof CpuStorage) return this.storage.view()
    throw new DeviceError(`${use}: the tensor ${this} is on the ${this.device}; read it with "await tensor.data()"`)
  }
}

/** Throws a ValueError on anything but a tensor, a ScopeError if its scope has ended. */
export function requireLive(op: string, x: Tensor): void {
  if (!(x instanceof Tensor)) throw new ValueError(`${op}: an operand is ${described(x)}; expected tensor(…)`)
  const { storage } = x
  if (storage instanceof CpuStorage && !storage.open) storage.requireOpen(`${op}: the tensor ${x} was`)
}

let passes = 0

function requireFits(cotangent: Tensor, output: Tensor): void {
  if (!sameShape(cotangent.dims, output.dims)) {
    throw new ShapeError(
      `backward: the cotangent has shape ${formatShape(cotangent.dims)}, the output ${formatShape(output.dims)}`,
    )
  }
  if (cotangent.dtype !== output.dtype) {
    throw new DTypeError(
      `backward: the cotangent is ${cotangent.dtype}, the output ${output.dtype}; convert it with cast()`,
    )
  }
  requireSameKind('backward', cotangent.storage, output.storage)
}

function flow(output: Tensor, dy: Tensor): void {
  const tensors = newestFirst(output)
  receive(output, dy)
  try {
    for (const tensor of tensors) passOn(tensor, tensor.step!)
  } catch (error) {
    // Another graph may share these steps, whose partial gradients must not enter its own.
    for (const { step } of tensors) step!.pending = null
    throw error
  }
}

function passOn(tensor: Tensor, step: Step): void {
  const { inputs, rules } = step
  const gradient = step.pending!
  step.pending = null
  step.used = true
  // A caller that keeps a loss must not keep its graph.
  step.inputs = []
  step.rules = []
  if (tensor.retainsGrad) addToLeaf(tensor, gradient)
  for (let i = 0; i < inputs.length; i++) {
    const rule = rules[i]!
    if (rule !== null) receive(inputs[i]!, rule(gradient))
  }
}

// All non-leaf tensors that `output` depends on, newest first.
function newestFirst(output: Tensor): Tensor[] {
  const pass = ++passes
  const found: Tensor[] = []
  const stack = [output]
  while (stack.length > 0) {
    const tensor = stack.pop()!
    const { step } = tensor
    if (step === null || step.pass === pass) continue
    if (step.used) {
      throw new GradientError('backward: a second backward() through the same graph; compute the loss again first')
    }
    step.pass = pass
    found.push(tensor)
    for (let i = 0; i < step.inputs.length; i++) if (step.rules[i] !== null) stack.push(step.inputs[i]!)
  }
  return found.sort((a, b) => b.step!.order - a.step!.order)
}

function receive(tensor: Tensor, gradient: Tensor): void {
  const { step } = tensor
  if (step === null) addToLeaf(tensor, gradient)
  else if (step.pending === null) step.pending = gradient
  else {
    const { shape } = tensor
    const backend = backendOf(gradient.storage, elementwise)
    // The first gradient may be shared with another tensor, so the sum needs a new one.
    step.pending = new Tensor(
      shape,
      backend.zip('add', step.pending.storage, shape, gradient.storage, shape, shape, 0, 0),
    )
  }
}

// Stores the first gradient and adds later ones. A leaf's gradient outlives the scope of its backward pass.
function addToLeaf(tensor: Tensor, gradient: Tensor): void {
  const { storage } = gradient
  // The optimizer that had a place for it may have ended with its scope.
  if (tensor.gradHome instanceof CpuStorage && !tensor.gradHome.open) tensor.gradHome = null
  if (tensor.grad?.storage instanceof CpuStorage && !tensor.grad.storage.open) tensor.grad = null
  if (tensor.grad !== null) backendOf(storage, elementwise).addInto(tensor.grad.storage, storage)
  else if (tensor.gradHome !== null) {
    backendOf(storage, transfers).copyInto(tensor.gradHome, storage)
    tensor.grad = new Tensor(tensor.dims, tensor.gradHome)
  } else tensor.grad = new Tensor(tensor.dims, copyBeyondScope(storage))
}

function copyBeyondScope(x: Storage): Storage {
  if (x instanceof CpuStorage) {
    const home = CpuStorage.onHeap(newArray(x.dtype, x.length))
    home.view().set(x.view())
    return home
  }
  const copy = backendOf(x, transfers).copy(x)
  keepBeyondScope(copy as Storage & Releasable)
  return copy
}
