// A few cells of everything, to see in minutes that the whole study works; its figures are too few to state.

import { studyMethods } from './methods.ts'
import { MAIN_SIZE, type PlanFilter } from './plan.ts'

export const quickFilter: PlanFilter & { readonly teachers: readonly number[] } = {
  methods: studyMethods.filter(({ quick }) => quick === true).map(({ name }) => name),
  labels: [50, 200],
  sizes: [MAIN_SIZE],
  seeds: [0, 1, 2],
  teachers: [1],
}

/** The task whose teacher is trained on the spot where no teacher is there: the one that takes least time. */
export const QUICK_TASK = 'cartpole'
