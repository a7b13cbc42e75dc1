// Plays with an environment and says in words where it breaks the contract of env.ts. Run it on an environment of your own
// before you train on it: most of these faults only show as an agent that will not learn.

import { checkActions, checkStepAfterEnd, checkStepBeforeReset } from './checks/calls.ts'
import { checkObservationsKept, checkSeeds, checkState } from './checks/repetition.ts'
import { type Breach, formatError, Report } from './checks/report.ts'
import { checkParts, checkValues } from './checks/step-values.ts'
import type { AnyEnv } from './env.ts'

export type { Breach } from './checks/report.ts'

export interface CheckOptions {
  readonly seed?: number
  /** Steps of each rollout; there are a few. */
  readonly steps?: number
  /** Whether the environment has never been reset, so that a step before the first reset can be tried. */
  readonly fresh?: boolean
}

// After these, nothing more can be asked.
const fatal = ['observationSpace', 'actionSpace', 'rng', 'unwrapped', 'reset result', 'step result', 'throws']

/** Every breach that was found; none for a sound environment. Errors of the environment are reported, not thrown. */
export function checkEnv(env: AnyEnv, { seed = 0, steps = 200, fresh = true }: CheckOptions = {}): Breach[] {
  const report = new Report(String(env.id))
  const checks: [name: string, check: () => void][] = [
    ['parts', () => checkParts(env, report)],
    ['step before reset', () => fresh && checkStepBeforeReset(env, report)],
    ['values', () => checkValues(env, seed, steps, report)],
    ['seeds', () => checkSeeds(env, seed, steps, report)],
    ['observations kept', () => checkObservationsKept(env, seed, steps, report)],
    ['actions', () => checkActions(env, seed, report)],
    ['step after the end', () => checkStepAfterEnd(env, seed, report)],
    ['state', () => checkState(env, seed, report)],
  ]
  for (const [name, check] of checks) {
    try {
      check()
    } catch (error) {
      report.add('throws', `threw while it was checked (${name}): ${formatError(error)}`)
    }
    if (report.breaches.some(({ rule }) => fatal.includes(rule))) break
  }
  return report.breaches
}
