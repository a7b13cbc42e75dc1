// N-step transitions: in front of a replay buffer, this sums up to n rewards and pairs each observation with the one n
// steps later, or with the episode's last (Sutton 1988; Hessel et al. 2018, arXiv:1710.02298, "Multi-step learning").
// The target is then R + γ^steps (1 - terminated) max Q(s′), with the batch's `rewards`, `steps` and `terminated`.

import { CheckpointError, ValueError } from '../../tensor/errors.ts'
import {
  type Action,
  actionColumn,
  type Column,
  forEachStep,
  type Outcomes,
  putAction,
  putRow,
  requireWhole,
  type SavedArrays,
  type StepMemory,
  savedArray,
} from './columns.ts'

/** What n-step transitions are put into: a uniform or a prioritised buffer. */
export interface TransitionSink {
  add(
    observation: ArrayLike<number>,
    action: Action,
    reward: number,
    nextObservation: ArrayLike<number>,
    terminated: boolean | number,
    steps: number,
  ): unknown
}

export interface NStepOptions {
  /** n, the most rewards summed. */
  readonly nStep: number
  /** γ */
  readonly gamma: number
  readonly observationSize: number
  /** Numbers in an action vector. Left out: actions are choices. */
  readonly actionSize?: number
  /** Environments side by side; each has its own line of steps. */
  readonly numEnvs?: number
}

export class NStepBuffer implements StepMemory {
  private readonly nStep: number
  private readonly observationSize: number
  private readonly actionSize: number
  private readonly gammaPowers: Float64Array
  // The steps that wait for their n-th reward: a ring of n for each environment.
  private readonly observations: Float32Array // [numEnvs, n, observationSize]
  private readonly actions: Column // [numEnvs, n] or [numEnvs, n, actionSize]
  private readonly rewards: Float64Array // [numEnvs, n]
  private readonly first: Int32Array // [numEnvs], the oldest step's place in its ring
  private readonly waiting: Int32Array // [numEnvs], how many steps wait

  constructor(
    private readonly sink: TransitionSink,
    { nStep, gamma, observationSize, actionSize, numEnvs = 1 }: NStepOptions,
  ) {
    requireWhole('NStepBuffer', 'nStep', nStep, 1)
    requireWhole('NStepBuffer', 'numEnvs', numEnvs, 1)
    if (!(gamma >= 0 && gamma <= 1)) throw new ValueError(`NStepBuffer: gamma is ${gamma}; expected 0 to 1`)
    this.nStep = nStep
    this.observationSize = observationSize
    this.actionSize = actionSize ?? 0
    this.gammaPowers = new Float64Array(nStep).fill(1)
    for (let i = 1; i < nStep; i++) this.gammaPowers[i] = this.gammaPowers[i - 1]! * gamma
    this.observations = new Float32Array(numEnvs * nStep * observationSize)
    this.actions = actionColumn(numEnvs * nStep, this.actionSize)
    this.rewards = new Float64Array(numEnvs * nStep)
    this.first = new Int32Array(numEnvs)
    this.waiting = new Int32Array(numEnvs)
  }

  /** Takes one step of environment `env`. `nextObservation` is the one before any reset. */
  add(
    observation: ArrayLike<number>,
    action: Action,
    reward: number,
    nextObservation: ArrayLike<number>,
    terminated: boolean | number,
    truncated: boolean | number,
    env = 0,
  ): void {
    const n = this.nStep
    const row = env * n + ((this.first[env]! + this.waiting[env]!) % n)
    putRow(this.observations, row, this.observationSize, observation, 'the observation')
    putAction(this.actions, row, this.actionSize, action)
    this.rewards[row] = reward
    this.waiting[env] = this.waiting[env]! + 1
    if (this.waiting[env] === n) this.release(env, nextObservation, terminated)
    // Past an end there are no more rewards to wait for; a cut-off episode still bootstraps from its last observation.
    if (terminated || truncated) while (this.waiting[env]! > 0) this.release(env, nextObservation, terminated)
  }

  addSteps(observations: Float32Array, actions: Column, outcomes: Outcomes): void {
    forEachStep(observations, actions, outcomes, this.actionSize, (...step) => this.add(...step))
  }

  save(): SavedArrays {
    const { observations, actions, rewards, first, waiting } = this
    return {
      'nStep.observations': observations.slice(),
      'nStep.actions': actions.slice(),
      'nStep.rewards': rewards.slice(),
      'nStep.first': first.slice(),
      'nStep.waiting': waiting.slice(),
    }
  }

  /** Throws a `CheckpointError` where the saved steps do not fit this writer's sizes. */
  restore(saved: SavedArrays): void {
    const { observations, actions, rewards, first, waiting } = this
    const columns = Object.entries({ observations, actions, rewards, first, waiting })
    const values = columns.map(([name, { length }]) => savedArray('NStepBuffer', saved, `nStep.${name}`, length))
    const within = (name: string, last: number) => saved[`nStep.${name}`]!.every((each) => each >= 0 && each <= last)
    if (!within('first', this.nStep - 1) || !within('waiting', this.nStep)) {
      throw new CheckpointError(`NStepBuffer: the saved places are not those of ${this.nStep} steps`)
    }
    columns.forEach(([, column], i) => {
      column.set(values[i]!)
    })
  }

  // The oldest waiting step goes to the buffer with the rewards of all that wait.
  private release(env: number, nextObservation: ArrayLike<number>, terminated: boolean | number): void {
    const n = this.nStep
    const first = this.first[env]!
    const count = this.waiting[env]!
    let sum = 0
    for (let i = 0; i < count; i++) sum += this.gammaPowers[i]! * this.rewards[env * n + ((first + i) % n)]!
    const row = env * n + first
    const observation = this.observations.subarray(row * this.observationSize, (row + 1) * this.observationSize)
    const action =
      this.actionSize === 0
        ? this.actions[row]!
        : this.actions.subarray(row * this.actionSize, (row + 1) * this.actionSize)
    this.sink.add(observation, action, sum, nextObservation, terminated, count)
    this.first[env] = (first + 1) % n
    this.waiting[env] = count - 1
  }
}
