// Proximal policy distillation: Spigler 2025, arXiv:2407.15134, eq. 3. A student learns by PPO from its own episodes, and with
// every minibatch moves towards the teacher, by a divergence that is weighed as PPO weighs advantages: by how much likelier
// the action has become since it was played, but never by less than 1 - clipRange.
//
//   for (const report of ppo(envs, { guide: new ProximalDistillation(teacher) })) …
//
// Read next: student-driven.ts, which learns from the teacher alone.

import type { ActorCritic } from '../../rl/actor-critic.ts'
import type { Guide, GuidedBatch } from '../../rl/algorithms/guide.ts'
import { ValueError } from '../../tensor/errors.ts'
import { exp, maximum, mul, sub } from '../../tensor/ops/elementwise.ts'
import { constant } from '../../tensor/ops/primitives.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type OnPolicyTeacher, requireSameTask, teacherPolicy } from './teacher-policy.ts'

export interface ProximalDistillationOptions {
  /** λ, the weight of the divergence. The paper uses 0.5 to 5. Default 1. */
  readonly weight?: number
  /** ε: give it what PPO has as `clipRange`. Default 0.2, as there. */
  readonly clipRange?: number
  /** Softens the teacher, in the units of its logits or action values. Default 1. */
  readonly tau?: number
}

export class ProximalDistillation implements Guide {
  private readonly o: Required<ProximalDistillationOptions>

  /** Throws a `ValueError` on a weight or clip range out of range. */
  constructor(
    private readonly teacher: OnPolicyTeacher,
    options: ProximalDistillationOptions = {},
  ) {
    this.o = { weight: 1, clipRange: 0.2, tau: 1, ...options }
    const { weight, clipRange } = this.o
    if (!(weight >= 0 && weight < Infinity)) {
      throw new ValueError(`ProximalDistillation: the weight is ${weight}; expected a number from 0 on`)
    }
    if (!(clipRange > 0)) {
      throw new ValueError(`ProximalDistillation: clipRange is ${clipRange}; expected a number above 0`)
    }
  }

  start(agent: ActorCritic): void {
    requireSameTask('ProximalDistillation', this.teacher, agent)
  }

  afterRollout(): void {} // the weight stays as it is

  term({ observations, masks, policy, logProbs, oldLogProbs }: GuidedBatch): Tensor {
    const { weight, clipRange, tau } = this.o
    const divergences = teacherPolicy(this.teacher, tau, observations, masks).kl(policy)
    return mul(proximalDivergence(divergences, logProbs, oldLogProbs, clipRange), weight)
  }

  save(): Record<string, never> {
    return {}
  }

  restore(): void {}
}

/** mean KL · max(ρ, 1 - clipRange) with ρ = π(a|s) / π_old(a|s): [batch] each → scalar. The divergences are never negative. */
export function proximalDivergence(
  divergences: Tensor,
  logProbs: Tensor,
  oldLogProbs: Tensor,
  clipRange: number,
): Tensor {
  const ratio = exp(sub(logProbs, oldLogProbs))
  return mean(mul(divergences, maximum(ratio, constant(ratio, 1 - clipRange))))
}
