// The distillation loop: in each round teacher or student plays, the teacher labels some of the states, and a student is trained on
// all labels so far. Hinton et al. 2015, arXiv:1503.02531; Rusu et al. 2016, arXiv:1511.06295; rounds: Ross, Gordon and Bagnell 2011
// (DAgger), arXiv:1011.0686. Read next: collecting/collector.ts (which states), targets/ (what is learned), fit.ts (how).

import { type Checkpoint, TrainingState } from '../data/checkpoint.ts'
import { type EnvLike, requireEnv, toVectorEnv } from '../rl/envs/vector/as-vector.ts'
import { requireSameStep } from '../rl/envs/vector/vector-env.ts'
import { requireFinite } from '../rl/policies/policy.ts'
import type { Player } from '../rl/recorded-play.ts'
import { CheckpointError, ValueError } from '../tensor/errors.ts'
import { Rng } from '../tensor/random.ts'
import { Collector } from './collecting/collector.ts'
import { SuccessorModel } from './collecting/successors.ts'
import { LabelledDataset } from './dataset/dataset.ts'
import { withMirrorImages } from './dataset/dataset-operations.ts'
import { type Cost, copyCost } from './dataset/provenance.ts'
import { type FitReport, fitStudent } from './fit.ts'
import { type DistillOptions, readDistillOptions, smallestDataset } from './options.ts'
import { Students, syntheticDataset, type TrainedStudent } from './students.ts'
import { type StudentOf, type TargetLike, targetOf } from './targets/index.ts'
import { specOf, type Teacher, type TeacherSource, teacherOf } from './teachers/teacher.ts'
import type { TeachingPolicy } from './teachers/teaching-agent.ts'

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
 * Whatever does not fit (a misspelt option, a target without labels of its kind, other spaces, a network of other sizes) throws
 * before the first environment step. The first student of each round starts from the same
 * parameters unless `warmStart`, the others from parameters of their own. Between rounds the student
 * plays; for one of state values a student of the policy plays in its place, or, with `value-successors`, a look-ahead in `env`.
 */
