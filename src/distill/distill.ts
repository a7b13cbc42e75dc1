// The distillation loop: in each round teacher or student plays, the teacher labels some of the states, and a student is trained on
// all labels so far. Hinton et al. 2015, arXiv:1503.02531; Rusu et al. 2016, arXiv:1511.06295; rounds: Ross, Gordon and Bagnell 2011
// (DAgger), arXiv:1011.0686. Read next: collector.ts (which states), targets/ (what is learned), fit.ts (how).

import type { ActivationName } from '../nn/activations.ts'
import type { Module } from '../nn/module.ts'
import { type Checkpoint, TrainingState } from '../rl/checkpoint.ts'
import { choice, count, flag, type GivenOptions, type OptionValues, readOptions, sizes } from '../rl/options.ts'
import type { Player, Rollout } from '../rl/rollout.ts'
import { type Box, type Discrete, flatSize } from '../rl/spaces.ts'
import type { EnvLike } from '../rl/vector/as-vector.ts'
import { CheckpointError, ValueError } from '../tensor/errors.ts'
import { trialOf } from './choice.ts'
import { Collector, collectorOptions } from './collector.ts'
import { type Cost, copyCost } from './cost.ts'
import { LabelledDataset, type TaskSpec } from './dataset.ts'
import { type FitReport, fitOptions, fitStudent } from './fit.ts'
import { jacobiansBy } from './jacobians.ts'
import { withMirrorImages } from './mirror.ts'
import { type ReadOptions, sampleWeightsOption } from './objective.ts'
import { autoRounds, orAuto, roundSizes } from './rounds.ts'
import { Students, syntheticDataset, type TrainedStudent } from './students.ts'
import { SuccessorModel } from './successors.ts'
import { type StudentOf, type TargetLike, type TargetOptions, targetOf } from './targets/index.ts'
import type { Target } from './targets/target.ts'
import { type Teacher, type TeacherSource, teacherOf } from './teacher.ts'
import { isSquashed, type TeachingPolicy } from './teaching-agent.ts'
import { ROUNDS_TEMPERATURE } from './temperature.ts'

export const distillOptions = {
  ...collectorOptions,
  ...fitOptions,
  hidden: sizes([64, 64], "widths of the student's hidden layers"),
  hiddenActivation: choice<ActivationName>('tanh', "of the student's hidden layers", ['tanh', 'relu']),
  roundUpdates: orAuto(count(2000, 'gradient steps of each student between rounds; auto: a third of updates')),
  roundStudents: orAuto(count(2, 'students that share the play of a later round; auto: 2, or 1 with warmStart')),
  finalStudents: orAuto(
    count(4, 'students trained on all labels, of which the one with the best return is kept; auto: 4 if they play'),
  ),
  symmetries: flag(
    false,
    'learn from the mirror image of every label too, where the environment has a mirror symmetry',
  ),
  choiceSteps: count(600, 'environment steps that each of the final students plays, if there are several'),
  aggregate: flag(true, 'learn from the labels of all rounds rather than of the last one alone'),
  warmStart: flag(false, 'go on training the student of the round before rather than a fresh one'),
  sampleWeights: sampleWeightsOption,
}

export type DistillOptions<T extends TargetLike = 'policy'> = GivenOptions<typeof distillOptions> &
  TargetOptions<T> & {
    /** What the student learns: a name or a target of one's own. Default `policy`. */
    readonly target?: T
    /** The student's network. Default: an MLP with `hidden`. */
    readonly network?: Module
    /** Labels that exist already. There is no play then, and no teacher. */
    readonly dataset?: LabelledDataset
    /** Play of the teacher to select the first round from, made by `rollout`. */
    readonly rollout?: Rollout
    /** Continues a saved distillation; all other options must be those it was started with. */
    readonly resume?: Checkpoint | undefined
  }

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
 * @param teacher an agent, several as one, or a function of an observation; null where `dataset` is given
 *
 * Whatever does not fit (a misspelt option, a target without labels of its kind, other spaces, a network of other sizes) throws
 * before the first environment step. Each student starts from the same parameters unless `warmStart`. Between rounds the student
 * plays; for one of state values a student of the policy plays in its place, or, with `value-successors`, a look-ahead in `env`.
 */
