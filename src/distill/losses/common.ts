// What all distillation losses share: the mean over states, weighted or not, and the checks of their arguments.

import { detach } from '../../tensor/autograd.ts'
import { formatShape, ShapeError, ValueError } from '../../tensor/errors.ts'
import { mul } from '../../tensor/ops/elementwise.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import { sameShape } from '../../tensor/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'

/** The mean of a loss over the states: perState [batch], weights [batch] of mean 1 → scalar. */
export function meanOverStates(perState: Tensor, weights: Tensor | undefined): Tensor {
  return mean(weights === undefined ? perState : mul(perState, detach(weights)))
}

/** Throws a ValueError unless `tau` is a positive, finite number. */
export function requireTemperature(op: string, tau: number): void {
  if (!(tau > 0 && tau < Infinity)) {
    throw new ValueError(`${op}: the temperature is ${tau}; it must be a positive, finite number`)
  }
}

/** Throws a ShapeError unless labels and outputs have one shape. */
export function requireSame(op: string, teacher: Tensor, student: Tensor): void {
  if (sameShape(teacher.shape, student.shape)) return
  throw new ShapeError(
    `${op}: the teacher's labels are ${formatShape(teacher.shape)}, the student's outputs ${formatShape(student.shape)}; ` +
      'they must agree. A student needs one output an action (or one in all, for state values)',
  )
}
