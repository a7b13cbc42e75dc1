// The students that are trained while a set still grows, to play in it or to disagree about it.

import { MLP } from '../../nn/mlp.ts'
import type { DiscretePolicy } from '../../rl/policy.ts'
import { finish } from '../../rl/training.ts'
import { Rng } from '../../tensor/random.ts'
import type { LabelledSet } from '../labelled-set.ts'
import { prepareTarget } from '../targets.ts'
import { type TrainStudentOptions, trainStudent } from '../train-student.ts'

/** Trains a fresh student, which can choose actions, on the labels so far. */
export type Learn = (set: LabelledSet, seed: number) => DiscretePolicy

/** Learns the teacher's policy with hidden layers of these widths. */
export function learnPolicy(hidden: readonly number[], options: TrainStudentOptions = {}): Learn {
  return (set, seed) => {
    const target = prepareTarget('policy', set)
    const network = new MLP([set.observationSize, ...hidden, target.outputs], new Rng(seed))
    return finish(trainStudent(network, set, target, { ...options, seed }))
  }
}
