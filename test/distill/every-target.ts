// Every target, with the options that change what it learns.

import type { LabelledDataset } from '../../src/distill/dataset.ts'
import { prepareObjective } from '../../src/distill/objective.ts'
import type { TargetName } from '../../src/distill/targets/index.ts'
import type { Objective } from '../../src/distill/targets/target.ts'

export type Options = Readonly<Record<string, unknown>>

/** Those whose students act. */
export const acting: Readonly<Record<string, readonly [TargetName, Options]>> = {
  policy: ['policy', {}],
  'policy, reverse-kl': ['policy', { divergence: 'reverse-kl' }],
  'policy, jsd': ['policy', { divergence: 'jsd' }],
  'policy, hard': ['policy', { divergence: 'hard' }],
  'soft-actor': ['soft-actor', {}],
  'expected-regret': ['expected-regret', {}],
  'q-softmax': ['q-softmax', {}],
  'q-mse': ['q-mse', {}],
  'advantage-mse': ['advantage-mse', {}],
  'soft-and-hard': ['soft-and-hard', {}],
  'q-hl-gauss': ['q-hl-gauss', {}],
}
/** Those whose students value states. */
export const valuing = ['value-mse', 'value-huber', 'value-listnet', 'value-two-hot', 'value-hl-gauss'] as const
export const every: typeof acting = { ...acting, ...Object.fromEntries(valuing.map((name) => [name, [name, {}]])) }

export const prepare = (name: TargetName, given: LabelledDataset, options: Options = {}) =>
  prepareObjective(name, given, options as never) as Objective<unknown>
