// The methods that the study compares, one literal each. Omitted options have the defaults of `distill` or `viper`.
// Read next: cell.ts.

import type { DistillOptions, TargetName, ViperOptions } from 'alambic/distill'

interface Described {
  readonly name: string
  /** One sentence. */
  readonly about: string
  /** For discrete actions alone. */
  readonly discrete?: true
  /** For tasks with a mirror symmetry alone. */
  readonly symmetric?: true
  /** What the teacher must have, for the table of the three families of targets. */
  readonly family?: 'values' | 'actionValues' | 'logits'
}

/** A student by `distill`. */
export interface DistillationMethod extends Described {
  readonly distillation: Omit<DistillOptions, 'labels' | 'hidden' | 'seed' | 'gamma' | 'target'> & {
    readonly target?: TargetName
  }
  /** Labels where the others have `labels`. Default: as many. */
  readonly labels?: (labels: number) => number
  /** The labels are those evaluations with which the teacher played, so they cost nothing beside its play. */
  readonly labelsInPlay?: true
}

/** A decision tree. It has no network, so no size. */
export interface TreeMethod extends Described {
  readonly viper: Omit<ViperOptions, 'labels' | 'seed' | 'gamma'>
}

/** Reinforcement learning from scratch: the teacher's settings with a student's network. It has no labels. */
export interface ReinforcementMethod extends Described {
  readonly environmentSteps: number
}

/** Gradients at play: the expected cross-entropy with the teacher, by a policy gradient (`expectedEntropy`). */
export interface PlayMethod extends Described {
  readonly playSteps: number
}

export type Method = DistillationMethod | TreeMethod | ReinforcementMethod | PlayMethod

/** Teacher evaluations of the recommended method beside its labels: those of the first round, in which the teacher plays. */
const EVALUATIONS = 550

const previousDefault = {
  ...{ exploration: 'per-episode', maxEpsilon: 1, studentEpsilon: 0.05, selection: 'farthest', candidates: 5 },
  ...{
    temperature: { relative: 0.3 },
    hiddenActivation: 'relu',
    updates: 1500,
    roundUpdates: 1500,
    learningRate: 2e-3,
  },
  ...{ roundStudents: 1, finalStudents: 1 },
} as const satisfies DistillationMethod['distillation']

export const methods: readonly Method[] = [
  {
    name: 'recommended',
    about: 'the defaults of `distill`: soft labels in rounds, the best of four final students by return',
    distillation: {},
  },
  {
    name: 'recommended-unchosen',
    about: 'the same with one final student, so that no return is used',
    distillation: { finalStudents: 1 },
  },
  {
    name: 'recommended-jacobians',
    about: 'the recommended method with input Jacobians of the teacher beside the labels',
    distillation: { jacobians: true },
  },
  {
    name: 'errors',
    about: 'the recommended method with `selection: errors`, which labels states where the students err',
    distillation: { selection: 'errors' },
  },
  {
    name: 'errors-jacobians',
    about: 'the same with input Jacobians',
    distillation: { selection: 'errors', jacobians: true },
  },
  {
    name: 'recommended-symmetries',
    about: 'the same, and the mirror image of every label',
    symmetric: true,
    distillation: { jacobians: true, symmetries: true },
  },
  {
    name: 'dagger-hard',
    about: 'DAgger: the teacher’s best action in five rounds, random selection, the best of four final students',
    discrete: true,
    distillation: { divergence: 'hard', rounds: 5, selection: 'random' },
  },
  {
    name: 'behaviour-cloning',
    about: 'the teacher’s best action in states drawn from 10,000 steps of its play',
    discrete: true,
    distillation: {
      ...{ divergence: 'hard', rounds: 1, exploration: 'fixed', selection: 'random', rolloutSteps: 10_000 },
      finalStudents: 1,
    },
  },
  {
    name: 'previous-default',
    about: 'the defaults of `distill` before: 10,000 environment steps a round, 1,500 updates, relu',
    distillation: { ...previousDefault, rolloutSteps: 10_000, roundSteps: 10_000 },
  },
  {
    name: 'previous-default-1000',
    about: 'the same with 1,000 environment steps a round',
    distillation: { ...previousDefault, rolloutSteps: 1000, roundSteps: 1000 },
  },
  {
    name: 'evaluation-matched',
    about: 'soft labels of most states of 700 steps of the teacher’s play, which evaluates it in each',
    labels: (labels) => EVALUATIONS + labels,
    labelsInPlay: true,
    distillation: { rounds: 1, exploration: 'fixed', selection: 'random', rolloutSteps: 700 },
  },
  {
    name: 'evaluation-matched-iid',
    about: 'as many soft labels, of states drawn from 10,000 steps of the teacher’s play',
    labels: (labels) => EVALUATIONS + labels,
    distillation: { rounds: 1, exploration: 'fixed', selection: 'random', rolloutSteps: 10_000 },
  },
  {
    name: 'viper',
    about: 'a decision tree by VIPER, the best of its five rounds by return',
    discrete: true,
    viper: {},
  },
  {
    name: 'action-values',
    about: 'as recommended, but action values: `q-softmax`, both sides softened',
    ...{ discrete: true, family: 'actionValues' },
    distillation: { target: 'q-softmax' },
  },
  {
    name: 'state-values',
    about: 'state values: `value-successors`, two values per label, played by a look-ahead of one action',
    ...{ discrete: true, family: 'values' },
    distillation: { target: 'value-successors' },
  },
  {
    name: 'on-policy',
    about:
      'on-policy distillation: the student’s own play alone, each round’s labels used once, one student trained throughout',
    ...{ discrete: true, family: 'values' },
    distillation: { rounds: 10, firstBeta: 0, aggregate: false, warmStart: true },
  },
  {
    name: 'expected-entropy',
    about: 'gradients of the cross-entropy with the teacher in 10,000 steps of the student’s play',
    ...{ discrete: true, family: 'logits' },
    playSteps: 10_000,
  },
  {
    name: 'rl-matched',
    about: 'reinforcement learning from scratch in 10,000 environment steps, the most that the goals allow',
    environmentSteps: 10_000,
  },
]

export function methodOf(name: string): Method {
  return methods.find((each) => each.name === name)!
}
