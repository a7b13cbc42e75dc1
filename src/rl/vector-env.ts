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
  readonly episodeReturn: number
  readonly episodeLength: number
  readonly ended: boolean
}

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
  /** Sum of rewards of the episode up to this step; of the whole episode where `ended` is set: [numEnvs]. */
  readonly episodeReturns: Float64Array
  /** Steps of the episode up to this one: [numEnvs]. */
  readonly episodeLengths: Int32Array
  readonly observationSize: number
  /** Numbers an action: 1 for a choice. */
  readonly actionSize: number
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
    this.terminated = new Uint8Array(numEnvs)
    this.truncated = new Uint8Array(numEnvs)
    this.ended = new Uint8Array(numEnvs)
    this.skipped = new Uint8Array(numEnvs)
    this.episodeReturns = new Float64Array(numEnvs)
    this.episodeLengths = new Int32Array(numEnvs)
  }

  /** Starts an episode in every copy and returns `observations`. */
  reset(options: VectorResetOptions = {}): Float32Array {
    this.startAll(options)
    for (const array of [this.rewards, this.terminated, this.truncated, this.ended, this.skipped]) array.fill(0)
    this.episodeReturns.fill(0)
    this.episodeLengths.fill(0)
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
    if (this.autoreset === 'same-step') this.settleInSameStep()
    else this.settleForNextStep()
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
    copies.forEach((copy, i) => {
      this.restoreCopy(i, copy)
      this.observations.set(copy.observation, i * this.observationSize)
      this.episodeReturns[i] = copy.episodeReturn
      this.episodeLengths[i] = copy.episodeLength
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

  protected abstract saveInner(i: number): Pick<CopyState, 'state' | 'rng' | 'wrappers'>
  protected abstract restoreCopy(i: number, copy: CopyState): void

  private saveCopy(i: number): CopyState {
    const from = i * this.observationSize
    return {
      ...this.saveInner(i),
      observation: Array.from(this.observations.subarray(from, from + this.observationSize)),
      episodeReturn: this.episodeReturns[i]!,
      episodeLength: this.episodeLengths[i]!,
      ended: this.ended[i] === 1,
    }
  }

  private settleInSameStep(): void {
    const { rewards, terminated, truncated, ended, episodeReturns, episodeLengths, maxEpisodeSteps } = this
    this.finalObservations.set(this.observations)
    for (let i = 0; i < ended.length; i++) {
      const first = ended[i] === 1
      const length = first ? 1 : episodeLengths[i]! + 1
      episodeLengths[i] = length
      episodeReturns[i] = first ? rewards[i]! : episodeReturns[i]! + rewards[i]!
      if (length >= maxEpisodeSteps) truncated[i] = 1
      ended[i] = terminated[i]! | truncated[i]!
      if (ended[i] === 1) this.restart(i)
    }
  }

  private settleForNextStep(): void {
    const { rewards, terminated, truncated, ended, skipped, episodeReturns, episodeLengths, maxEpisodeSteps } = this
    for (let i = 0; i < ended.length; i++) {
      if (skipped[i] === 1) {
        rewards[i] = 0
        terminated[i] = 0
        truncated[i] = 0
        ended[i] = 0
        episodeReturns[i] = 0
        episodeLengths[i] = 0
        this.restart(i)
        continue
      }
      episodeReturns[i]! += rewards[i]!
      episodeLengths[i]!++
      if (episodeLengths[i]! >= maxEpisodeSteps) truncated[i] = 1
      ended[i] = terminated[i]! | truncated[i]!
    }
  }
}
