// The methods that the study compares, one literal each: which states are labelled, what the student learns, and how it acts.
// All share sizes, updates, pools, seeds and start states. Read next: plan.ts, cell.ts.

import type { DistillOptions, Target, TargetName, Temperature } from 'alambic/distill'
import { unknownName, ValueError } from 'alambic/tensor'
import {
  advantageMse,
  monteCarloReturns,
  softmaxOverOneClass,
  softmaxOverStates,
  valueHlGauss,
  valueListNet,
} from '../controls.ts'

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
  readonly distillation: Omit<DistillOptions, 'target' | 'temperature' | 'hidden' | 'labels' | 'seed' | 'updates'> & {
    readonly target: TargetName | Target
    readonly temperature?: Temperature
  }
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

const relative = (x: number) => ({ relative: x })
const soft = { target: 'policy', temperature: relative(1) } as const
const cool = { target: 'policy', temperature: relative(0.3) } as const
const hard = { target: 'policy', divergence: 'hard' } as const

// Which states are labelled.
const mixed = { rounds: 1, selection: 'random', exploration: 'per-episode' } as const
const teacherPlay = { ...mixed, exploration: 'fixed' } as const
const firstPlay = { ...teacherPlay, selection: 'sequential' } as const
const randomPlay = { ...teacherPlay, epsilon: 1 } as const
const fiveRounds = { rounds: 5, selection: 'random', exploration: 'fixed' } as const
const farthest = { selection: 'farthest', candidates: 5, exploration: 'per-episode' } as const

export const studyMethods: readonly StudyMethod[] = [
  {
    name: 'soft-student-spread',
    group: 'policy',
    about:
      'softmax(Q/τ), τ = 0.3 standard deviations; noisy play of the teacher, then of the student, in rounds; the farthest of five states',
    distillation: { ...cool, ...farthest },
    quick: true,
  },
  {
    name: 'soft-student-mixed',
    group: 'policy',
    about: 'the same with every drawn state labelled',
    distillation: { ...cool, selection: 'random', exploration: 'per-episode' },
  },
  {
    name: 'soft-student',
    group: 'policy',
    about: 'the same in five rounds, the first of the teacher’s own play, τ = 1 standard deviation',
    distillation: { ...soft, ...fiveRounds },
  },
  {
    name: 'soft-cool-student',
    group: 'policy',
    about: 'the same with τ = 0.3 standard deviations',
    distillation: { ...cool, ...fiveRounds },
  },
  {
    name: 'hard-student',
    group: 'policy',
    about: 'the teacher’s best action, in states that the student visits, in rounds',
    distillation: { ...hard, ...fiveRounds },
  },
  {
    name: 'soft-mixed',
    group: 'policy',
    about: 'softmax(Q/τ) in states of play with all shares of random actions',
    distillation: { ...soft, ...mixed },
    quick: true,
  },
  {
    name: 'soft-iid',
    group: 'policy',
    about: 'softmax(Q/τ) in states drawn from the teacher’s play',
    distillation: { ...soft, ...teacherPlay },
  },
  {
    name: 'hard-iid',
    group: 'policy',
    about: 'the teacher’s best action in states drawn from its play',
    distillation: { ...hard, ...teacherPlay },
    quick: true,
  },
  {
    name: 'hard-contiguous',
    group: 'policy',
    about: 'the teacher’s best action in the first states of its play: behaviour cloning',
    distillation: { ...hard, ...firstPlay },
  },
  {
    name: 'q-soft-mixed',
    group: 'action values',
    about: 'the softmax of action values with both sides softened',
    distillation: { target: 'q-softmax', temperature: relative(1), ...mixed },
  },
  {
    name: 'q-mse-iid',
    group: 'action values',
    about: 'action values as numbers, in states drawn from the teacher’s play',
    distillation: { target: 'q-mse', ...teacherPlay },
  },
  {
    name: 'q-mse-mixed',
    group: 'action values',
    about: 'action values as numbers, in states of play with all shares of random actions',
    distillation: { target: 'q-mse', ...mixed },
  },
  {
    name: 'advantage-iid',
    group: 'action values',
    about: 'action values less their mean in each state',
    distillation: { target: advantageMse, ...teacherPlay },
  },
  {
    name: 'v-mse-iid-1',
    group: 'state values',
    about: 'state values in states drawn from the teacher’s play; looks one action ahead',
    distillation: { target: 'value-mse', ...teacherPlay },
    depth: 1,
  },
  {
    name: 'v-mse-1',
    group: 'state values',
    about: 'state values as numbers, noisy play; looks one action ahead',
    distillation: { target: 'value-mse', ...mixed },
    depth: 1,
  },
  {
    name: 'v-mse-3',
    group: 'state values',
    about: 'the same, three actions ahead',
    distillation: { target: 'value-mse', ...mixed },
    depth: 3,
  },
  {
    name: 'v-hlgauss-1',
    group: 'state values',
    about: 'state values as histograms (HL-Gauss); looks one action ahead',
    distillation: { target: valueHlGauss, ...mixed },
    depth: 1,
  },
  {
    name: 'v-hlgauss-3',
    group: 'state values',
    about: 'the same, three actions ahead',
    distillation: { target: valueHlGauss, ...mixed },
    depth: 3,
    quick: true,
  },
  {
    name: 'v-listwise-1',
    group: 'state values',
    about: 'a softmax over states, τ = 0.3 standard deviations; looks one action ahead',
    distillation: { target: valueListNet, temperature: relative(0.3), ...mixed },
    depth: 1,
  },
  {
    name: 'v-listwise-3',
    group: 'state values',
    about: 'the same, three actions ahead',
    distillation: { target: valueListNet, temperature: relative(0.3), ...mixed },
    depth: 3,
  },
  {
    name: 'v-literal-1',
    group: 'controls',
    about: 'one output and a softmax over the states, the recipe taken literally, raw values; looks one action ahead',
    distillation: { target: softmaxOverStates, ...mixed },
    depth: 1,
  },
  {
    name: 'v-literal-keras-1',
    group: 'controls',
    about: 'the same as a library with a class axis of size one computes it: its gradient is zero',
    distillation: { target: softmaxOverOneClass, ...mixed },
    depth: 1,
    quick: true,
  },
  {
    name: 'no-teacher',
    group: 'controls',
    about: 'the returns that followed the actions of random play',
    distillation: { target: monteCarloReturns, ...randomPlay },
    quick: true,
  },
  {
    name: 'soft-mixed-then-rl',
    group: 'controls',
    about: 'a student of noisy play that continues by PPO without the teacher for 20,000 environment steps',
    distillation: { ...soft, ...mixed },
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

/** Options of every distillation: those of a single student. */
export const singleStudent = {
  ...{ rolloutSteps: 10_000, maxEpsilon: 1, roundUpdates: 1500, roundStudents: 1, finalStudents: 1 },
  ...{ hiddenActivation: 'relu', learningRate: 2e-3 },
} as const satisfies DistillOptions

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
