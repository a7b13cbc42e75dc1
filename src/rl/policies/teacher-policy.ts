// A teacher's policy and its weight in the loss, for distillation during reinforcement learning. Read next: ../value-based/qdagger.ts,
// ../on-policy/teacher-losses.ts.

import { meanOf } from '../../data/statistics.ts'
import { requirePositive } from '../../nn/checks.ts'
import { noGrad } from '../../tensor/autograd/autograd.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { ValueError } from '../../tensor/errors.ts'
import { mul } from '../../tensor/ops/elementwise.ts'
import type { ActorCritic, FactoredActorCritic, GaussianActorCritic } from './actor-critic.ts'
import { actionPreferences, type DiscreteAgent } from './discrete-policies.ts'
import { Categorical } from './distributions/categorical.ts'
import type { DistributionWithEntropy } from './distributions/distribution.ts'

export type OnPolicyTeacher = DiscreteAgent | GaussianActorCritic | FactoredActorCritic

/** π_T(·|s): `softenedPolicy`, or the distribution of a teacher of vectors, without temperature. No gradient is recorded. */
export function teacherPolicy(
  teacher: OnPolicyTeacher,
  temperature: number,
  observations: Tensor,
  masks?: Tensor,
): DistributionWithEntropy {
  if ('actionSize' in teacher) return noGrad(() => teacher.distribution(observations))
  return softenedPolicy(teacher, temperature, observations, masks)
}

/** softmax(logits / τ), or softmax(Q / τ), without gradient. Throws a `ValueError` unless τ is positive and finite. */
export function softenedPolicy(teacher: DiscreteAgent, temperature: number, observations: Tensor, masks?: Tensor) {
  requirePositive('teacherPolicy: the temperature', temperature)
  return noGrad(() => new Categorical(mul(actionPreferences(teacher, observations), 1 / temperature), masks))
}

/** Mean returns that measure a student's progress on a task. */
export interface ReturnRange {
  /** Mean return of uniformly random actions. */
  readonly random: number
  /** Mean return of the teacher. */
  readonly teacher: number
}

/**
 * The weight of the teacher, clip(1 - (G - G_random) / (G_teacher - G_random), 0, 1): 1 for a student no better than random, 0 for one as
 * good as the teacher. The ratio of Agarwal et al. 2022 (arXiv:2206.01626, section 4), 1 - G / G_teacher, is the case G_random = 0 and
 * is wrong for negative returns.
 *
 * @param studentReturn G, or recent returns whose mean is G; G is G_random for an empty list
 */
export function distillationCoef(studentReturn: number | readonly number[], { random, teacher }: ReturnRange): number {
  const g =
    typeof studentReturn === 'number' ? studentReturn : studentReturn.length === 0 ? random : meanOf(studentReturn)
  return Math.min(Math.max(1 - (g - random) / (teacher - random), 0), 1)
}

/** Throws a `ValueError` unless the teacher's return is above that of random play. */
export function requireReturnRange(op: string, { random, teacher }: ReturnRange): void {
  if (Number.isFinite(random) && teacher > random && teacher < Infinity) return
  throw new ValueError(
    `${op}: the teacher's return is ${teacher}, that of random play ${random}; expected a teacher better than random play`,
  )
}

interface Sizes {
  readonly observationSize: number
  readonly numActions?: number
  readonly actionSize?: number
  readonly actionSpace?: unknown
}

/** Throws a `ValueError` unless teacher and student have observations and actions of the same sizes. */
export function requireSameTask(op: string, teacher: Sizes, student: Sizes | ActorCritic): void {
  const [theirs, ours] = [inWords(teacher), inWords(student)]
  if (theirs === ours) return
  throw new ValueError(`${op}: the teacher ${theirs}, the student ${ours}; both must play the same environment`)
}

function inWords({ observationSize, numActions, actionSize, actionSpace = `vectors of ${actionSize}` }: Sizes): string {
  const actions = numActions === undefined ? `gives ${actionSpace}` : `chooses among ${numActions} actions`
  return `observes ${observationSize} numbers and ${actions}`
}
