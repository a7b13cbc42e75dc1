// How soft the teacher's labels are. Action values come in the units of the task's rewards, so one number for all tasks
// would be hard labels here and mush there; a temperature tied to the action gap means the same everywhere.

import { ValueError } from '../tensor/errors.ts'
import { requireTemperature } from './losses.ts'

/** An absolute temperature in the units of the values, or `c` times the action gap of the labelled set. */
export type Temperature =
  | { readonly kind: 'gap'; readonly c: number }
  | { readonly kind: 'abs'; readonly value: number }

/**
 * The action gap: the mean over the states of the standard deviation (population) of the values over the actions.
 * `values` is [states, actions]. Throws a ValueError where all actions are worth the same in every state.
 */
export function actionGap(values: Float32Array, actionCount: number): number {
  const states = values.length / actionCount
  let sum = 0
  for (let s = 0; s < states; s++) {
    const row = values.subarray(s * actionCount, (s + 1) * actionCount)
    let mean = 0
    for (const value of row) mean += value / actionCount
    let squares = 0
    for (const value of row) squares += (value - mean) * (value - mean)
    sum += Math.sqrt(squares / actionCount)
  }
  const gap = sum / states
  if (!(gap > 0)) {
    throw new ValueError(
      'actionGap: the teacher values all actions alike in every labelled state, so it has nothing to teach',
    )
  }
  return gap
}

/** The temperature in the units of the values. Throws a ValueError unless it is positive and finite. */
export function resolveTemperature(temperature: Temperature, values: Float32Array, actionCount: number): number {
  const tau = temperature.kind === 'abs' ? temperature.value : temperature.c
  requireTemperature('temperature', tau)
  return temperature.kind === 'abs' ? tau : tau * actionGap(values, actionCount)
}
