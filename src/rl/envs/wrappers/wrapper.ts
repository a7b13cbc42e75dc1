// Wrappers change what goes into an environment or comes out of it, and forward the rest: Gymnasium's decorators (Towers et al. 2024,
// arXiv:2407.17032).

import type { Space } from '../../../data/spaces.ts'
import { ValueError } from '../../../tensor/errors.ts'
import type { Rng, RngState } from '../../../tensor/random.ts'
import { type AnyEnv, type Env, invalidAction, type Reset, type ResetOptions, type Step } from '../env.ts'
import type { MirrorSymmetry } from '../mirror-symmetry.ts'

/** The base class. `Inner…` are the types of the wrapped environment. */
export abstract class Wrapper<Observation, Action, InnerObservation = Observation, InnerAction = Action>
  implements Env<Observation, Action>
{
  abstract readonly observationSpace: Space<Observation>
  abstract readonly actionSpace: Space<Action>

  constructor(readonly env: Env<InnerObservation, InnerAction>) {}

  abstract reset(options?: ResetOptions): Reset<Observation>
  abstract step(action: Action): Step<Observation>

  /** The wrapper's own memory as plain JSON values, for checkpoints. Default: none. */
  save(): unknown {
    return null
  }

  /** Restores what `save` returned. */
  restore(_saved: unknown): void {}

  get id(): string {
    return this.env.id
  }

  /** Default: none, as observations or actions may change. */
  get mirror(): MirrorSymmetry | undefined {
    return undefined
  }

  get unwrapped(): AnyEnv {
    return this.env.unwrapped
  }

  get state(): readonly number[] {
    return this.env.state
  }

  set state(numbers: readonly number[]) {
    this.env.state = numbers
  }

  get rng(): Rng {
    return this.env.rng
  }

  set rng(rng: Rng) {
    this.env.rng = rng
  }
}

/** Keeps both spaces and the mirror symmetry, and forwards `reset`: for wrappers that act on steps alone. */
export abstract class StepWrapper<Observation, Action> extends Wrapper<Observation, Action> {
  get observationSpace(): Space<Observation> {
    return this.env.observationSpace
  }

  get actionSpace(): Space<Action> {
    return this.env.actionSpace
  }

  override get mirror(): MirrorSymmetry | undefined {
    return this.env.mirror
  }

  reset(options?: ResetOptions): Reset<Observation> {
    return this.env.reset(options)
  }
}

/** Passes every observation through `observation`. */
export abstract class ObservationWrapper<Observation, Action, InnerObservation = Observation> extends Wrapper<
  Observation,
  Action,
  InnerObservation
> {
  get actionSpace(): Space<Action> {
    return this.env.actionSpace
  }

  reset(options?: ResetOptions): Reset<Observation> {
    const { observation, info } = this.env.reset(options)
    return { observation: this.observation(observation), info }
  }

  step(action: Action): Step<Observation> {
    const { observation, reward, terminated, truncated, info } = this.env.step(action)
    return { observation: this.observation(observation), reward, terminated, truncated, info }
  }

  protected abstract observation(observation: InnerObservation): Observation
}

/** Passes every action through `action`. Throws a `ValueError` on an action outside `actionSpace`. */
export abstract class ActionWrapper<Observation, Action, InnerAction = Action> extends Wrapper<
  Observation,
  Action,
  Observation,
  InnerAction
> {
  get observationSpace(): Space<Observation> {
    return this.env.observationSpace
  }

  reset(options?: ResetOptions): Reset<Observation> {
    return this.env.reset(options)
  }

  step(action: Action): Step<Observation> {
    if (!this.actionSpace.contains(action)) throw invalidAction(this.id, action, this.actionSpace)
    return this.env.step(this.action(action))
  }

  protected abstract action(action: Action): InnerAction
}

/** A checkpoint of an environment within an episode, as plain values. */
export interface SavedEnv {
  readonly state: readonly number[]
  readonly rng: RngState
  /** The memory of each wrapper, outermost first. */
  readonly wrappers: readonly unknown[]
}

export function saveEnv(env: AnyEnv): SavedEnv {
  return { state: env.state, rng: env.rng.state, wrappers: wrappersOf(env).map((wrapper) => wrapper.save()) }
}

/** Continues a saved episode; with `ended`, the state is left for the next `reset`. */
export function restoreEnv(env: AnyEnv, { state, rng, wrappers }: SavedEnv, ended = false): void {
  const present = wrappersOf(env)
  if (present.length !== wrappers.length) {
    throw new ValueError(`${env.id}: saved with ${wrappers.length} wrappers, restored with ${present.length}`)
  }
  if (!ended) env.state = state
  env.rng.state = rng
  present.forEach((wrapper, i) => {
    wrapper.restore(wrappers[i])
  })
}

type AnyWrapper = Wrapper<unknown, unknown, unknown, unknown>

/** Outermost first. */
export function wrappersOf(env: AnyEnv): AnyWrapper[] {
  const wrappers: AnyWrapper[] = []
  for (let next = env; next instanceof Wrapper; next = next.env) wrappers.push(next)
  return wrappers
}
