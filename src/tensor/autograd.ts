// Reverse-mode differentiation. An operation computes its result and then records, for each input, the rule that turns
// the gradient of the result into the gradient of that input. `backward` walks the records from the last to the first.
//
// Each step has a number that grows with time, so the order of creation is a topological order: an operation's inputs
// are always older than its result.

import { backendOf, commonBackend } from './backends/select.ts'
import { DTypeError, formatShape, GradientError, ShapeError } from './errors.ts'
import { keepBeyondScope, type Releasable } from './scope.ts'
import { sameShape } from './shape.ts'
import { CpuStorage, newArray, type Storage } from './storage.ts'
import { Tensor } from './tensor.ts'

/** dL/d(output) → dL/d(input), in the input's shape. */
export type GradientRule = (dy: Tensor) => Tensor

/** How one tensor was computed. After a backward pass, what it was computed from is let go. */
export interface Step {
  readonly order: number
  inputs: readonly Tensor[]
  /** Null for an input that took no gradients when this was recorded: what happens to it afterwards changes nothing. */
  rules: readonly (GradientRule | null)[]
  /** The gradient collected so far in a backward pass under way. */
  pending: Tensor | null
  /** The last backward pass that came by. */
  pass: number
  used: boolean
}

let recording = true
let nextOrder = 1
let passes = 0

/**
 * Runs `body` without recording: its results have no history, and no gradient flows through them. Throws a GradientError
 * for an asynchronous body.
 */
export function noGrad<T>(body: () => T): T {
  const before = recording
  recording = false
  try {
    const result = body()
    if (result instanceof Promise) {
      result.catch(() => {}) // said already
      throw new GradientError('noGrad: the body is asynchronous, and what follows its first await would be recorded')
    }
    return result
  } finally {
    recording = before
  }
}

/** The same numbers as `x`, cut off from how they were computed. */
export function detach(x: Tensor): Tensor {
  return new Tensor(x.shape, x.storage)
}

/**
 * Marks `output` as computed from `inputs`; `rules[i]` is the gradient of `inputs[i]`, called only if that input needs it.
 * One rule an input, so that a rule no one needs is never run. Returns `output`.
 */
export function record(output: Tensor, inputs: readonly Tensor[], rules: readonly GradientRule[]): Tensor {
  if (!recording) return output
  let needed = 0
  for (let i = 0; i < inputs.length; i++) if (inputs[i]!.requiresGrad) needed++
  if (needed === 0) return output
  const kept = needed === inputs.length ? rules : rules.map((rule, i) => (inputs[i]!.requiresGrad ? rule : null))
  output.requiresGrad = true
  output.step = { order: nextOrder++, inputs, rules: kept, pending: null, pass: 0, used: false }
  return output
}

/** See `Tensor.backward`. Baydin et al. 2018, arXiv:1502.05767, section 3.2. */
export function backward(output: Tensor, cotangent?: Tensor): void {
  if (!output.requiresGrad) {
    throw new GradientError(
      `backward: ${output} has no history: no input had requiresGrad, or it was made under noGrad or detach ` +
        '(gradients of gradients are not supported)',
    )
  }
  if (cotangent === undefined && output.size !== 1) {
    throw new GradientError(
      `backward: ${output} is not a scalar; reduce it first (sum, mean) or pass the gradient that flows into it`,
    )
  }
  if (cotangent !== undefined) requireFits(cotangent, output)
  const dy = cotangent ?? new Tensor(output.shape, backendOf(output.storage).fill(1, 1, output.dtype))
  noGrad(() => flow(output, dy))
}

function requireFits(cotangent: Tensor, output: Tensor): void {
  if (!sameShape(cotangent.shape, output.shape)) {
    throw new ShapeError(
      `backward: the cotangent has shape ${formatShape(cotangent.shape)}, the output ${formatShape(output.shape)}`,
    )
  }
  if (cotangent.dtype !== output.dtype) {
    throw new DTypeError(
      `backward: the cotangent is ${cotangent.dtype}, the output ${output.dtype}; convert it with cast()`,
    )
  }
  commonBackend('backward', cotangent.storage, output.storage)
}

function flow(output: Tensor, dy: Tensor): void {
  const tensors = newestFirst(output)
  receive(output, dy)
  try {
    for (const tensor of tensors) passOn(tensor, tensor.step!)
  } catch (error) {
    // Another graph may share these steps: what they hold now is no part of its gradients.
    for (const { step } of tensors) step!.pending = null
    throw error
  }
}

function passOn(tensor: Tensor, step: Step): void {
  const { inputs, rules } = step
  const gradient = step.pending!
  step.pending = null
  step.used = true
  // Whoever keeps a loss to plot it does not keep the whole graph.
  step.inputs = []
  step.rules = []
  if (tensor.retainsGrad) addToLeaf(tensor, gradient)
  for (let i = 0; i < inputs.length; i++) {
    const rule = rules[i]!
    if (rule !== null) receive(inputs[i]!, rule(gradient))
  }
}

// Every tensor with a step that `output` was computed from, newest first.
function newestFirst(output: Tensor): Tensor[] {
  const pass = ++passes
  const found: Tensor[] = []
  const stack = [output]
  while (stack.length > 0) {
    const tensor = stack.pop()!
    const { step } = tensor
    if (step === null || step.pass === pass) continue
    if (step.used) {
      throw new GradientError(
        'backward: this graph was already walked; compute the loss again before a second backward()',
      )
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
    const backend = backendOf(gradient.storage)
    // The first gradient may be shared with another tensor, so the sum is a new one.
    step.pending = new Tensor(
      shape,
      backend.zip('add', step.pending.storage, shape, gradient.storage, shape, shape, 0, 0),
    )
  }
}

// The first writer stores, later ones add. A leaf's gradient outlives the scope of the pass that made it.
function addToLeaf(tensor: Tensor, gradient: Tensor): void {
  const backend = backendOf(gradient.storage)
  if (tensor.grad !== null) backend.addInto(tensor.grad.storage, gradient.storage)
  else if (tensor.gradHome !== null) {
    backend.copyInto(tensor.gradHome, gradient.storage)
    tensor.grad = new Tensor(tensor.shape, tensor.gradHome)
  } else tensor.grad = new Tensor(tensor.shape, copyBeyondScope(gradient.storage))
}

function copyBeyondScope(x: Storage): Storage {
  if (x instanceof CpuStorage) {
    const home = CpuStorage.onHeap(newArray(x.dtype, x.length))
    home.view().set(x.view())
    return home
  }
  const copy = backendOf(x).copy(x)
  keepBeyondScope(copy as Storage & Releasable)
  return copy
}
