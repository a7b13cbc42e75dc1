// A few cells of every kind, to check in minutes that the whole study works. Its figures are too few to publish.

import { studyMethods } from './methods.ts'
import { MAIN_SIZE, type PlanFilter } from './plan.ts'

export const quickFilter: PlanFilter & { readonly teachers: readonly number[] } = {
  methods: studyMethods.filter(({ quick }) => quick === true).map(({ name }) => name),
  labels: [50, 200],
  sizes: [MAIN_SIZE],
  seeds: [0, 1, 2],
  teachers: [1],
}

/** The task whose teacher is trained first if no task has one: it takes the least time. */
export const QUICK_TASK = 'cartpole'
