// The methods that the study compares, one literal each: which states are labelled, what the student learns, and how it acts.
// All share sizes, updates, pools, seeds and start states. Read next: plan.ts, cell.ts.

import type { DistillOptions, ValuingTargetName } from 'alambic/distill'
import { unknownName, ValueError } from 'alambic/tensor'

/** What a method learns from. The report has one section for each group. */
export type MethodGroup = 'policy' | 'action values' | 'state values' | 'controls'

interface Described {
  readonly name: string
  readonly group: MethodGroup
  /** One sentence. */
  readonly about: string
  /** Part of the quick study as well. */
  readonly quick?: true
}

/** A distillation method: the options of `distill` that the methods do not share. */
export interface DistillationMethod extends Described {
  readonly distillation: Omit<
    DistillOptions,
    'teacher' | 'env' | 'student' | 'hidden' | 'labels' | 'seed' | 'pool' | 'set' | 'updates'
  >
  /** Look-ahead depth of a student of state values, in actions. */
  readonly depth?: number
  /** Environment steps of PPO after distillation, without the teacher. Default 0. */
  readonly thenSteps?: number
}

/** Reinforcement learning from scratch: the recipe of the task's teachers with a network of the student's size. */
export interface ReinforcementMethod extends Described {
  readonly environmentSteps: number
}

export type StudyMethod = DistillationMethod | ReinforcementMethod

const gap = (c: number) => ({ kind: 'gap', c }) as const
const soft = { target: 'policy', temperature: gap(1) } as const
const student = { mode: 'student', firstRound: 'teacherIid', rounds: 5, spread: 1 } as const
const mixedRounds = { target: 'policy', temperature: gap(0.3), mode: 'student', firstRound: 'mixedEpsilon' } as const
const values = (target: ValuingTargetName, mode: 'teacherIid' | 'mixedEpsilon' = 'mixedEpsilon') =>
  ({ target, mode }) as const

