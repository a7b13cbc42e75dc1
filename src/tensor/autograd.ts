// Reverse-mode differentiation. An operation computes its result and then records, for each input, the rule that turns
// the gradient of the result into the gradient of that input. `Tensor.backward` walks the records from the last to the first.

import { GradientError } from './errors.ts'
import { isRecording, withoutRecording } from './recording.ts'
import { type BackwardFn, Tensor } from './tensor.ts'

export type { BackwardFn } from './tensor.ts'

let nextOrder = 1

/**
 * Runs `body` without recording: its results have no history, and no gradient flows through them. Throws a GradientError
 * for an asynchronous body.
 */
export function noGrad<T>(body: () => T): T {
  const result = withoutRecording(body)
  if (result instanceof Promise) {
    result.catch(() => {}) // said already
    throw new GradientError('noGrad: the body is asynchronous, and what follows its first await would be recorded')
  }
  return result
}

/** The same numbers as `x`, cut off from how they were computed. */
export function detach(x: Tensor): Tensor {
  return new Tensor(x.shape, x.storage)
}

/**
 * Marks `output` as computed from `inputs`; `rules[i]` is the gradient of `inputs[i]`, called only if that input needs it.
 * One rule an input, so that a rule no one needs is never run. Returns `output`.
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
