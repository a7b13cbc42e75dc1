// The base of the five classic-control environments: a state of a few numbers, and dynamics that step a batch. A single
// environment is a batch of one, so single and vector environments share their dynamics. Constants stand inside the loops'
// functions, where V8 can fold them: a bundler may turn module constants into variables.
// Read next: cart-pole.ts for dynamics, ../vector/batched-vector-env.ts.

import { between, readOptions } from '../../../data/options.ts'
import { type Box, Discrete, type Space } from '../../../data/spaces.ts'
import { describeValue } from '../../../data/values.ts'
import { ValueError } from '../../../tensor/errors.ts'
import type { Rng } from '../../../tensor/random.ts'
import { EpisodicEnv, type Outcome } from '../episodic-env.ts'
import type { MirrorSymmetry } from '../mirror-symmetry.ts'

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

/** The bounds of the start state under the options of `reset`. Throws a `ValueError` on other options. */
type StartRule = (id: string, options: Readonly<Record<string, unknown>>) => StartBounds

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

export abstract class ClassicControl<Action> extends EpisodicEnv<Float32Array, Action> {
  private readonly one: Batch
  private defaultBounds: StartBounds | undefined

  constructor(
    readonly id: string,
    readonly observationSpace: Box,
    readonly actionSpace: Space<Action>,
    readonly stateSize: number,
    private readonly startRule: StartRule,
    readonly mirror?: MirrorSymmetry,
  ) {
    super()
    this.one = makeBatch(1, stateSize, observationSpace.low.length)
  }

  /** Steps the batch: reads states and actions; writes states, observations, rewards and terminated. */
  abstract advanceBatch(batch: Batch): void

  /** Writes the observation of sub-environment `i` after a start or a restored state. Default: the state itself. */
  observeOne({ rows, observations }: Batch, i: number): void {
    for (let k = 0; k < rows.length; k++) observations[rows.length * i + k] = rows[k]![i]!
  }

  startBounds(options: Readonly<Record<string, unknown>>): StartBounds {
    return this.startRule(this.id, options)
  }

  /** Draws the start state of sub-environment `i` and writes its observation. */
  startOne(batch: Batch, i: number, bounds: StartBounds, rng: Rng): void {
    const { states, count } = batch
    const { low, high } = bounds
    for (let k = 0; k < low.length; k++) {
      states[k * count + i] = low[k] === high[k] ? low[k]! : rng.uniform(low[k], high[k])
    }
    this.observeOne(batch, i)
  }

  protected start(options: Readonly<Record<string, unknown>>): void {
    this.defaultBounds ??= this.startBounds({})
    const bounds = Object.keys(options).length === 0 ? this.defaultBounds : this.startBounds(options)
    this.startOne(this.one, 0, bounds, this.rng)
  }

  protected advance(action: Action): Outcome {
    const { one } = this
    if (typeof action === 'number') one.actions[0] = action
    else {
      one.actions[0] = (action as Float32Array)[0]!
      one.singleActions = action instanceof Float32Array
    }
    this.advanceBatch(one)
    return { reward: one.rewards[0]!, terminated: one.terminated[0] === 1 }
  }

  observe(): Float32Array {
    return new Float32Array(this.one.observations)
  }

  protected saveState(): readonly number[] {
    return Array.from(this.one.states)
  }

  protected restoreState(numbers: readonly number[]): void {
    // Larger numbers could overflow within a step.
    if (numbers.length !== this.stateSize || !numbers.every((x) => Math.abs(x) <= 1e6)) {
      throw new ValueError(`${this.id}: a state is ${this.stateSize} numbers in ±1e6, given [${numbers.join(', ')}]`)
    }
    setState(this.one, 0, numbers)
    this.observeOne(this.one, 0)
  }

  /** A force or torque is in single or double precision; `advanceBatch` clips it. */
  protected override requireAction(action: Action): void {
    const isForce = action instanceof Float32Array || action instanceof Float64Array
    if (this.actionSpace instanceof Discrete) super.requireAction(action)
    else if (!isForce || action.length !== 1 || !Number.isFinite(action[0])) {
      throw new ValueError(`${this.id}: the action is ${describeValue(action)}; expected a Float32Array of one number`)
    }
  }
}

/** Start states whose first `count` entries are uniform between the `reset` options `low` and `high`, the rest 0. */
export function uniformStart(stateSize: number, count: number, low: number, high: number, min: number, max: number) {
  const table = {
    low: between(low, min, max, 'lower bound of the start state'),
    high: between(high, min, max, 'upper bound of the start state'),
  }
  return (id: string, options: Readonly<Record<string, unknown>>): StartBounds => {
    const given = readOptions(`${id}: reset`, table, options)
    if (given.low > given.high) {
      throw new ValueError(`${id}: reset: low is ${given.low}, high ${given.high}; low must not exceed high`)
    }
    const bound = (value: number) => new Float64Array(stateSize).fill(value, 0, count)
    return { low: bound(given.low), high: bound(given.high) }
  }
}
