// What a student of torques and forces learns: the whole Gaussian of a stochastic teacher, or the action of a deterministic
// one. Read next: ../losses/continuous-policies.ts for the losses, ../train-student.ts for the training.

import { DeterministicAgent, SquashedGaussianAgent } from '../../rl/continuous-policies.ts'
import { tanh } from '../../tensor/ops/elementwise.ts'
import { narrow, reshape } from '../../tensor/ops/layout.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { gaussianForwardKL, unitVarianceKL } from '../losses/continuous-policies.ts'
import type { PreparedTarget } from '../targets/prepared.ts'
import { type ControlSet, requireUsableControls } from './control-set.ts'
import type { ControlPolicy } from './control-teacher.ts'

/**
 * The teacher's policy, ready for `trainStudent`. The student is an agent of the teacher's kind. Throws a ShapeError on labels
 * that are too many or too few, a ValueError on ones that are not finite.
 */
export function controlTarget(set: ControlSet): PreparedTarget<ControlPolicy> {
  requireUsableControls('controlTarget', set)
  return set.logStds === undefined ? actionTarget(set) : gaussianTarget(set, set.logStds)
}

/**
 * KL(teacher ‖ student) of the Gaussians before the squashing. Tanh, which both sides share and which can be undone, leaves a
 * divergence as it is. So it never meets the infinities of actions at their bounds.
 */
function gaussianTarget(set: ControlSet, logStds: Float32Array): PreparedTarget<ControlPolicy> {
  const { size, actionSize, observationSize, bounds, means } = set
  const width = 2 * actionSize
  const labels = new Float32Array(size * width)
  for (let i = 0; i < size; i++) {
    const [from, to] = [i * actionSize, (i + 1) * actionSize]
    labels.set(means.subarray(from, to), i * width)
    labels.set(logStds.subarray(from, to), i * width + actionSize)
  }
  const gaussian = (rows: Tensor) => ({
    mean: narrow(rows, 1, 0, actionSize),
    logStd: narrow(rows, 1, actionSize, actionSize),
  })
  return {
    outputs: width,
    width,
    labels,
    loss: (given, outputs, weights) => gaussianForwardKL(gaussian(given), gaussian(outputs), weights),
    student: (network) => new SquashedGaussianAgent(network, observationSize, bounds),
    settings: {},
  }
}

/** ½ ‖tanh(outputs) - a‖²: as if both had a deviation of 1, since a KL to a teacher of none would be infinite. */
function actionTarget(set: ControlSet): PreparedTarget<ControlPolicy> {
  const { actionSize, observationSize, bounds, means } = set
  const rows = (x: Tensor) => reshape(x, [x.size / actionSize, actionSize])
  return {
    outputs: actionSize,
    width: actionSize,
    labels: means,
    loss: (given, outputs, weights) => unitVarianceKL(rows(given), tanh(rows(outputs)), weights),
    student: (network) => new DeterministicAgent(network, observationSize, bounds),
    settings: {},
  }
}
