import fc from 'fast-check'
import { type Answer, compare, type Exercise, shown, tenths } from './exercise.ts'

const answer = (next: string, result = 'reward + gamma * next') => `/**
 * The target of double DQN for one transition. online[a] and target[a] are the values that the two networks give
 * to action a in the next state.
 */
export function doubleTarget(
  reward: number, terminated: boolean, online: number[], target: number[], gamma: number,
): number {
  const next = ${next}
  return ${result}
}
`

const CHOSEN = 'target[online.indexOf(Math.max(...online))]'

export const doubleTarget: Exercise = {
  title: 'The target of double DQN',
  name: 'doubleTarget',
  stub: answer('Math.max(...target)'),
  solution: answer(`terminated ? 0 : ${CHOSEN}`),
  wrong: [
    answer('terminated ? 0 : Math.max(...target)'), // the target of DQN
    answer('terminated ? 0 : Math.max(...online)'), // no target network
    answer('terminated ? 0 : online[target.indexOf(Math.max(...target))]'), // the networks exchanged
    answer(CHOSEN), // a value after the end
    answer(`terminated ? 0 : ${CHOSEN}`, 'reward + next'),
    answer(`terminated ? 0 : ${CHOSEN}`, 'gamma * (reward + next)'),
    answer(`terminated ? 0 : ${CHOSEN}`, 'terminated ? 0 : reward + gamma * next'), // no reward at the end
    answer('terminated ? 0 : Math.min(Math.max(...online), Math.max(...target))'), // the smaller maximum
  ],
  property: (f: Answer) => {
    // No two values of the online network are equal, so that the choice is clear.
    const values = fc
      .integer({ min: 2, max: 4 })
      .chain((n) =>
        fc.tuple(
          fc.uniqueArray(tenths(-2, 2), { minLength: n, maxLength: n }),
          fc.array(tenths(-2, 2), { minLength: n, maxLength: n }),
        ),
      )
    return fc.property(
      tenths(-1, 1),
      fc.boolean(),
      values,
      tenths(0.1, 0.9),
      (reward, terminated, [online, target], gamma) => {
        const best = online.indexOf(Math.max(...online))
        const given = `reward = ${reward}, terminated = ${terminated}, online = ${shown(online)}, target = ${shown(target)} and gamma = ${gamma}`
        compare(
          given,
          () => f(reward, terminated, online, target, gamma),
          reward + (terminated ? 0 : gamma * target[best]!),
        )
      },
    )
  },
}