export function distill<T extends TargetLike = 'policy'>(
  env: EnvLike | null,
  teacher: TeacherSource | Teacher | null,
  options: DistillOptions<T> = {} as DistillOptions<T>,
): Generator<DistillReport, Distilled<StudentOf<T>>, void> {
  const { target: name = 'policy', network, dataset: given, rollout, resume, ...values } = options as DistillOptions
  const target = targetOf(name as TargetLike)
  const o = readDistillOptions(target, values, given)
  if (given === undefined && (teacher ?? null) === null) {
    throw new ValueError('distill: no source of labels; give a teacher, or labels that exist already as dataset')
  }
  if (env === null && (given === undefined || o.finalStudents > 1)) {
    throw new ValueError('distill: no environment to play; give one, or labels as dataset and finalStudents 1')
  }
  if (env !== null) requireEnv('distill', env)
  if (env !== null) given?.requireTask('distill', env)
  if (o.symmetries && env?.mirror === undefined) {
    throw new ValueError(
      `distill: symmetries is true, but ${env?.id ?? given!.envId} declares no mirror symmetry; leave it out`,
    )
  }
  const source = given === undefined ? teacherOf(teacher!, env!, (target.successors ?? 1) * o.labels) : undefined
  const dataset = given ?? new LabelledDataset(specOf(env!, source!.agent))
  const rounds = given === undefined ? o.rounds : 1
  const model = source && target.successors ? new SuccessorModel(env!, source, o, rollout === undefined) : undefined
  const example =
    given ?? syntheticDataset(dataset.spec, (model ?? source!).kinds, o.selection, smallestDataset(target, o))
  const students = new Students(target, example, o, network, model && ((student) => model.player(student)))
  if (rounds > 1 && !target.acts) students.rehearsePlay()
  const collector = source && new Collector(source, model?.env ?? env!, o, students.untrained, rollout)
  if (source) dataset.provenance = { selection: o.selection, rounds, seed: o.seed, teacher: source.name }
  const counters: Counters = { round: 0, rounds, collected: 0, updates: 0, fit: null }
  const parts = { ...(given === undefined && { dataset }), ...(o.warmStart && { network: students.network }) }
  const training = new TrainingState(
    'distill',
    { target: target.name, ...o },
    { ...parts, students, ...(collector && o.jacobians && { collector }), counters },
  )
  if (resume !== undefined) training.restore(resume)
  const { round, collected } = counters
  if (
    counters.rounds > rounds ||
    round >= counters.rounds ||
    collected > counters.rounds ||
    (source && Math.max(dataset.size, dataset.labels) > o.labels)
  ) {
    throw new CheckpointError(
      `distill: resume is in round ${round} of ${rounds} with ${dataset.size} states of ${o.labels}`,
    )
  }
  if (source !== undefined) {
    source.labels = (target.successors ?? 1) * dataset.labels
    source.jacobians = o.jacobians
  }
  const cost = given === undefined ? dataset.cost : copyCost(given.cost)
  const mirror = o.symmetries ? env?.mirror : undefined
  return run()

  function* run(): Generator<DistillReport, Distilled<StudentOf<T>>, void> {
    let players: readonly Player[] = [students.untrained]
    let student: () => TeachingPolicy | undefined = () => undefined

    for (; ; counters.round++) {
      const { round } = counters
      const isNew = collector !== undefined && counters.collected === round
      if (isNew) {
        // 1. play, and select states  2. the teacher labels them
        if (!o.aggregate) dataset.clear()
        if (!collector.collect(round, players, dataset)) counters.rounds = round + 1
        dataset.label(model ?? source!)
        cost.environmentSteps[round === 0 ? 'firstRound' : 'laterRounds'] += model?.takeSteps() ?? 0
        counters.collected++
      }
      const isLast = round + 1 === counters.rounds
      const [each, count] = isLast ? [o.updates, o.finalStudents] : [o.roundUpdates, o.roundStudents]
      const totalUpdates = (counters.rounds - 1) * o.roundStudents * o.roundUpdates + o.finalStudents * o.updates
      const updates = each * count
      // A literal: a spread at each gradient step costs a tenth of the training.
      const report = (phase: DistillReport['phase'], update: number, loss: number, save: () => Checkpoint) => {
        const { rounds } = counters
        return { phase, round, rounds, update, updates, totalUpdates, loss, dataset, cost, student, save }
      }
      if (isNew) yield report('label', 0, Number.NaN, training.save)
      // 3. train students on all labels
      const symmetric = mirror === undefined ? dataset : withMirrorImages(dataset, mirror)
      const trainingSet = collector !== undefined && o.jacobians ? collector.expanded(symmetric) : symmetric
      const objective = students.objective(trainingSet, isLast)
      for (;;) {
        const before = each * students.count
        const { module, options } = students.next(objective, round, isLast)
        const fitting = { ...options, updates: each, resume: counters.fit ?? undefined }
        const fit = fitStudent(module, trainingSet, objective, fitting)
        let step = fit.next()
        const save = () => {
          counters.fit = (step.value as FitReport).save()
          const all = training.save()
          counters.fit = null
          return all
        }
        for (; step.done !== true; step = fit.next()) {
          const { update, loss } = step.value
          student = step.value.student as typeof student
          cost.updates = counters.updates + update
          yield report('fit', before + update, loss, save)
        }
        counters.fit = null
        counters.updates += each
        cost.updates = counters.updates
        students.add(module)
        if (students.count < count) continue
        const agent = step.value as TeachingPolicy
        const trained = students.takePlayers(agent, module)
        players = trained
        if (!isLast) break
        if (count > 1) choose(trained)
        const best = count > 1 ? objective.student(module) : agent
        return { student: best as StudentOf<T>, dataset, cost, metrics: objective.metrics }
      }
    }
  }

  // 4. keep the student with the best return, of equals the first
  function choose(finalists: readonly TrainedStudent[]): void {
    const trials = finalists.map((player) => trialOf(player, env!, o.choiceSteps, o.seed))
    for (const { environmentSteps } of trials) cost.environmentSteps.choice += environmentSteps
    cost.environmentSteps.choice += model?.takeSteps() ?? 0
    finalists[trials.reduce((best, { mean }, k) => (mean > trials[best]!.mean ? k : best), 0)]!.load()
  }
}

interface Counters extends Record<string, unknown> {
  round: number
  /** Fewer than planned if further ones are not worth their cost. */
  rounds: number
  /** Rounds whose states have been labelled. */
  collected: number
  /** Gradient steps of the students that are trained. */
  updates: number
  fit: Checkpoint | null
}

export interface Trial {
  /** Mean undiscounted return of the complete episodes; of the running ones if none is complete. */
  readonly mean: number
  readonly environmentSteps: number
}

/**
 * Plays greedily for `steps` environment steps or fewer, but at least one in each sub-environment. The start states depend on the seed
 * alone. Throws a ValueError on next-step autoreset.
 */
export function trialOf(player: Player, env: EnvLike, steps: number, seed: number): Trial {
  const envs = toVectorEnv(env)
  const { numEnvs } = envs
  requireSameStep('distill', envs)
  envs.reset({ seed: new Rng(seed + TRIAL_SEEDS).integer(2 ** 32) })
  const running = new Float64Array(numEnvs)
  let [total, episodes, taken] = [0, 0, 0]
  for (; taken + numEnvs <= Math.max(steps, numEnvs); taken += numEnvs) {
    requireFinite(envs.observations)
    envs.step(Float32Array.from(player.act(envs.observations, envs.actionMasks)))
    for (let i = 0; i < numEnvs; i++) {
      running[i]! += envs.rewards[i]!
      if (envs.dones[i] !== 1) continue
      total += running[i]!
      episodes++
      running[i] = 0
    }
  }
  const mean = episodes > 0 ? total / episodes : running.reduce((sum, each) => sum + each, 0) / numEnvs
  return { mean, environmentSteps: taken }
}

/** Far from the seeds of the collection and from those of a final evaluation. */
const TRIAL_SEEDS = 2_000_000
