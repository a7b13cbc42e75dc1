// Rewards scaled so that the discounted return has variance 1; they are not shifted, which would change the task (Engstrom
// et al. 2020, arXiv:2005.12729, section 3). Unlike Gymnasium's, the return starts from 0 in each episode.

import { ValueError } from '../../tensor/errors.ts'
import type { Env, Reset, ResetOptions, Step } from '../env.ts'
import { RunningMoments, type SavedMoments } from '../running-moments.ts'
import type { Space } from '../spaces.ts'
import { Wrapper } from './wrapper.ts'

export interface NormalizeRewardOptions {
  /** Discount of the return whose variance is taken: 0.99 by default. */
  readonly gamma?: number
  /** Moments to share, with other copies or with an environment for evaluation: of size 1. */
  readonly moments?: RunningMoments
  /** Whether the moments stay as they are. */
  readonly frozen?: boolean
  /** Added to the variance: 1e-8 by default. */
  readonly epsilon?: number
}

interface Saved {
  readonly moments: SavedMoments
  readonly discountedReturn: number
}

export class NormalizeReward<Observation, Action> extends Wrapper<Observation, Action> {
  readonly observationSpace: Space<Observation>
  readonly actionSpace: Space<Action>
  readonly moments: RunningMoments
  frozen: boolean
  private readonly gamma: number
  private readonly epsilon: number
  private discountedReturn = 0

  /** Throws a `ValueError` unless gamma is from 0 to 1. */
  constructor(env: Env<Observation, Action>, options: NormalizeRewardOptions = {}) {
    super(env)
    const { gamma = 0.99, moments = new RunningMoments(1), frozen = false, epsilon = 1e-8 } = options
    if (!(gamma >= 0 && gamma <= 1)) throw new ValueError(`NormalizeReward: gamma is ${gamma}; expected 0 to 1`)
    this.observationSpace = env.observationSpace
    this.actionSpace = env.actionSpace
    this.moments = moments
    this.frozen = frozen
    this.gamma = gamma
    this.epsilon = epsilon
  }

  reset(options?: ResetOptions): Reset<Observation> {
    this.discountedReturn = 0
    return this.env.reset(options)
  }

  step(action: Action): Step<Observation> {
    const step = this.env.step(action)
    this.discountedReturn = this.discountedReturn * this.gamma + step.reward
    if (!this.frozen) this.moments.add([this.discountedReturn])
    return { ...step, reward: step.reward / Math.sqrt(this.moments.variance(0) + this.epsilon) }
  }

  override save(): Saved {
    return { moments: this.moments.save(), discountedReturn: this.discountedReturn }
  }

  override restore({ moments, discountedReturn }: Saved): void {
    this.moments.restore(moments)
    this.discountedReturn = discountedReturn
  }
}
