// Targets that teach which action to take; the student's outputs are a policy. The teacher's policy is softmax(scores/τ), its
// scores being its logits or else its action values; for continuous actions it is a Gaussian, or one action per state.

import { choice, fraction } from '../../data/options.ts'
import { Box } from '../../data/spaces.ts'
import { crossEntropy } from '../../nn/losses/classification.ts'
import { generalizedJsd, smoothedLogits } from '../../nn/losses/distillation.ts'
import type { Module } from '../../nn/module.ts'
import { DeterministicPolicy, GaussianPolicy, SquashedGaussianPolicy } from '../../rl/policies/continuous-policies.ts'
import { CategoricalPolicy } from '../../rl/policies/discrete-policies.ts'
import { Delta, DiagonalGaussian } from '../../rl/policies/distributions/diagonal-gaussian.ts'
import { toUnit } from '../../rl/policies/distributions/squashed-gaussian.ts'
import { detach } from '../../tensor/autograd/autograd.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { ValueError } from '../../tensor/errors.ts'
import { tanh } from '../../tensor/ops/elementwise.ts'
import { narrow } from '../../tensor/ops/layout.ts'
import { argmax, mean as average } from '../../tensor/ops/reduce.ts'
import type { LabelledDataset } from '../dataset/dataset.ts'
import { hardScores } from '../dataset/dataset-operations.ts'
import {
  defineTarget,
  evaluated,
  type Objective,
  resolveTemperature,
  type Temperature,
  temperatureOption,
} from './target.ts'

export type Divergence = 'forward-kl' | 'reverse-kl' | 'jsd' | 'hard'

const divergences: readonly Divergence[] = ['forward-kl', 'reverse-kl', 'jsd', 'hard']

interface PolicyOptions {
  readonly temperature: Temperature | 'auto'
  readonly divergence: Divergence
  readonly jsBeta: number
}

/** A policy student: a categorical one for discrete actions, else of the teacher's kind. */
export type PolicyStudent = CategoricalPolicy | SquashedGaussianPolicy | GaussianPolicy | DeterministicPolicy

export const policyTarget = defineTarget({
  name: 'policy',
  about: "the teacher's softened policy",
  options: {
    temperature: temperatureOption(),
    divergence: choice(
      'forward-kl',
      'KL(teacher ‖ student), KL(student ‖ teacher), Jensen-Shannon between the two, or -log q of the best action (behaviour cloning)',
      divergences,
    ),
    jsBeta: fraction(0.5, 'jsd: 0 is the forward, 1 the reverse KL'),
  },
  columns: ['logits', 'actionValues', 'mean', 'actions'],
  acts: true,
  crossValidates: true,
  prepare: (dataset, options): Objective<PolicyStudent> =>
    dataset.actionSpace instanceof Box
      ? continuousPolicy(dataset, dataset.actionSpace, options)
      : discretePolicy(dataset, options),
})

function discretePolicy(dataset: LabelledDataset, { temperature, divergence, jsBeta }: PolicyOptions) {
  const { numActions, observationSize } = dataset
  const student = (network: Module) => new CategoricalPolicy(network, observationSize, numActions)
  const oneLogitPerAction = { outputs: numActions, width: numActions, student }
  if (divergence === 'hard') {
    return {
      ...oneLogitPerAction,
      labels: hardScores(dataset),
      loss: (outputs: Tensor, labels: Tensor) => crossEntropy(outputs, argmax(labels, -1)),
      metrics: {},
    }
  }
  const scores = dataset.scores()
  const resolved = resolveTemperature(temperature, scores, numActions)
  const logits = scores.map((each) => each / resolved)
  const beta = divergence === 'forward-kl' ? 0 : divergence === 'reverse-kl' ? 1 : jsBeta
  return {
    ...oneLogitPerAction,
    // Smoothing bounds the divergences that divide by the teacher's probabilities.
    labels: divergence === 'forward-kl' ? logits : evaluated(logits, numActions, (x) => smoothedLogits(x)),
    loss: (outputs: Tensor, labels: Tensor) => generalizedJsd(outputs, labels, { beta }),
    metrics: { temperature: resolved, ...(divergence === 'jsd' && { jsBeta }) },
  }
}

/** Below this ln σ (σ = 0.001) a reverse KL is dominated by 1/σ². */
const MIN_LOG_STD = -6.907755278982137

// Gaussians before tanh, or in the environment's units. tanh is invertible and common to both, so it leaves the divergence unchanged.
function continuousPolicy(
  dataset: LabelledDataset,
  bounds: Box,
  { divergence }: PolicyOptions,
): Objective<PolicyStudent> {
  const { observationSize, actionSize, size } = dataset
  if (divergence === 'jsd' || divergence === 'hard') {
    throw new ValueError(
      `policy: divergence is ${divergence}, but ${dataset.envId} has continuous actions; use forward-kl or reverse-kl`,
    )
  }
  const kl = <P extends { kl(other: P): Tensor }>(teacher: P, student: P) =>
    divergence === 'forward-kl' ? teacher.kl(student) : student.kl(teacher)
  const mean = dataset.isLabelled ? dataset.column('mean') : toUnit(dataset.column('actions'), bounds)
  if (!dataset.has('logStd')) {
    return {
      outputs: actionSize,
      width: actionSize,
      labels: mean,
      loss: (outputs, labels) => average(kl(new Delta(detach(labels)), new Delta(tanh(outputs)))),
      student: (network) => new DeterministicPolicy(network, observationSize, bounds),
      metrics: {},
    }
  }
  const logStd = dataset.column('logStd')
  const least = logStd.reduce((a, b) => Math.min(a, b), Infinity)
  if (divergence === 'reverse-kl' && least < MIN_LOG_STD) {
    throw new ValueError(
      `policy: the teacher's logStd is ${least}; reverse-kl needs at least ${MIN_LOG_STD.toFixed(2)} (σ = 0.001); use forward-kl`,
    )
  }
  const width = 2 * actionSize
  const labels = new Float32Array(size * width)
  for (let i = 0; i < size; i++) {
    const [from, to] = [i * actionSize, (i + 1) * actionSize]
    labels.set(mean.subarray(from, to), i * width)
    labels.set(logStd.subarray(from, to), i * width + actionSize)
  }
  const gaussian = (rows: Tensor) =>
    new DiagonalGaussian(narrow(rows, 1, 0, actionSize), narrow(rows, 1, actionSize, actionSize))
  return {
    outputs: width,
    width,
    labels,
    loss: (outputs, given) => average(kl(gaussian(detach(given)), gaussian(outputs))),
    student: (network) =>
      new (dataset.squashed ? SquashedGaussianPolicy : GaussianPolicy)(network, observationSize, bounds),
    metrics: {},
  }
}
