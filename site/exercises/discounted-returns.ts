import fc from 'fast-check'
import { type Answer, compare, type Exercise } from './exercise.ts'
import { column, fraction, inWords, segment } from './segment.ts'

const answer = (body: string) => `/**
 * Returns of steps that follow one another, and that may belong to several episodes.
 * nextValues[t] is the estimated return from the state after step t, before any reset.
 */
export function discountedReturns(
  rewards: number[], nextValues: number[], terminated: boolean[], truncated: boolean[], gamma: number,
): number[] {
  const returns: number[] = []
  for (let t = rewards.length - 1; t >= 0; t--) {
${body}  }
  return returns
}
`

const chain = (next: string) =>
  answer(`    const next = ${next}
    returns[t] = rewards[t] + gamma * next
`)

const LAST = 't === rewards.length - 1'

export const discountedReturns: Exercise = {
  title: 'Returns across both kinds of ending',
  name: 'discountedReturns',
  stub: answer('    returns[t] = rewards[t]\n'),
  solution: chain(`terminated[t] ? 0 : truncated[t] || ${LAST} ? nextValues[t] : returns[t + 1]`),
  wrong: [
    chain(`${LAST} ? nextValues[t] : returns[t + 1]`), // runs on into the next episode
    chain(`terminated[t] || truncated[t] ? 0 : ${LAST} ? nextValues[t] : returns[t + 1]`), // a time limit as an end
    chain(`terminated[t] || truncated[t] || ${LAST} ? nextValues[t] : returns[t + 1]`), // a value after the end
    chain(`terminated[t] ? 0 : ${LAST} ? nextValues[t] : returns[t + 1]`), // ignores the time limit
    chain(`terminated[t] || ${LAST} ? 0 : truncated[t] ? nextValues[t] : returns[t + 1]`), // nothing after the last step
    chain(`terminated[t] ? 0 : nextValues[t]`), // one step of the rewards alone
    answer(`    const next = terminated[t] ? 0 : truncated[t] || ${LAST} ? nextValues[t] : returns[t + 1]
    returns[t] = gamma * (rewards[t] + next)
`),
    answer(`    const next = terminated[t] ? 0 : truncated[t] || ${LAST} ? nextValues[t] : returns[t + 1]
    returns[t] = rewards[t] + next
`),
  ],
  property: (f: Answer) =>
    fc.property(segment, fraction, (steps, gamma) => {
      const wanted: number[] = []
      for (let t = steps.length - 1; t >= 0; t--) {
        const { reward, nextValue, terminated, truncated } = steps[t]!
        const next = truncated || t === steps.length - 1 ? nextValue : wanted[t + 1]!
        wanted[t] = reward + (terminated ? 0 : gamma * next)
      }
      const given = `${inWords(steps, 'reward', 'nextValue', 'terminated', 'truncated')} and gamma = ${gamma}`
      const [rewards, nextValues] = [column(steps, 'reward'), column(steps, 'nextValue')]
      const [terminated, truncated] = [column(steps, 'terminated'), column(steps, 'truncated')]
      compare(given, () => f(rewards, nextValues, terminated, truncated, gamma), wanted)
    }),
}
