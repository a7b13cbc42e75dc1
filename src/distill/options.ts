// The options of a distillation, and how they depend on each other. Read next: distill.ts.

import type { Checkpoint } from '../data/checkpoint.ts'
import { choice, count, flag, type GivenOptions, type OptionValues, readOptions, sizes } from '../data/options.ts'
import type { ActivationName } from '../nn/layers/activations.ts'
import type { Module } from '../nn/module.ts'
import { type EnvLike, requireEnv } from '../rl/envs/vector/sync-vector-env.ts'
import type { Rollout } from '../rl/recorded-play.ts'
import { networkOption } from '../rl/training/networks.ts'
import { ValueError } from '../tensor/errors.ts'
import { autoRounds, collectorOptions, orAuto, roundSizes } from './collecting/collector-options.ts'
import type { LabelledDataset } from './dataset/dataset.ts'
import { fitOptions } from './fit.ts'
import type { ReadOptions } from './objective.ts'
import type { TargetLike, TargetOptions } from './targets/index.ts'
import { ROUNDS_TEMPERATURE, type Target } from './targets/target.ts'

export const distillOptions = {
  ...collectorOptions,
  ...fitOptions,
  hidden: sizes(
    [12, 12],
    "widths of the student's hidden layers; 64,64 scored 0.98 in place of 0.97 with 20 labels, and the same with 50 and 100",
  ),
  hiddenActivation: choice<ActivationName>('tanh', "of the student's hidden layers", ['tanh', 'relu']),
  network: networkOption<Module>('layers of the student before its outputs in place of hidden, such as linear:16,tanh'),
  roundUpdates: orAuto(count(2000, 'gradient steps of each student between rounds; auto: a third of updates')),
  roundStudents: orAuto(count(2, 'students that share the play of a later round; auto: 2, or 1 with warmStart')),
  finalStudents: orAuto(count(4, 'students of all labels, of which the best by return is kept; auto: 4 if they play')),
  symmetries: flag(
    false,
    'learn from the mirror image of every label too, where the environment has a mirror symmetry',
  ),
  choiceSteps: count(600, 'environment steps that each of the final students plays, if there are several'),
  aggregate: flag(true, 'learn from the labels of all rounds rather than of the last one alone'),
  warmStart: flag(false, 'go on training the student of the round before rather than a fresh one'),
}

export type DistillOptions<T extends TargetLike = 'policy'> = GivenOptions<typeof distillOptions> &
  TargetOptions<T> & {
    /** What the student learns: a name or a target of one's own. Default `policy`. */
    readonly target?: T
    /** Labels that exist already. There is no play then, and no teacher. */
    readonly dataset?: LabelledDataset
    /** Play of the teacher to select the first round from, made by `rollout`. */
    readonly rollout?: Rollout
    /** Continues a saved distillation; all other options must be those it was started with. */
    readonly resume?: Checkpoint | undefined
  }

type Automatic = 'rounds' | 'roundUpdates' | 'roundSteps' | 'roundStudents' | 'finalStudents'

/** The options with their defaults. */
export type DistillValues = ReadOptions &
  Omit<OptionValues<typeof distillOptions>, Automatic> &
  Record<Automatic, number>

/** Options that are objects. */
const OBJECTS = ['target', 'network', 'dataset', 'rollout', 'resume']

/** Reads the options of distill and of the target and resolves `auto`, except for the temperature, which needs the labels. */
export function readDistillOptions(target: Target, values: object, given: LabelledDataset | undefined): DistillValues {
  const o = readOptions('distill', { ...distillOptions, ...target.options }, values, OBJECTS)
  const refuse = (isWrong: boolean, what: string) => {
    if (isWrong) throw new ValueError(`distill: ${what}`)
  }
  const rounds = o.rounds === 'auto' ? autoRounds(o.labels) : o.rounds
  const { warmStart, updates } = o
  const roundUpdates = o.roundUpdates === 'auto' ? Math.round(updates / 3) : o.roundUpdates
  const roundSteps = o.roundSteps === 'auto' ? o.rolloutSteps : o.roundSteps
  const roundStudents = o.roundStudents === 'auto' ? (warmStart ? 1 : 2) : o.roundStudents
  const isChosen = target.acts && given === undefined && !warmStart && updates > 0
  const finalStudents = o.finalStudents === 'auto' ? (isChosen ? 4 : 1) : o.finalStudents
  refuse(
    warmStart && Math.max(roundStudents, finalStudents) > 1,
    `warmStart trains one network on and on, but there are ${roundStudents} roundStudents and ${finalStudents} finalStudents; leave them out`,
  )
  refuse(
    (o.jacobians || o.symmetries) && (o as unknown as ReadOptions).temperature === 'auto',
    'temperature is auto, which holds labels out, but jacobians and symmetries predict labels from them; give one',
  )
  const unpredictable =
    given === undefined ? `${target.name} learns no outputs of the policy` : 'there is no play near the given labels'
  refuse(o.jacobians && (!target.acts || given !== undefined), `jacobians is true, but ${unpredictable}; leave it out`)
  refuse(
    o.evaluations < Infinity && target.successors !== undefined,
    `evaluations is ${o.evaluations}, but ${target.name} evaluates ${target.successors} successors per label; use labels alone`,
  )
  refuse(
    o.selection === 'errors' && target.successors !== undefined,
    `selection is errors, but students of ${target.name} act by a look-ahead, each in environment steps; use farthest`,
  )
  refuse(
    finalStudents > 1 && !target.acts,
    `finalStudents is ${finalStudents}, but a student of ${target.name} cannot play; use 1`,
  )
  const isCool = target.crossValidates === true && (given?.provenance.rounds ?? rounds) > 1
  const temperature = isCool && !Object.hasOwn(values, 'temperature') ? { temperature: ROUNDS_TEMPERATURE } : {}
  const resolved: Record<Automatic, number> = { rounds, roundUpdates, roundSteps, roundStudents, finalStudents }
  return { ...o, ...resolved, ...temperature } as unknown as DistillValues
}

/** Throws a ValueError or ShapeError where no labels, or no environment that fits, are given. */
export function requireSources(
  env: EnvLike | null,
  teacher: unknown,
  given: LabelledDataset | undefined,
  { finalStudents, symmetries }: DistillValues,
): void {
  if (given === undefined && (teacher ?? null) === null) {
    throw new ValueError('distill: no source of labels; give a teacher, or labels that exist already as dataset')
  }
  if (env === null && (given === undefined || finalStudents > 1)) {
    throw new ValueError('distill: no environment to play; give one, or labels as dataset and finalStudents 1')
  }
  if (env !== null) {
    requireEnv('distill', env)
    given?.requireTask('distill', env)
  }
  if (!symmetries || env?.mirror !== undefined) return
  throw new ValueError(
    `distill: symmetries is true, but ${env?.id ?? given!.envId} declares no mirror symmetry; leave it out`,
  )
}

/** Fewest states in a round that a student of the target learns from, at most a minibatch. */
export function smallestDataset(
  target: Target,
  { labels, rounds, growth, aggregate, batchSize }: DistillValues,
): number {
  const sizes = roundSizes(labels, rounds, growth)
  const whole = target.acts ? sizes[0]! : labels // values are learned in the last round alone
  const apart = target.acts ? Math.min(...sizes) : sizes.at(-1)!
  return Math.min(aggregate ? whole : apart, Math.max(batchSize, 2))
}
