// Any environments as a vector environment: each copy is stepped by itself and its results are written into the arrays.
// Read next: ../vector-env.ts.

import { ShapeError } from '../../tensor/errors.ts'
import { Rng } from '../../tensor/random.ts'
import { type AnyEnv, foreignAction, type Info } from '../env.ts'
import { restoreEnv, saveEnv } from '../save-env.ts'
import { readFlat, writeFlat } from '../spaces.ts'
import {
  type AutoresetMode,
  type CopyState,
  type InnerState,
  VectorEnv,
  type VectorResetOptions,
} from '../vector-env.ts'

export class SingleVectorEnv extends VectorEnv {
  private readonly actions: unknown[]
  private options: Readonly<Record<string, unknown>> = {}

  /** @param envs one environment a copy, each with its own time limit, if it has one. */
  constructor(
    private readonly envs: readonly AnyEnv[],
    autoreset: AutoresetMode,
  ) {
    const first = envs[0]
    if (first === undefined) throw new ShapeError('SingleVectorEnv: no environments; expected at least one')
    super(first.id, envs.length, first.observationSpace, first.actionSpace, autoreset)
    this.actions = new Array(envs.length)
    envs.forEach((env, i) => {
      env.rng = new Rng(i)
    })
  }

  protected takeActions(actions: ArrayLike<number>): void {
    const { actionSpace, actionSize } = this
    for (let i = 0; i < this.numEnvs; i++) {
      const action = readFlat(actionSpace, actions, i * actionSize)
      if (!actionSpace.contains(action)) throw foreignAction(`${this.id}, copy ${i}`, action, actionSpace)
      this.actions[i] = action
    }
  }

  protected advance(): void {
    this.envs.forEach((env, i) => {
      if (this.skipped[i] === 1) return
      const { observation, reward, terminated, truncated, info } = env.step(this.actions[i])
      this.write(i, observation, info)
      this.rewards[i] = reward
      this.terminated[i] = terminated ? 1 : 0
      this.truncated[i] = truncated ? 1 : 0
    })
  }

  protected startAll({ seed, options = {} }: VectorResetOptions): void {
    this.options = options
    this.envs.forEach((env, i) => {
      const { observation, info } = env.reset(seed === undefined ? { options } : { seed: seed + i, options })
      this.write(i, observation, info)
    })
  }

  protected restart(i: number): void {
    const { observation, info } = this.envs[i]!.reset({ options: this.options })
    this.write(i, observation, info)
  }

  protected saveInner(i: number): InnerState {
    const saved = saveEnv(this.envs[i]!)
    if (this.actionMasks === undefined) return saved
    const size = this.actionMasks.length / this.numEnvs
    return { ...saved, actionMask: Array.from(this.actionMasks.subarray(i * size, (i + 1) * size)) }
  }

  protected restoreCopy(i: number, copy: CopyState): void {
    // In the same-step form the next episode is under way already.
    restoreEnv(this.envs[i]!, copy, copy.ended && this.autoreset === 'next-step')
    this.writeMask(i, copy.actionMask)
  }

  private write(i: number, observation: unknown, { actionMask }: Info): void {
    writeFlat(this.observationSpace, observation, this.observations, i * this.observationSize)
    this.writeMask(i, actionMask)
  }

  private writeMask(i: number, actionMask: ArrayLike<number> | undefined): void {
    if (actionMask === undefined) return
    this.actionMasks ??= new Float32Array(this.numEnvs * actionMask.length)
    this.actionMasks.set(actionMask, i * actionMask.length)
  }
}
