// What a student learns from a labelled set. A target turns the teacher's labels into numbers to learn from, names the
// loss, and says how the student's outputs are read afterwards: as a policy, as action values, or as state values.
// Read next: targets/policies.ts for the shortest ones, losses.ts for the losses, train-student.ts for the loop.

import type { StateValueAgent } from '../rl/discrete-policies.ts'
import type { DiscretePolicy } from '../rl/policy.ts'
import { unknownName, ValueError } from '../tensor/errors.ts'
import { type LabelledSet, labelsOf, requireUsable } from './labelled-set.ts'
import * as actionValues from './targets/action-values.ts'
import { chooseTemperature } from './targets/choose-temperature.ts'
import * as policies from './targets/policies.ts'
import {
  DEFAULT_TEMPERATURE,
  type PreparedTarget,
  STUDENT_DRIVEN_TEMPERATURE,
  type TargetSettings,
} from './targets/prepared.ts'
import * as stateValues from './targets/state-values.ts'
import type { Temperature } from './temperature.ts'
import { type StateWeighting, stateWeights } from './weights.ts'

export * from './targets/action-values.ts'
export * from './targets/bins.ts'
export * from './targets/choose-temperature.ts'
export * from './targets/policies.ts'
export {
  DEFAULT_TEMPERATURE,
  type PreparedTarget,
  STUDENT_DRIVEN_TEMPERATURE,
  type Student,
  type TargetSettings,
} from './targets/prepared.ts'
export * from './targets/state-values.ts'

type Prepare = (set: LabelledSet, settings?: TargetSettings) => PreparedTarget

/** Students of these choose actions. */
const acting = {
  policy: policies.policyTarget,
  reverseKL: policies.reverseKLTarget,
  jensenShannon: policies.jensenShannonTarget,
  teacherCritic: policies.teacherCriticTarget,
  regret: policies.regretTarget,
  hard: policies.hardTarget,
  actionValues: actionValues.actionValueTarget,
  actionValuesMse: actionValues.actionValueRegression,
  advantages: actionValues.advantageTarget,
  mix: actionValues.mixTarget,
  hlGaussQ: actionValues.hlGaussQTarget,
  returns: actionValues.returnsTarget,
} satisfies Record<string, Prepare>

/** Students of these value states, and need a look-ahead to choose. */
const valuing = {
  stateValues: stateValues.stateValueTarget,
  stateValuesHuber: stateValues.huberTarget,
  listwise: stateValues.listwiseTarget,
  twoHot: stateValues.twoHotTarget,
  hlGauss: stateValues.hlGaussTarget,
  literal: stateValues.literalTarget,
  literalKeras: stateValues.literalKerasTarget,
} satisfies Record<string, Prepare>

export type ActingTargetName = keyof typeof acting
export type ValuingTargetName = keyof typeof valuing
export type TargetName = ActingTargetName | ValuingTargetName

/** What becomes of a target: an agent that acts, or values that need a look-ahead to. */
export type StudentOf<Name extends TargetName> = Name extends ValuingTargetName ? StateValueAgent : DiscretePolicy

const targets: Readonly<Record<TargetName, Prepare>> = { ...acting, ...valuing }

export const targetNames = Object.keys(targets) as readonly TargetName[]

/** Those whose temperature can be chosen by how well their students act. */
const softened: readonly TargetName[] = ['policy', 'reverseKL', 'jensenShannon', 'teacherCritic', 'actionValues', 'mix']

/** Cooler where students chose the states than where a teacher did (`mode` is that of the set);
 * for targets without a temperature none is needed. */
export function defaultTemperature(target: TargetName, mode: string): Temperature {
  const inRounds = mode === 'student' || mode === 'active'
  return inRounds && softened.includes(target) ? STUDENT_DRIVEN_TEMPERATURE : DEFAULT_TEMPERATURE
}

/** Those whose states cannot count differently: rankings of a whole batch, and the control that has no teacher to ask. */
const unweighable: readonly TargetName[] = ['listwise', 'literal', 'literalKeras', 'returns']

export interface TargetOptions extends Omit<TargetSettings, 'temperature'> {
  /**
   * How soft the labels are, for the targets that have a temperature; `auto` chooses it by `chooseTemperature`. `listwise`
   * takes deviations of the state values in place of action gaps. Default: one of either, right for broad coverage; 0.3
   * gaps suit states that students chose, and is what `distill` takes there.
   */
  readonly temperature?: Temperature | 'auto'
  /** Which states count more. Default `none`. */
  readonly stateWeights?: StateWeighting
  /** Of the students that `auto` tries. Default 0. */
  readonly seed?: number
}

/**
 * Makes a set's labels ready. Throws a ValueError on an unknown target, on one whose labels the teacher did not give, on
 * labels that are not finite, and on options that are out of range or that the target cannot follow.
 */
export function prepareTarget<Name extends TargetName>(
  name: Name,
  set: LabelledSet,
  options: TargetOptions = {},
): PreparedTarget<StudentOf<Name>> {
  return prepared(name, set, options) as PreparedTarget<StudentOf<Name>>
}

function prepared(name: TargetName, set: LabelledSet, options: TargetOptions): PreparedTarget {
  if (!Object.hasOwn(targets, name)) throw new ValueError(unknownName('target', name, targetNames))
  requireUsable('prepareTarget', set)
  requireInRange(options)
  const { temperature, stateWeights: weighting = 'none', seed = 0, ...others } = options
  if (temperature === 'auto') return withChosenTemperature(name, set, options, seed)
  const settings = temperature === undefined ? others : { ...others, temperature }
  const target = targets[name](set, settings)
  if (weighting !== 'none' && unweighable.includes(name)) {
    throw new ValueError(`prepareTarget: the states of "${name}" cannot be weighted; leave stateWeights out`)
  }
  const weights = stateWeights(weighting, set, settings)
  return weights === undefined ? target : { ...target, weights }
}

/** Throws a ValueError where `auto` has nothing to choose for a target, or no action values to choose by. */
export function requireTemperatureChoice(name: TargetName, set: LabelledSet): void {
  if (!softened.includes(name)) {
    throw new ValueError(
      `prepareTarget: "${name}" has no temperature that can be chosen; "auto" is for ${softened.join(', ')}`,
    )
  }
  labelsOf('temperature "auto"', set, 'actionValues')
}

function withChosenTemperature(name: TargetName, set: LabelledSet, options: TargetOptions, seed: number) {
  requireTemperatureChoice(name, set)
  const prepare = (part: LabelledSet, temperature: Temperature) =>
    prepared(name, part, { ...options, temperature }) as PreparedTarget<DiscretePolicy>
  const { temperature, c, regret } = chooseTemperature(prepare, set, seed)
  const target = prepare(set, temperature)
  return { ...target, settings: { ...target.settings, c, validationRegret: regret } }
}

function requireInRange({ mixAlpha = 0, jsBeta = 0, huberDelta = 1, entropyBonus = 0 }: TargetOptions): void {
  const require = (option: string, value: number, isFine: boolean, expected: string) => {
    if (!isFine) throw new ValueError(`prepareTarget: ${option} is ${value}; it must be ${expected}`)
  }
  require('mixAlpha', mixAlpha, mixAlpha >= 0 && mixAlpha <= 1, 'from 0 to 1')
  require('jsBeta', jsBeta, jsBeta >= 0 && jsBeta <= 1, 'from 0 to 1')
  require('huberDelta', huberDelta, huberDelta > 0 && huberDelta < Infinity, 'a positive, finite number')
  require('entropyBonus', entropyBonus, entropyBonus >= 0 && entropyBonus < Infinity, 'a finite number, at least 0')
}
