// A table of action values with greedy and ε-greedy action choice. Read next: td-control.ts.

import { argmaxAtRandom, argmaxOf } from '../data/argmax.ts'
import type { Agent } from '../rl/policies/policy.ts'
import type { Rng } from '../tensor/random.ts'

/** A tabular agent: `act` is greedy, `sample` ε-greedy. */
export class QTable implements Agent<number, number> {
  /** Q(s, a): [numStates, numActions], row-major. */
  readonly values: Float64Array

  /**
   * @param epsilon probability of a random action in `sample`
   * @param actionsIn the number of allowed actions in a state, 0 … n - 1; default all
   */
  constructor(
    readonly numStates: number,
    readonly numActions: number,
    readonly epsilon: number,
    private readonly actionsIn: (state: number) => number = () => numActions,
  ) {
    this.values = new Float64Array(numStates * numActions)
  }

  /** The first of the best actions. */
  act(state: number): number {
    return this.greedy(state)
  }

  /** ε-greedy. */
  sample(state: number, rng: Rng): number {
    return this.epsilonGreedy(state, this.epsilon, rng)
  }

  get(state: number, action: number): number {
    return this.values[state * this.numActions + action]!
  }

  /** maxₐ Q(s, a) */
  max(state: number): number {
    return this.get(state, this.greedy(state))
  }

  /** argmaxₐ Q(s, a). Ties: the first, or a random one if `rng` is given. */
  greedy(state: number, rng?: Rng): number {
    const offset = state * this.numActions
    const count = this.actionsIn(state)
    return rng === undefined ? argmaxOf(this.values, offset, count) : argmaxAtRandom(this.values, rng, offset, count)
  }

  /** With probability ε any action, else a greedy one. */
  epsilonGreedy(state: number, epsilon: number, rng: Rng): number {
    return rng.uniform() < epsilon ? rng.integer(this.actionsIn(state)) : this.greedy(state, rng)
  }

  /** Σₐ π(a|s) Q(s, a) for the ε-greedy π. */
  expected(state: number, epsilon: number): number {
    const from = state * this.numActions
    const count = this.actionsIn(state)
    let sum = 0
    for (let i = from; i < from + count; i++) sum += this.values[i]!
    return (epsilon * sum) / count + (1 - epsilon) * this.max(state)
  }
}
