// The distillation loop: in each round teacher or student plays, the teacher labels some of the states, and a student is trained on
// all labels so far. Hinton et al. 2015, arXiv:1503.02531; Rusu et al. 2016, arXiv:1511.06295; rounds: Ross, Gordon and Bagnell 2011
// (DAgger), arXiv:1011.0686. Read next: collecting/collector.ts (which states), targets/ (what is learned), fit.ts (how).

import { type Checkpoint, TrainingState } from '../data/checkpoint.ts'
import type { EnvLike } from '../rl/envs/vector/sync-vector-env.ts'
import type { Player, TeachingPolicy } from '../rl/policies/policy.ts'
import { CheckpointError } from '../tensor/errors.ts'
import { bestByReturn } from './choice.ts'
import { Collector } from './collecting/collector.ts'
import { SuccessorModel } from './collecting/successors.ts'
import { LabelledDataset } from './dataset/dataset.ts'
import { withMirrorImages } from './dataset/dataset-operations.ts'
import { type Cost, CostRecord } from './dataset/provenance.ts'
import type { FitReport } from './fit.ts'
import { type DistillOptions, readDistillOptions, requireSources, smallestDataset } from './options.ts'
import { Students, syntheticDataset } from './students.ts'
import { type StudentOf, type TargetLike, targetOf } from './targets/index.ts'
import { specOf, type Teacher, type TeacherSource, teacherOf } from './teachers/teacher.ts'

export interface DistillReport {
  /** `label`: after the labels of a round. `fit`: after a gradient step. */
  readonly phase: 'label' | 'fit'
  /** From 0. */
  readonly round: number
  readonly rounds: number
  /** Gradient steps of all students of this round so far. */
  readonly update: number
  /** Gradient steps of all students of this round. */
  readonly updates: number
  /** Gradient steps of all students of all rounds. */
  readonly totalUpdates: number
  /** Loss of the last minibatch; NaN before the first. */
  readonly loss: number
  /** The labels so far. */
  readonly dataset: LabelledDataset
  /** What was spent so far. */
  readonly cost: Cost
  /**
   * The student as it is now, which takes raw observations; later updates change it. Before the last round a policy where the target
   * is a state value. Undefined before the first gradient step.
   */
  student(): TeachingPolicy | undefined
  /** The whole distillation as it is now, to resume from. */
  save(): Checkpoint
}

export interface Distilled<Student> {
  readonly student: Student
  /** Its training set. */
  readonly dataset: LabelledDataset
  /** What was spent on the labels, the students and the choice among them. */
  readonly cost: Cost
  /** Numbers of the target, such as the temperature. */
  readonly metrics: Readonly<Record<string, number>>
}

/**
 * Labels states and trains a student on them. Yields after each round's labels and after each gradient step; returns the student
 * with its dataset. `finish(distill(env, teacher))` runs it to the end.
 *
 * @param env null where `dataset` is given and no student plays: one of `finalStudents`, no `symmetries`
 * @param teacher an agent, several as one, or a function of an observation; null where `dataset` is given
 *
 * Throws before the first environment step on whatever does not fit: a misspelt option, a target without labels of its kind, other
 * spaces, a network of other sizes. The first student of each round starts from the same parameters unless `warmStart`, the others
 * from parameters of their own. Between rounds the students collect states. A student of state values cannot act, so a student of
 * the policy is trained to play in its place, or, with `value-successors`, a look-ahead plays in `env`.
 */
