/**
 * Bandit: choose repeatedly among the arms of a slot machine with unknown mean rewards.
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
 * | always 0 | 0 | 0 |
 *
 * ## Reward
 *
 * - every step: normal with the arm's mean and standard deviation 1
 *
 * With `drift` above 0, every mean then takes a step of a normal random walk of that standard deviation.
 *
 * ## Start
 *
 * - the arms' means: standard normal, drawn at every reset; or the option `means`
 *
 * `info.bestAction` is the arm of the highest mean at the time of the pull, for counting optimal choices.
 *
 * ## End
 *
 * - terminated: never
 * - truncated: after 1000 steps
 *
 * ## Source
 *
 * - task: Sutton and Barto 2018, section 2.3, the 10-armed testbed; `drift: 0.01` for Exercise 2.5
 */

import { argmaxOf } from '../../../data/argmax.ts'
import { type GivenOptions, nonNegative, readOptions, wholeBetween } from '../../../data/options.ts'
import { Discrete } from '../../../data/spaces.ts'
import { describeValue } from '../../../data/values.ts'
import { ValueError } from '../../../tensor/errors.ts'
import { areNumbers } from '../../../tensor/json.ts'
import type { Info } from '../env.ts'
import { EpisodicEnv, type Outcome } from '../episodic-env.ts'

const banditOptions = {
  arms: wholeBetween(10, 1, 10_000, 'number of arms; with means, their number'),
  drift: nonNegative(0, "standard deviation of the means' random walk, a step"),
}

/** `means` of the arms, the same in every episode. Default: drawn from N(0, 1) at each reset. */
type BanditOptions = GivenOptions<typeof banditOptions> & { readonly means?: readonly number[] }

/** `state` is the arms' means. */
export class Bandit extends EpisodicEnv<number> {
  readonly observationSpace = new Discrete(1)
  readonly actionSpace: Discrete
  /** The last action of this episode and its reward. */
  lastPull: { readonly arm: number; readonly reward: number } | undefined
  private means: readonly number[] = []
  private readonly fixedMeans: readonly number[] | undefined
  private readonly drift: number

  constructor(
    options: BanditOptions = {},
    readonly id = 'Bandit-v0',
  ) {
    super()
    const { arms, drift } = readOptions(id, banditOptions, options, ['means'])
    const { means } = options
    if (means !== undefined) requireNumbers(id, 'means', means, options.arms)
    this.fixedMeans = means
    this.drift = drift
    this.actionSpace = new Discrete(means?.length ?? arms)
  }

  protected saveState(): readonly number[] {
    return this.means
  }

  protected restoreState(means: readonly number[]): void {
    requireNumbers(this.id, 'the state', means, this.actionSpace.n)
    this.means = [...means]
  }

  protected start(): void {
    this.means = this.fixedMeans ?? Array.from({ length: this.actionSpace.n }, () => this.rng.normal())
    this.lastPull = undefined
  }

  protected advance(action: number): Outcome {
    const info = this.describe()
    const reward = this.rng.normal(this.means[action], 1)
    this.lastPull = { arm: action, reward }
    if (this.drift > 0) this.means = this.means.map((mean) => this.rng.normal(mean, this.drift))
    return { reward, terminated: false, info }
  }

  protected observe(): number {
    return 0
  }

  protected override describe(): Info {
    return { bestAction: argmaxOf(this.means) }
  }
}

/** Throws a `ValueError` unless `given` is a list of finite numbers, `length` of them if given. */
function requireNumbers(id: string, name: string, given: readonly number[], length?: number): void {
  if (areNumbers(given) && given.length > 0 && (length ?? given.length) === given.length) return
  throw new ValueError(`${id}: ${name} is ${describeValue(given)}; expected a list of ${length ?? 'finite'} numbers`)
}
