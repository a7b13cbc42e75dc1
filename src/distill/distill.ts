// The whole of distillation in one call: label some states, prepare the labels, train a student. Each step stands alone as
// well, for those who want to see it: collect.ts, targets.ts, train-student.ts.

import { MLP } from '../nn/mlp.ts'
import type { Module } from '../nn/module.ts'
import type { NetworkAgent } from '../rl/agent.ts'
import type { Env } from '../rl/env.ts'
import { finish } from '../rl/training.ts'
import { Rng } from '../tensor/random.ts'
import { type CollectOptions, collect } from './collect.ts'
import type { LabelledSet } from './labelled-set.ts'
import { prepareTarget, type Student, type StudentOf, type TargetName, type TargetOptions } from './targets.ts'
import { Teacher } from './teacher.ts'
import { type TrainStudentOptions, trainStudent } from './train-student.ts'

export interface DistillOptions<Name extends TargetName = TargetName>
  extends Omit<CollectOptions, 'labels' | 'seed'>,
    TrainStudentOptions,
    Omit<TargetOptions, 'seed'> {
  readonly teacher: NetworkAgent
  /** Where the states are found; its episodes are played by the teacher. */
  readonly env: Env
  /** The student's network. Default: two hidden layers of 64. */
  readonly student?: Module
  /** States to label. Default 200. */
  readonly labels?: number
  /** What the student learns. Default `policy`. */
  readonly target?: Name
}

export interface Distilled<S extends Student = Student> {
  readonly student: S
  readonly set: LabelledSet
}

/** Labels, trains and returns the student with the set it learned from. Hinton et al. 2015; Rusu et al. 2016. */
export function distill<Name extends TargetName = 'policy'>(options: DistillOptions<Name>): Distilled<StudentOf<Name>> {
  const { teacher, env, target = 'policy' as Name, labels = 200, seed = 0 } = options
  const set = collect(new Teacher(teacher, env.id, labels), env, { ...options, labels, seed })
  const prepared = prepareTarget(target, set, { ...options, seed })
  const network = options.student ?? new MLP([set.observationSize, 64, 64, prepared.outputs], new Rng(seed))
  return { student: finish(trainStudent(network, set, prepared, options)), set }
}
