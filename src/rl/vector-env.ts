// Many copies of one environment, stepped together into arrays made once. What an ended copy does next is called autoreset
// (Towers et al. 2024, arXiv:2407.17032, section on vector environments).
// Read next: vector/make-vector.ts, which chooses between vector/classic-vector-env.ts and vector/single-vector-env.ts.

import { ShapeError, StateError, ValueError } from '../tensor/errors.ts'
import type { RngState } from '../tensor/random.ts'
import { flatSize, type Space } from './spaces.ts'

/**
 * When a copy whose episode ended starts its next one.
 *
 * `same-step`: at once. `observations` then holds the first observation of the new episode, and `finalObservations` the
 * last one of the old. Every step is a transition.
 *
 * `next-step`: in the next step, whose action for that copy is ignored and whose reward is 0. `observations` holds the last
 * observation of the old episode first. The step that only restarts is no transition; it is marked in `skipped`.
 */
export type AutoresetMode = 'same-step' | 'next-step'

export interface VectorResetOptions {
  /** Copy i starts as a single environment after `reset({ seed: seed + i })`. Without it, random numbers go on. */
  readonly seed?: number
  /** Options of the environment's own `reset`, for this start and the automatic ones after it. */
  readonly options?: Readonly<Record<string, unknown>>
}

/** All that the next step depends on, as plain JSON values. */
export interface VectorEnvState {
  readonly copies: readonly CopyState[]
}

export interface CopyState {
  readonly state: readonly number[]
  readonly rng: RngState
  /** What wrappers remember, outermost first. */
  readonly wrappers: readonly unknown[]
  readonly observation: readonly number[]
  /** Of the episode in progress. */
  readonly return: number
  readonly length: number
  readonly ended: boolean
  /** Which actions are allowed next, of environments that say so. */
  readonly actionMask?: readonly number[]
}

/** What the kinds of vector environments save in their own ways. */
export type InnerState = Pick<CopyState, 'state' | 'rng' | 'wrappers' | 'actionMask'>

/**
 * The arrays are the same objects all along, and `step` writes over them: copy what must last. Observations that are not
 * vectors are flattened: a whole number becomes one entry, a tuple its parts in order.
 */
export abstract class VectorEnv {
  /** Where each copy is now, [numEnvs, observationSize]: what to choose the next action from. */
  readonly observations: Float32Array
  /** What each step led to, before any reset: [numEnvs, observationSize]. The successor to store or to bootstrap from. */
  readonly finalObservations: Float32Array
  readonly rewards: Float64Array // [numEnvs]
  readonly terminated: Uint8Array // [numEnvs]
  readonly truncated: Uint8Array // [numEnvs]
  /** 1 where the episode ended in this step, by `terminated` or `truncated`: [numEnvs]. */
  readonly ended: Uint8Array
  /** 1 where this step only restarted the copy (`next-step`): [numEnvs]. */
  readonly skipped: Uint8Array
  /** Sum of rewards of the last episode that ended, in this step where `ended` is set; 0 before there was one: [numEnvs]. */
  readonly episodeReturns: Float64Array
  /** Steps of the last episode that ended: [numEnvs]. */
  readonly episodeLengths: Int32Array
  readonly observationSize: number
  /** Numbers an action: 1 for a choice. */
  readonly actionSize: number
  /** 1 where an action is allowed now, [numEnvs, actions], of environments that say so, from the first `reset` on. */
  actionMasks: Float32Array | undefined
  private readonly terminatedWords: Int32Array // four flags at a time, on the memory of `terminated`
  private readonly truncatedWords: Int32Array
  private readonly endedWords: Int32Array
  private readonly returns: Float64Array // of the episodes in progress
  private readonly endings: Int32Array // indices of the copies that ended in this step, then what was left there
  private clock = 0 // steps since the reset
  private readonly startedAt: Float64Array // what the clock showed when the episode in progress started
  private deadline = Infinity // no episode in progress reaches the time limit before
  private started = false

  constructor(
    readonly id: string,
    readonly numEnvs: number,
    readonly observationSpace: Space<unknown>,
    readonly actionSpace: Space<unknown>,
    readonly autoreset: AutoresetMode,
    private readonly maxEpisodeSteps = Infinity,
  ) {
    if (!Number.isInteger(numEnvs) || numEnvs < 1) {
      throw new ValueError(`${id}: ${numEnvs} copies; expected a whole number from 1 on`)
    }
    if (autoreset !== 'same-step' && autoreset !== 'next-step') {
      throw new ValueError(`${id}: autoreset is "${autoreset}"; expected same-step or next-step`)
    }
    this.observationSize = flatSize(observationSpace)
    this.actionSize = flatSize(actionSpace)
    this.observations = new Float32Array(numEnvs * this.observationSize)
    this.finalObservations =
      autoreset === 'same-step' ? new Float32Array(numEnvs * this.observationSize) : this.observations
    this.rewards = new Float64Array(numEnvs)
    this.terminatedWords = new Int32Array(Math.ceil(numEnvs / 4))
    this.terminated = new Uint8Array(this.terminatedWords.buffer, 0, numEnvs)
    this.truncatedWords = new Int32Array(Math.ceil(numEnvs / 4))
    this.truncated = new Uint8Array(this.truncatedWords.buffer, 0, numEnvs)
    this.endedWords = new Int32Array(Math.ceil(numEnvs / 4))
    this.ended = new Uint8Array(this.endedWords.buffer, 0, numEnvs)
    this.skipped = new Uint8Array(numEnvs)
    this.episodeReturns = new Float64Array(numEnvs)
    this.episodeLengths = new Int32Array(numEnvs)
    this.returns = new Float64Array(numEnvs)
    this.startedAt = new Float64Array(numEnvs)
    this.endings = new Int32Array(numEnvs)
  }

