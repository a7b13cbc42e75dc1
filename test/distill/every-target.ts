// All targets, for tests that hold for many of them.

import { type LabelledDataset, type ObjectiveOptions, prepareObjective } from '../../src/distill/index.ts'
import { type TargetLike, targetNames } from '../../src/distill/targets/index.ts'
import {
  monteCarloReturns,
  softmaxOverOneClass,
  softmaxOverStates,
  valueHlGauss,
  valueListNet,
} from '../../studies/controls.ts'

export const controls = [monteCarloReturns, softmaxOverStates, softmaxOverOneClass]

/** Targets of policies and of action values, with the divergences of `policy`. */
export const policyTargets: readonly (readonly [TargetLike, object])[] = [
  ['policy', {}],
  ['policy', { divergence: 'reverse-kl' }],
  ['policy', { divergence: 'jsd' }],
  ['policy', { divergence: 'hard' }],
]
export const valueTargets = ['value-mse', valueListNet, valueHlGauss] as const
export const actionValueTargets: readonly (readonly [TargetLike, object])[] = [
  ['q-softmax', {}],
  ['q-mse', {}],
]

/** Targets that learn from labels of the states themselves; value-successors.test.ts has the other. */
export const targetsOfStates = targetNames.filter((name) => name !== 'value-successors')

/** `prepareObjective` for a target from a list, whose options the types do not know. */
export function prepare(target: TargetLike, given: LabelledDataset, options: object = {}) {
  return prepareObjective(target, given, options as ObjectiveOptions<TargetLike>)
}
