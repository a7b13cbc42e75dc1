// The layout of the small-data page: the methods of the main charts, and the families of methods.

import { MAIN_METHOD, type MethodGroup } from './methods.ts'

/** The methods of charts with room for only a few: one of each kind. */
export const headline: readonly string[] = [
  MAIN_METHOD,
  'soft-mixed',
  'hard-iid',
  'hard-contiguous',
  'q-mse-mixed',
  'v-hlgauss-3',
  'no-teacher',
  'rl-10k',
]

export interface Family {
  readonly group: MethodGroup
  readonly title: string
  readonly text: string
}

export const families: readonly Family[] = [
  {
    group: 'policy',
    title: 'Policies: where the labels are spent',
    text: 'Students that learn which action to take: the teacher’s best one alone (hard), or a softmax of its action values (soft).',
  },
  {
    group: 'action values',
    title: 'Action values',
    text: 'Students that learn how good each action is, as numbers or by a softmax.',
  },
  {
    group: 'state values',
    title: 'State values with look-ahead',
    text: 'Students that learn how good a state is, and act by trying one or three actions ahead in a copy of the environment.',
  },
  {
    group: 'controls',
    title: 'Controls',
    text: 'Learning without a teacher, or from a loss without a useful gradient.',
  },
]
