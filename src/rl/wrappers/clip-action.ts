// Actions of any size, clipped to the bounds of the environment: for policies whose samples have no bounds, such as a
// Gaussian. Read next: rescale-action.ts, for policies with bounds of their own.

import { ValueError } from '../../tensor/errors.ts'
import { type Env, foreignAction, type Reset, type ResetOptions, type Step } from '../env.ts'
import { Box, type Space } from '../spaces.ts'
import { Wrapper } from './wrapper.ts'

export class ClipAction<Observation> extends Wrapper<Observation, Float32Array> {
  readonly observationSpace: Space<Observation>
  readonly actionSpace: Box
  private readonly inner: Box

  /** Throws a `ValueError` unless actions are vectors. */
  constructor(env: Env<Observation, Float32Array>) {
    super(env)
    const inner = requireBoxActions('ClipAction', env)
    const { length } = inner.low
    this.inner = inner
    this.observationSpace = env.observationSpace
    this.actionSpace = new Box(new Array(length).fill(-Infinity), new Array(length).fill(Infinity), inner.shape)
  }

  reset(options?: ResetOptions): Reset<Observation> {
    return this.env.reset(options)
  }

  step(action: Float32Array): Step<Observation> {
    if (!this.actionSpace.contains(action)) throw foreignAction(this.id, action, this.actionSpace)
    const { low, high } = this.inner
    return this.env.step(action.map((x, k) => Math.max(low[k]!, Math.min(high[k]!, x))))
  }
}

/** The space of an environment whose actions are vectors. Throws a `ValueError` if they are not. */
export function requireBoxActions(wrapper: string, env: Env<unknown, unknown>): Box {
  if (env.actionSpace instanceof Box) return env.actionSpace
  throw new ValueError(`${wrapper}: ${env.id} takes ${env.actionSpace}; expected vectors of actions (a Box)`)
}
