// Vector environments: several sub-environments of one kind, stepped together into preallocated arrays, and reset by
// themselves (Towers et al. 2024, arXiv:2407.17032, section on vector environments).
// Read next: make-vec.ts, which chooses between batched-vector-env.ts and sync-vector-env.ts.

import { packedSize } from '../../../data/packing.ts'
import type { Space } from '../../../data/spaces.ts'
import { CheckpointError, ShapeError, ValueError } from '../../../tensor/errors.ts'
import { isCount } from '../../../tensor/json.ts'
import { requireRoom } from '../../../tensor/memory.ts'
import { stepOutsideEpisode } from '../env.ts'
import type { MirrorSymmetry } from '../mirror-symmetry.ts'
import type { SavedEnv } from '../wrappers/wrapper.ts'
import type { VectorReset, VectorStep } from './step.ts'

/**
 * When a sub-environment is reset after the end of its episode.
 *
 * `same-step`: in the step that ends the episode. `observations` then holds the first observation of the new episode,
 * `finalObservations` the last one of the old. Every step is a transition.
 *
 * `next-step`: in the step after it, which ignores the action and has reward 0. `observations` holds the last observation of
 * the old episode in between. The resetting step is not a transition and is marked in `autoresetSteps`.
 */
export type AutoresetMode = 'same-step' | 'next-step'

export interface VectorResetOptions {
  /** Sub-environment i is reset with `seed + i`, or with entry i of a list. Default: their random numbers continue. */
  readonly seed?: number | readonly number[]
  /** Options of the environment's own `reset`, for this reset and the automatic ones after it. */
  readonly options?: Readonly<Record<string, unknown>>
}

/** Throws a `ValueError` on `next-step` autoreset, where some steps only reset. */
export function requireSameStep(method: string, { id, autoreset }: VectorEnv): void {
  if (autoreset === 'same-step') return
  throw new ValueError(`${method}: autoreset of ${id} is ${autoreset}; expected same-step: every step is a transition`)
}

/** All that the next step depends on, as plain JSON values. */
export interface VectorEnvState {
  readonly copies: readonly CopyState[]
}

export interface CopyState extends SavedEnv {
  readonly observation: readonly number[]
  /** Return and length so far of the current episode. */
  readonly return: number
  readonly length: number
  readonly dones: boolean
  /** The actions allowed next, if the environment has masks. */
  readonly actionMask?: readonly number[]
}

/** What each kind of vector environment saves itself. */
export type InnerState = SavedEnv & Pick<CopyState, 'actionMask'>

/**
 * Throws a ValueError unless `numEnvs` is a whole number from 1 on, or if the environments would exceed the memory: each takes about a
 * kilobyte besides its observations.
 */
export function requireCopies(id: string, numEnvs: number, observationSize = 0): void {
  if (!isCount(numEnvs, 1)) {
    throw new ValueError(`${id}: ${numEnvs} sub-environments; expected a whole number from 1 on`)
  }
  requireRoom(`${id}: ${numEnvs} sub-environments`, numEnvs * (1024 + 8 * observationSize))
}

/**
 * `step` overwrites its arrays and returns the same object each time: copy what must last. Observations that are not vectors
 * are packed: a choice is one number. A network needs them flattened: wrap each sub-environment in `FlattenObservation`.
 */
export abstract class VectorEnv {
  /** The mirror symmetry of each sub-environment; undefined if none is known. */
  abstract readonly mirror: MirrorSymmetry | undefined
  /** The current observation of each sub-environment: [numEnvs, observationSize]. */
  readonly observations: Float32Array
  /** The successor to store or to bootstrap from; see `VectorInfos`. */
  readonly finalObservations: Float32Array
  readonly rewards: Float64Array // [numEnvs]
  readonly terminated: Uint8Array // [numEnvs]
  readonly truncated: Uint8Array // [numEnvs]
  readonly dones: Uint8Array // [numEnvs]
  readonly autoresetSteps: Uint8Array // [numEnvs]
  readonly episodeReturns: Float64Array // [numEnvs]
  readonly episodeLengths: Int32Array // [numEnvs]
  readonly observationSize: number
  /** Numbers of an action: 1 for a choice. */
  readonly actionSize: number
  private readonly result: VectorStep & { readonly infos: { actionMasks: Float32Array | undefined } }
  private readonly terminatedWords: Int32Array // the memory of `terminated`, four flags a word
  private readonly truncatedWords: Int32Array
  private readonly endedWords: Int32Array
  private readonly returns: Float64Array // of the current episodes
  private readonly endings: Int32Array // first the indices of the sub-environments whose episodes ended in this step
  private clock = 0 // steps since the reset
  private readonly startedAt: Float64Array // the clock at the start of the current episode: [numEnvs]
  private deadline = Infinity // the first clock at which a current episode can reach the time limit
  private started = false

