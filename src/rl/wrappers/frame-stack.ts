// The last few observations as one, the newest last, for tasks where one alone does not tell the velocity (Mnih et al. 2015,
// doi:10.1038/nature14236). An episode starts with its first observation repeated.

import { ValueError } from '../../tensor/errors.ts'
import type { Env, Reset, ResetOptions, Step } from '../env.ts'
import { Box, type Space } from '../spaces.ts'
import { Wrapper } from './wrapper.ts'

export class FrameStack<Action> extends Wrapper<Float32Array, Action> {
  /** Shape [size, …shape of an observation], flat. */
  readonly observationSpace: Box
  readonly actionSpace: Space<Action>
  private readonly stack: Float32Array // [size, observationSize], oldest first

  /** Throws a `ValueError` unless observations are vectors and `size` is at least 1. */
  constructor(
    env: Env<Float32Array, Action>,
    readonly size: number,
  ) {
    super(env)
    const { observationSpace: inner } = env
    if (!(inner instanceof Box)) throw new ValueError(`FrameStack: ${env.id} shows ${inner}; expected vectors (a Box)`)
    if (!Number.isInteger(size) || size < 1) throw new ValueError(`FrameStack: size is ${size}; expected 1 or more`)
    this.observationSpace = new Box(repeat(inner.low, size), repeat(inner.high, size), [size, ...inner.shape])
    this.actionSpace = env.actionSpace
    this.stack = new Float32Array(size * inner.low.length)
  }

  reset(options?: ResetOptions): Reset<Float32Array> {
    const { observation, info } = this.env.reset(options)
    this.stack.set(repeat(observation, this.size))
    return { observation: this.stack.slice(), info }
  }

  step(action: Action): Step<Float32Array> {
    const step = this.env.step(action)
    const { length } = step.observation
    this.stack.copyWithin(0, length)
    this.stack.set(step.observation, this.stack.length - length)
    return { ...step, observation: this.stack.slice() }
  }

  override save(): readonly number[] {
    return [...this.stack]
  }

  override restore(stack: readonly number[]): void {
    this.stack.set(stack)
  }
}

function repeat(row: Float32Array, times: number): Float32Array {
  const rows = new Float32Array(times * row.length)
  for (let i = 0; i < times; i++) rows.set(row, i * row.length)
  return rows
}
