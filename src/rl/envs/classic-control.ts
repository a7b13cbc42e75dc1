// What the five classic-control environments share: a state of a few numbers, the order of calls, and a form that steps
// many copies at once. One environment is a batch of one, so both forms are the same lines of dynamics.
// Constants of the dynamics stand in the loops' functions: a bundler may turn those of a module into variables, and V8 folds
// only what cannot change. Read next: cart-pole.ts for the dynamics, ../vector-env.ts for the many.

import { ValueError } from '../../tensor/errors.ts'
import { Rng } from '../../tensor/random.ts'
import {
  type AnyEnv,
  describeValue,
  type Env,
  NO_INFO,
  type Reset,
  type ResetOptions,
  type Step,
  stepOutsideEpisode,
} from '../env.ts'
import { between, type OptionTable, readOptions } from '../options.ts'
import type { Box, Space } from '../spaces.ts'

/** Copies of one environment side by side: number k of the state of copy i is `states[k * count + i]`. */
export interface Batch {
  readonly count: number
  readonly states: Float64Array // [stateSize, count]
  /** The rows of `states`, on the same memory: number k of all copies. */
  readonly rows: readonly Float64Array[]
  readonly actions: Float64Array // [count]
  /** Whether the actions came in single precision, as Gymnasium's mostly do: some environments then round further on. */
  singleActions: boolean
  readonly observations: Float32Array // [count, observationSize]
  readonly rewards: Float64Array // [count]
  readonly terminated: Uint8Array // [count]
  /** Scratch: sine and cosine of one angle of each copy. */
  readonly trig: Float64Array // [count, 2]
  /** Scratch: an angle of each copy, where it is not a number of the state. */
  readonly angles: Float64Array // [count]
}

/** Where a start state is drawn from, uniformly and each number on its own: [stateSize] each. */
export interface StartBounds {
  readonly low: Float64Array
  readonly high: Float64Array
}

export function startWithin(low: readonly number[], high: readonly number[]): StartBounds {
  return { low: Float64Array.from(low), high: Float64Array.from(high) }
}

export function makeBatch(count: number, stateSize: number, observationSize: number): Batch {
  const states = new Float64Array(stateSize * count)
  return {
    count,
    states,
    rows: Array.from({ length: stateSize }, (_, k) => states.subarray(k * count, (k + 1) * count)),
    actions: new Float64Array(count),
    singleActions: true,
    observations: new Float32Array(count * observationSize),
    rewards: new Float64Array(count),
    terminated: new Uint8Array(count),
    trig: new Float64Array(2 * count),
    angles: new Float64Array(count),
  }
}

export function setState({ rows }: Batch, i: number, numbers: readonly number[]): void {
  rows.forEach((row, k) => {
    row[i] = numbers[k]!
  })
}

export abstract class ClassicControl<Action> implements Env<Float32Array, Action> {
  abstract readonly observationSpace: Box
  abstract readonly actionSpace: Space<Action>
  rng = new Rng()
  protected readonly one: Batch
  private phase: 'new' | 'running' | 'ended' = 'new'
  private defaultBounds: StartBounds | undefined

  constructor(
    readonly id: string,
    readonly stateSize: number,
    observationSize: number,
  ) {
    this.one = makeBatch(1, stateSize, observationSize)
  }

  /** Moves every copy by one step: reads states and actions; writes states, observations, rewards and terminated. */
  abstract advance(batch: Batch): void

  /** Writes the observation of copy `i` from its state. Called whenever something else than `advance` has set the state. */
  abstract observe(batch: Batch, i: number): void

  /** The bounds of the start state under the options of `reset`. */
  abstract startBounds(options: Readonly<Record<string, unknown>>): StartBounds

  abstract step(action: Action): Step<Float32Array>

  get unwrapped(): AnyEnv {
    return this
  }

  get state(): readonly number[] {
    return Array.from(this.one.states)
  }

  set state(numbers: readonly number[]) {
    // Larger ones could overflow within a step.
    if (numbers.length !== this.stateSize || !numbers.every((x) => Math.abs(x) <= 1e6)) {
      throw new ValueError(
        `${this.id}: a state is ${this.stateSize} numbers from -1e6 to 1e6, given [${numbers.join(', ')}]`,
      )
    }
    setState(this.one, 0, numbers)
    this.observe(this.one, 0)
    this.phase = 'running'
  }

  /** What an agent would see of the present state. */
  get observation(): Float32Array {
    return this.one.observations.slice()
  }

  reset({ seed, options = {} }: ResetOptions = {}): Reset<Float32Array> {
    if (seed !== undefined) this.rng = new Rng(seed)
    this.defaultBounds ??= this.startBounds({})
    const bounds = Object.keys(options).length === 0 ? this.defaultBounds : this.startBounds(options)
    this.start(this.one, 0, bounds, this.rng)
    this.phase = 'running'
    return { observation: this.one.observations.slice(), info: NO_INFO }
  }

  /** Draws the start state of copy `i` and writes its observation. */
  start(batch: Batch, i: number, bounds: StartBounds, rng: Rng): void {
    const { states, count } = batch
    const { low, high } = bounds
    for (let k = 0; k < low.length; k++) {
      states[k * count + i] = low[k] === high[k] ? low[k]! : rng.uniform(low[k], high[k])
    }
    this.observe(batch, i)
  }

  /** Puts a force or torque in place, clipped later on. Throws a `ValueError` unless it is one finite number in an array. */
  protected takeForce(action: Float32Array | Float64Array): void {
    const singleActions = action instanceof Float32Array
    if ((!singleActions && !(action instanceof Float64Array)) || action.length !== 1 || !Number.isFinite(action[0])) {
      throw new ValueError(
        `${this.id}: the action is ${describeValue(action)}; expected a Float32Array of one finite number, which is ` +
          `clipped to ${this.actionSpace}`,
      )
    }
    this.one.actions[0] = action[0]!
    this.one.singleActions = singleActions
  }

  /** One step of the single copy, whose action is already in place. */
  protected stepOne(): Step<Float32Array> {
    if (this.phase !== 'running') throw stepOutsideEpisode(this.id, this.phase === 'ended')
    const one = this.one
    this.advance(one)
    const terminated = one.terminated[0] === 1
    if (terminated) this.phase = 'ended'
    return {
      observation: new Float32Array(one.observations),
      reward: one.rewards[0]!,
      terminated,
      truncated: false,
      info: NO_INFO,
    }
  }
}

/** Options `low` and `high` of `reset`, both from `min` to `max`. */
export function intervalOptions(low: number, high: number, min: number, max: number) {
  return {
    low: between(low, min, max, 'least number of the start state'),
    high: between(high, min, max, 'largest number of the start state'),
  } satisfies OptionTable
}

/** The interval that they give. Throws a `ValueError` where `low` exceeds `high`. */
export function readInterval(
  id: string,
  table: ReturnType<typeof intervalOptions>,
  options: Readonly<Record<string, unknown>>,
): readonly [low: number, high: number] {
  const { low, high } = readOptions(`${id}: reset`, table, options)
  if (low > high) throw new ValueError(`${id}: reset: low is ${low}, high ${high}; low must not exceed high`)
  return [low, high]
}
