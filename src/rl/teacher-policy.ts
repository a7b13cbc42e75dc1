// A teacher as a distribution over actions, for students that learn by reinforcement learning at the same time, and how much weight
// it has. Read next: algorithms/qdagger.ts, ../distill/on-policy.ts.

import { noGrad } from '../tensor/autograd.ts'
import { ValueError } from '../tensor/errors.ts'
import { mul } from '../tensor/ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type ActorCritic, GaussianActorCritic } from './actor-critic.ts'
import { actionPreferences, type DiscreteAgent } from './discrete-policies.ts'
import { Categorical } from './distributions/categorical.ts'
import type { DistributionWithEntropy } from './distributions/distribution.ts'

/** A teacher of a student at play: a discrete agent, or a Gaussian actor-critic. */
export type OnPolicyTeacher = DiscreteAgent | GaussianActorCritic

/**
 * π_T(·|s): softmax(logits / τ), softmax(Q / τ) for a teacher of action values, or its Gaussian, which has no temperature.
 * No gradient is recorded. Throws a `ValueError` unless τ is positive and finite.
 */
export function teacherPolicy(
  teacher: DiscreteAgent,
  temperature: number,
  observations: Tensor,
  masks?: Tensor,
): Categorical
export function teacherPolicy(
  teacher: OnPolicyTeacher,
  temperature: number,
  observations: Tensor,
  masks?: Tensor,
): DistributionWithEntropy
export function teacherPolicy(
  teacher: OnPolicyTeacher,
  temperature: number,
  observations: Tensor,
  masks?: Tensor,
): DistributionWithEntropy {
  if (!(temperature > 0 && temperature < Infinity)) {
    throw new ValueError(`teacherPolicy: the temperature is ${temperature}; expected a positive, finite number`)
  }
  return noGrad(() => {
    if (teacher instanceof GaussianActorCritic) return teacher.distribution(observations)
    return new Categorical(mul(actionPreferences(teacher, observations), 1 / temperature), masks)
  })
}

/** Mean returns that measure a student's progress on a task. */
export interface ReturnRange {
  /** Of uniformly random actions. */
  readonly random: number
  /** Of the teacher. */
  readonly teacher: number
}

/**
 * clip(1 - (G - G_random) / (G_teacher - G_random), 0, 1): the weight of the teacher, from 1 for a student no better than random to 0
 * for one as good as the teacher. The ratio of Agarwal et al. 2022 (arXiv:2206.01626, section 4), 1 - G / G_teacher, is the case
 * G_random = 0; with negative returns it would give a poor student's teacher no weight.
 */
export function distillationCoef(studentReturn: number, { random, teacher }: ReturnRange): number {
  return Math.min(Math.max(1 - (studentReturn - random) / (teacher - random), 0), 1)
}

/** Throws a `ValueError` unless the teacher's return is above that of random play. */
export function requireReturnRange(op: string, { random, teacher }: ReturnRange): void {
  if (Number.isFinite(random) && teacher > random && teacher < Infinity) return
  throw new ValueError(
    `${op}: the teacher's return is ${teacher}, that of random play ${random}; expected a teacher better than random play`,
  )
}

/** Sizes of observations and actions: discrete ones have an `numActions`, continuous ones an `actionSize`. */
interface Sizes {
  readonly observationSize: number
  readonly numActions?: number
  readonly actionSize?: number
}

/** Throws a `ValueError` that gives both sides unless teacher and student are of one task. */
export function requireSameTask(op: string, teacher: Sizes, student: Sizes | ActorCritic): void {
  const [theirs, ours] = [inWords(teacher), inWords(student)]
  if (theirs === ours) return
  throw new ValueError(`${op}: the teacher ${theirs}, the student ${ours}; both must play the same environment`)
}

function inWords({ observationSize, numActions, actionSize }: Sizes): string {
  const actions = numActions === undefined ? `gives vectors of ${actionSize}` : `chooses among ${numActions} actions`
  return `observes ${observationSize} numbers and ${actions}`
}
