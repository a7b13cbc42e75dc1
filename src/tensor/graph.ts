// The graph of a computation: steps that lead from a result to its leaves.
//
// Steps are numbered in order of creation, which is a topological order: the inputs of an operation are older than its
// result. Baydin et al. 2018, arXiv:1502.05767, section 3.2.

import { GradientError } from './errors.ts'
import type { Tensor } from './tensor.ts'

/** dL/d(output) → dL/d(input), in the input's shape. */
export type BackwardFn = (dy: Tensor) => Tensor

/** The record of how a tensor was computed. The backward pass releases its inputs and rules, unless it retains the graph. */
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

/** The gradients that a pass computes, by target; null for a pass that adds to `grad` of all leaves. */
export type Targets = Map<Tensor, Tensor | null> | null

let passes = 0

/** All non-leaf tensors that `output` depends on, newest first, as far as the targets. */
export function newestFirst(output: Tensor, targets: Targets): Tensor[] {
  const pass = ++passes
  const found: Tensor[] = []
  const stack = [output]
  while (stack.length > 0) {
    const tensor = stack.pop()!
    const { step } = tensor
    if (step === null || step.pass === pass || targets?.has(tensor)) continue
    if (step.used) {
      throw new GradientError(
        'backward: a second backward() through the same graph; compute the loss again first, or pass { retainGraph: true } ' +
          'to the first',
      )
    }
    step.pass = pass
    found.push(tensor)
    for (let i = 0; i < step.inputs.length; i++) if (step.rules[i] !== null) stack.push(step.inputs[i]!)
  }
  return found.sort((a, b) => b.step!.order - a.step!.order)
}

/** The targets and the tensors computed from them. */
export function leadingTo(targets: NonNullable<Targets>, newestFirst: readonly Tensor[]): Set<Tensor> {
  const leading = new Set(targets.keys())
  for (const tensor of newestFirst.toReversed()) {
    if (tensor.step!.inputs.some((input) => leading.has(input))) leading.add(tensor)
  }
  return leading
}
