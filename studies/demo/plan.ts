// The settings of the demo: the teacher, the labelled set, the students and their controls.

import type { DistillOptions, Target, TargetName } from 'alambic/distill'
import { monteCarloReturns } from '../controls.ts'
import type { Group } from '../plot/groups.ts'

export const ENV_ID = 'CartPole-v1'
/** The teacher passes when its greedy policy averages this over 100 fresh episodes. */
export const TEACHER_THRESHOLD = 475
/** The mean of the last ten training episodes from which on the teacher is evaluated. */
export const TEACHER_PROMISING = 200
/** Fraction of random actions in its validation: a teacher must know the states beside its own trajectories. */
export const VALIDATION_NOISE = 0.1
export const teacherOptions = {
  hidden: [256, 256],
  totalTimesteps: 100_000,
  explorationFraction: 0.08,
  learningRate: 1e-3,
  nStep: 5,
  trainInterval: 128,
  gradientSteps: 32,
} as const
export const STUDENT_HIDDEN: readonly number[] = [64, 64]
/** Networks per method, each with its own seed. */
export const STUDENTS = 5
export const LABELS = 200
export const collection = { rounds: 1, selection: 'random' } as const satisfies DistillOptions
/** Gradient steps of each network. */
export const UPDATES = 1500
export const EVALUATION_EPISODES = 100
/** First start seeds of the episodes: one range for the teacher's validation, one for the final evaluation of all. */
export const VALIDATION_SEED = 500_000
export const EVALUATION_SEED = 1_000_000

export interface Method {
  readonly name: string
  readonly group: Group
  readonly target: TargetName | Target
  /** Options of the target. */
  readonly options?: Readonly<Record<string, unknown>>
  /** File name of its networks, without their number. */
  readonly file: string
  /** One sentence. */
  readonly about: string
}

export const methods: readonly Method[] = [
  {
    name: 'policy, soft targets',
    group: 'policy',
    target: 'policy',
    file: 'student-policy',
    about: 'softmax(Q/τ) of the teacher, τ relative to the standard deviation of Q',
  },
  {
    name: 'action values, soft targets',
    group: 'action values',
    target: 'q-softmax',
    file: 'student-action-values',
    about: 'the same with the student softened as well, so that it learns Q up to a constant',
  },
  {
    name: 'action values, squared error',
    group: 'action values',
    target: 'q-mse',
    file: 'student-action-values-mse',
    about: 'Q as numbers',
  },
  {
    name: 'state values, look-ahead',
    group: 'state values',
    target: 'value-mse',
    file: 'student-state-values',
    about: 'V = max Q as a number; acts by trying each action one step ahead in the environment',
  },
  {
    name: 'control: hard labels',
    group: 'controls',
    target: 'policy',
    options: { divergence: 'hard' },
    file: 'control-hard-labels',
    about: 'only which action the teacher prefers',
  },
  {
    name: 'control: no teacher',
    group: 'controls',
    target: monteCarloReturns,
    file: 'control-no-teacher',
    about: 'the returns that were seen after the actions that were played',
  },
]
