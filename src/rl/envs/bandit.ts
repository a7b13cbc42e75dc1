/**
 * Bandit: choose among the arms of a slot machine whose pay-outs are unknown, again and again.
 *
 * ## Actions
 *
 * | action | meaning |
 * | --- | --- |
 * | 0 … `arms` - 1 | pull that arm; 10 arms by default |
 *
 * ## Observations
 *
 * | observation | low | high |
 * | --- | --- | --- |
 * | nothing to see: always 0 | 0 | 0 |
 *
 * ## Reward
 *
 * | when | reward |
 * | --- | --- |
 * | every step | normal with the arm's mean and standard deviation 1 |
 *
 * With `drift` above 0, every mean then takes a step of a normal random walk of that standard deviation.
 *
 * ## Start
 *
 * | what | value |
 * | --- | --- |
 * | the arms' means | standard normal, drawn anew by every reset; or the option `means` |
 *
 * `info.bestAction` is the arm of the highest mean at the time of the pull, for counting optimal choices.
 *
 * ## End
 *
 * | flag | when |
 * | --- | --- |
 * | terminated | never |
 * | truncated | after 1000 steps |
 *
 * ## Source
 *
 * | what | where |
 * | --- | --- |
 * | task | Sutton and Barto 2018, section 2.3, the 10-armed testbed; `drift: 0.01` for Exercise 2.5 |
 *
 * @module
 */

import { Rng } from '../../tensor/random.ts'
import {
  type AnyEnv,
  type Env,
  foreignAction,
  type Info,
  type Reset,
  type ResetOptions,
  type Step,
  stepOutsideEpisode,
} from '../env.ts'
import { Discrete } from '../spaces.ts'
import { readCount, readNumber, readNumbers, requireKnownOptions } from './options.ts'

export interface BanditOptions {
  /** How many arms, 1 to 10,000. With `means`, as many as there are means. */
  readonly arms?: number
  /** The arms' means, for every episode the same. */
  readonly means?: readonly number[]
  /** Standard deviation of the means' random walk, a step. */
  readonly drift?: number
}

/** `state` is the arms' means. */
export class Bandit implements Env<number, number> {
  readonly observationSpace = new Discrete(1)
  readonly actionSpace: Discrete
  rng = new Rng()
  /** The arm pulled last in this episode, and what it paid. */
  lastPull: { readonly arm: number; readonly reward: number } | undefined
  private means: readonly number[] = [] // none before the first reset
  private readonly fixedMeans: readonly number[] | undefined
  private readonly drift: number

  constructor(
    options: BanditOptions = {},
    readonly id = 'Bandit-v0',
  ) {
    requireKnownOptions(id, options, ['arms', 'means', 'drift'])
    this.fixedMeans = options.means && readNumbers(id, 'means', options.means, options.arms)
    this.drift = readNumber(id, 'drift', options.drift, 0, 0)
    this.actionSpace = new Discrete(readCount(id, 'arms', options.arms, this.fixedMeans?.length ?? 10, 1, 10_000))
  }

  get unwrapped(): AnyEnv {
    return this
  }

  get state(): readonly number[] {
    return this.means
  }

  set state(means: readonly number[]) {
    this.means = [...readNumbers(this.id, 'the state', means, this.actionSpace.n)]
  }

  reset({ seed }: ResetOptions = {}): Reset<number> {
    if (seed !== undefined) this.rng = new Rng(seed)
    this.means = this.fixedMeans ?? Array.from({ length: this.actionSpace.n }, () => this.rng.normal())
    this.lastPull = undefined
    return { observation: 0, info: this.describe() }
  }

  step(action: number): Step<number> {
    if (this.means.length === 0) throw stepOutsideEpisode(this.id, false)
    if (!this.actionSpace.contains(action)) throw foreignAction(this.id, action, this.actionSpace)
    const info = this.describe()
    const reward = this.rng.normal(this.means[action], 1)
    this.lastPull = { arm: action, reward }
    if (this.drift > 0) this.means = this.means.map((mean) => this.rng.normal(mean, this.drift))
    return { observation: 0, reward, terminated: false, truncated: false, info }
  }

  private describe(): Info {
    return { bestAction: this.means.indexOf(Math.max(...this.means)) }
  }
}
