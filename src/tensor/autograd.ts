// Reverse-mode differentiation. An operation computes its result and records, for each input, the rule that maps the
// gradient of the result to the gradient of that input. `Tensor.backward` applies the rules in reverse order.

import { GradientError } from './errors.ts'
import { isRecording, withoutRecording } from './recording.ts'
import { type BackwardFn, Tensor } from './tensor.ts'

export type { BackwardFn } from './tensor.ts'

let nextOrder = 1

/** Runs `body` without recording, so its results have no history. Throws a GradientError for an asynchronous body. */
export function noGrad<T>(body: () => T): T {
  const result = withoutRecording(body)
  if (result instanceof Promise) {
    result.catch(() => {}) // the GradientError is reported instead
    throw new GradientError(
      'noGrad: the body is asynchronous; expected a synchronous one, as code after await is recorded',
    )
  }
  return result
}

/** A tensor that shares the storage of `x` and has no history. */
export function detach(x: Tensor): Tensor {
  return new Tensor(x.dims, x.storage)
}

/**
 * Records `output` as computed from `inputs` and returns it. `rules[i]` maps the gradient of `output` to that of `inputs[i]`;
 * it runs only if that input has requiresGrad.
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
