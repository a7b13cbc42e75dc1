// The base class of environments: all of the contract in env.ts but the task itself. Read next:
// ../../../examples/own-environment/catch.ts for an environment on it, tasks/bandit.ts for one of the library.

import type { Space } from '../../data/spaces.ts'
import { requireKnown } from '../../tensor/errors.ts'
import { Rng } from '../../tensor/random.ts'
import type { AnyEnv, Env, Info, Reset, ResetOptions, Step } from './env.ts'
import { invalidAction, NO_INFO, stepOutsideEpisode } from './env.ts'

/** What an action leads to. */
export interface Outcome {
  readonly reward: number
  /** Whether the task ended by itself. A time limit is no part of the task; `register` takes one. */
  readonly terminated: boolean
  /** Default: `describe()`. */
  readonly info?: Info
}

/**
 * Base class of an environment. A subclass has the spaces and the dynamics: `start`, `advance`, `observe`, `saveState` and
 * `restoreState`. This class seeds `rng`, checks each action, and throws a `StateError` on a step outside an episode.
 */
export abstract class EpisodicEnv<Observation = Float32Array, Action = number> implements Env<Observation, Action> {
  abstract readonly id: string
  abstract readonly observationSpace: Space<Observation>
  abstract readonly actionSpace: Space<Action>
  /** The only source of randomness of `start` and `advance`, so that a seed determines an episode. */
  rng = new Rng()
  private phase: 'new' | 'running' | 'ended' = 'new'

  /** Draws the start of an episode from `rng`. `options` are those of `reset`. */
  protected abstract start(options: Readonly<Record<string, unknown>>): void

  /** Applies an action of the action space. */
  protected abstract advance(action: Action): Outcome

  /** The observation of the current state, a new array each time. */
  protected abstract observe(): Observation

  /** All numbers that the rest of the episode depends on, except `rng`. */
  protected abstract saveState(): readonly number[]

  /** Continues from the numbers of `saveState`. Throws a `ValueError` on others. */
  protected abstract restoreState(numbers: readonly number[]): void

  /** The info of the current state, such as `{ actionMask }`. Default: empty. */
  protected describe(): Info {
    return NO_INFO
  }

  /** Throws a `ValueError` on an action outside the action space. */
  protected requireAction(action: Action): void {
    if (!this.actionSpace.contains(action)) throw invalidAction(this.id, action, this.actionSpace)
  }

  /** Whether an episode has begun and not terminated. */
  get inProgress(): boolean {
    return this.phase === 'running'
  }

  get unwrapped(): AnyEnv {
    return this
  }

  get state(): readonly number[] {
    return this.saveState()
  }

  set state(numbers: readonly number[]) {
    this.restoreState(numbers)
    this.phase = 'running'
  }

  reset(given: ResetOptions = {}): Reset<Observation> {
    requireKnown(`${this.id}: reset`, given, ['seed', 'options'])
    const { seed, options = {} } = given
    if (seed !== undefined) this.rng = new Rng(seed)
    this.start(options)
    this.phase = 'running'
    return { observation: this.observe(), info: this.describe() }
  }

  step(action: Action): Step<Observation> {
    if (this.phase !== 'running') throw stepOutsideEpisode(this.id, this.phase === 'ended')
    this.requireAction(action)
    const { reward, terminated, info = this.describe() } = this.advance(action)
    if (terminated) this.phase = 'ended'
    return { observation: this.observe(), reward, terminated, truncated: false, info }
  }
}
