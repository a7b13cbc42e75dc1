// The tensor (shape, element type, storage, and a record of its computation) and the backward pass over these records.
// Operations are functions (ops/), not methods. Read next: graph.ts, autograd.ts, then ../ops/elementwise.ts.

import { keepBeyondScope, type Releasable } from '../arena.ts'
import { elementwise, transfers } from '../dispatch/families.ts'
import { backendOf, requireSameKind } from '../dispatch/select.ts'
import {
  DeviceError,
  DTypeError,
  described,
  formatShape,
  GradientError,
  requireKnown,
  ShapeError,
  ValueError,
} from '../errors.ts'
import { type Shape, sameShape, sizeOf } from '../shape.ts'
import { CpuStorage, type Device, type DType, newArray, type Storage, type TypedArray } from '../storage.ts'
import {
  type BackwardFn,
  isReached,
  isRecording,
  newestFirst,
  type Step,
  type Targets,
  withRecording,
} from './graph.ts'

export interface BackwardOptions {
  /** Records the backward pass, so that the gradients have a history and can be differentiated again. Default false. */
  readonly createGraph?: boolean
  /** Keeps the graph for another backward pass. Default: the value of `createGraph`. */
  readonly retainGraph?: boolean
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
   * with more than one element requires `cotangent`, the gradient of the loss with respect to it, of the same shape. Throws a
   * GradientError for a tensor without history, or with a graph that an earlier pass has released.
   */
  backward(options?: BackwardOptions): void
  backward(cotangent: Tensor | undefined, options?: BackwardOptions): void
  backward(first?: Tensor | BackwardOptions, second?: BackwardOptions): void {
    const [cotangent, options] = first instanceof Tensor ? [first, second] : [undefined, first ?? second]
    if (!this.requiresGrad) {
      throw new GradientError(
        `backward: ${this} has no history: no input had requiresGrad, or it was computed under noGrad or detached ` +
          '(a gradient has one after backward({ createGraph: true }))',
      )
    }
    if (cotangent === undefined && this.size !== 1) {
      throw new GradientError(
        `backward: ${this} is not a scalar; reduce it first (sum, mean) or pass a cotangent of its shape`,
      )
    }
    if (cotangent !== undefined) requireFits(cotangent, this)
    if (options !== undefined) requireKnown('backward', options, ['createGraph', 'retainGraph'])
    flow(this, cotangent, options)
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

let nextOrder = 1

/** The order that the next step will have. */
export function orderOfNextStep(): number {
  return nextOrder
}

/**
 * Records `output` as computed from `inputs` and returns it. `rules[i]` maps the gradient of `output` to that of `inputs[i]`;
 * it runs only if that input has requiresGrad. A rule made of recorded operations on `inputs` and `output` can be
 * differentiated itself; `createGraph` throws a GradientError for one that returns numbers without history.
 */
export function customOp(output: Tensor, inputs: readonly Tensor[], rules: readonly BackwardFn[]): Tensor {
  if (!isRecording()) return output
  let needed = 0
  for (let i = 0; i < inputs.length; i++) if (inputs[i]!.requiresGrad) needed++
  if (needed === 0) return output
  const kept = needed === inputs.length ? rules : rules.map((rule, i) => (inputs[i]!.requiresGrad ? rule : null))
  output.requiresGrad = true
  output.step = { order: nextOrder++, inputs, rules: kept, pending: null, pass: 0, used: false }
  return output
}

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

/** The backward pass from `output`, whose gradient is `dy` (default 1). */
export function flow(
  output: Tensor,
  dy: Tensor | undefined,
  { createGraph = false, retainGraph = createGraph }: BackwardOptions = {},
  targets: Targets = null,
): void {
  if (!isReached(output, targets)) return
  const tensors = newestFirst(output, targets?.since)
  withRecording(createGraph, () => {
    receive(
      output,
      dy ?? new Tensor(output.dims, backendOf(output.storage, transfers).fill(1, 1, output.dtype)),
      targets,
    )
    try {
      for (const tensor of tensors) passOn(tensor, tensor.step!, retainGraph, targets)
    } catch (error) {
      // Another graph may share these steps, whose partial gradients must not enter its own.
      for (const { step } of tensors) step!.pending = null
      throw error
    }
  })
}

function passOn(tensor: Tensor, step: Step, retain: boolean, targets: Targets): void {
  const { inputs, rules } = step
  const gradient = step.pending!
  step.pending = null
  if (!retain) {
    step.used = true
    // A caller that keeps a loss must not keep its graph.
    step.inputs = []
    step.rules = []
  }
  if (tensor.retainsGrad && targets === null) addToLeaf(tensor, gradient)
  for (let i = 0; i < inputs.length; i++) {
    const rule = rules[i]!
    if (rule === null || !isReached(inputs[i]!, targets)) continue
    const passed = rule(gradient)
    if (gradient.requiresGrad && isRecording() && !passed.requiresGrad) {
      throw new GradientError(
        `backward: with createGraph the rule of input ${i} of ${tensor} returned ${passed} without history; ` +
          'expected recorded operations (mul, exp, …) on the gradient',
      )
    }
    receive(inputs[i]!, passed, targets)
  }
}

function receive(tensor: Tensor, gradient: Tensor, targets: Targets): void {
  const { step } = tensor
  if (targets?.gradients.has(tensor)) targets.gradients.set(tensor, plus(targets.gradients.get(tensor)!, gradient))
  else if (step === null) addToLeaf(tensor, gradient)
  else step.pending = plus(step.pending, gradient)
}

// The first gradient may be shared with another tensor, so a sum needs a new one.
function plus(sum: Tensor | null, gradient: Tensor): Tensor {
  if (sum === null) return gradient
  const { dims, storage } = gradient
  const total = backendOf(storage, elementwise).zip('add', sum.storage, dims, storage, dims, dims, 0, 0)
  return customOp(new Tensor(dims, total), [sum, gradient], [(dy) => dy, (dy) => dy])
}

// Stores the first gradient and adds later ones. A leaf's gradient outlives the scope of its backward pass.
function addToLeaf(tensor: Tensor, gradient: Tensor): void {
  const { storage } = gradient
  // The optimizer that had a place for it may have ended with its scope.
  if (tensor.gradHome instanceof CpuStorage && !tensor.gradHome.open) tensor.gradHome = null
  if (tensor.grad?.storage instanceof CpuStorage && !tensor.grad.storage.open) tensor.grad = null
  if (isRecording() || tensor.grad?.requiresGrad) {
    // Later steps may hold the gradient so far, so it is not overwritten.
    const sum = plus(tensor.grad, gradient)
    tensor.grad = customOp(new Tensor(tensor.dims, copyBeyondScope(sum.storage)), [sum], [(dy) => dy])
  } else if (tensor.grad !== null) backendOf(storage, elementwise).addInto(tensor.grad.storage, storage)
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
