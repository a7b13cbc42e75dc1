// The temperature: how soft the teacher's labels are. Action values have the units of the task's rewards, so one absolute temperature gives
// near-hard labels on one task and near-uniform ones on another. A temperature relative to the spread of the action values
// means the same on every task. Read next: ../objective.ts, which chooses one.

import type { Option } from '../../data/options.ts'
import { requirePositive } from '../../nn/checks.ts'
import { ValueError } from '../../tensor/errors.ts'

/** In units of the mean standard deviation of the action values (`actionValueStd`), or in the units of the values. */
export type Temperature = { readonly relative: number } | { readonly absolute: number }

/** Suits states of broad coverage, such as play with many random actions. */
export const DEFAULT_TEMPERATURE: Temperature = { relative: 1 }

/** Suits states selected by students: few, and more of them close calls. */
export const ROUNDS_TEMPERATURE: Temperature = { relative: 0.5 }

/** The temperature to prepare labels with: the default stands in for `auto` until one has been chosen. */
export function settled(temperature: Temperature | 'auto'): Temperature {
  return temperature === 'auto' ? DEFAULT_TEMPERATURE : temperature
}

/**
 * Mean over the states of the population standard deviation of Q(s, ·) over the actions. `values` is [states, actions]. Throws a
 * ValueError if it is 0.
 */
export function actionValueStd(values: Float32Array, numActions: number): number {
  const states = values.length / numActions
  let sum = 0
  for (let s = 0; s < states; s++) sum += meanAndStd(values.subarray(s * numActions, (s + 1) * numActions)).std
  const std = sum / states
  if (std > 0) return std
  throw new ValueError(
    'actionValueStd: all actions have the same value in every labelled state; expected labels that rank actions',
  )
}

/** Mean and population standard deviation. */
export function meanAndStd(values: Float32Array): { mean: number; std: number } {
  let mean = 0
  for (const value of values) mean += value / values.length
  let squares = 0
  for (const value of values) squares += (value - mean) * (value - mean)
  return { mean, std: Math.sqrt(squares / values.length) }
}

/** The temperature in the units of the values. Throws a ValueError unless it is positive and finite. */
export function resolveTemperature(given: Temperature | 'auto', values: Float32Array, numActions: number): number {
  const temperature = settled(given)
  const number = 'absolute' in temperature ? temperature.absolute : temperature.relative
  requirePositive('temperature: the temperature', number)
  return 'absolute' in temperature ? number : number * actionValueStd(values, numActions)
}

/** An option that holds a temperature, or `auto`. As text: `0.3` (relative), `absolute:2`, `auto`. */
export function temperatureOption(): Option<Temperature | 'auto'> {
  return {
    value: DEFAULT_TEMPERATURE,
    about:
      'softness of the labels, in standard deviations of the action values, or absolute:<x>; auto cross-validates it; ' +
      '0.5 where students select the states',
    allowed: '{ relative: x } or { absolute: x } with x above 0, or auto; on the command line x, absolute:x or auto',
    accepts: (given) => given === 'auto' || isTemperature(given),
    parse(text) {
      if (text === 'auto') return text
      const [, absolute, digits] = /^(absolute:)?(.+)$/.exec(text.trim()) ?? []
      return absolute === undefined ? { relative: Number(digits) } : { absolute: Number(digits) }
    },
  }
}

function isTemperature(given: unknown): given is Temperature {
  if (given === null || typeof given !== 'object') return false
  const entries = Object.entries(given)
  const [name, value] = entries[0] ?? []
  const isNumber = typeof value === 'number' && value > 0 && value < Infinity
  return entries.length === 1 && (name === 'relative' || name === 'absolute') && isNumber
}
