// Any environments as a vector environment: each is stepped by itself, and what it returns is checked and written into the arrays
// (Gymnasium's SyncVectorEnv).

import { pack, unpack } from '../../../data/packing.ts'
import { Box, Discrete } from '../../../data/spaces.ts'
import { maskFault, rewardFault, shapeFault, violation } from '../../../data/values.ts'
import { requireMethods, ShapeError, ValueError } from '../../../tensor/errors.ts'
import { Rng } from '../../../tensor/random.ts'
import { type AnyEnv, type Info, invalidAction } from '../env.ts'
import type { MirrorSymmetry } from '../mirror-symmetry.ts'
import { restoreEnv, saveEnv } from '../wrappers/wrapper.ts'
import { seedOf } from './step.ts'
import {
  type AutoresetMode,
  type CopyState,
  type InnerState,
  VectorEnv,
  type VectorResetOptions,
} from './vector-env.ts'

/**
 * Throws a `ShapeError` or `ValueError` where an environment returns an observation of another shape than its space, a reward
 * that is no finite number, or an action mask of another length. Vectors are searched for NaN at the start of each episode
 * only; `checkEnv` checks everything.
 */
export class SyncVectorEnv extends VectorEnv {
  readonly mirror: MirrorSymmetry | undefined
  private readonly actions: unknown[]
  private readonly vectorLength: number // of an observation; NaN if it is no vector
  private options: Readonly<Record<string, unknown>> = {}

  /** @param envs one for each sub-environment, each with its own time limit, if it has one. */
  constructor(
    private readonly envs: readonly AnyEnv[],
    autoreset: AutoresetMode,
  ) {
    const first = envs[0]
    if (first === undefined) throw new ShapeError('SyncVectorEnv: no environments; expected at least one')
    super(first.id, envs.length, first.observationSpace, first.actionSpace, autoreset)
    this.mirror = first.mirror
    this.actions = new Array(envs.length)
    this.vectorLength = first.observationSpace instanceof Box ? this.observationSize : Number.NaN
    envs.forEach((env, i) => {
      env.rng = new Rng(i)
    })
  }

  protected takeActions(actions: ArrayLike<number>): void {
    const { actionSpace, actionSize } = this
    const isChoice = actionSpace instanceof Discrete
    for (let i = 0; i < this.numEnvs; i++) {
      const action = isChoice ? actions[i] : unpack(actionSpace, actions, i * actionSize)
      if (!actionSpace.contains(action)) throw invalidAction(`${this.id}, sub-environment ${i}`, action, actionSpace)
      this.actions[i] = action
    }
  }

  protected advance(): void {
    for (let i = 0; i < this.numEnvs; i++) {
      if (this.autoresetSteps[i] === 1) continue
      const { observation, reward, terminated, truncated, info } = this.envs[i]!.step(this.actions[i])
      const step = this.elapsedSteps(i) + 1
      this.write(i, step, observation, info)
      if (!Number.isFinite(reward)) throw new ValueError(this.violation(i, 'reward', step, rewardFault(reward)))
      this.rewards[i] = reward
      this.terminated[i] = terminated ? 1 : 0
      this.truncated[i] = truncated ? 1 : 0
    }
  }

  protected startAll({ seed, options = {} }: VectorResetOptions): void {
    this.options = options
    this.envs.forEach((env, i) => {
      const { observation, info } = env.reset(seed === undefined ? { options } : { seed: seedOf(seed, i), options })
      this.write(i, 0, observation, info)
    })
  }

  protected restart(i: number): void {
    const { observation, info } = this.envs[i]!.reset({ options: this.options })
    this.write(i, 0, observation, info)
  }

  protected saveInner(i: number): InnerState {
    const saved = saveEnv(this.envs[i]!)
    if (this.actionMasks === undefined) return saved
    const size = this.actionMasks.length / this.numEnvs
    return { ...saved, actionMask: Array.from(this.actionMasks.subarray(i * size, (i + 1) * size)) }
  }

  protected restoreCopy(i: number, copy: CopyState): void {
    // With same-step autoreset the next episode has begun.
    restoreEnv(this.envs[i]!, copy, copy.dones && this.autoreset === 'next-step')
    if (copy.actionMask !== undefined) this.writeMask(i, 0, copy.actionMask)
  }

  /** @param step since the reset, which is step 0. */
  private write(i: number, step: number, observation: unknown, info: Info): void {
    const { observationSpace, observations, observationSize } = this
    if (step <= 1 || (observation as Float32Array | undefined)?.length !== this.vectorLength) {
      const fault = shapeFault(observationSpace, observation)
      if (fault !== undefined) throw new ShapeError(this.violation(i, 'observation', step, fault))
    }
    pack(observationSpace, observation, observations, i * observationSize)
    const actionMask = info?.actionMask
    if (actionMask !== undefined) this.writeMask(i, step, actionMask)
  }

  private writeMask(i: number, step: number, actionMask: ArrayLike<number>): void {
    const numActions = this.actionSpace instanceof Discrete ? this.actionSpace.n : Number.NaN
    if (actionMask?.length !== numActions) {
      throw new ShapeError(this.violation(i, 'action mask', step, maskFault(actionMask, this.actionSpace)))
    }
    this.actionMasks ??= new Float32Array(this.numEnvs * numActions)
    this.actionMasks.set(actionMask, i * numActions)
  }

  private violation(i: number, what: string, step: number, fault: string | undefined): string {
    return violation(`${this.id}, sub-environment ${i}`, what, step, fault)
  }
}

/** Throws a ValueError unless it can be reset and stepped. */
export function requireEnv(op: string, env: unknown): void {
  requireMethods(`${op}: the environment`, env, ['reset', 'step'], "an environment, such as make('CartPole-v1')")
}

export type EnvLike = VectorEnv | AnyEnv

/** A single environment as a vector environment of size 1, with `same-step` autoreset. */
export function toVectorEnv(envs: EnvLike, op = 'training'): VectorEnv {
  requireEnv(op, envs)
  return envs instanceof VectorEnv ? envs : new SyncVectorEnv([envs], 'same-step')
}
