// From values to rewards: what a value function knows, told to a learner step by step. Potential-based shaping keeps every
// optimal policy what it is (Ng, Harada and Russell 1999, theorem 1), right or wrong as the values may be.
// Read next: as-critic.ts for the other way to give a learner values.

import type { Env, Reset, ResetOptions, Step } from '../rl/env.ts'
import type { StateValued } from '../rl/lookahead.ts'
import { Box, type Space } from '../rl/spaces.ts'
import { Wrapper } from '../rl/wrappers/wrapper.ts'
import { noGrad } from '../tensor/autograd.ts'
import { ShapeError, StateError, ValueError } from '../tensor/errors.ts'
import { tensor } from '../tensor/ops/create.ts'
import { scope } from '../tensor/scope.ts'

export interface ShapingOptions {
  /** The learner's own discount; with another one the optimal policies would change. Default 0.99. */
  readonly gamma?: number
}

/**
 * Rewards r + γ V(s') - V(s), with V = 0 at terminal states (not where an episode is cut off). The return of an episode that
 * terminates is then lower by V of its first state, whatever was done. Throws a ShapeError unless the values are of the
 * environment's observations, a ValueError unless gamma is from 0 to 1.
 */
export function asShaping<Action>(
  env: Env<Float32Array, Action>,
  values: Pick<StateValued, 'observationSize' | 'stateValues'>,
  { gamma = 0.99 }: ShapingOptions = {},
): Env<Float32Array, Action> {
  if (!(gamma >= 0 && gamma <= 1)) throw new ValueError(`asShaping: gamma is ${gamma}; it must be from 0 to 1`)
  const { observationSpace } = env
  const size = observationSpace instanceof Box ? observationSpace.low.length : Number.NaN
  if (size !== values.observationSize) {
    throw new ShapeError(
      `asShaping: the values are of ${values.observationSize} numbers a state, ${env.id} shows ${observationSpace}`,
    )
  }
  return new ValueShaping(env, values, gamma)
}

class ValueShaping<Action> extends Wrapper<Float32Array, Action> {
  readonly observationSpace: Space<Float32Array>
  readonly actionSpace: Space<Action>
  private current: number | null = null // V of the state that the episode is in, where it is known

  constructor(
    env: Env<Float32Array, Action>,
    private readonly values: Pick<StateValued, 'stateValues'>,
    private readonly gamma: number,
  ) {
    super(env)
    this.observationSpace = env.observationSpace
    this.actionSpace = env.actionSpace
  }

  reset(options?: ResetOptions): Reset<Float32Array> {
    const reset = this.env.reset(options)
    this.current = this.potential(reset.observation)
    return reset
  }

  step(action: Action): Step<Float32Array> {
    const step = this.env.step(action)
    if (this.current === null) {
      throw new StateError(`${this.id}: the state was set, so its value is not known to the shaping; reset() first`)
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
    return scope(() => noGrad(() => this.values.stateValues(tensor(observation, [1, observation.length])).view()[0]!))
  }
}
