// How wrong students are where the teacher has been asked, to select the states to label: hard examples teach most where labels are
// few (Shrivastava, Gupta and Girshick 2016, arXiv:1604.03540). Read next: collector.ts.

import type { LoggedTask } from '../rl/episode-log.ts'
import { packedSize } from '../rl/packing.ts'
import type { Player } from '../rl/rollout.ts'
import { Discrete } from '../rl/spaces.ts'
import type { Teacher } from './teacher.ts'
import { labelsBy, playerOf, type TeachingPolicy } from './teaching-agent.ts'
import { meanAndStd } from './temperature.ts'

/** Whether a teacher's outputs tell how wrong an action is. */
export function ranksActions({ kinds }: Teacher): boolean {
  return kinds.some((kind) => kind !== 'stateValues' && kind !== 'logStd')
}

/**
 * The students' mean error in each state: [count]. For discrete actions, how much lower the teacher's output is for the student's action
 * than for the best one, in mean deviations of its outputs over the actions. For vectors, the root of the mean squared distance from the
 * teacher's action, in deviations of its actions over the states.
 *
 * @param states [count, observationSize]
 */
export function errorsOf(
  students: readonly Player[],
  teacher: TeachingPolicy,
  states: Float32Array,
  { actionSpace }: Pick<LoggedTask, 'actionSpace'>,
): Float64Array {
  const count = states.length / teacher.observationSize
  const errors = new Float64Array(count)
  const isDiscrete = actionSpace instanceof Discrete
  const { actionValues, logits } = labelsBy(teacher, states, count)
  const outputs = isDiscrete ? (actionValues ?? logits)! : Float32Array.from(playerOf(teacher).act(states, undefined))
  const width = isDiscrete ? actionSpace.n : packedSize(actionSpace)
  const row = (i: number) => outputs.subarray(i * width, (i + 1) * width)
  const deviations = isDiscrete
    ? Float64Array.from(errors, (_, i) => meanAndStd(row(i)).std)
    : [meanAndStd(outputs).std]
  const unit = meanAndStd(Float32Array.from(deviations)).mean || 1
  for (const student of students) {
    const actions = student.act(states, undefined)
    for (let i = 0; i < count; i++) {
      const error = isDiscrete
        ? Math.max(...row(i)) - row(i)[actions[i]!]!
        : Math.sqrt(row(i).reduce((sum, x, j) => sum + (x - actions[i * width + j]!) ** 2, 0) / width)
      errors[i]! += error / unit / students.length
    }
  }
  return errors
}
