// Steps of play with both kinds of ending, for the exercises about returns and advantages.

import fc from 'fast-check'
import { shown, tenths } from './exercise.ts'

export interface PlayedStep {
  readonly reward: number
  /** V of the state before the step. */
  readonly value: number
  /** V of the state after the step, before any reset. */
  readonly nextValue: number
  readonly terminated: boolean
  readonly truncated: boolean
}

const step = fc
  .record({
    reward: tenths(-1, 1),
    value: tenths(-2, 2),
    nextValue: tenths(-2, 2),
    end: fc.integer({ min: 0, max: 5 }),
  })
  .map(({ end, ...rest }) => ({ ...rest, terminated: end === 4, truncated: end === 5 }))

/** One to six steps, each a few times in six the end of an episode. */
export const segment: fc.Arbitrary<PlayedStep[]> = fc.array(step, { minLength: 1, maxLength: 6, size: 'max' })

/** γ or λ, never 0 or 1, where wrong answers would agree. */
export const fraction: fc.Arbitrary<number> = tenths(0.5, 0.9)

/** Steps in words, with the fields that an exercise gives. */
export function inWords(steps: readonly PlayedStep[], ...fields: (keyof PlayedStep)[]): string {
  return fields
    .map(
      (field) =>
        `${field === 'reward' ? 'rewards' : field === 'terminated' || field === 'truncated' ? field : `${field}s`} = ${shown(column(steps, field))}`,
    )
    .join(', ')
}

export function column<Field extends keyof PlayedStep>(
  steps: readonly PlayedStep[],
  field: Field,
): PlayedStep[Field][] {
  return steps.map((each) => each[field])
}
