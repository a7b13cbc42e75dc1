// Students of state values that act by a look-ahead of one step, by how they learn: each gets 200 values of the teacher.
// Read next: command.ts.

import { type DistillOptions, distill, type Target, type TargetName } from 'alambic/distill'
import { type DiscretePolicy, type Env, evaluatePolicy, finish, Lookahead, make } from 'alambic/rl'
import { amax, type Tensor } from 'alambic/tensor'
import { softmaxOverStates } from '../controls.ts'
import { startSeeds } from '../few-labels/tasks.ts'
import type { Teacher } from '../few-labels/teachers.ts'
import { stopwatch } from '../lib/stopwatch.ts'

type StateValued = ConstructorParameters<typeof Lookahead>[0]

export interface ValueMethod {
  readonly name: string
  readonly about: string
  readonly options: Omit<DistillOptions, 'target'> & { readonly target: TargetName | Target; readonly labels: number }
}

/** Values of the teacher in labels: two per state for `value-successors`, else one. */
export const VALUES = 200

const successors = { target: 'value-successors', labels: VALUES / 2 } as const
const randomFirst = { exploration: 'fixed', epsilon: 1 } as const

/** The defaults of `distill`, but for what is given. */
export const valueMethods: readonly ValueMethod[] = [
  {
    name: 'successors',
    about: 'value-successors, a first round of random play, the best of four students by return',
    options: { ...successors, ...randomFirst },
  },
  {
    name: 'successors-single',
    about: 'the same without the choice by return',
    options: { ...successors, ...randomFirst, finalStudents: 1 },
  },
  {
    name: 'successors-teacher',
    about: "value-successors, a first round of the teacher's noisy play, the best of four students by return",
    options: successors,
  },
  {
    name: 'regression',
    about: "value-mse, a first round of the teacher's noisy play, then play of students of the policy",
    options: { target: 'value-mse', labels: VALUES },
  },
  {
    name: 'softmax-over-states',
    about: 'cross-entropy of softmaxes over the states of a minibatch, uncalibrated; the same states',
    options: { target: softmaxOverStates, labels: VALUES },
  },
]

export const sizes: Readonly<Record<string, readonly number[]>> = { '12-12': [12, 12], '64-64': [64, 64] }

export interface ValueRecord {
  readonly task: string
  readonly teacher: string
  readonly method: string
  readonly size: string
  readonly seed: number
  /** (student - random) / (look-ahead by the teacher's values - random), mean returns of the same episodes. */
  readonly score: number
  readonly mean: number
  /** Mean return of the look-ahead by the teacher's values. */
  readonly teacherMean: number
  /** (teacherMean - random) / (return of the teacher's own actions - random). */
  readonly teacherScore: number
  readonly labels: number
  /** To label and to play. */
  readonly teacherEvaluations: number
  /** Those of the model included. */
  readonly environmentSteps: number
  /** Gradient steps of all students. */
  readonly updates: number
  readonly cpuSeconds: number
}

/** Mean return of the look-ahead by the teacher's values; V = max Q for action values. */
export function teacherLookahead(teacher: Teacher, episodes: number): number {
  const agent = discrete(teacher)
  const { observationSize, numActions } = agent
  const stateValues = (x: Tensor) => agent.stateValues?.(x) ?? amax(agent.actionValues!(x), 1)
  return lookahead({ observationSize, numActions, stateValues }, teacher, episodes)
}

/** Trains and evaluates one student. */
export function valueStudent(
  teacher: Teacher,
  { name, options }: ValueMethod,
  size: string,
  seed: number,
  teacherMean: number,
  episodes: number,
): ValueRecord {
  const { task, random } = teacher
  const env = make(task.env) as Env
  const time = stopwatch()
  const given = { ...options, hidden: sizes[size]!, seed, gamma: gammaOf(teacher) } as DistillOptions
  const { student, cost, dataset } = finish(distill(env, discrete(teacher), given))
  const { cpuSeconds } = time()
  const mean = lookahead(student as StateValued, teacher, episodes)
  return {
    ...{ task: task.name, teacher: teacher.figures.name, method: name, size, seed },
    ...{ score: (mean - random) / (teacherMean - random), mean },
    ...{ teacherMean, teacherScore: (teacherMean - random) / (teacher.mean - random) },
    ...{ labels: cost.labels, teacherEvaluations: cost.teacherEvaluations },
    ...{ environmentSteps: dataset.environmentSteps, updates: cost.updates, cpuSeconds },
  }
}

function lookahead(values: StateValued, teacher: Teacher, episodes: number): number {
  const newEnv = () => make(teacher.task.env) as Env
  const planner = new Lookahead(values, newEnv(), { gamma: gammaOf(teacher) })
  return evaluatePolicy(planner, newEnv(), { episodes, seed: startSeeds.evaluation }).mean
}

/** The discount that the teacher was trained with. */
function gammaOf({ figures }: Teacher): number {
  return Number(figures.options.gamma ?? 0.99)
}

function discrete({ agent }: Teacher): DiscretePolicy {
  return agent as unknown as DiscretePolicy
}
