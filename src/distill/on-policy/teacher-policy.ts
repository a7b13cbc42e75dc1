// A teacher as a distribution over actions, which is what a student at play is held against. Read next: kickstart.ts.

import { type ActorCritic, GaussianActorCritic } from '../../rl/actor-critic.ts'
import { actionScores } from '../../rl/discrete-policies.ts'
import { Categorical } from '../../rl/distributions/categorical.ts'
import type { DistributionWithEntropy } from '../../rl/distributions/distribution.ts'
import type { DiscretePolicy } from '../../rl/policy.ts'
import { noGrad } from '../../tensor/autograd.ts'
import { ValueError } from '../../tensor/errors.ts'
import { mul } from '../../tensor/ops/elementwise.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { requireTemperature } from '../losses/common.ts'

/** Who teaches a student at play: an agent that chooses among actions, or one that gives vectors. */
export type OnPolicyTeacher = DiscretePolicy | GaussianActorCritic

/**
 * π_T(·|s): softmax(logits / τ), softmax(Q / τ) for a teacher of action values, or its Gaussian, which has no temperature.
 * The teacher is constant: no gradient is recorded. Throws a `ValueError` unless τ is positive and finite.
 */
export function teacherPolicy(teacher: DiscretePolicy, tau: number, observations: Tensor, masks?: Tensor): Categorical
export function teacherPolicy(
  teacher: OnPolicyTeacher,
  tau: number,
  observations: Tensor,
  masks?: Tensor,
): DistributionWithEntropy
export function teacherPolicy(
  teacher: OnPolicyTeacher,
  tau: number,
  observations: Tensor,
  masks?: Tensor,
): DistributionWithEntropy {
  requireTemperature('teacherPolicy', tau)
  return noGrad(() => {
    if (teacher instanceof GaussianActorCritic) return teacher.distribution(observations)
    return new Categorical(mul(actionScores(teacher, observations), 1 / tau), masks)
  })
}

/** What an agent sees and does: choices have an `actionCount`, vectors an `actionSize`. */
export interface Spaces {
  readonly observationSize: number
  readonly actionCount?: number
  readonly actionSize?: number
}

/** Throws a `ValueError` unless both see and do the same: `op: the teacher observes 4 numbers and …`. */
export function requireSameTask(op: string, teacher: Spaces, student: Spaces | ActorCritic): void {
  const [theirs, ours] = [inWords(teacher), inWords(student)]
  if (theirs === ours) return
  throw new ValueError(`${op}: the teacher ${theirs}, the student ${ours}; both must play the same environment`)
}

function inWords({ observationSize, actionCount, actionSize }: Spaces): string {
  const actions = actionCount === undefined ? `gives vectors of ${actionSize}` : `chooses among ${actionCount} actions`
  return `observes ${observationSize} numbers and ${actions}`
}
