// N-step transitions: a writer in front of a replay buffer that sums up to n rewards and pairs each observation with the one n
// steps later, or with the last of the episode (Sutton 1988; Hessel et al. 2018, arXiv:1710.02298, "Multi-step learning").
// The target is R + γ^steps (1 - terminated) max Q(s′), from the batch's `rewards`, `steps` and `terminated`.

import {
  type Action,
  actionColumn,
  type Column,
  copyColumns,
  putAction,
  putRow,
  restoreColumns,
  type SavedArrays,
} from '../../data/columns.ts'
import { requireFraction, requireSize } from '../../nn/checks.ts'
import { CheckpointError, requireKnown } from '../../tensor/errors.ts'
import type { TypedArray } from '../../tensor/storage.ts'
import type { ReplayBuffer } from './replay.ts'

/** The outcomes of one step of N sub-environments; a `VectorEnv` after `step` has this form. */
interface Outcomes {
  readonly rewards: ArrayLike<number> // [N]
  /** Before any reset: [N, observationSize]. */
  readonly finalObservations: Float32Array
  readonly terminated: ArrayLike<number> // [N]
  readonly truncated: ArrayLike<number> // [N]
  /** 1 where the step only reset the sub-environment and is no transition: [N]. */
  readonly autoresetSteps: ArrayLike<number>
}

/** Receives the n-step transitions: a uniform or a prioritised buffer. */
interface TransitionSink {
  add(...transition: Required<Parameters<ReplayBuffer['add']>>): unknown
}

interface NStepOptions {
  /** n, the largest number of rewards summed. */
  readonly nStep: number
  /** Discount. */
  readonly gamma: number
  readonly observationSize: number
  /** Numbers of an action vector. Default: actions are choices. */
  readonly actionSize?: number
  /** Sub-environments; their steps are kept apart. Default 1. */
  readonly numEnvs?: number
}

export class NStepBuffer {
  private readonly nStep: number
  private readonly observationSize: number
  private readonly actionSize: number
  private readonly gammaPowers: Float64Array
  // The steps that wait for their n-th reward: a ring of n steps for each sub-environment.
  private readonly ring: {
    readonly observations: Float32Array // [numEnvs, n, observationSize]
    readonly actions: Column // [numEnvs, n] or [numEnvs, n, actionSize]
    readonly rewards: Float64Array // [numEnvs, n]
    readonly first: Int32Array // [numEnvs], the index of the oldest step
    readonly waiting: Int32Array // [numEnvs], the number of steps
  }

  constructor(
    private readonly sink: TransitionSink,
    { nStep, gamma, observationSize, actionSize, numEnvs = 1, ...others }: NStepOptions,
  ) {
    requireKnown('NStepBuffer', others, ['nStep', 'gamma', 'observationSize', 'actionSize', 'numEnvs'])
    requireSize('NStepBuffer: nStep', nStep)
    requireSize('NStepBuffer: numEnvs', numEnvs)
    requireFraction('NStepBuffer: gamma', gamma)
    this.nStep = nStep
    this.observationSize = observationSize
    this.actionSize = actionSize ?? 0
    this.gammaPowers = new Float64Array(nStep).fill(1)
    for (let i = 1; i < nStep; i++) this.gammaPowers[i] = this.gammaPowers[i - 1]! * gamma
    this.ring = {
      observations: new Float32Array(numEnvs * nStep * observationSize),
      actions: actionColumn(numEnvs * nStep, this.actionSize),
      rewards: new Float64Array(numEnvs * nStep),
      first: new Int32Array(numEnvs),
      waiting: new Int32Array(numEnvs),
    }
  }

  /** Adds one step of sub-environment `env`. `nextObservation` is the one before any reset. */
  add(
    observation: ArrayLike<number>,
    action: Action,
    reward: number,
    nextObservation: ArrayLike<number>,
    terminated: boolean | number,
    truncated: boolean | number,
    env = 0,
  ): void {
    const { nStep: n, ring } = this
    if (n === 1) {
      this.sink.add(observation, action, reward, nextObservation, terminated, 1)
      return
    }
    const row = env * n + ((ring.first[env]! + ring.waiting[env]!) % n)
    putRow(ring.observations, row, this.observationSize, observation, 'the observation')
    putAction(ring.actions, row, this.actionSize, action)
    ring.rewards[row] = reward
    ring.waiting[env] = ring.waiting[env]! + 1
    if (ring.waiting[env] === n) this.release(env, nextObservation, terminated)
    // No rewards follow the end of an episode; a truncated one still bootstraps from its last observation.
    if (terminated || truncated) while (ring.waiting[env]! > 0) this.release(env, nextObservation, terminated)
  }

  /** Adds a step of each sub-environment, except for mere resets. Observations [N, observationSize], actions [N] or [N, actionSize]. */
  addSteps(observations: Float32Array, actions: Column, outcomes: Outcomes): void {
    const { rewards, finalObservations, terminated, truncated, autoresetSteps } = outcomes
    const { observationSize, actionSize } = this
    for (let i = 0; i < rewards.length; i++) {
      if (autoresetSteps[i] === 1) continue
      const [from, to] = [i * observationSize, (i + 1) * observationSize]
      const action = actionSize === 0 ? actions[i]! : actions.subarray(i * actionSize, (i + 1) * actionSize)
      const next = finalObservations.subarray(from, to)
      this.add(observations.subarray(from, to), action, rewards[i]!, next, terminated[i]!, truncated[i]!, i)
    }
  }

  save(): SavedArrays {
    return copyColumns(this.named())
  }

  /** Throws a `CheckpointError` if the saved arrays do not fit this writer's sizes. */
  restore(saved: SavedArrays): void {
    const within = (name: string, last: number) => saved[`nStep.${name}`]?.every((each) => each >= 0 && each <= last)
    if (within('first', this.nStep - 1) === false || within('waiting', this.nStep) === false) {
      throw new CheckpointError(`NStepBuffer: the saved places are not those of ${this.nStep} steps`)
    }
    restoreColumns('NStepBuffer', saved, this.named())
  }

  private named(): Record<string, TypedArray> {
    return Object.fromEntries(Object.entries(this.ring).map(([name, column]) => [`nStep.${name}`, column]))
  }

  // Writes the oldest waiting step to the buffer, with the discounted sum of all waiting rewards.
  private release(env: number, nextObservation: ArrayLike<number>, terminated: boolean | number): void {
    const { nStep: n, observationSize, actionSize } = this
    const { observations, actions, rewards, first: firsts, waiting } = this.ring
    const first = firsts[env]!
    const count = waiting[env]!
    let sum = 0
    for (let i = 0; i < count; i++) sum += this.gammaPowers[i]! * rewards[env * n + ((first + i) % n)]!
    const row = env * n + first
    const observation = observations.subarray(row * observationSize, (row + 1) * observationSize)
    const action = actionSize === 0 ? actions[row]! : actions.subarray(row * actionSize, (row + 1) * actionSize)
    this.sink.add(observation, action, sum, nextObservation, terminated, count)
    firsts[env] = (first + 1) % n
    waiting[env] = count - 1
  }
}
