// Maximisation bias: the maximum of many noisy estimates is above zero although each true value is below, so Q-learning first
// prefers the worse action (Sutton and Barto 2018, Example 6.7).

import { requireSize } from '../../nn/checks.ts'
import {
  type AnyEnv,
  type Env,
  invalidAction,
  NO_INFO,
  type Reset,
  type ResetOptions,
  type Step,
  stepOutsideEpisode,
} from '../../rl/env.ts'
import { Discrete } from '../../rl/spaces.ts'
import { ValueError } from '../../tensor/errors.ts'
import { Rng } from '../../tensor/random.ts'

const [A, B, END] = [0, 1, 2] as const

/** In A, the start: 0 goes left to B, 1 goes right to the end, both with reward 0. */
export const [LEFT, RIGHT] = [0, 1] as const

/** In B every action leads to the end with a reward from N(-0.1, 1), so the best action in A is right. */
export class MaximisationBias implements Env<number, number> {
  readonly id = 'MaximisationBias'
  readonly observationSpace = new Discrete(3)
  readonly actionSpace: Discrete
  rng = new Rng()
  private current: number = END
  private started = false

  /** @param choices the number of actions in B; default 10 */
  constructor(private readonly choices = 10) {
    requireSize('MaximisationBias: choices', choices, 2)
    this.actionSpace = new Discrete(choices)
  }

  actionsIn(state: number): number {
    return state === A ? 2 : this.choices
  }

  get unwrapped(): AnyEnv {
    return this
  }

  reset({ seed }: ResetOptions = {}): Reset<number> {
    if (seed !== undefined) this.rng = new Rng(seed)
    this.current = A
    this.started = true
    return { observation: A, info: NO_INFO }
  }

  step(action: number): Step<number> {
    if (this.current === END) throw stepOutsideEpisode(this.id, this.started)
    const allowed = new Discrete(this.actionsIn(this.current))
    if (!allowed.contains(action)) throw invalidAction(this.id, action, allowed)
    const reward = this.current === B ? this.rng.normal(-0.1, 1) : 0
    this.current = this.current === A && action === LEFT ? B : END
    return { observation: this.current, reward, terminated: this.current === END, truncated: false, info: NO_INFO }
  }

  get state(): readonly number[] {
    return [this.current]
  }

  set state(numbers: readonly number[]) {
    const [state] = numbers
    if (numbers.length !== 1 || (state !== A && state !== B)) {
      throw new ValueError(`${this.id}: a state is 0 (A) or 1 (B); given [${numbers.join(', ')}]`)
    }
    this.current = state
    this.started = true
  }
}
