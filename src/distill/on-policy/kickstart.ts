// Kickstarting: Schmitt et al. 2018, arXiv:1803.03835, section 3. The student learns by itself, from its own rewards and in its
// own episodes, and each update also draws it towards the teacher: L_RL + λ H(π_T, π_S). λ falls as the student's returns
// near the teacher's, so that in the end it may become better. Deviation: the paper finds λ by population-based training,
// here it follows the returns (guidance-weight.ts).
//
//   for (const report of ppo(envs, { guide: new Kickstart(teacher, { returns: { random: 22, teacher: 500 } }) })) …
//
// Read next: proximal.ts, which keeps the teacher's pull within PPO's trust region.

import type { ActorCritic } from '../../rl/actor-critic.ts'
import type { Guide, GuidedBatch } from '../../rl/algorithms/guide.ts'
import type { FinishedEpisode } from '../../rl/training.ts'
import { ValueError } from '../../tensor/errors.ts'
import { mul } from '../../tensor/ops/elementwise.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { guidanceWeight, type ReturnScale, requireReturnScale } from './guidance-weight.ts'
import { type OnPolicyTeacher, requireSameTask, teacherPolicy } from './teacher-policy.ts'

export interface KickstartOptions {
  /** By which the student's progress is measured. */
  readonly returns: ReturnScale
  /** λ₀, the weight of the teacher at the start. Default 1. */
  readonly weight?: number
  /** Whether λ also falls to 0 along a straight line over the training. Default false. */
  readonly ramp?: boolean
  /** Softens the teacher, in the units of its logits or action values. Default 1. */
  readonly tau?: number
  /** How many of the latest episodes the student's return is the mean of. Default 20. */
  readonly episodes?: number
}

export class Kickstart implements Guide {
  private readonly o: Required<KickstartOptions>
  private recent: number[] = []
  private share = 0 // of the training that is done

  /** Throws a `ValueError` on options out of range, or a teacher no better than chance. */
  constructor(
    private readonly teacher: OnPolicyTeacher,
    options: KickstartOptions,
  ) {
    this.o = { weight: 1, ramp: false, tau: 1, episodes: 20, ...options }
    const { returns, weight, episodes } = this.o
    requireReturnScale('Kickstart', returns)
    if (!(weight >= 0 && weight < Infinity)) {
      throw new ValueError(`Kickstart: the weight is ${weight}; expected a number from 0 on`)
    }
    if (!(Number.isInteger(episodes) && episodes >= 1)) {
      throw new ValueError(`Kickstart: ${episodes} episodes; expected a whole number from 1 on`)
    }
  }

  /** λ now. Before the first episode has ended it is λ₀. */
  get lambda(): number {
    const { recent, o, share } = this
    const studentReturn = recent.length === 0 ? o.returns.random : recent.reduce((a, b) => a + b) / recent.length
    return o.weight * guidanceWeight(studentReturn, o.returns) * (o.ramp ? 1 - share : 1)
  }

  start(agent: ActorCritic): void {
    requireSameTask('Kickstart', this.teacher, agent)
  }

  afterRollout(episodes: readonly FinishedEpisode[], step: number, totalTimesteps: number): void {
    for (const episode of episodes) this.recent.push(episode.return)
    this.recent.splice(0, this.recent.length - this.o.episodes)
    this.share = Math.min(1, step / totalTimesteps)
  }

  /** λ KL(π_T ‖ π_S), which differs from λ H(π_T, π_S) by what the teacher's entropy is, a constant. */
  term({ observations, masks, policy }: GuidedBatch): Tensor {
    const teacher = teacherPolicy(this.teacher, this.o.tau, observations, masks)
    return mul(mean(teacher.kl(policy)), this.lambda)
  }

  save(): { recent: number[]; share: number } {
    return { recent: [...this.recent], share: this.share }
  }

  restore(saved: { recent: number[]; share: number }): void {
    this.recent = [...saved.recent]
    this.share = saved.share
  }
}
