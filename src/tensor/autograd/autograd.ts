// Reverse-mode differentiation. An operation computes its result and records, for each input, the rule that maps the
// gradient of the result to the gradient of that input. `Tensor.backward` applies the rules in reverse order.

import { GradientError } from '../errors.ts'
import { isRecording, withRecording } from './graph.ts'
import { customOp, Tensor } from './tensor.ts'

export { customOp } from './tensor.ts'

/** Runs `body` without recording, so its results have no history. Throws a GradientError for an asynchronous body. */
export function noGrad<T>(body: () => T): T {
  const result = withRecording(false, body)
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

/** Records a linear map and its adjoint: each is the gradient rule of the other. */
export function linearOp(x: Tensor, map: (x: Tensor) => Tensor, adjoint: (dy: Tensor) => Tensor): Tensor {
  const y = map(x)
  return isRecording() ? customOp(y, [x], [(dy) => linearOp(dy, adjoint, map)]) : y
}
