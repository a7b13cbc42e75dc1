// The settings of the demo: the teacher, the labels, the students and their controls.

import type { DistillOptions, Target, TargetName } from 'alambic/distill'
import { presets } from 'alambic/rl'
import { monteCarloReturns } from '../controls.ts'
import type { Group } from '../plot/groups.ts'

export const ENV_ID = 'Acrobot-v1'
/** The teacher passes when its greedy policy averages this over 100 fresh episodes: Gymnasium's reward threshold of Acrobot-v1. */
export const TEACHER_THRESHOLD = -100
/** PPO: an actor, whose policy the students learn, and a critic, whose state values they learn. */
export const teacher = presets.find(({ name }) => name === 'acrobot-ppo')!
/** Labels of each student. */
export const LABELS = 20
/** Students of a method, each with labels and a seed of its own. */
export const STUDENTS = 5
export const EVALUATION_EPISODES = 100
/** The first start seed of the episodes that judge all. */
export const EVALUATION_SEED = 1_000_000

export const studentOptions = {
  labels: LABELS,
  hidden: [12, 12],
  updates: 2000,
  roundUpdates: 1000,
} as const satisfies DistillOptions

const random = { rounds: 1, selection: 'random', finalStudents: 1 } as const satisfies DistillOptions

export interface Method {
  readonly name: string
  readonly group: Group
  readonly target: TargetName | Target
  /** Options of `distill` and of the target, beside `studentOptions`. */
  readonly options: Readonly<Record<string, unknown>>
  /** File name of its networks, without their number. */
  readonly file: string
  /** One sentence. */
  readonly about: string
}

export const methods: readonly Method[] = [
  {
    name: 'policy, states chosen in rounds',
    group: 'policy',
    target: 'policy',
    options: {},
    file: 'student-policy',
    about:
      'the default: students play, the teacher labels states unlike those labelled so far; the best of four final students, by return',
  },
  {
    name: 'policy, random states',
    group: 'policy',
    target: 'policy',
    options: random,
    file: 'student-policy-random',
    about: 'the same labels, in states drawn from the teacher’s play',
  },
  {
    name: 'state values, ranked successors',
    group: 'state values',
    target: 'value-successors',
    options: {},
    file: 'student-state-values',
    about: 'a ranking of the successors of a state; acts by trying each action one step ahead in the environment',
  },
  {
    name: 'state values as numbers',
    group: 'state values',
    target: 'value-mse',
    options: random,
    file: 'student-state-values-mse',
    about: 'V as a number; acts by the same look-ahead',
  },
  {
    name: 'control: hard labels',
    group: 'controls',
    target: 'policy',
    options: { ...random, divergence: 'hard' },
    file: 'control-hard-labels',
    about: 'the teacher’s preferred action only, in the same random states',
  },
  {
    name: 'control: no teacher',
    group: 'controls',
    target: monteCarloReturns,
    options: random,
    file: 'control-no-teacher',
    about: 'the returns observed after the actions played in those states',
  },
]
