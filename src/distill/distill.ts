// The distillation loop: in each round teacher or student plays, the teacher labels some of the states, and a student is trained on
// all labels so far. Hinton et al. 2015, arXiv:1503.02531; Rusu et al. 2016, arXiv:1511.06295; rounds: Ross, Gordon and Bagnell 2011
// (DAgger), arXiv:1011.0686. Read next: collector.ts (which states), targets/ (what is learned), fit.ts (how).

import type { Module } from '../nn/module.ts'
import { type Checkpoint, TrainingState } from '../rl/checkpoint.ts'
import { count, flag, type GivenOptions, type OptionValues, readOptions, sizes } from '../rl/options.ts'
import type { Rollout } from '../rl/rollout.ts'
import { type Box, type Discrete, flatSize } from '../rl/spaces.ts'
import type { EnvLike } from '../rl/vector/as-vector.ts'
import { CheckpointError, ValueError } from '../tensor/errors.ts'
import { Collector, collectorOptions } from './collector.ts'
import { LabelledDataset, type TaskSpec } from './dataset.ts'
import { type FitReport, fitOptions, fitStudent } from './fit.ts'
import { type ReadOptions, sampleWeightsOption } from './objective.ts'
import { autoRounds, orAuto, roundSizes } from './rounds.ts'
import { Students, syntheticDataset } from './students.ts'
import { type StudentOf, type TargetLike, type TargetOptions, targetOf } from './targets/index.ts'
import type { Target } from './targets/target.ts'
import { type Teacher, type TeacherSource, teacherOf } from './teacher.ts'
import { isSquashed, playerOf, type TeachingPolicy } from './teaching-agent.ts'
import { ROUNDS_TEMPERATURE } from './temperature.ts'

export const distillOptions = {
  ...collectorOptions,
  ...fitOptions,
  hidden: sizes([64, 64], "widths of the student's hidden layers"),
  roundUpdates: orAuto(count(1500, 'gradient steps of the students between rounds; auto: as many as updates')),
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
  /** Gradient steps of this round so far. */
  readonly update: number
  /** Gradient steps of this round in all. */
  readonly updates: number
  /** Loss of the last minibatch; NaN before the first. */
  readonly loss: number
  /** The labels so far. */
  readonly dataset: LabelledDataset
  /** The whole distillation as it is now, to resume from. */
  save(): Checkpoint
}

export interface Distilled<Student> {
  readonly student: Student
  /** Its training set, with the labels and environment steps spent. */
  readonly dataset: LabelledDataset
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
 * before the first environment step. Each student starts from the same parameters unless `warmStart`. A student of state values
 * cannot play: between rounds a student of the policy plays in its place.
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
  const source = given === undefined ? teacherOf(teacher!, env, o.labels) : undefined
  const dataset = given ?? new LabelledDataset(specOf(env, source!.agent))
  const rounds = given === undefined ? o.rounds : 1
  const example = given ?? syntheticDataset(dataset.spec, source!.kinds, o.selection, smallestDataset(target, o))
  const students = new Students(target, example, o, network)
  if (rounds > 1 && (!target.acts || o.selection === 'disagreement')) students.rehearsePlay()
  const collector = source && new Collector(source, env, o, students.untrained, rollout)
  if (source !== undefined) {
    dataset.provenance = { selection: o.selection, rounds, seed: o.seed, teacher: source.name }
  }
  const counters: Counters = { round: 0, collected: 0, fit: null }
  const parts = { ...(given === undefined && { dataset }), ...(o.warmStart && { network: students.network }), counters }
  const training = new TrainingState('distill', { target: target.name, ...o }, parts)
  if (resume !== undefined) training.restore(resume)
  const { round, collected } = counters as Record<string, number>
  if (round! >= rounds || collected! > rounds || (source && Math.max(dataset.size, dataset.labels) > o.labels)) {
    throw new CheckpointError(
      `distill: resume is in round ${round} of ${rounds} with ${dataset.size} states of ${o.labels}`,
    )
  }
  if (source !== undefined) source.labels = dataset.labels
  return run()

  function* run(): Generator<DistillReport, Distilled<StudentOf<T>>, void> {
    let player = students.untrained

    for (; ; counters.round++) {
      const { round } = counters
      const isLast = round + 1 === rounds
      const updates = isLast ? o.updates : o.roundUpdates
      if (collector !== undefined && counters.collected === round) {
        // 1. play, and select states  2. the teacher labels them
        const committee = round > 0 && o.selection === 'disagreement' ? students.committee(dataset) : []
        if (!o.aggregate) dataset.clear()
        collector.collect(round, player, dataset, committee)
        dataset.label(source!)
        counters.collected++
        const { save } = training
        yield { phase: 'label', round, rounds, update: 0, updates, loss: Number.NaN, dataset, save }
      }
      // 3. train a student on all labels
      const { objective, module, warmStart } = students.prepare(dataset, round, isLast)
      const fit = fitStudent(module, dataset, objective, {
        ...students.fitting,
        updates,
        resume: counters.fit ?? undefined,
        warmStart,
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
        yield { phase: 'fit', round, rounds, update, updates, loss, dataset, save }
      }
      counters.fit = null
      if (isLast) return { student: step.value as StudentOf<T>, dataset, metrics: objective.metrics }
      player = playerOf(step.value as TeachingPolicy)
    }
  }
}

interface Counters extends Record<string, unknown> {
  round: number
  /** Rounds whose states have been labelled. */
  collected: number
  fit: Checkpoint | null
}

type Automatic = 'rounds' | 'roundUpdates' | 'roundSteps'

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
  const roundUpdates = o.roundUpdates === 'auto' ? o.updates : o.roundUpdates
  const roundSteps = o.roundSteps === 'auto' ? o.rolloutSteps : o.roundSteps
  const isCool = target.crossValidates === true && (given?.provenance.rounds ?? rounds) > 1
  const temperature = isCool && !Object.hasOwn(values, 'temperature') ? { temperature: ROUNDS_TEMPERATURE } : {}
  return { ...o, rounds, roundUpdates, roundSteps, ...temperature } as unknown as Values
}

/** Fewest states in a round that a student of the target learns from, at most a minibatch. */
function smallestDataset(target: Target, { labels, rounds, growth, aggregate, batchSize }: Values): number {
  const sizes = roundSizes(labels, rounds, growth)
  const whole = target.acts ? sizes[0]! : labels // values are learned in the last round alone
  const apart = target.acts ? Math.min(...sizes) : sizes.at(-1)!
  return Math.min(aggregate ? whole : apart, Math.max(batchSize, 2))
}

function specOf({ id, observationSpace, actionSpace }: EnvLike, agent: TeachingPolicy): TaskSpec {
  return {
    envId: id,
    observationSize: flatSize(observationSpace),
    actionSpace: actionSpace as Discrete | Box,
    squashed: isSquashed(agent),
  }
}
