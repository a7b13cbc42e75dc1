// Observations shifted and scaled to mean 0 and variance 1, by the moments of all that were seen so far (Gymnasium's
// NormalizeObservation). Read next: ../running-moments.ts, normalize-reward.ts.

import { ValueError } from '../../tensor/errors.ts'
import type { Env, Reset, ResetOptions, Step } from '../env.ts'
import { RunningMoments, type SavedMoments } from '../running-moments.ts'
import { Box, type Space } from '../spaces.ts'
import { Wrapper } from './wrapper.ts'

export interface NormalizeObservationOptions {
  /** Moments to share, with other copies or with an environment for evaluation. */
  readonly moments?: RunningMoments
  /** Whether the moments stay as they are, as in evaluation. */
  readonly frozen?: boolean
  /** Added to the variance: 1e-8 by default. */
  readonly epsilon?: number
}

export class NormalizeObservation<Action> extends Wrapper<Float32Array, Action> {
  readonly observationSpace: Box
  readonly actionSpace: Space<Action>
  readonly moments: RunningMoments
  frozen: boolean
  private readonly epsilon: number

  /** Throws a `ValueError` unless observations are vectors. */
  constructor(env: Env<Float32Array, Action>, options: NormalizeObservationOptions = {}) {
    super(env)
    const { observationSpace: inner } = env
    if (!(inner instanceof Box)) {
      throw new ValueError(`NormalizeObservation: ${env.id} shows ${inner}; expected vectors (a Box)`)
    }
    const size = inner.low.length
    this.observationSpace = new Box(new Array(size).fill(-Infinity), new Array(size).fill(Infinity), inner.shape)
    this.actionSpace = env.actionSpace
    this.moments = options.moments ?? new RunningMoments(size)
    this.frozen = options.frozen ?? false
    this.epsilon = options.epsilon ?? 1e-8
  }

  reset(options?: ResetOptions): Reset<Float32Array> {
    const { observation, info } = this.env.reset(options)
    return { observation: this.normalize(observation), info }
  }

  step(action: Action): Step<Float32Array> {
    const step = this.env.step(action)
    return { ...step, observation: this.normalize(step.observation) }
  }

  override save(): SavedMoments {
    return this.moments.save()
  }

  override restore(saved: SavedMoments): void {
    this.moments.restore(saved)
  }

  private normalize(observation: Float32Array): Float32Array {
    const { moments, epsilon } = this
    if (!this.frozen) moments.add(observation)
    return observation.map((x, k) => (x - moments.mean[k]!) / Math.sqrt(moments.variance(k) + epsilon))
  }
}
