// How wrong students are where the teacher is asked, to select the states to label: a student learns most from the states in which it
// errs (hard example mining: Shrivastava, Gupta and Girshick 2016, arXiv:1604.03540). Read next: collector.ts.

import { packedSize } from '../rl/packing.ts'
import type { Player } from '../rl/rollout.ts'
import { Discrete, type Space } from '../rl/spaces.ts'
import { meanOf } from '../rl/statistics.ts'
import type { Teacher } from './teacher.ts'
import { labelsBy, playerOf, type TeachingPolicy } from './teaching-agent.ts'
import { meanAndStd } from './temperature.ts'

/** Weight of a state without error; an error of one deviation adds 1. */
const LEAST = 0.1

/** Whether a teacher's outputs tell how wrong an action is. */
export function ranksActions({ kinds }: Teacher): boolean {
  return kinds.some((kind) => kind === 'actionValues' || kind === 'logits' || kind === 'mean')
}

/** 0.1 + the mean of the students' errors in each state: [count]. `states` are [count, observationSize]. */
export function errorWeights(
  students: readonly Player[],
  teacher: TeachingPolicy,
  states: Float32Array,
  actionSpace: Space<unknown>,
): Float64Array {
  const errorsOf = actionSpace instanceof Discrete ? regrets(teacher, states) : distances(teacher, states, actionSpace)
  const errors = students.map((student) => errorsOf(student.act(states, undefined)))
  return Float64Array.from(errors[0]!, (_, i) => LEAST + meanOf(errors.map((each) => each[i]!)))
}

type Errors = (actions: ArrayLike<number>) => Float64Array

/** (max Q(s, ·) - Q(s, a)) / unit, Q the teacher's action values or logits [count, actions], unit the mean deviation of Q(s, ·) over the actions. */
function regrets(teacher: TeachingPolicy, states: Float32Array): Errors {
  const count = states.length / teacher.observationSize
  const { actionValues, logits } = labelsBy(teacher, states, count)
  const outputs = actionValues ?? logits!
  const width = outputs.length / count
  const rows = Array.from({ length: count }, (_, i) => outputs.subarray(i * width, (i + 1) * width))
  const unit = meanOf(rows.map((row) => meanAndStd(row).std)) || 1
  return (actions) => Float64Array.from(rows, (row, i) => (Math.max(...row) - row[actions[i]!]!) / unit)
}

/** ‖a - a*‖ / √width / unit, a* the teacher's action [count, width], unit the deviation of its actions over the states. */
function distances(teacher: TeachingPolicy, states: Float32Array, actionSpace: Space<unknown>): Errors {
  const expert = Float32Array.from(playerOf(teacher).act(states, undefined))
  const width = packedSize(actionSpace)
  const unit = meanAndStd(expert).std || 1
  return (actions) =>
    Float64Array.from({ length: expert.length / width }, (_, i) => {
      let squares = 0
      for (let j = i * width; j < (i + 1) * width; j++) squares += (actions[j]! - expert[j]!) ** 2
      return Math.sqrt(squares / width) / unit
    })
}
