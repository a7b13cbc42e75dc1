// N-step transitions: a writer in front of a replay buffer that sums up to n rewards and pairs each observation with the one n
// steps later, or with the last of the episode (Sutton 1988; Hessel et al. 2018, arXiv:1710.02298, "Multi-step learning").
// The target is R + γ^steps (1 - terminated) max Q(s′), from the batch's `rewards`, `steps` and `terminated`.

import {
  type Action,
  type ActionColumn,
  actionField,
  Columns,
  field,
  type SavedArrays,
  savedArray,
} from '../../data/columns.ts'
import { CheckpointError } from '../../tensor/errors.ts'
import type { VectorEnv } from '../envs/vector/vector-env.ts'
import type { ReplayBuffer } from './replay.ts'

/** The outcomes of one step of N sub-environments; a `VectorEnv` after `step` has this form. */
type Outcomes = Pick<VectorEnv, 'finalObservations'> &
  Readonly<Record<'rewards' | 'terminated' | 'truncated' | 'autoresetSteps', ArrayLike<number>>>

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

const OWNER = 'NStepBuffer'
const PREFIX = 'nStep.'

const ringFields = (observationSize: number, actionSize: number) => ({
  observations: field(observationSize, 'float32'),
  actions: actionField(actionSize),
  rewards: field(1, 'float64'),
})

export class NStepBuffer {
  private readonly nStep: number
  private readonly observationSize: number
  private readonly actionSize: number
  private readonly gammaPowers: Float64Array
  // The steps that wait for their n-th reward: a ring of n rows for each sub-environment.
  private readonly ring: Columns<ReturnType<typeof ringFields>>
  /** Of each ring: the index of the oldest step, and the number of steps. */
  private readonly firsts: Int32Array
  private readonly waiting: Int32Array

  constructor(
    private readonly sink: TransitionSink,
    { nStep, gamma, observationSize, actionSize = 0, numEnvs = 1 }: NStepOptions,
  ) {
    this.nStep = nStep
    this.observationSize = observationSize
    this.actionSize = actionSize
    this.gammaPowers = new Float64Array(nStep).fill(1)
    for (let i = 1; i < nStep; i++) this.gammaPowers[i] = this.gammaPowers[i - 1]! * gamma
    this.ring = new Columns(ringFields(observationSize, actionSize), numEnvs * nStep)
    this.firsts = new Int32Array(numEnvs)
    this.waiting = new Int32Array(numEnvs)
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
    const { nStep: n, ring, firsts, waiting } = this
    if (n === 1) {
      this.sink.add(observation, action, reward, nextObservation, terminated, 1)
      return
    }
    const row = env * n + ((firsts[env]! + waiting[env]!) % n)
    ring.put('observations', row, observation, 'the observation')
    ring.putAction('actions', row, action)
    ring.arrays.rewards[row] = reward
    waiting[env] = waiting[env]! + 1
    if (waiting[env] === n) this.release(env, nextObservation, terminated)
    // No rewards follow the end of an episode; a truncated one still bootstraps from its last observation.
    if (terminated || truncated) while (waiting[env]! > 0) this.release(env, nextObservation, terminated)
  }

  /** Adds a step of each sub-environment, except for mere resets. Observations [N, observationSize], actions [N] or [N, actionSize]. */
  addSteps(observations: Float32Array, actions: ActionColumn, outcomes: Outcomes): void {
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
    const { ring, firsts, waiting } = this
    const all = { ...ring.save(this.rows), first: firsts.slice(), waiting: waiting.slice() }
    return Object.fromEntries(Object.entries(all).map(([name, column]) => [PREFIX + name, column]))
  }

  /** Throws a `CheckpointError` if the saved arrays do not fit this writer's sizes. */
  restore(saved: SavedArrays): void {
    const { ring, firsts, waiting, nStep } = this
    const own = Object.fromEntries(Object.entries(saved).map(([name, column]) => [name.replace(PREFIX, ''), column]))
    const [first, count] = (['first', 'waiting'] as const).map((name) => savedArray(OWNER, own, name, firsts.length))
    if (!first!.every((each) => each >= 0 && each < nStep) || !count!.every((each) => each >= 0 && each <= nStep)) {
      throw new CheckpointError(`${OWNER}: the saved places are not those of ${nStep} steps`)
    }
    ring.restore(OWNER, own, this.rows)
    firsts.set(first!)
    waiting.set(count!)
  }

  private get rows(): number {
    return this.firsts.length * this.nStep
  }

  // Writes the oldest waiting step to the buffer, with the discounted sum of all waiting rewards.
  private release(env: number, nextObservation: ArrayLike<number>, terminated: boolean | number): void {
    const { nStep: n, ring, firsts, waiting } = this
    const first = firsts[env]!
    const count = waiting[env]!
    let sum = 0
    for (let i = 0; i < count; i++) sum += this.gammaPowers[i]! * ring.arrays.rewards[env * n + ((first + i) % n)]!
    const row = env * n + first
    this.sink.add(ring.row('observations', row), ring.actionAt('actions', row), sum, nextObservation, terminated, count)
    firsts[env] = (first + 1) % n
    waiting[env] = count - 1
  }
}
