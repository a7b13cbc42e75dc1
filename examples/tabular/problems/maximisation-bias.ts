// Maximisation bias: the maximum of many noisy estimates is above zero although each true value is below, so Q-learning first
// prefers the worse action (Sutton and Barto 2018, Example 6.7).

import { Discrete } from '../../../src/data/spaces.ts'
import { requireSize } from '../../../src/nn/checks.ts'
import { invalidAction } from '../../../src/rl/envs/env.ts'
import { EpisodicEnv, type Outcome } from '../../../src/rl/envs/episodic-env.ts'
import { ValueError } from '../../../src/tensor/errors.ts'

const [A, B, END] = [0, 1, 2] as const

/** In A, the start: 0 goes left to B, 1 goes right to the end, both with reward 0. */
export const [LEFT, RIGHT] = [0, 1] as const

/** In B every action leads to the end with a reward from N(-0.1, 1), so the best action in A is right. */
export class MaximisationBias extends EpisodicEnv<number> {
  readonly id = 'MaximisationBias'
  readonly observationSpace = new Discrete(3)
  readonly actionSpace: Discrete
  private current: number = END

  /** @param choices the number of actions in B; default 10 */
  constructor(private readonly choices = 10) {
    super()
    requireSize('MaximisationBias: choices', choices, 2)
    this.actionSpace = new Discrete(choices)
  }

  actionsIn(state: number): number {
    return state === A ? 2 : this.choices
  }

  protected start(): void {
    this.current = A
  }

  protected override requireAction(action: number): void {
    const allowed = new Discrete(this.actionsIn(this.current))
    if (!allowed.contains(action)) throw invalidAction(this.id, action, allowed)
  }

  protected advance(action: number): Outcome {
    const reward = this.current === B ? this.rng.normal(-0.1, 1) : 0
    this.current = this.current === A && action === LEFT ? B : END
    return { reward, terminated: this.current === END }
  }

  protected observe(): number {
    return this.current
  }

  protected saveState(): readonly number[] {
    return [this.current]
  }

  protected restoreState(numbers: readonly number[]): void {
    const [state] = numbers
    if (numbers.length !== 1 || (state !== A && state !== B)) {
      throw new ValueError(`${this.id}: a state is 0 (A) or 1 (B); given [${numbers.join(', ')}]`)
    }
    this.current = state
  }
}
