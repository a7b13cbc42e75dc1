// Planning with state values: tries every sequence of `depth` actions in a model and takes the first action of the best.
//   score = Σ γ^k r_k + γ^depth V(s'), with V = 0 after a termination
// The model is an environment of the same id, set to the state of the one that is played.

import { argmaxOf } from '../../data/argmax.ts'
import { inferenceMode } from '../../tensor/autograd/scope.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { requireKnown, ValueError } from '../../tensor/errors.ts'
import { tensor } from '../../tensor/ops/create.ts'
import type { AnyEnv, Env } from '../envs/env.ts'
import { TimeLimit } from '../envs/wrappers/episode.ts'
import { wrappersOf } from '../envs/wrappers/wrapper.ts'
import type { Planner } from './policy.ts'

/** State values V: observations [batch, observationSize] → [batch]. */
export interface StateValued {
  readonly observationSize: number
  readonly numActions: number
  stateValues(observations: Tensor): Tensor
}

export interface LookaheadOptions {
  /** Number of actions ahead. Default 1. */
  readonly depth?: number
  /** Default 0.99. */
  readonly gamma?: number
}

/** What every sequence of actions leads to, those that begin with the first action first. */
export interface Successors {
  /** [sequences, observationSize] */
  readonly observations: Float32Array
  /** Σ γ^k r_k: [sequences] */
  readonly rewards: Float64Array
  /** γ^depth, or 0 after a termination: [sequences] */
  readonly discounts: Float64Array
}

export class Lookahead implements Planner {
  private readonly timeLimits: readonly TimeLimit<unknown, unknown>[]
  private readonly depth: number
  private readonly gamma: number
  private readonly leaves: Successors

  /** @param model an environment like the one that will be played; its state is overwritten, its time limits are disabled */
  constructor(
    readonly values: StateValued,
    private readonly model: Env,
    { depth = 1, gamma = 0.99, ...others }: LookaheadOptions = {},
  ) {
    requireKnown('lookahead', others, ['depth', 'gamma'])
    if (!(Number.isInteger(depth) && depth >= 1 && values.numActions ** depth <= 1 << 16)) {
      throw new ValueError(
        `lookahead: depth ${depth} with ${values.numActions} actions; expected 1 or more and at most 65536 leaves`,
      )
    }
    this.timeLimits = wrappersOf(model).filter((each) => each instanceof TimeLimit)
    this.depth = depth
    this.gamma = gamma
    const count = values.numActions ** depth
    this.leaves = {
      observations: new Float32Array(count * values.observationSize),
      rewards: new Float64Array(count),
      discounts: new Float64Array(count),
    }
  }

  plan(env: AnyEnv): number {
    return argmaxOf(this.scores(env))
  }

  /** Of the present state of `env`. The next call overwrites the arrays. */
  successors(env: AnyEnv): Successors {
    this.expand(env.unwrapped.state, 0, 0, 0, 1)
    return this.leaves
  }

  /** The best score that begins with each action: [actions]. */
  scores(env: AnyEnv): Float64Array {
    const { numActions, observationSize } = this.values
    const { observations, rewards, discounts } = this.successors(env)
    const count = rewards.length
    const behind = inferenceMode(() =>
      Float64Array.from(this.values.stateValues(tensor(observations, [count, observationSize])).view()),
    )
    const scores = new Float64Array(numActions).fill(-Infinity)
    const perAction = count / numActions
    for (let leaf = 0; leaf < count; leaf++) {
      const action = Math.floor(leaf / perAction)
      const score = rewards[leaf]! + (discounts[leaf]! === 0 ? 0 : discounts[leaf]! * behind[leaf]!)
      if (score > scores[action]!) scores[action] = score
    }
    return scores
  }

  // Tries every action from `state`. The index of a leaf has the actions as digits, the first the most significant.
  private expand(state: readonly number[], level: number, prefix: number, reward: number, discount: number): void {
    const { numActions, observationSize } = this.values
    for (let action = 0; action < numActions; action++) {
      this.model.state = state
      for (const limit of this.timeLimits) limit.elapsedSteps = Number.NEGATIVE_INFINITY
      const step = this.model.step(action)
      const total = reward + discount * step.reward
      const leaf = prefix * numActions + action
      if (level + 1 === this.depth || step.terminated) {
        // All continuations of a terminated sequence are equal.
        const continuations = numActions ** (this.depth - 1 - level)
        const at = leaf * continuations
        this.leaves.observations.set(step.observation, at * observationSize)
        this.leaves.rewards.fill(total, at, at + continuations)
        this.leaves.discounts.fill(step.terminated ? 0 : discount * this.gamma, at, at + continuations)
      } else this.expand(this.model.state.slice(), level + 1, leaf, total, discount * this.gamma)
    }
  }
}
