// A wrapper changes what goes into or comes out of an environment and leaves the rest alone: the decorator of Gymnasium.
// Read next: time-limit.ts.

import type { Rng } from '../../tensor/random.ts'
import type { AnyEnv, Env, Reset, ResetOptions, Step } from '../env.ts'
import type { Space } from '../spaces.ts'

/** Forwards everything; a subclass overrides what it changes. `Inner…` are the types of the environment inside. */
export abstract class Wrapper<Observation, Action, InnerObservation = Observation, InnerAction = Action>
  implements Env<Observation, Action>
{
  abstract readonly observationSpace: Space<Observation>
  abstract readonly actionSpace: Space<Action>

  constructor(readonly env: Env<InnerObservation, InnerAction>) {}

  abstract reset(options?: ResetOptions): Reset<Observation>
  abstract step(action: Action): Step<Observation>

  /** What this wrapper itself remembers, as plain JSON values, for checkpoints; nothing by default. */
  save(): unknown {
    return null
  }

  /** Takes back what `save` gave. */
  restore(_saved: unknown): void {}

  get id(): string {
    return this.env.id
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
