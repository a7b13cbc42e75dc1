import fc from 'fast-check'
import { type Answer, compare, type Exercise, shown, tenths, tenthsList } from './exercise.ts'

const answer = (body: string) => `/**
 * One update of Q-learning: action a in the state s gave the reward r and led to the state s2.
 * q[s][a] is the estimated value. Return the new value of q[s][a].
 */
export function tdUpdate(
  q: number[][], s: number, a: number, r: number, s2: number, terminated: boolean, alpha: number, gamma: number,
): number {
${body}}
`

const update = (next: string, result = 'q[s][a] + alpha * (r + gamma * next - q[s][a])') =>
  answer(`  const next = ${next}
  return ${result}
`)

const NEXT = 'terminated ? 0 : Math.max(...q[s2])'

export const tdUpdate: Exercise = {
  title: 'One update of Q-learning',
  name: 'tdUpdate',
  stub: answer('  return q[s][a]\n'),
  solution: update(NEXT),
  wrong: [
    update('Math.max(...q[s2])'), // a value after the end
    update('terminated ? 0 : q[s2][a]'), // the value of the same action
    update('terminated ? 0 : Math.min(...q[s2])'),
    update('terminated ? 0 : Math.max(...q[s])'), // of the state before
    update(NEXT, 'q[s][a] + alpha * (r + gamma * next)'), // adds the target, not the error
    update(NEXT, 'r + gamma * next'), // forgets all it knew
    update(NEXT, 'q[s][a] + alpha * (r + next - q[s][a])'), // no discount
    update(NEXT, 'q[s][a] - alpha * (r + gamma * next - q[s][a])'),
    update(NEXT, 'terminated ? q[s][a] : q[s][a] + alpha * (r + gamma * next - q[s][a])'), // learns nothing at the end
  ],
  property: (f: Answer) => {
    const state = fc.integer({ min: 0, max: 2 })
    const rows = fc.array(tenthsList(2), { minLength: 3, maxLength: 3 })
    const rest = fc.record({
      r: tenths(-1, 1),
      terminated: fc.boolean(),
      alpha: tenths(0.1, 0.9),
      gamma: tenths(0.1, 0.9),
    })
    return fc.property(rows, state, fc.integer({ min: 0, max: 1 }), state, rest, (q, s, a, s2, given) => {
      const { r, terminated, alpha, gamma } = given
      const target = terminated ? r : r + gamma * Math.max(...q[s2]!)
      const old = q[s]![a]!
      const words = `q = ${shown(q)}, s = ${s}, a = ${a}, r = ${r}, s2 = ${s2}, terminated = ${terminated}, alpha = ${alpha} and gamma = ${gamma}`
      compare(words, () => f(q, s, a, r, s2, terminated, alpha, gamma), old + alpha * (target - old))
    })
  },
}
