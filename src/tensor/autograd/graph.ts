// The graph of a computation: steps that lead from a result to its leaves, recorded unless that is disabled.
//
// Steps are numbered in order of creation, which is a topological order: the inputs of an operation are older than its
// result. Baydin et al. 2018, arXiv:1502.05767, section 3.2.

import { GradientError } from '../errors.ts'
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

/** What `grad` differentiates by; null in a pass that adds to `grad` of all leaves. */
export type Targets = {
  /** The gradient so far. */
  readonly gradients: Map<Tensor, Tensor | null>
  /** Older steps belong to constants. */
  readonly since: number
} | null

export function isReached(x: Tensor, targets: Targets): boolean {
  return targets === null || targets.gradients.has(x) || (x.step !== null && x.step.order >= targets.since)
}

let passes = 0

/** All non-leaf tensors that `output` depends on, newest first, without steps older than `since`. */
export function newestFirst(output: Tensor, since = 0): Tensor[] {
  const pass = ++passes
  const found: Tensor[] = []
  const stack = [output]
  while (stack.length > 0) {
    const tensor = stack.pop()!
    const { step } = tensor
    if (step === null || step.pass === pass || step.order < since) continue
    if (step.used) {
      throw new GradientError(
        'backward: a second backward() through the same graph; compute the loss again, or pass { retainGraph: true } first',
      )
    }
    step.pass = pass
    found.push(tensor)
    for (let i = 0; i < step.inputs.length; i++) if (step.rules[i] !== null) stack.push(step.inputs[i]!)
  }
  return found.sort((a, b) => b.step!.order - a.step!.order)
}

let recording = true

export function isRecording(): boolean {
  return recording
}

/** Runs `body` with recording enabled or disabled. */
export function withRecording<T>(enabled: boolean, body: () => T): T {
  const before = recording
  recording = enabled
  try {
    return body()
  } finally {
    recording = before
  }
}
