// Wrappers of rewards: any function of the reward, scaling to unit variance, and shaping by state values.

import { flag, fraction, type GivenOptions, positive, readOptions } from '../../../data/options.ts'
import { RunningMoments, type SavedMoments } from '../../../data/running-moments.ts'
import { Box } from '../../../data/spaces.ts'
import { inferenceMode } from '../../../tensor/autograd/scope.ts'
import { ShapeError, StateError } from '../../../tensor/errors.ts'
import { tensor } from '../../../tensor/ops/create.ts'
import type { StateValued } from '../../policies/lookahead.ts'
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

const shapingOptions = {
  gamma: fraction(0.99, "discount; it must be the learner's own, or the optimal policies change"),
}

type Values = Pick<StateValued, 'observationSize' | 'stateValues'>

/**
 * Adds γ V(s') - V(s) to the rewards, with V = 0 after a termination (not after a truncation). Optimal policies do not change, whatever
 * the values (Ng, Harada and Russell 1999, theorem 1). The discounted return of an episode that
 * terminates is lower by V of its first state. Throws a ShapeError unless the values take the environment's observations, a ValueError
 * on an option out of range.
 */
export class PotentialShaping<Action> extends StepWrapper<Float32Array, Action> {
  private readonly gamma: number
  private current: number | null = null // V of the current state, where it is known

  constructor(
    env: Env<Float32Array, Action>,
    private readonly values: Values,
    options: GivenOptions<typeof shapingOptions> = {},
  ) {
    super(env)
    this.gamma = readOptions('PotentialShaping', shapingOptions, options).gamma
    const { observationSpace } = env
    if (observationSpace instanceof Box && observationSpace.low.length === values.observationSize) return
    throw new ShapeError(
      `PotentialShaping: the values take ${values.observationSize} numbers per state; ${env.id} has ${observationSpace}`,
    )
  }

  /** None: the values need not be symmetric. */
  override get mirror(): undefined {
    return undefined
  }

  override reset(options?: ResetOptions): Reset<Float32Array> {
    const reset = this.env.reset(options)
    this.current = this.potential(reset.observation)
    return reset
  }

  step(action: Action): Step<Float32Array> {
    const step = this.env.step(action)
    if (this.current === null) {
      throw new StateError(`${this.id}: step() after the state was set; PotentialShaping needs reset() first`)
    }
    const before = this.current
    this.current = step.terminated ? 0 : this.potential(step.observation)
    return { ...step, reward: step.reward + this.gamma * this.current - before }
  }

  override get state(): readonly number[] {
    return this.env.state
  }

  override set state(numbers: readonly number[]) {
    this.env.state = numbers
    this.current = null
  }

  override save(): number | null {
    return this.current
  }

  override restore(current: number | null): void {
    this.current = current
  }

  private potential(observation: Float32Array): number {
    return inferenceMode(() => this.values.stateValues(tensor(observation, [1, observation.length])).view()[0]!)
  }
}
