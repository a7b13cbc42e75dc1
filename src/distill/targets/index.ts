// The table of targets: one line each. A target of one's own needs no entry here; `distill` takes the object itself.

import type { OptionTable, OptionValues } from '../../data/options.ts'
import { requireMethods, unknownName, ValueError } from '../../tensor/errors.ts'
import { qMseTarget, qSoftmaxTarget } from './action-values.ts'
import { policyTarget } from './policy.ts'
import { valueMseTarget, valueSuccessorsTarget } from './state-values.ts'
import type { Target } from './target.ts'

export const targets = {
  policy: policyTarget,
  'q-softmax': qSoftmaxTarget,
  'q-mse': qMseTarget,
  'value-mse': valueMseTarget,
  'value-successors': valueSuccessorsTarget,
}

export type TargetName = keyof typeof targets

export const targetNames = Object.keys(targets) as readonly TargetName[]

/** A name in the table, or a target of one's own. */
export type TargetLike = TargetName | Target

/** The target object behind a name. */
export type TargetOf<T extends TargetLike> = T extends TargetName ? (typeof targets)[T] : T

/** What a target's training returns. */
export type StudentOf<T extends TargetLike> = TargetOf<T> extends Target<infer Student, infer _> ? Student : never

/** The options that a target adds to those of `distill`. */
export type TargetOptions<T extends TargetLike> =
  TargetOf<T> extends Target<unknown, infer Options extends OptionTable> ? Partial<OptionValues<Options>> : never

/** Throws a ValueError, with the nearest name, on a name that is not in the table. */
export function targetOf(target: TargetLike): Target {
  const found = typeof target === 'string' && Object.hasOwn(targets, target) ? targets[target] : target
  if (typeof found === 'string') throw new ValueError(unknownName('target', found, targetNames))
  requireMethods('distill: the target', found, ['prepare'], 'a name, or an object as defineTarget takes it')
  return found as Target
}
