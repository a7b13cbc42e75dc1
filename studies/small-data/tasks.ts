// The four tasks of the small-data study: classic control with discrete actions, from easy exploration to hard.
// Read next: teachers/recipes.ts, methods.ts.

import { unknownName, ValueError } from 'alambic/tensor'

export interface StudyTask {
  /** Short, for file names and filters. */
  readonly name: string
  readonly env: string
  /** Mean greedy return over a hundred episodes that a teacher must reach. */
  readonly threshold: number
}

export const studyTasks: readonly StudyTask[] = [
  { name: 'cartpole', env: 'CartPole-v1', threshold: 495 },
  { name: 'acrobot', env: 'Acrobot-v1', threshold: -85 },
  { name: 'mountaincar', env: 'MountainCar-v0', threshold: -110 },
  { name: 'pendulum', env: 'PendulumDiscrete-v1', threshold: -170 },
]

/** The task of that name. Throws a `ValueError` with the nearest match if there is none. */
export function studyTask(name: string): StudyTask {
  const found = studyTasks.find((each) => each.name === name)
  if (found !== undefined) return found
  const names = studyTasks.map((each) => each.name)
  throw new ValueError(unknownName('task', name, names))
}

/** First start seeds of the episodes. The ranges are disjoint, so nothing is evaluated on the episodes that selected it. */
export const startSeeds = {
  /** For the choice of a teacher's best checkpoint. */
  validation: 500_000,
  /** For the test that a teacher must pass. */
  judgement: 700_000,
  /** For the comparison of teachers, students and random actions. */
  evaluation: 1_000_000,
} as const

export const EVALUATION_EPISODES = 100