export function distill<T extends TargetLike = 'policy'>(
  env: EnvLike,
  teacher: TeacherSource | Teacher | null,
  options: DistillOptions<T> = {} as DistillOptions<T>,
): Generator<DistillReport, Distilled<StudentOf<T>>, void> {
  const { target: name = 'policy', network, dataset: given, rollout, resume, ...values } = options as DistillOptions
  const target = targetOf(name as TargetLike)
  const o = readDistillOptions(target, values, given)
  if (given === undefined && teacher === null) {
    throw new ValueError('distill: no source of labels; give a teacher, or labels that exist already as dataset')
  }
  given?.requireTask('distill', env)
  if (o.symmetries && env.mirror === undefined) {
    throw new ValueError(`distill: symmetries is true, but ${env.id} declares no mirror symmetry; leave it out`)
  }
  const source = given === undefined ? teacherOf(teacher!, env, (target.successors ?? 1) * o.labels) : undefined
  const dataset = given ?? new LabelledDataset(specOf(env, source!.agent))
  const rounds = given === undefined ? o.rounds : 1
  const model = source && target.successors ? new SuccessorModel(env, source, o, rollout === undefined) : undefined
  const example =
    given ?? syntheticDataset(dataset.spec, (model ?? source!).kinds, o.selection, smallestDataset(target, o))
  const students = new Students(target, example, o, network, model && ((student) => model.player(student)))
  if (rounds > 1 && (!target.acts || o.selection === 'disagreement')) students.rehearsePlay()
  const collector = source && new Collector(source, model?.env ?? env, o, students.untrained, rollout)
  if (source !== undefined) {
    dataset.provenance = { selection: o.selection, rounds, seed: o.seed, teacher: source.name }
  }
  const labeller = model ?? (source && o.jacobians ? withJacobians(source) : source)
  const counters: Counters = { round: 0, collected: 0, updates: 0, fit: null }
  const parts = { ...(given === undefined && { dataset }), ...(o.warmStart && { network: students.network }) }
  const training = new TrainingState(
    'distill',
    { target: target.name, ...o },
    { ...parts, students, ...(collector && o.jacobians && { collector }), counters },
  )
  if (resume !== undefined) training.restore(resume)
  const { round, collected } = counters
  if (round >= rounds || collected > rounds || (source && Math.max(dataset.size, dataset.labels) > o.labels)) {
    throw new CheckpointError(
      `distill: resume is in round ${round} of ${rounds} with ${dataset.size} states of ${o.labels}`,
    )
  }
  if (source !== undefined) source.labels = (target.successors ?? 1) * dataset.labels
  const cost = given === undefined ? dataset.cost : copyCost(given.cost)
  const mirror = o.symmetries ? env.mirror : undefined
  const totalUpdates = (rounds - 1) * o.roundStudents * o.roundUpdates + o.finalStudents * o.updates
  return run()

  function* run(): Generator<DistillReport, Distilled<StudentOf<T>>, void> {
    let players: readonly Player[] = [students.untrained]

    for (; ; counters.round++) {
      const { round } = counters
      const isLast = round + 1 === rounds
      const [each, count] = isLast ? [o.updates, o.finalStudents] : [o.roundUpdates, o.roundStudents]
      const report = { round, rounds, updates: each * count, totalUpdates, dataset, cost }
      if (collector !== undefined && counters.collected === round) {
        // 1. play, and select states  2. the teacher labels them
        const committee = round > 0 && o.selection === 'disagreement' ? students.committee(dataset) : []
        if (!o.aggregate) dataset.clear()
        collector.collect(round, players, dataset, committee)
        dataset.label(labeller!)
        cost.environmentSteps[round === 0 ? 'firstRound' : 'laterRounds'] += model?.takeSteps() ?? 0
        counters.collected++
        yield { ...report, phase: 'label', update: 0, loss: Number.NaN, save: training.save }
      }
      // 3. train students on all labels
      const symmetric = mirror === undefined ? dataset : withMirrorImages(dataset, mirror)
      const trainingSet = collector !== undefined && o.jacobians ? collector.expanded(symmetric) : symmetric
      const objective = students.objective(trainingSet, isLast)
      for (;;) {
        const before = each * students.count
        const { module, options } = students.next(objective, round, isLast)
        const fit = fitStudent(module, trainingSet, objective, {
          ...options,
          updates: each,
          resume: counters.fit ?? undefined,
        })
        let step = fit.next()
        const save = () => {
          counters.fit = (step.value as FitReport).save()
          const all = training.save()
          counters.fit = null
          return all
        }
        for (; step.done !== true; step = fit.next()) {
          const { update, loss } = step.value
          cost.updates = counters.updates + update
          yield { ...report, phase: 'fit', update: before + update, loss, save }
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
        const student = count > 1 ? objective.student(module) : agent
        return { student: student as StudentOf<T>, dataset, cost, metrics: objective.metrics }
      }
    }
  }

  // 4. keep the student with the best return, of equals the first
  function choose(finalists: readonly TrainedStudent[]): void {
    const trials = finalists.map((player) => trialOf(player, env, o.choiceSteps, o.seed))
    for (const { environmentSteps } of trials) cost.environmentSteps.choice += environmentSteps
    cost.environmentSteps.choice += model?.takeSteps() ?? 0
    finalists[trials.reduce((best, { mean }, k) => (mean > trials[best]!.mean ? k : best), 0)]!.load()
  }
}

interface Counters extends Record<string, unknown> {
  round: number
  /** Rounds whose states have been labelled. */
  collected: number
  /** Gradient steps of the students that are trained. */
  updates: number
  fit: Checkpoint | null
}

type Automatic = 'rounds' | 'roundUpdates' | 'roundSteps' | 'roundStudents' | 'finalStudents'

type Values = ReadOptions & Omit<OptionValues<typeof distillOptions>, Automatic> & Record<Automatic, number>

/** Reads the options of distill and of the target and resolves `auto`, except for the temperature, which needs the labels. */
export function readDistillOptions(target: Target, values: object, given: LabelledDataset | undefined): Values {
  const o = readOptions('distill', { ...distillOptions, ...target.options }, values, [
    'target',
    'network',
    'dataset',
    'rollout',
    'resume',
  ])
  const rounds = o.rounds === 'auto' ? autoRounds(o.labels) : o.rounds
  const { warmStart, updates } = o
  const roundUpdates = o.roundUpdates === 'auto' ? Math.round(updates / 3) : o.roundUpdates
  const roundSteps = o.roundSteps === 'auto' ? o.rolloutSteps : o.roundSteps
  const roundStudents = o.roundStudents === 'auto' ? (warmStart ? 1 : 2) : o.roundStudents
  const isChosen = target.acts && given === undefined && !warmStart && updates > 0
  const finalStudents = o.finalStudents === 'auto' ? (isChosen ? 4 : 1) : o.finalStudents
  if (warmStart && Math.max(roundStudents, finalStudents) > 1) {
    throw new ValueError(
      `distill: warmStart trains one network on and on, but there are ${roundStudents} roundStudents and ${finalStudents} finalStudents; leave them out`,
    )
  }
  if ((o.jacobians || o.symmetries) && (o as unknown as ReadOptions).temperature === 'auto') {
    throw new ValueError(
      'distill: temperature is auto, which holds labels out, but jacobians and symmetries predict labels from them; give one',
    )
  }
  if (o.jacobians && (!target.acts || given !== undefined)) {
    const why =
      given === undefined ? `${target.name} learns no outputs of the policy` : 'there is no play near the given labels'
    throw new ValueError(`distill: jacobians is true, but ${why}; leave it out`)
  }
  if (finalStudents > 1 && !target.acts) {
    throw new ValueError(
      `distill: finalStudents is ${finalStudents}, but a student of ${target.name} cannot play; use 1`,
    )
  }
  const isCool = target.crossValidates === true && (given?.provenance.rounds ?? rounds) > 1
  const temperature = isCool && !Object.hasOwn(values, 'temperature') ? { temperature: ROUNDS_TEMPERATURE } : {}
  return { ...o, rounds, roundUpdates, roundSteps, roundStudents, finalStudents, ...temperature } as unknown as Values
}

/** Fewest states in a round that a student of the target learns from, at most a minibatch. */
function smallestDataset(target: Target, { labels, rounds, growth, aggregate, batchSize }: Values): number {
  const sizes = roundSizes(labels, rounds, growth)
  const whole = target.acts ? sizes[0]! : labels // values are learned in the last round alone
  const apart = target.acts ? Math.min(...sizes) : sizes.at(-1)!
  return Math.min(aggregate ? whole : apart, Math.max(batchSize, 2))
}

// The same teacher, which also gives its derivatives.
function withJacobians(source: Teacher): Pick<Teacher, 'label'> {
  return {
    label: (observations, count) => ({
      ...source.label(observations, count),
      jacobians: jacobiansBy(source.agent, observations, count),
    }),
  }
}

function specOf({ id, observationSpace, actionSpace }: EnvLike, agent: TeachingPolicy): TaskSpec {
  return {
    envId: id,
    observationSize: flatSize(observationSpace),
    actionSpace: actionSpace as Discrete | Box,
    squashed: isSquashed(agent),
  }
}
