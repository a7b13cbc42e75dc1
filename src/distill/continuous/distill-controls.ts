// Distillation of policies of torques and forces in one call: label some states, train a student of the teacher's kind. Each
// step stands alone as well. Read next: collect.ts, target.ts, ../train-student.ts.

import { MLP } from '../../nn/mlp.ts'
import { finish } from '../../rl/training.ts'
import type { Envs } from '../../rl/vector/as-vector.ts'
import { Rng } from '../../tensor/random.ts'
import { type TrainStudentOptions, trainStudent } from '../train-student.ts'
import { type CollectControlsOptions, collectControls } from './collect.ts'
import { type ControlSet, statesOf } from './control-set.ts'
import { type ControlPolicy, ControlTeacher, requireControlPolicy } from './control-teacher.ts'
import { controlTarget } from './target.ts'

export interface DistillControlsOptions extends Partial<CollectControlsOptions>, Omit<TrainStudentOptions, 'seed'> {
  /** A policy of SAC, TD3 or DDPG. */
  readonly teacher: ControlPolicy
  /** Where the states are found. A vector environment is played with all its copies at once. */
  readonly env: Envs
  /** Widths of the student's hidden layers. Default: two of 64. */
  readonly hidden?: readonly number[]
  /** States to label. Default 200. */
  readonly labels?: number
}

export interface DistilledControls {
  /** Of the teacher's kind: it gives a Gaussian, or an action. */
  readonly student: ControlPolicy
  readonly set: ControlSet
}

/** Labels, trains and returns the student with the set it learned from. What does not fit throws before anything is played. */
export function distillControls(options: DistillControlsOptions): DistilledControls {
  const { env, hidden = [64, 64], labels = 200, seed = 0 } = options
  const teacher = new ControlTeacher(requireControlPolicy('distillControls', options.teacher), env.id, labels)
  const learn = (set: ControlSet, from: number) => trainControls(set, hidden, { ...options, seed: from })
  const set = collectControls(teacher, env, { ...options, labels, seed }, learn)
  return { student: learn(set, seed), set }
}

/** A fresh student with these hidden layers, trained on a set. */
export function trainControls(
  set: ControlSet,
  hidden: readonly number[],
  options: TrainStudentOptions = {},
): ControlPolicy {
  const target = controlTarget(set)
  const network = new MLP([set.observationSize, ...hidden, target.outputs], new Rng(options.seed ?? 0))
  return finish(trainStudent(network, statesOf(set), target, options))
}
