import fc from 'fast-check'
import { type Answer, compare, type Exercise } from './exercise.ts'
import { column, fraction, inWords, segment } from './segment.ts'

const answer = (delta: string, carry: string) => `/**
 * Advantages of steps that follow one another, and that may belong to several episodes.
 * values[t] is V of the state before step t, nextValues[t] of the state after it, before any reset.
 */
export function gae(
  rewards: number[], values: number[], nextValues: number[],
  terminated: boolean[], truncated: boolean[], gamma: number, lambda: number,
): number[] {
  const advantages: number[] = []
  let next = 0 // the advantage of the step after this one, in the same episode
  for (let t = rewards.length - 1; t >= 0; t--) {
    const delta = ${delta}
    ${carry}
    next = advantages[t]
  }
  return advantages
}
`

const DELTA = 'rewards[t] + (terminated[t] ? 0 : gamma * nextValues[t]) - values[t]'
const CARRY = 'advantages[t] = delta + (terminated[t] || truncated[t] ? 0 : gamma * lambda * next)'

export const gae: Exercise = {
  title: 'Generalised advantage estimation',
  name: 'gae',
  stub: answer('rewards[t] - values[t]', 'advantages[t] = delta'),
  solution: answer(DELTA, CARRY),
  wrong: [
    answer('rewards[t] + gamma * nextValues[t] - values[t]', CARRY), // a value after the end
    answer('rewards[t] + (terminated[t] || truncated[t] ? 0 : gamma * nextValues[t]) - values[t]', CARRY), // a time limit as an end
    answer(DELTA, 'advantages[t] = delta + gamma * lambda * next'), // runs on into the next episode
    answer(DELTA, 'advantages[t] = delta + (terminated[t] ? 0 : gamma * lambda * next)'), // runs on after a time limit
    answer(DELTA, 'advantages[t] = delta + (truncated[t] ? 0 : gamma * lambda * next)'),
    answer(DELTA, 'advantages[t] = delta + (terminated[t] || truncated[t] ? 0 : lambda * next)'),
    answer(DELTA, 'advantages[t] = delta + (terminated[t] || truncated[t] ? 0 : gamma * next)'), // λ = 1
    answer(DELTA, 'advantages[t] = delta'), // λ = 0
    answer('rewards[t] + (terminated[t] ? 0 : gamma * nextValues[t])', CARRY), // returns, not advantages
  ],
  property: (f: Answer) =>
    fc.property(segment, fraction, fraction, (steps, gamma, lambda) => {
      const wanted: number[] = []
      let next = 0
      for (let t = steps.length - 1; t >= 0; t--) {
        const { reward, value, nextValue, terminated, truncated } = steps[t]!
        const delta = reward + (terminated ? 0 : gamma * nextValue) - value
        next = delta + (terminated || truncated ? 0 : gamma * lambda * next)
        wanted[t] = next
      }
      const words = inWords(steps, 'reward', 'value', 'nextValue', 'terminated', 'truncated')
      const numbers = [column(steps, 'reward'), column(steps, 'value'), column(steps, 'nextValue')] as const
      const ends = [column(steps, 'terminated'), column(steps, 'truncated')] as const
      compare(`${words}, gamma = ${gamma} and lambda = ${lambda}`, () => f(...numbers, ...ends, gamma, lambda), wanted)
    }),
}
