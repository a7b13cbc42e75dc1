// The tasks of the few-labels study, with discrete and continuous actions, and the seeds of their episodes.

import { type Evaluation, evaluatePolicy, make, type Policy, type PolicyLike } from 'alambic/rl'
import { Rng } from 'alambic/tensor'

export interface Task {
  readonly name: string
  readonly env: string
  /** Its name in tables. */
  readonly title: string
  /** Discrete actions, or numbers in an action. A Jacobian costs as many backward passes. */
  readonly actions: number
  readonly continuous?: true
  /** Whether the environment declares a mirror symmetry. */
  readonly symmetric?: true
}

export const tasks: readonly Task[] = [
  { name: 'cartpole', env: 'CartPole-v1', title: 'CartPole', actions: 2, symmetric: true },
  { name: 'acrobot', env: 'Acrobot-v1', title: 'Acrobot', actions: 3, symmetric: true },
  { name: 'mountaincar', env: 'MountainCar-v0', title: 'MountainCar', actions: 3 },
  { name: 'pendulum', env: 'Pendulum-v1', title: 'Pendulum', actions: 1, continuous: true, symmetric: true },
  {
    ...{ name: 'mountaincar-continuous', env: 'MountainCarContinuous-v0', title: 'MountainCarContinuous' },
    ...{ actions: 1, continuous: true },
  },
]

export function taskOf(name: string): Task {
  return tasks.find((each) => each.name === name)!
}

/** First start seeds of the episodes. The ranges are disjoint, so nothing is evaluated on the episodes that selected it. */
export const startSeeds = {
  /** Choose a teacher's checkpoint. */
  validation: 500_000,
  /** Decide whether that checkpoint is good enough. */
  judgement: 700_000,
  /** Compare teachers, students and random actions. */
  evaluation: 1_000_000,
} as const

/** Greedy episodes of an agent. */
export function play(agent: Policy, { env }: Task, seed: number, episodes = 100): Evaluation {
  return evaluatePolicy(agent, () => make<Float32Array, never>(env), { episodes, seed })
}

/** Mean return of 500 episodes of random actions, from the start seeds of the comparisons. */
export function randomReturn({ env: id }: Task): number {
  const env = make<Float32Array, never>(id)
  const rng = new Rng(0)
  const policy: PolicyLike<Float32Array, never> = { act: () => env.actionSpace.sample(rng) as never }
  return evaluatePolicy(policy, () => env, { episodes: 500, seed: startSeeds.evaluation }).mean
}