  constructor(
    readonly id: string,
    readonly numEnvs: number,
    readonly observationSpace: Space<unknown>,
    readonly actionSpace: Space<unknown>,
    readonly autoreset: AutoresetMode,
    private readonly maxEpisodeSteps = Infinity,
  ) {
    requireCopies(id, numEnvs, packedSize(observationSpace))
    if (autoreset !== 'same-step' && autoreset !== 'next-step') {
      throw new ValueError(`${id}: autoreset is "${autoreset}"; expected same-step or next-step`)
    }
    this.observationSize = packedSize(observationSpace)
    this.actionSize = packedSize(actionSpace)
    this.observations = new Float32Array(numEnvs * this.observationSize)
    this.finalObservations =
      autoreset === 'same-step' ? new Float32Array(numEnvs * this.observationSize) : this.observations
    this.rewards = new Float64Array(numEnvs)
    this.terminatedWords = new Int32Array(Math.ceil(numEnvs / 4))
    this.terminated = new Uint8Array(this.terminatedWords.buffer, 0, numEnvs)
    this.truncatedWords = new Int32Array(Math.ceil(numEnvs / 4))
    this.truncated = new Uint8Array(this.truncatedWords.buffer, 0, numEnvs)
    this.endedWords = new Int32Array(Math.ceil(numEnvs / 4))
    this.dones = new Uint8Array(this.endedWords.buffer, 0, numEnvs)
    this.autoresetSteps = new Uint8Array(numEnvs)
    this.episodeReturns = new Float64Array(numEnvs)
    this.episodeLengths = new Int32Array(numEnvs)
    this.returns = new Float64Array(numEnvs)
    this.startedAt = new Float64Array(numEnvs)
    this.endings = new Int32Array(numEnvs)
    const { finalObservations, dones, autoresetSteps, episodeReturns, episodeLengths } = this
    this.result = {
      observations: this.observations,
      rewards: this.rewards,
      terminations: this.terminated,
      truncations: this.truncated,
      infos: { finalObservations, dones, autoresetSteps, episodeReturns, episodeLengths, actionMasks: undefined },
    }
  }

  /** 1 where an action is allowed now: [numEnvs, actions]. Undefined before `reset`, and if the environment has no masks. */
  get actionMasks(): Float32Array | undefined {
    return this.result.infos.actionMasks
  }

  protected set actionMasks(masks: Float32Array | undefined) {
    this.result.infos.actionMasks = masks
  }

  /** Starts an episode in every sub-environment. Throws a `ShapeError` on a list of another number of seeds. */
  reset(options: VectorResetOptions = {}): VectorReset {
    const { seed } = options
    if (typeof seed === 'object' && seed.length !== this.numEnvs) {
      throw new ShapeError(`${this.id}: reset with ${seed.length} seeds; expected one, or ${this.numEnvs}`)
    }
    this.startAll(options)
    for (const array of [this.rewards, this.terminated, this.truncated, this.dones, this.autoresetSteps]) array.fill(0)
    for (const array of [this.returns, this.startedAt, this.episodeReturns, this.episodeLengths]) array.fill(0)
    this.clock = 0
    this.deadline = this.maxEpisodeSteps
    this.finalObservations.set(this.observations)
    this.started = true
    return this.result
  }

  /**
   * Steps every sub-environment. Actions are [numEnvs] for choices, else [numEnvs, actionSize], row-major. Throws a
   * `StateError` before the first `reset`, a `ShapeError` on another number of actions, a `ValueError` on an action outside
   * its space, each before any sub-environment has moved.
   */
  step(actions: ArrayLike<number>): VectorStep {
    if (!this.started) throw stepOutsideEpisode(this.id, false)
    if (actions.length !== this.numEnvs * this.actionSize) {
      throw new ShapeError(`${this.id}: ${actions.length} action numbers; expected ${this.numEnvs * this.actionSize}`)
    }
    this.takeActions(actions)
    if (this.autoreset === 'next-step') this.autoresetSteps.set(this.dones)
    this.advance()
    this.clock++
    if (this.autoreset === 'next-step') this.restartSkipped()
    if (this.clock >= this.deadline) this.cutOff()
    if (this.autoreset === 'same-step') this.finalObservations.set(this.observations)
    this.finishEnded(this.markEnded())
    return this.result
  }