export function distill<T extends TargetLike = 'policy'>(
  env: EnvLike | null,
  teacher: TeacherSource | Teacher | null,
  options: DistillOptions<T> = {} as DistillOptions<T>,
): Generator<DistillReport, Distilled<StudentOf<T>>, void> {
  const { target: name = 'policy', dataset: given, rollout, resume, ...values } = options as DistillOptions
  const target = targetOf(name as TargetLike)
  const o = readDistillOptions(target, values, given)
  const own = typeof values.network === 'object' ? values.network : undefined
  requireSources(env, teacher, given, o)

  const source = given === undefined ? teacherOf(teacher!, env!, (target.successors ?? 1) * o.labels) : undefined
  const dataset = given ?? new LabelledDataset(specOf(env!, source!.agent))
  const cost = given === undefined ? dataset.cost : CostRecord.of({ ...given.cost, updates: 0 })
  const isPlayed = rollout === undefined
  const model = source && target.successors ? new SuccessorModel(env!, source, o, isPlayed, cost) : undefined
  const kinds = (model ?? source)?.kinds ?? []
  const example = given ?? syntheticDataset(dataset.spec, kinds, o.selection, smallestDataset(target, o))
  const students = new Students(target, example, o, own, model && ((student) => model.player(student)))
  const rounds = given === undefined ? o.rounds : 1
  if (rounds > 1 && !target.acts) students.rehearsePlay()
  const collector = source && new Collector(source, model?.env ?? env!, o, students.untrained, rollout)
  if (source) {
    source.jacobians = o.jacobians
    dataset.provenance = { selection: o.selection, rounds, seed: o.seed, teacher: source.name }
  }
  const mirror = o.symmetries ? env?.mirror : undefined

  const counters: Counters = { round: 0, rounds, collected: 0 }
  const training = new TrainingState(
    'distill',
    { target: target.name, ...o },
    {
      ...(given === undefined ? { dataset } : { cost }),
      ...(o.warmStart && { network: students.network }),
      students,
      ...(collector && o.jacobians && { collector }),
      counters,
    },
  )
  if (resume !== undefined) {
    training.restore(resume)
    requireWithin(counters, rounds, source && dataset, o.labels)
  }
  return run()

  function* run(): Generator<DistillReport, Distilled<StudentOf<T>>, void> {
    let players: readonly Player[] = [students.untrained]
    for (; ; counters.round++) {
      const { round } = counters
      if (collector !== undefined && counters.collected === round) {
        if (!o.aggregate) dataset.clear()
        const isWorthAnother = collector.collect(round, players, dataset) // 1. play, and select states
        dataset.label(model ?? source!) // 2. label them
        if (!isWorthAnother) counters.rounds = round + 1
        counters.collected++
        yield report('label')
      }
      const isLast = round + 1 === counters.rounds
      const examples = trainingSet()
      const objective = students.objective(examples, isLast)
      const fitted = students.fit(examples, objective, round, isLast, cost, (fit) => report('fit', fit))
      const trained = yield* fitted // 3. train students on all labels
      players = trained
      if (!isLast) continue
      bestByReturn(trained, env, o, cost).load() // 4. choose one
      const student = objective.student(students.network) as StudentOf<T>
      return { student, dataset, cost, metrics: objective.metrics }
    }
  }

  /** The labels, their mirror images with `symmetries`, and predicted labels of the states near them with `jacobians`. */
  function trainingSet(): LabelledDataset {
    const symmetric = mirror === undefined ? dataset : withMirrorImages(dataset, mirror)
    return collector !== undefined && o.jacobians ? collector.expanded(symmetric) : symmetric
  }

  // A literal: a spread at each gradient step costs a tenth of the training.
  function report(phase: DistillReport['phase'], fit?: FitReport): DistillReport {
    const { round, rounds } = counters
    const [each, count] = students.plan(round + 1 === rounds)
    const update = each * students.count + (fit?.update ?? 0)
    const updates = each * count
    const totalUpdates = (rounds - 1) * o.roundStudents * o.roundUpdates + o.finalStudents * o.updates
    const { student } = students
    const loss = fit?.loss ?? Number.NaN
    return { phase, round, rounds, update, updates, totalUpdates, loss, dataset, cost, student, save: training.save }
  }
}

interface Counters extends Record<string, unknown> {
  round: number
  /** Fewer than planned if further ones are not worth their cost. */
  rounds: number
  /** Rounds whose states have been labelled. */
  collected: number
}

/** Throws a CheckpointError on a resumed distillation beyond its rounds or its labels. */
function requireWithin(
  { round, rounds, collected }: Counters,
  planned: number,
  dataset: LabelledDataset | undefined,
  labels: number,
): void {
  const isWithin = rounds <= planned && round < rounds && collected <= rounds
  if (isWithin && (dataset === undefined || Math.max(dataset.size, dataset.labels) <= labels)) return
  throw new CheckpointError(
    `distill: resume is in round ${round} of ${planned} with ${dataset?.size ?? 0} states of ${labels}`,
  )
}
