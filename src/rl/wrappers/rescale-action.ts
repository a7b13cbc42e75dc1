// Actions from the policy's own bounds, -1 to 1 unless said otherwise, stretched to the bounds of the environment: for
// policies that end in a tanh. Put ClipAction around it for samples that may go over.

import { ValueError } from '../../tensor/errors.ts'
import { type Env, foreignAction, type Reset, type ResetOptions, type Step } from '../env.ts'
import { Box, type Space } from '../spaces.ts'
import { requireBoxActions } from './clip-action.ts'
import { Wrapper } from './wrapper.ts'

export class RescaleAction<Observation> extends Wrapper<Observation, Float32Array> {
  readonly observationSpace: Space<Observation>
  readonly actionSpace: Box
  private readonly inner: Box

  /** Throws a `ValueError` unless actions are vectors, both pairs of bounds finite, and low below high. */
  constructor(
    env: Env<Observation, Float32Array>,
    private readonly low = -1,
    private readonly high = 1,
  ) {
    super(env)
    const inner = requireBoxActions('RescaleAction', env)
    if (!(low < high && high - low < Infinity)) {
      throw new ValueError(`RescaleAction: bounds ${low} … ${high}; expected finite numbers, the lower one first`)
    }
    if (![...inner.low, ...inner.high].every(Number.isFinite)) {
      throw new ValueError(`RescaleAction: ${env.id} takes ${inner}; actions without bounds cannot be rescaled`)
    }
    this.inner = inner
    this.observationSpace = env.observationSpace
    this.actionSpace = new Box(
      new Array(inner.low.length).fill(low),
      new Array(inner.low.length).fill(high),
      inner.shape,
    )
  }

  reset(options?: ResetOptions): Reset<Observation> {
    return this.env.reset(options)
  }

  step(action: Float32Array): Step<Observation> {
    if (!this.actionSpace.contains(action)) throw foreignAction(this.id, action, this.actionSpace)
    const { low, high } = this.inner
    // Weighted ends meet the bounds exactly, whatever is rounded on the way.
    const stretched = action.map((x, k) => {
      const share = (x - this.low) / (this.high - this.low)
      return low[k]! * (1 - share) + high[k]! * share
    })
    return this.env.step(stretched)
  }
}
