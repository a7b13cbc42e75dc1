// Potential-based reward shaping with state values. Optimal policies do not change, whatever the values (Ng, Harada and Russell 1999,
// theorem 1).

import { fraction, type GivenOptions, readOptions } from '../../../data/options.ts'
import { Box } from '../../../data/spaces.ts'
import { inferenceMode } from '../../../tensor/autograd/scope.ts'
import { ShapeError, StateError } from '../../../tensor/errors.ts'
import { tensor } from '../../../tensor/ops/create.ts'
import type { StateValued } from '../../policies/lookahead.ts'
import type { Env, Reset, ResetOptions, Step } from '../env.ts'
import { StepWrapper } from './wrapper.ts'

const shapingOptions = {
  gamma: fraction(0.99, "discount; it must be the learner's own, or the optimal policies change"),
}

type Values = Pick<StateValued, 'observationSize' | 'stateValues'>

/**
 * Adds γ V(s') - V(s) to the rewards, with V = 0 after a termination (not after a truncation). The discounted return of an episode that
 * terminates is lower by V of its first state. Throws a ShapeError unless the values take the environment's observations, a ValueError
 * on an option out of range.
 */
export class PotentialShaping<Action> extends StepWrapper<Float32Array, Action> {
  private readonly gamma: number
  private current: number | null = null // V of the current state, where it is known

  constructor(
    env: Env<Float32Array, Action>,
    private readonly values: Values,
    options: GivenOptions<typeof shapingOptions> = {},
  ) {
    super(env)
    this.gamma = readOptions('PotentialShaping', shapingOptions, options).gamma
    const { observationSpace } = env
    if (observationSpace instanceof Box && observationSpace.low.length === values.observationSize) return
    throw new ShapeError(
      `PotentialShaping: the values take ${values.observationSize} numbers per state; ${env.id} has ${observationSpace}`,
    )
  }

  /** None: the values need not be symmetric. */
  override get mirror(): undefined {
    return undefined
  }

  override reset(options?: ResetOptions): Reset<Float32Array> {
    const reset = this.env.reset(options)
    this.current = this.potential(reset.observation)
    return reset
  }

  step(action: Action): Step<Float32Array> {
    const step = this.env.step(action)
    if (this.current === null) {
      throw new StateError(`${this.id}: step() after the state was set; PotentialShaping needs reset() first`)
    }
    const before = this.current
    this.current = step.terminated ? 0 : this.potential(step.observation)
    return { ...step, reward: step.reward + this.gamma * this.current - before }
  }

  override get state(): readonly number[] {
    return this.env.state
  }

  override set state(numbers: readonly number[]) {
    this.env.state = numbers
    this.current = null
  }

  override save(): number | null {
    return this.current
  }

  override restore(current: number | null): void {
    this.current = current
  }

  private potential(observation: Float32Array): number {
    return inferenceMode(() => this.values.stateValues(tensor(observation, [1, observation.length])).view()[0]!)
  }
}
