// Distillation during reinforcement learning: terms for the loss of PPO and A2C.
//
//   for (const report of ppo(env, { auxiliaryLoss: new Kickstart(teacher, { returnRange: { random: 22, teacher: 500 } }) })) …
//
// Distillation without rewards is `distill(env, teacher)`.

import {
  count,
  flag,
  type GivenOptions,
  nonNegative,
  type OptionValues,
  positive,
  readOptions,
} from '../../data/options.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { exp, maximum, mul, sub } from '../../tensor/ops/elementwise.ts'
import { constant } from '../../tensor/ops/primitives.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import type { ActorCritic } from '../policies/actor-critic.ts'
import {
  distillationCoef,
  type OnPolicyTeacher,
  type ReturnRange,
  requireReturnRange,
  requireSameTask,
  teacherPolicy,
} from '../policies/teacher-policy.ts'
import type { FinishedEpisode } from '../training/training.ts'
import type { AuxiliaryBatch, AuxiliaryLoss } from './on-policy.ts'

const kickstartOptions = {
  weight: nonNegative(1, 'initial weight λ₀ of the divergence from the teacher'),
  ramp: flag(false, 'also lower λ linearly to 0 over the training'),
  temperature: positive(1, "softness of the teacher's policy, in the units of its logits or action values"),
  episodes: count(20, "latest episodes whose mean is the student's return"),
}

/**
 * Kickstarting: adds λ KL(π_T ‖ π_S), where λ falls as the student's returns approach the teacher's. Schmitt et al. 2018,
 * arXiv:1803.03835, section 3. Deviation: the paper finds λ by population-based training.
 */
export class Kickstart implements AuxiliaryLoss {
  private readonly o: OptionValues<typeof kickstartOptions>
  private readonly returnRange: ReturnRange
  private recent: number[] = []
  private progress = 0 // fraction of the training

  /** Throws a `ValueError` on options out of range, or a teacher no better than random play. */
  constructor(
    private readonly teacher: OnPolicyTeacher,
    { returnRange, ...options }: GivenOptions<typeof kickstartOptions> & { readonly returnRange: ReturnRange },
  ) {
    this.o = readOptions('Kickstart', kickstartOptions, options)
    this.returnRange = returnRange
    requireReturnRange('Kickstart', returnRange)
  }

  /** The current λ; λ₀ before the first episode has ended. */
  get lambda(): number {
    const { recent, o, progress, returnRange } = this
    return o.weight * distillationCoef(recent, returnRange) * (o.ramp ? 1 - progress : 1)
  }

  start(agent: ActorCritic): void {
    requireSameTask('Kickstart', this.teacher, agent)
  }

  afterRollout(episodes: readonly FinishedEpisode[], step: number, totalTimesteps: number): void {
    for (const episode of episodes) this.recent.push(episode.return)
    this.recent.splice(0, this.recent.length - this.o.episodes)
    this.progress = Math.min(1, step / totalTimesteps)
  }

  /** λ KL(π_T ‖ π_S); λ H(π_T, π_S) of the paper plus a constant. */
  loss({ observations, masks, policy }: AuxiliaryBatch): Tensor {
    const teacher = teacherPolicy(this.teacher, this.o.temperature, observations, masks)
    return mul(mean(teacher.kl(policy)), this.lambda)
  }

  save(): { recent: number[]; progress: number } {
    return { recent: [...this.recent], progress: this.progress }
  }

  restore(saved: { recent: number[]; progress: number }): void {
    this.recent = [...saved.recent]
    this.progress = saved.progress
  }
}

const proximalOptions = {
  weight: nonNegative(1, 'weight λ of the divergence; the paper uses 0.5 to 5'),
  clipRange: positive(0.2, "lower clip ε of the ratio; use PPO's clipRange"),
  temperature: positive(1, "softness of the teacher's policy, in the units of its logits or action values"),
}

/**
 * Proximal policy distillation: adds λ KL(π_T ‖ π_S) · max(ρ, 1 - ε), with the probability ratio ρ of PPO. Spigler 2025,
 * arXiv:2407.15134, eq. 3.
 */
export class ProximalDistillation implements AuxiliaryLoss {
  private readonly o: OptionValues<typeof proximalOptions>

  /** Throws a `ValueError` on options out of range. */
  constructor(
    private readonly teacher: OnPolicyTeacher,
    options: GivenOptions<typeof proximalOptions> = {},
  ) {
    this.o = readOptions('ProximalDistillation', proximalOptions, options)
  }

  start(agent: ActorCritic): void {
    requireSameTask('ProximalDistillation', this.teacher, agent)
  }

  afterRollout(): void {} // the weight is constant

  loss({ observations, masks, policy, logProbs, oldLogProbs }: AuxiliaryBatch): Tensor {
    const { weight, clipRange, temperature } = this.o
    const divergences = teacherPolicy(this.teacher, temperature, observations, masks).kl(policy)
    return mul(proximalDivergence(divergences, logProbs, oldLogProbs, clipRange), weight)
  }

  save(): Record<string, never> {
    return {}
  }

  restore(): void {}
}

/** mean KL · max(ρ, 1 - clipRange), ρ = π(a|s) / π_old(a|s): [batch] each → scalar. */
export function proximalDivergence(divergences: Tensor, logProbs: Tensor, oldLogProbs: Tensor, clipRange: number) {
  const ratio = exp(sub(logProbs, oldLogProbs))
  return mean(mul(divergences, maximum(ratio, constant(ratio, 1 - clipRange))))
}
