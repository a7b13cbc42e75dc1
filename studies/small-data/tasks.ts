// The four tasks of the small-data study: classic control with choices, from easy exploration to hard.
// Read next: teacher-recipes.ts, methods.ts.

import { unknownName, ValueError } from 'alambic/tensor'

export interface StudyTask {
  /** Short, for file names and filters. */
  readonly name: string
  readonly env: string
  /** Mean greedy return of a hundred episodes from which on a network may teach. */
  readonly threshold: number
}

export const studyTasks: readonly StudyTask[] = [
  { name: 'cartpole', env: 'CartPole-v1', threshold: 495 },
  { name: 'acrobot', env: 'Acrobot-v1', threshold: -85 },
  { name: 'mountaincar', env: 'MountainCar-v0', threshold: -110 },
  { name: 'pendulum', env: 'PendulumDiscrete-v1', threshold: -170 },
]

/** Throws a `ValueError` that names the nearest match if there is none of that name. */
export function studyTask(name: string): StudyTask {
  const found = studyTasks.find((each) => each.name === name)
  if (found !== undefined) return found
  const names = studyTasks.map((each) => each.name)
  throw new ValueError(unknownName('task', name, names))
}

/** First start seeds of the episodes: apart from each other, so that nothing is judged where it was chosen. */
export const startSeeds = {
  /** Where a teacher's best checkpoint is chosen. */
  validation: 500_000,
  /** Where it has to pass. */
  judgement: 700_000,
  /** Where teachers, students and random actions are compared. */
  evaluation: 1_000_000,
} as const

export const EVALUATION_EPISODES = 100
