// Losses for policies over vectors of torques and forces: means (and deviations) [batch, actionSize]. Divergences of diagonal
// Gaussians have a closed form, a sum over the dimensions. Read next: rl/distributions/diagonal-gaussian.ts.

import { DiagonalGaussian } from '../../rl/distributions/diagonal-gaussian.ts'
import { detach } from '../../tensor/autograd.ts'
import { formatShape, ShapeError, ValueError } from '../../tensor/errors.ts'
import { amin } from '../../tensor/ops/reduce.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { meanOverStates, requireSame } from './common.ts'
import { squaredError } from './values.ts'

/** A Gaussian policy's outputs: mean [batch, actionSize], logStd alike or [actionSize] where all states share it. */
export interface GaussianOutputs {
  readonly mean: Tensor
  readonly logStd: Tensor
}

/** KL(teacher ‖ student) of diagonal Gaussians, in nats: forward, so the student's deviation covers the teacher's actions. */
export function gaussianForwardKL(teacher: GaussianOutputs, student: GaussianOutputs, weights?: Tensor): Tensor {
  const { p, q } = pair('gaussianForwardKL', teacher, student)
  return meanOverStates(p.kl(q), weights)
}

/**
 * KL(student ‖ teacher) of diagonal Gaussians, in nats: reverse. It divides by the teacher's variance, so a teacher of almost
 * none would drown all else: below a deviation of 1e-3 this throws a ValueError. Use `unitVarianceKL` there.
 */
export function gaussianReverseKL(teacher: GaussianOutputs, student: GaussianOutputs, weights?: Tensor): Tensor {
  const { p, q } = pair('gaussianReverseKL', teacher, student)
  const least = amin(detach(teacher.logStd)).item()
  if (!(least >= LEAST_LOG_STD)) {
    throw new ValueError(
      `gaussianReverseKL: the teacher's logStd is ${least}; expected at least ${LEAST_LOG_STD} (a deviation of 0.001). ` +
        'For a deterministic teacher use unitVarianceKL',
    )
  }
  return meanOverStates(q.kl(p), weights)
}

const LEAST_LOG_STD = -6.907755278982137 // ln 0.001

/**
 * ½ ‖μ - a‖² for a deterministic teacher's actions a [batch, actionSize]: the KL of two Gaussians of deviation 1 around a and
 * μ, in either direction.  d/dμ = (μ - a) / batch.
 */
export function unitVarianceKL(teacherActions: Tensor, means: Tensor, weights?: Tensor): Tensor {
  if (means.shape.length !== 2) {
    throw new ShapeError(`unitVarianceKL: the means are ${formatShape(means.shape)}; expected [batch, actionSize]`)
  }
  return squaredError(teacherActions, means, weights)
}

function pair(op: string, teacher: GaussianOutputs, student: GaussianOutputs) {
  requireSame(op, teacher.mean, student.mean)
  const p = new DiagonalGaussian(detach(teacher.mean), detach(teacher.logStd))
  return { p, q: new DiagonalGaussian(student.mean, student.logStd) }
}
