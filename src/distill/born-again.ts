// Students that become teachers: each generation has the size of the last, learns what that one says about the same states,
// and often ends better than it (Furlanello et al. 2018, arXiv:1805.04770, section 3). Read next: distill.ts.

import { MLP } from '../nn/mlp.ts'
import { finish } from '../rl/training.ts'
import { ValueError } from '../tensor/errors.ts'
import { Rng } from '../tensor/random.ts'
import { type LabelledSet, requireUsable } from './labelled-set.ts'
import { rehearse } from './rehearsal.ts'
import { prepareTarget, type Student, type StudentOf, type TargetName, type TargetOptions } from './targets.ts'
import { labelsBy } from './teacher.ts'
import { type TrainStudentOptions, trainStudent } from './train-student.ts'

export interface BornAgainOptions<Name extends TargetName = TargetName> extends TargetOptions, TrainStudentOptions {
  /** States that a teacher labelled: the first generation learns from it. */
  readonly set: LabelledSet
  /** How many students, one after the other. Default 3. */
  readonly generations?: number
  /** What each learns of the one before. Default `policy`. */
  readonly target?: Name
  /** Widths of the hidden layers. Default: two of 64. */
  readonly hidden?: readonly number[]
  /** Generation k, from 0, starts from the parameters and sees the minibatches of `seed + k`. Default 0. */
  readonly seed?: number
}

/**
 * The students of all generations, the first first; `ensembleOf` makes one of them. No label is asked of the teacher. Throws
 * a ValueError on a number of generations that is none, or on a target whose students give nothing that it could be learned
 * from again.
 */
export function bornAgain<Name extends TargetName = 'policy'>(options: BornAgainOptions<Name>): StudentOf<Name>[] {
  const { set, generations = 3, target = 'policy' as Name, hidden = [64, 64], seed = 0 } = options
  if (!(Number.isInteger(generations) && generations >= 1)) {
    throw new ValueError(`bornAgain: ${generations} generations; expected a whole number from 1`)
  }
  requireUsable('bornAgain', set)
  const students: StudentOf<Name>[] = []
  for (let k = 0; k < generations; k++) {
    const taught = k === 0 ? set : relabelled(set, students[k - 1]!, `generation ${k - 1}`)
    const prepared = prepareTarget(target, taught, options)
    const network = new MLP([set.observationSize, ...hidden, prepared.outputs], new Rng(seed + k))
    if (k === 0 && generations > 1) rehearse(target, relabelled(set, prepared.student(network), 'a student'), options)
    students.push(finish(trainStudent(network, taught, prepared, { ...options, seed: seed + k })))
  }
  return students
}

/**
 * The same states with what a student says about them in place of what was said before. `labels` stays what it was: no
 * teacher was asked.
 */
export function relabelled(set: LabelledSet, student: Student, name: string): LabelledSet {
  const { logits: _, actionValues: __, stateValues: ___, ...states } = set
  const said = labelsBy(student, set.observations, set.size)
  return { ...states, ...said, provenance: { ...set.provenance, teacher: name } }
}