  /** Everything the next step depends on. */
  save(): VectorEnvState {
    return { copies: Array.from({ length: this.numEnvs }, (_, i) => this.saveCopy(i)) }
  }

  /** Continues from a saved state, bit for bit. Throws a `ValueError` if it has another number of sub-environments. */
  restore({ copies }: VectorEnvState): void {
    if (copies.length !== this.numEnvs) {
      throw new ValueError(`${this.id}: the saved state has ${copies.length} sub-environments, not ${this.numEnvs}`)
    }
    copies.forEach(({ observation, return: total, length, dones }, i) => {
      const isWhole = isCount(length) && typeof dones === 'boolean'
      const areNumbers = observation.length === this.observationSize && observation.every(Number.isFinite)
      if (isWhole && areNumbers && Number.isFinite(total)) return
      throw new CheckpointError(`${this.id}: the saved sub-environment ${i} has a broken observation, return or length`)
    })
    this.deadline = this.clock // found again in the next step
    copies.forEach((copy, i) => {
      this.restoreCopy(i, copy)
      this.observations.set(copy.observation, i * this.observationSize)
      this.returns[i] = copy.return
      this.startedAt[i] = this.clock - copy.length
      this.dones[i] = copy.dones ? 1 : 0
    })
    this.started = true
  }

  /** Checks the actions and stores them for `advance`. */
  protected abstract takeActions(actions: ArrayLike<number>): void

  /** Writes observations, rewards, terminated and truncated. What it writes where `autoresetSteps` is set is ignored. */
  protected abstract advance(): void

  protected abstract startAll(options: VectorResetOptions): void

  /** Starts the next episode of sub-environment `i` and writes its observation. */
  protected abstract restart(i: number): void

  protected abstract saveInner(i: number): InnerState
  protected abstract restoreCopy(i: number, copy: CopyState): void

  /** Steps since the start of the episode of sub-environment `i`. */
  protected elapsedSteps(i: number): number {
    return this.clock - this.startedAt[i]!
  }

  private saveCopy(i: number): CopyState {
    const from = i * this.observationSize
    return {
      ...this.saveInner(i),
      observation: Array.from(this.observations.subarray(from, from + this.observationSize)),
      return: this.returns[i]!,
      length: this.elapsedSteps(i),
      dones: this.dones[i] === 1,
    }
  }

  private restartSkipped(): void {
    for (let i = 0; i < this.numEnvs; i++) {
      if (this.autoresetSteps[i] === 0) continue
      this.rewards[i] = 0
      this.terminated[i] = 0
      this.truncated[i] = 0
      this.begin(i)
    }
  }

  // Called only on steps that can be an episode's last, which saves a comparison for each sub-environment and step.
  private cutOff(): void {
    this.deadline = Infinity
    for (let i = 0; i < this.numEnvs; i++) {
      const last = this.startedAt[i]! + this.maxEpisodeSteps
      if (this.clock >= last) this.truncated[i] = 1
      else this.deadline = Math.min(this.deadline, last)
    }
  }

  // Lists the sub-environments whose episodes ended and returns how many. Fast: no calls in the loops, four flags a word.
  private markEnded(): number {
    const { rewards, endings, returns, dones } = this
    for (let i = 0; i < returns.length; i++) returns[i]! += rewards[i]!
    const { terminatedWords, truncatedWords, endedWords } = this
    let count = 0
    for (let word = 0; word < endedWords.length; word++) {
      const flags = terminatedWords[word]! | truncatedWords[word]!
      endedWords[word] = flags
      if (flags === 0) continue
      const past = Math.min(4 * word + 4, dones.length)
      for (let i = 4 * word; i < past; i++) if (dones[i] !== 0) endings[count++] = i
    }
    return count
  }

  private finishEnded(count: number): void {
    for (let k = 0; k < count; k++) {
      const i = this.endings[k]!
      this.episodeReturns[i] = this.returns[i]!
      this.episodeLengths[i] = this.elapsedSteps(i)
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