export const studyMethods: readonly StudyMethod[] = [
  {
    name: 'soft-student-spread',
    group: 'policy',
    about: 'softmax(Q/τ), τ at 0.3 gaps; from noisy play, then the student’s, in rounds; of five states the farthest',
    distillation: { ...mixedRounds, spread: 5 },
    quick: true,
  },
  {
    name: 'soft-student-mixed',
    group: 'policy',
    about: 'the same, but each state that is drawn is labelled',
    distillation: { ...mixedRounds, spread: 1 },
  },
  {
    name: 'soft-student',
    group: 'policy',
    about: 'the same in five rounds, the first from the teacher’s own play, τ at one action gap',
    distillation: { ...soft, ...student },
  },
  {
    name: 'soft-cool-student',
    group: 'policy',
    about: 'the same with τ at 0.3 action gaps',
    distillation: { ...soft, ...student, temperature: gap(0.3) },
  },
  {
    name: 'hard-student',
    group: 'policy',
    about: 'the teacher’s best action, in rounds where the student goes',
    distillation: { target: 'hard', ...student },
  },
  {
    name: 'soft-active',
    group: 'policy',
    about: 'softmax(Q/τ) where a committee of students disagrees most',
    distillation: { ...soft, ...student, mode: 'active' },
  },
  {
    name: 'soft-mixed',
    group: 'policy',
    about: 'softmax(Q/τ) in states of play with all shares of random actions',
    distillation: { ...soft, mode: 'mixedEpsilon' },
    quick: true,
  },
  {
    name: 'soft-iid',
    group: 'policy',
    about: 'softmax(Q/τ) in states drawn from the teacher’s play',
    distillation: { ...soft, mode: 'teacherIid' },
  },
  {
    name: 'hard-iid',
    group: 'policy',
    about: 'the teacher’s best action in states drawn from its play',
    distillation: { target: 'hard', mode: 'teacherIid' },
    quick: true,
  },
  {
    name: 'hard-contiguous',
    group: 'policy',
    about: 'the teacher’s best action in the first states of its play: behaviour cloning',
    distillation: { target: 'hard', mode: 'teacherContiguous' },
  },
  {
    name: 'q-soft-mixed',
    group: 'action values',
    about: 'the softmax of action values with both sides softened',
    distillation: { target: 'actionValues', temperature: gap(1), mode: 'mixedEpsilon' },
  },
  {
    name: 'q-mse-iid',
    group: 'action values',
    about: 'action values as numbers, in states drawn from the teacher’s play',
    distillation: { target: 'actionValuesMse', mode: 'teacherIid' },
  },
  {
    name: 'q-mse-mixed',
    group: 'action values',
    about: 'action values as numbers, in states of play with all shares of random actions',
    distillation: { target: 'actionValuesMse', mode: 'mixedEpsilon' },
  },
  {
    name: 'advantage-iid',
    group: 'action values',
    about: 'action values less their mean in each state',
    distillation: { target: 'advantages', mode: 'teacherIid' },
  },
  {
    name: 'v-mse-iid-1',
    group: 'state values',
    about: 'state values in states drawn from the teacher’s play; looks one action ahead',
    distillation: values('stateValues', 'teacherIid'),
    depth: 1,
  },
  {
    name: 'v-mse-1',
    group: 'state values',
    about: 'state values as numbers, noisy play; looks one action ahead',
    distillation: values('stateValues'),
    depth: 1,
  },
  {
    name: 'v-mse-3',
    group: 'state values',
    about: 'the same, three actions ahead',
    distillation: values('stateValues'),
    depth: 3,
  },
  {
    name: 'v-hlgauss-1',
    group: 'state values',
    about: 'state values as histograms (HL-Gauss); looks one action ahead',
    distillation: values('hlGauss'),
    depth: 1,
  },
  {
    name: 'v-hlgauss-3',
    group: 'state values',
    about: 'the same, three actions ahead',
    distillation: values('hlGauss'),
    depth: 3,
    quick: true,
  },
  {
    name: 'v-listwise-1',
    group: 'state values',
    about: 'a softmax over states, τ at 0.3 deviations; looks one action ahead',
    distillation: { ...values('listwise'), temperature: gap(0.3) },
    depth: 1,
  },
  {
    name: 'v-listwise-3',
    group: 'state values',
    about: 'the same, three actions ahead',
    distillation: { ...values('listwise'), temperature: gap(0.3) },
    depth: 3,
  },
  {
    name: 'v-literal-1',
    group: 'controls',
    about: 'one output and a softmax over the states as the recipe says it, raw values; looks one action ahead',
    distillation: values('literal'),
    depth: 1,
  },
  {
    name: 'v-literal-keras-1',
    group: 'controls',
    about: 'the same as a library with a class axis of size one computes it: its gradient is zero',
    distillation: values('literalKeras'),
    depth: 1,
    quick: true,
  },
  {
    name: 'no-teacher',
    group: 'controls',
    about: 'the returns that followed the actions of random play',
    distillation: { target: 'returns', mode: 'random' },
    quick: true,
  },
  {
    name: 'soft-mixed-then-rl',
    group: 'controls',
    about: 'a student of noisy play that then learns on by itself, by PPO, for 20,000 environment steps',
    distillation: { ...soft, mode: 'mixedEpsilon' },
    thenSteps: 20_480,
  },
  {
    name: 'rl-10k',
    group: 'controls',
    about: 'learns from scratch in 10,000 environment steps, as many as a pool of states takes',
    environmentSteps: 10_000,
  },
  {
    name: 'rl-50k',
    group: 'controls',
    about: 'learns from scratch in 50,000 environment steps, as many as five rounds of states take',
    environmentSteps: 50_000,
  },
]

/** The method that is measured at every size. */
export const MAIN_METHOD = 'soft-student-spread'

/** The method of that name. Throws a `ValueError` with the nearest match if there is none. */
export function studyMethod(name: string): StudyMethod {
  const found = studyMethods.find((each) => each.name === name)
  if (found !== undefined) return found
  const names = studyMethods.map((each) => each.name)
  throw new ValueError(unknownName('method', name, names))
}

/** Settings that all methods share. */
export const shared = {
  /** Gradient steps of every student, those between rounds included. */
  updates: 1500,
  /** States in a pool, from which the labelled ones are drawn. Each teacher, seed and mode of play has one pool. */
  poolSize: 10_000,
  /** Copies of the environment in which pools are played. */
  poolCopies: 16,
  /** Distance between the seeds of two cells: copies of an environment take consecutive seeds, and no two cells share one. */
  seedStep: 1000,
} as const
