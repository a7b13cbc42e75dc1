// State numbers as vectors that networks can take: state s of n becomes n zeros, but for a 1 in place s.

import { ValueError } from '../../tensor/errors.ts'
import type { Env, Reset, ResetOptions, Step } from '../env.ts'
import { Box, Discrete } from '../spaces.ts'
import { Wrapper } from './wrapper.ts'

export class OneHotObservation<Action> extends Wrapper<Float32Array, Action, number> {
  readonly observationSpace: Box
  private readonly inner: Discrete

  /** Throws a `ValueError` unless observations are whole numbers of a `Discrete` space. */
  constructor(env: Env<number, Action>) {
    super(env)
    const { observationSpace } = env
    if (!(observationSpace instanceof Discrete)) {
      throw new ValueError(`OneHotObservation: ${env.id} shows ${String(observationSpace)}; expected a Discrete space`)
    }
    this.inner = observationSpace
    this.observationSpace = new Box(new Float32Array(this.inner.n), new Float32Array(this.inner.n).fill(1))
  }

  get actionSpace() {
    return this.env.actionSpace
  }

  reset(options?: ResetOptions): Reset<Float32Array> {
    const { observation, info } = this.env.reset(options)
    return { observation: this.vector(observation), info }
  }

  step(action: Action): Step<Float32Array> {
    const step = this.env.step(action)
    return { ...step, observation: this.vector(step.observation) }
  }

  private vector(observation: number): Float32Array {
    const vector = new Float32Array(this.inner.n)
    vector[observation - this.inner.start] = 1
    return vector
  }
}
