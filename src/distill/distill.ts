// The whole of distillation in one call: label some states, prepare the labels, train a student. Each step stands alone as
// well, for those who want to see it: collect.ts, targets.ts, train-student.ts.

import { loadParameters, saveParameters } from '../nn/checkpoint.ts'
import { MLP } from '../nn/mlp.ts'
import type { Module } from '../nn/module.ts'
import type { DiscretePolicy } from '../rl/policy.ts'
import { finish } from '../rl/training.ts'
import type { Envs } from '../rl/vector/as-vector.ts'
import { ValueError } from '../tensor/errors.ts'
import { Rng } from '../tensor/random.ts'
import { type CollectionMode, type CollectOptions, collect } from './collect.ts'
import { defaultSpread } from './collection/spread.ts'
import { type Learn, learnPolicy } from './collection/students.ts'
import { type LabelledSet, requireSetOf } from './labelled-set.ts'
import { rehearsalSet, rehearse } from './rehearsal.ts'
import {
  defaultTemperature,
  prepareTarget,
  type Student,
  type StudentOf,
  type TargetName,
  type TargetOptions,
} from './targets.ts'
import { requireSameSpaces, Teacher } from './teacher.ts'
import { type TeacherSource, teacherAgent } from './teachers/as-agent.ts'
import { type TrainStudentOptions, trainStudent, trainStudentDefaults } from './train-student.ts'

export interface DistillOptions<Name extends TargetName = TargetName>
  extends Omit<CollectOptions, 'labels' | 'mode' | 'seed' | 'spread'>,
    Omit<TargetOptions, 'seed'>,
    TrainStudentOptions {
  /** An agent, several that teach as one, or a function of one observation. Not needed beside a `set`. */
  readonly teacher?: TeacherSource
  /** Where the states are found. A vector environment is played with all its copies at once. */
  readonly env: Envs
  /** Labels that were gathered before; then no state is played or asked about. */
  readonly set?: LabelledSet
  /** The student's network. Default: an MLP with `hidden`. */
  readonly student?: Module
  /** Widths of the hidden layers of a student that is not given. Default: two of 64. */
  readonly hidden?: readonly number[]
  /** States to label. Default 200. */
  readonly labels?: number
  /** How the states are found. Default `student`, or as `pool` was played. */
  readonly mode?: CollectionMode
  /** As `collect` has it, but 5 in the mode `student`. */
  readonly spread?: number
  /** What the student learns. Default `policy`. */
  readonly target?: Name
  /** Gradient steps of the students that are trained between rounds. Default: as many as the last one's. */
  readonly roundUpdates?: number
}

export interface Distilled<S extends Student = Student> {
  readonly student: S
  readonly set: LabelledSet
}

/**
 * Labels, trains and returns the student with the set it learned from. Hinton et al. 2015; Rusu et al. 2016.
 *
 * What does not fit (a target that the teacher has no labels for, other spaces, options out of range) throws before anything
 * is played. In the modes that need students on the way, each starts afresh from the same parameters as the last one. A
 * student of state values cannot play; there one that learns the policy from the same labels plays for it.
 */
export function distill<Name extends TargetName = 'policy'>(options: DistillOptions<Name>): Distilled<StudentOf<Name>> {
  const {
    env,
    target = 'policy',
    labels = 200,
    mode = options.pool?.mode ?? 'student',
    spread = defaultSpread(mode),
    seed = 0,
    updates = trainStudentDefaults.updates,
    roundUpdates = updates,
  } = options
  const training = new Training({
    temperature: defaultTemperature(target, options.set?.provenance.mode ?? mode),
    ...options,
  })
  if (options.set !== undefined) {
    requireSetOf('distill', options.set, env)
    return { student: training.finish(options.set, updates), set: options.set }
  }
  if (options.teacher === undefined) throw new ValueError('distill: no teacher; give a teacher, or a set of labels')
  const teacher = new Teacher(teacherAgent(options.teacher, env), env.id, labels)
  requireSameSpaces('distill', teacher, env)
  const acts = training.rehearse(rehearsalSet(teacher, env.id, mode !== 'boundingBox'))
  const onTheWay = { ...trainingOptions(options), updates: roundUpdates }
  const learn: Learn = acts
    ? (set) => training.finish(set, roundUpdates) as DiscretePolicy
    : learnPolicy(options.hidden ?? HIDDEN, onTheWay)
  const learnMember = learnPolicy(MEMBER_HIDDEN, onTheWay)
  const set = collect(teacher, env, { learn, learnMember, ...options, mode, spread, labels, seed })
  return { student: training.finish(set, updates), set }
}

const HIDDEN: readonly number[] = [64, 64]
const MEMBER_HIDDEN: readonly number[] = [32, 32]

// Makes students that differ in their set alone.
class Training<Name extends TargetName> {
  private readonly target: Name
  private readonly start: Uint8Array | undefined

  constructor(private readonly options: DistillOptions<Name>) {
    this.target = options.target ?? ('policy' as Name)
    this.start = options.student && saveParameters(options.student)
  }

  /** Throws what preparing and reading the student would; says whether the student will be able to choose actions. */
  rehearse(set: LabelledSet): boolean {
    const prepared = rehearse(this.target, set, this.options)
    return 'act' in prepared.student(this.network(set, prepared.outputs))
  }

  finish(set: LabelledSet, updates: number): StudentOf<Name> {
    const prepared = prepareTarget(this.target, set, this.options)
    const network = this.network(set, prepared.outputs)
    return finish(trainStudent(network, set, prepared, { ...trainingOptions(this.options), updates }))
  }

  private network({ observationSize }: LabelledSet, outputs: number): Module {
    const { student, hidden = HIDDEN, seed = 0 } = this.options
    if (student === undefined) return new MLP([observationSize, ...hidden, outputs], new Rng(seed))
    loadParameters(student, this.start!)
    return student
  }
}

function trainingOptions(options: TrainStudentOptions): TrainStudentOptions {
  const names = Object.keys(trainStudentDefaults) as (keyof typeof trainStudentDefaults)[]
  return Object.fromEntries(names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])))
}
