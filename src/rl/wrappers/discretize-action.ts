// A few fixed vectors in place of all of them, so that an algorithm that chooses among actions can steer: Pendulum with five
// torques is `PendulumDiscrete-v1`. Read next: ../envs/registered.ts.

import { ValueError } from '../../tensor/errors.ts'
import { type Env, foreignAction, type Reset, type ResetOptions, type Step } from '../env.ts'
import { type Box, Discrete, type Space } from '../spaces.ts'
import { requireBoxActions } from './clip-action.ts'
import { Wrapper } from './wrapper.ts'

export class DiscretizeAction<Observation> extends Wrapper<Observation, number, Observation, Float32Array> {
  readonly observationSpace: Space<Observation>
  readonly actionSpace: Discrete
  /** What each choice stands for. */
  readonly choices: readonly Float32Array[]

  /**
   * @param choices the vectors to choose from, or how many to spread evenly over the bounds of a one-number action, both
   * ends included (at least 2).
   *
   * Throws a `ValueError` unless every choice is in the environment's action space.
   */
  constructor(
    env: Env<Observation, Float32Array>,
    choices: readonly ArrayLike<number>[] | number,
    private readonly name = env.id,
  ) {
    super(env)
    const inner = requireBoxActions('DiscretizeAction', env)
    this.choices = typeof choices === 'number' ? evenly(inner, choices) : choices.map((x) => Float32Array.from(x))
    for (const choice of this.choices) {
      if (!inner.contains(choice)) throw foreignAction(`DiscretizeAction of ${env.id}`, choice, inner)
    }
    this.observationSpace = env.observationSpace
    this.actionSpace = new Discrete(this.choices.length)
  }

  override get id(): string {
    return this.name
  }

  reset(options?: ResetOptions): Reset<Observation> {
    return this.env.reset(options)
  }

  step(action: number): Step<Observation> {
    if (!this.actionSpace.contains(action)) throw foreignAction(this.id, action, this.actionSpace)
    return this.env.step(this.choices[action]!)
  }
}

function evenly({ low, high }: Box, count: number): Float32Array[] {
  if (low.length !== 1 || !Number.isInteger(count) || count < 2) {
    throw new ValueError(
      `DiscretizeAction: ${count} even choices of ${low.length} numbers; expected at least 2, of one number each`,
    )
  }
  return Array.from({ length: count }, (_, i) => {
    const share = i / (count - 1)
    return Float32Array.of(low[0]! * (1 - share) + high[0]! * share)
  })
}
