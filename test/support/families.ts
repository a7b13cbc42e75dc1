// The algorithms of the registry by family, so that a suite gives options to families and a new algorithm is in it by its entry.

import type { Algorithm } from '../../src/rl/training/training.ts'

/** Policies from their own play, action values from a memory, vector actions from a memory, tables. */
export type Family = 'policy' | 'values' | 'control' | 'table'

export function familyOf({ options, observes }: Algorithm): Family {
  if (observes === 'states') return 'table'
  if ('targetUpdateInterval' in options) return 'values'
  return 'bufferSize' in options ? 'control' : 'policy'
}

/** Those of the options that the algorithm has. */
export function optionsFor({ options }: Algorithm, wanted: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => name in options))
}
