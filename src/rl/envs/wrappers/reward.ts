// Wrappers of rewards: any function of the reward, and scaling to unit variance. Potential-based shaping needs the states too
// (Ng, Harada and Russell 1999) and is not here. Read next: episode.ts.

import { flag, fraction, type GivenOptions, positive, readOptions } from '../../../data/options.ts'
import { RunningMoments, type SavedMoments } from '../../../data/running-moments.ts'
import type { Env, Reset, ResetOptions, Step } from '../env.ts'
import { StepWrapper } from './wrapper.ts'

/** Passes every reward through a function: scaled, clipped, its sign. */
export class TransformReward<Observation, Action> extends StepWrapper<Observation, Action> {
  constructor(
    env: Env<Observation, Action>,
    private readonly transform: (reward: number) => number,
  ) {
    super(env)
  }

  step(action: Action): Step<Observation> {
    const step = this.env.step(action)
    return { ...step, reward: this.transform(step.reward) }
  }
}

const normalizeRewardOptions = {
  gamma: fraction(0.99, 'discount of the return whose variance becomes 1'),
  frozen: flag(false, 'keep the moments fixed, as in evaluation'),
  epsilon: positive(1e-8, 'added to the variance'),
}

/** `moments` of size 1, to share with other environments. Default: new ones. */
type NormalizeRewardOptions = GivenOptions<typeof normalizeRewardOptions> & { readonly moments?: RunningMoments }

interface Saved {
  readonly moments: SavedMoments
  readonly discountedReturn: number
}

/**
 * Rewards scaled so that the discounted return has variance 1; not shifted, which would change the task (Engstrom et al. 2020,
 * arXiv:2005.12729, section 3). Unlike Gymnasium's, the return starts from 0 in each episode.
 */
export class NormalizeReward<Observation, Action> extends StepWrapper<Observation, Action> {
  readonly moments: RunningMoments
  frozen: boolean
  private readonly gamma: number
  private readonly epsilon: number
  private discountedReturn = 0

  /** Throws a `ValueError` on an option that is unknown or out of range. */
  constructor(
    env: Env<Observation, Action>,
    { moments = new RunningMoments(1), ...options }: NormalizeRewardOptions = {},
  ) {
    super(env)
    const { gamma, frozen, epsilon } = readOptions('NormalizeReward', normalizeRewardOptions, options)
    this.moments = moments
    this.frozen = frozen
    this.gamma = gamma
    this.epsilon = epsilon
  }

  override reset(options?: ResetOptions): Reset<Observation> {
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
