// Wrappers of vector actions: clipped to the bounds, rescaled to the bounds, or chosen from a few fixed vectors.

import { Box, Discrete } from '../../../data/spaces.ts'
import { ValueError } from '../../../tensor/errors.ts'
import { type Env, invalidAction } from '../env.ts'
import type { MirrorSymmetry } from '../mirror-symmetry.ts'
import { requireBox, unboundedBox } from './observation.ts'
import { ActionWrapper } from './wrapper.ts'

/**
 * Takes actions without bounds, such as a Gaussian's samples, and clips them to the environment's bounds. Throws a `ValueError` unless
 * actions are vectors.
 */
export class ClipAction<Observation> extends ActionWrapper<Observation, Float32Array> {
  private readonly inner = requireBox('ClipAction', this.env.id, 'takes', this.env.actionSpace)
  readonly actionSpace = unboundedBox(this.inner.low.length, this.inner.shape)

  override get mirror(): MirrorSymmetry | undefined {
    return this.env.mirror
  }

  protected action(action: Float32Array): Float32Array {
    const { low, high } = this.inner
    return action.map((x, k) => Math.max(low[k]!, Math.min(high[k]!, x)))
  }
}

/**
 * Takes actions in `low` … `high`, by default -1 … 1 as a tanh gives them, and rescales them to the environment's bounds. Wrap
 * it in `ClipAction` for samples that may leave the bounds.
 */
export class RescaleAction<Observation> extends ActionWrapper<Observation, Float32Array> {
  readonly actionSpace: Box
  private readonly inner = requireBox('RescaleAction', this.env.id, 'takes', this.env.actionSpace)

  /** Throws a `ValueError` unless actions are vectors, all bounds finite, and `low` below `high`. */
  constructor(env: Env<Observation, Float32Array>, low = -1, high = 1) {
    super(env)
    if (!(Math.fround(low) < Math.fround(high) && Math.fround(high) - Math.fround(low) < Infinity)) {
      throw new ValueError(`RescaleAction: bounds ${low} … ${high}; expected finite numbers, the lower one first`)
    }
    if (![...this.inner.low, ...this.inner.high].every(Number.isFinite)) {
      throw new ValueError(`RescaleAction: ${env.id} takes ${this.inner}; actions without bounds cannot be rescaled`)
    }
    const { length } = this.inner.low
    this.actionSpace = new Box(new Array(length).fill(low), new Array(length).fill(high), this.inner.shape)
  }

  /** The environment's own where `low` is -`high`, else none. */
  override get mirror(): MirrorSymmetry | undefined {
    const { low, high } = this.actionSpace
    return low[0] === -high[0]! ? this.env.mirror : undefined
  }

  protected action(action: Float32Array): Float32Array {
    const { low, high } = this.inner
    const { low: from, high: to } = this.actionSpace // float32, as actions are
    // A weighted mean of the bounds gives them exactly at both ends, without rounding.
    return action.map((x, k) => {
      const fraction = (x - from[k]!) / (to[k]! - from[k]!)
      return low[k]! * (1 - fraction) + high[k]! * fraction
    })
  }
}

/**
 * A choice among fixed vectors, for algorithms with discrete actions: Pendulum with five torques is `PendulumDiscrete-v1`
 * (../tasks/make.ts).
 */
export class DiscretizeAction<Observation> extends ActionWrapper<Observation, number, Float32Array> {
  readonly actionSpace: Discrete
  readonly choices: readonly Float32Array[]

  /**
   * @param choices the vectors, or how many to space evenly over the bounds of a one-number action, both ends included (at
   * least 2).
   *
   * Throws a `ValueError` unless every choice is in the environment's action space.
   */
  constructor(
    env: Env<Observation, Float32Array>,
    choices: readonly ArrayLike<number>[] | number,
    private readonly name = env.id,
  ) {
    super(env)
    const inner = requireBox('DiscretizeAction', env.id, 'takes', env.actionSpace)
    this.choices = typeof choices === 'number' ? evenlySpaced(inner, choices) : choices.map((x) => Float32Array.from(x))
    for (const choice of this.choices) {
      if (!inner.contains(choice)) throw invalidAction(`DiscretizeAction of ${env.id}`, choice, inner)
    }
    this.actionSpace = new Discrete(this.choices.length)
  }

  override get id(): string {
    return this.name
  }

  /** The environment's own if the mirror image of every choice is a choice, else none. */
  override get mirror(): MirrorSymmetry | undefined {
    const { mirror } = this.env
    if (mirror?.actionSigns === undefined) return undefined
    const { actionSigns, ...rest } = mirror
    const isImage = (a: Float32Array, b: Float32Array) =>
      a.every((x, k) => Math.abs(x - actionSigns[k]! * b[k]!) <= 1e-6 * Math.max(1, Math.abs(x)))
    const actionPermutation = this.choices.map((a) => this.choices.findIndex((b) => isImage(a, b)))
    return actionPermutation.every((image, i) => actionPermutation[image] === i)
      ? { ...rest, actionPermutation }
      : undefined
  }

  protected action(choice: number): Float32Array {
    return this.choices[choice]!
  }
}

function evenlySpaced({ low, high }: Box, count: number): Float32Array[] {
  if (low.length !== 1 || !Number.isInteger(count) || count < 2) {
    throw new ValueError(
      `DiscretizeAction: ${count} even choices of ${low.length} numbers; expected at least 2, of one number each`,
    )
  }
  return Array.from({ length: count }, (_, i) => {
    const fraction = i / (count - 1)
    return Float32Array.of(low[0]! * (1 - fraction) + high[0]! * fraction)
  })
}
