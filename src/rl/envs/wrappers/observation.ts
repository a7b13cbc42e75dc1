// Wrappers of observations: values of any space as vectors, the last few observations as one, observations standardised by running
// moments.

import { flag, type GivenOptions, positive, readOptions } from '../../../data/options.ts'
import { flattenInto, flattenSpace } from '../../../data/packing.ts'
import { RunningMoments, type SavedMoments } from '../../../data/running-moments.ts'
import { Box, type Space } from '../../../data/spaces.ts'
import { shapeFault } from '../../../data/values.ts'
import { requireSize } from '../../../nn/checks.ts'
import { ValueError } from '../../../tensor/errors.ts'
import type { AnyEnv, Env, Reset, ResetOptions } from '../env.ts'
import { ObservationWrapper } from './wrapper.ts'

/**
 * Observations of any space as one vector: a choice as a one-hot vector, bits and vectors as they are, the parts of tuples and dicts
 * one after the other, dicts in the order of their keys. Equal to Gymnasium's `FlattenObservation`. Throws a `ValueError` on a space
 * that is none of Box, Discrete, MultiDiscrete, MultiBinary, Tuple and Dict.
 */
export class FlattenObservation<Action> extends ObservationWrapper<Float32Array, Action, unknown> {
  readonly observationSpace = flattenSpace(this.env.observationSpace)

  /** Throws a `ValueError` on an observation that does not fit its space; bounds of vectors are not checked. */
  protected observation(observation: unknown): Float32Array {
    const { env } = this
    const fault = shapeFault(env.observationSpace, observation)
    if (fault !== undefined) throw outside('FlattenObservation', env, fault)
    const vector = new Float32Array(this.observationSpace.low.length)
    flattenInto(env.observationSpace, observation, vector)
    return vector
  }
}

/**
 * The last `size` observations as one, oldest first, for tasks whose single observation lacks the velocity (Mnih et al. 2015,
 * doi:10.1038/nature14236). An episode starts with its first observation repeated.
 */
export class FrameStackObservation<Action> extends ObservationWrapper<Float32Array, Action> {
  /** Shape [size, …shape of an observation], flat. */
  readonly observationSpace: Box
  private readonly stack: Float32Array // [size, observationSize], oldest first

  /** Throws a `ValueError` unless observations are vectors and `size` is a whole number from 1 on. */
  constructor(
    env: Env<Float32Array, Action>,
    readonly size: number,
  ) {
    super(env)
    const inner = requireBox('FrameStackObservation', env.id, 'observes', env.observationSpace)
    requireSize('FrameStackObservation: size', size)
    this.observationSpace = new Box(repeat(inner.low, size), repeat(inner.high, size), [size, ...inner.shape])
    this.stack = new Float32Array(size * inner.low.length)
  }

  override reset(options?: ResetOptions): Reset<Float32Array> {
    const { observation, info } = this.env.reset(options)
    this.requireLength(observation)
    this.stack.set(repeat(observation, this.size))
    return { observation: this.stack.slice(), info }
  }

  protected observation(newest: Float32Array): Float32Array {
    this.requireLength(newest)
    this.stack.copyWithin(0, newest.length)
    this.stack.set(newest, this.stack.length - newest.length)
    return this.stack.slice()
  }

  private requireLength(observation: Float32Array): void {
    if (observation?.length * this.size === this.stack.length) return
    throw outside('FrameStackObservation', this.env, shapeFault(this.env.observationSpace, observation))
  }

  override save(): readonly number[] {
    return [...this.stack]
  }

  override restore(stack: readonly number[]): void {
    this.stack.set(stack)
  }
}

const normalizeObservationOptions = {
  frozen: flag(false, 'keep the moments fixed, as in evaluation'),
  epsilon: positive(1e-8, 'added to the variance'),
}

/** `moments` to share with other environments, such as one for evaluation. Default: new ones. */
type NormalizeObservationOptions = GivenOptions<typeof normalizeObservationOptions> & {
  readonly moments?: RunningMoments
}

/** Observations shifted and scaled to mean 0 and variance 1 by running moments (Gymnasium's NormalizeObservation). */
export class NormalizeObservation<Action> extends ObservationWrapper<Float32Array, Action> {
  readonly observationSpace: Box
  readonly moments: RunningMoments
  frozen: boolean
  private readonly epsilon: number

  /** Throws a `ValueError` unless observations are vectors, and on an unknown option. */
  constructor(env: Env<Float32Array, Action>, { moments, ...options }: NormalizeObservationOptions = {}) {
    super(env)
    const { frozen, epsilon } = readOptions('NormalizeObservation', normalizeObservationOptions, options)
    const { shape, low } = requireBox('NormalizeObservation', env.id, 'observes', env.observationSpace)
    this.observationSpace = unboundedBox(low.length, shape)
    this.moments = moments ?? new RunningMoments(low.length)
    this.frozen = frozen
    this.epsilon = epsilon
  }

  protected observation(observation: Float32Array): Float32Array {
    const { moments, epsilon } = this
    if (!this.frozen) moments.add(observation)
    return observation.map((x, k) => (x - moments.mean[k]!) / Math.sqrt(moments.variance(k) + epsilon))
  }

  override save(): SavedMoments {
    return this.moments.save()
  }

  override restore(saved: SavedMoments): void {
    this.moments.restore(saved)
  }
}

export function unboundedBox(size: number, shape: readonly number[] = [size]): Box {
  return new Box(new Float32Array(size).fill(-Infinity), new Float32Array(size).fill(Infinity), shape)
}

/** A space of vectors. Throws a `ValueError` if it is none; `use` is `observes` or `takes`. */
export function requireBox(wrapper: string, id: string, use: string, space: Space<unknown>): Box {
  if (space instanceof Box) return space
  throw new ValueError(`${wrapper}: ${id} ${use} ${space}; expected vectors (a Box)`)
}

function outside(wrapper: string, { id }: Pick<AnyEnv, 'id'>, fault: string | undefined): ValueError {
  return new ValueError(`${wrapper}: an observation of ${id} ${fault}; checkEnv(env) lists what is wrong`)
}

function repeat(row: Float32Array, times: number): Float32Array {
  const rows = new Float32Array(times * row.length)
  for (let i = 0; i < times; i++) rows.set(row, i * row.length)
  return rows
}
