// The base of the five classic-control environments: a state of a few numbers, and dynamics that step a batch. A single
// environment is a batch of one, so single and vector environments share their dynamics. Constants stand inside the loops'
// functions, where V8 can fold them: a bundler may turn module constants into variables.
// Read next: cart-pole.ts for dynamics, ../vector/batched-vector-env.ts.

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

/** A batch of states: entry k of the state of sub-environment i is `states[k * count + i]`. */
export interface Batch {
  readonly count: number
  readonly states: Float64Array // [stateSize, count]
  /** The rows of `states` as views: entry k of all sub-environments. */
  readonly rows: readonly Float64Array[]
  readonly actions: Float64Array // [count]
  /** Whether the actions are float32, as Gymnasium's mostly are: some dynamics then round intermediate results. */
  singleActions: boolean
  readonly observations: Float32Array // [count, observationSize]
  readonly rewards: Float64Array // [count]
  readonly terminated: Uint8Array // [count]
  /** Scratch: sine and cosine of one angle of each sub-environment. */
  readonly trig: Float64Array // [count, 2]
  /** Scratch: an angle of each sub-environment that is no entry of the state. */
  readonly angles: Float64Array // [count]
}

/** Bounds of the start state, whose entries are drawn independently and uniformly: [stateSize] each. */
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

  /** Steps the batch: reads states and actions; writes states, observations, rewards and terminated. */
  abstract advance(batch: Batch): void

  /** Writes the observation of sub-environment `i` after its state was set by other means than `advance`. */
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
    // Larger numbers could overflow within a step.
    if (numbers.length !== this.stateSize || !numbers.every((x) => Math.abs(x) <= 1e6)) {
      throw new ValueError(
        `${this.id}: a state is ${this.stateSize} numbers from -1e6 to 1e6, given [${numbers.join(', ')}]`,
      )
    }
    setState(this.one, 0, numbers)
    this.observe(this.one, 0)
    this.phase = 'running'
  }

  /** A copy of the observation of the current state. */
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

  /** Draws the start state of sub-environment `i` and writes its observation. */
  start(batch: Batch, i: number, bounds: StartBounds, rng: Rng): void {
    const { states, count } = batch
    const { low, high } = bounds
    for (let k = 0; k < low.length; k++) {
      states[k * count + i] = low[k] === high[k] ? low[k]! : rng.uniform(low[k], high[k])
    }
    this.observe(batch, i)
  }

  /** Stores a force or torque, which `advance` clips. Throws a `ValueError` unless it is an array of one finite number. */
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

  /** Steps the single environment with the stored action. */
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

/** Reads these options. Throws a `ValueError` if `low` exceeds `high`. */
export function readInterval(
  id: string,
  table: ReturnType<typeof intervalOptions>,
  options: Readonly<Record<string, unknown>>,
): readonly [low: number, high: number] {
  const { low, high } = readOptions(`${id}: reset`, table, options)
  if (low > high) throw new ValueError(`${id}: reset: low is ${low}, high ${high}; low must not exceed high`)
  return [low, high]
}