  /** Starts an episode in every copy and returns `observations`. */
  reset(options: VectorResetOptions = {}): Float32Array {
    this.startAll(options)
    for (const array of [this.rewards, this.terminated, this.truncated, this.ended, this.skipped]) array.fill(0)
    for (const array of [this.returns, this.startedAt, this.episodeReturns, this.episodeLengths]) array.fill(0)
    this.clock = 0
    this.deadline = this.maxEpisodeSteps
    this.finalObservations.set(this.observations)
    this.started = true
    return this.observations
  }

  /**
   * Steps every copy. Actions [numEnvs] for choices, [numEnvs, actionSize] row-major for vectors. Throws a `StateError`
   * before the first `reset`, a `ValueError` on a foreign action; no copy has moved then.
   */
  step(actions: ArrayLike<number>): void {
    if (!this.started) throw new StateError(`${this.id}: step() before the first reset(); call reset({ seed }) first`)
    if (actions.length !== this.numEnvs * this.actionSize) {
      throw new ShapeError(
        `${this.id}: ${actions.length} numbers as actions; expected ${this.numEnvs} copies of ${this.actionSize}`,
      )
    }
    this.takeActions(actions)
    if (this.autoreset === 'next-step') this.skipped.set(this.ended)
    this.advance()
    this.clock++
    if (this.autoreset === 'next-step') this.restartSkipped()
    if (this.clock >= this.deadline) this.cutOff()
    if (this.autoreset === 'same-step') this.finalObservations.set(this.observations)
    this.finishEnded(this.markEnded())
  }

  /** All that the next step depends on. */
  save(): VectorEnvState {
    return { copies: Array.from({ length: this.numEnvs }, (_, i) => this.saveCopy(i)) }
  }

  /** Goes on from a saved state with the same bits to follow. Throws a `ValueError` if it has another number of copies. */
  restore({ copies }: VectorEnvState): void {
    if (copies.length !== this.numEnvs) {
      throw new ValueError(`${this.id}: the saved state has ${copies.length} copies; expected ${this.numEnvs}`)
    }
    this.deadline = this.clock // looks again at once
    copies.forEach((copy, i) => {
      this.restoreCopy(i, copy)
      this.observations.set(copy.observation, i * this.observationSize)
      this.returns[i] = copy.return
      this.startedAt[i] = this.clock - copy.length
      this.ended[i] = copy.ended ? 1 : 0
    })
    this.started = true
  }

  /** Checks the actions and keeps them for `advance`. */
  protected abstract takeActions(actions: ArrayLike<number>): void

  /** Writes observations, rewards, terminated and truncated of each copy. What it writes where `skipped` is set is ignored. */
  protected abstract advance(): void

  protected abstract startAll(options: VectorResetOptions): void

  /** Starts the next episode of copy `i` and writes its observation. */
  protected abstract restart(i: number): void

  protected abstract saveInner(i: number): InnerState
  protected abstract restoreCopy(i: number, copy: CopyState): void

  private saveCopy(i: number): CopyState {
    const from = i * this.observationSize
    return {
      ...this.saveInner(i),
      observation: Array.from(this.observations.subarray(from, from + this.observationSize)),
      return: this.returns[i]!,
      length: this.clock - this.startedAt[i]!,
      ended: this.ended[i] === 1,
    }
  }

  private restartSkipped(): void {
    for (let i = 0; i < this.numEnvs; i++) {
      if (this.skipped[i] === 0) continue
      this.rewards[i] = 0
      this.terminated[i] = 0
      this.truncated[i] = 0
      this.begin(i)
    }
  }

  // Looked at on the steps only that could be an episode's last: a comparison a copy and step is saved.
  private cutOff(): void {
    this.deadline = Infinity
    for (let i = 0; i < this.numEnvs; i++) {
      const last = this.startedAt[i]! + this.maxEpisodeSteps
      if (this.clock >= last) this.truncated[i] = 1
      else this.deadline = Math.min(this.deadline, last)
    }
  }

  // Lists the copies that ended and returns how many. Loops without calls are the fastest, and four flags are one word.
  private markEnded(): number {
    const { rewards, endings, returns, ended } = this
    for (let i = 0; i < returns.length; i++) returns[i]! += rewards[i]!
    const { terminatedWords, truncatedWords, endedWords } = this
    let count = 0
    for (let word = 0; word < endedWords.length; word++) {
      const flags = terminatedWords[word]! | truncatedWords[word]!
      endedWords[word] = flags
      if (flags === 0) continue
      const past = Math.min(4 * word + 4, ended.length)
      for (let i = 4 * word; i < past; i++) if (ended[i] !== 0) endings[count++] = i
    }
    return count
  }

  private finishEnded(count: number): void {
    for (let k = 0; k < count; k++) {
      const i = this.endings[k]!
      this.episodeReturns[i] = this.returns[i]!
      this.episodeLengths[i] = this.clock - this.startedAt[i]!
      if (this.autoreset === 'same-step') this.begin(i)
    }
  }

  private begin(i: number): void {
    this.returns[i] = 0
    this.startedAt[i] = this.clock
    this.deadline = Math.min(this.deadline, this.clock + this.maxEpisodeSteps)
    this.restart(i)
  }
}
