// Checks an environment against the contract of env.ts (Gymnasium's check_env). Run it on your own environment before training:
// most violations show only as an agent that does not learn. Read next: checks/rollouts.ts, checks/values.ts.

import { requireKnown } from '../tensor/errors.ts'
import { Rng } from '../tensor/random.ts'
import { checkMirror } from './checks/mirror.ts'
import {
  checkActions,
  checkObservationsKept,
  checkSeeds,
  checkState,
  checkStepAfterEnd,
  checkStepBeforeReset,
} from './checks/rollouts.ts'
import { copyValue, faultOf, maskFault, rewardFault, sameValue } from './checks/values.ts'
import { type AnyEnv, describeValue } from './env.ts'

export interface EnvViolation {
  /** The rule in a few words. Each rule is reported once. */
  readonly rule: string
  /** What happened, and what was expected. */
  readonly message: string
}

export interface CheckOptions {
  /** Default 0. */
  readonly seed?: number
  /** Steps of each of the few rollouts. Default 200. */
  readonly steps?: number
  /** Whether the environment has never been reset, so that a step before the first reset can be tried. Default true. */
  readonly fresh?: boolean
}

/** Collects the violations of one environment. */
export class Report {
  readonly violations: EnvViolation[] = []
  constructor(private readonly id: string) {}

  add(rule: string, message: string): void {
    if (this.violations.some((violation) => violation.rule === rule)) return
    this.violations.push({ rule, message: `${this.id}: ${message}` })
  }

  /** Adds a violation unless `holds`. Returns `holds`. */
  require(holds: boolean, rule: string, message: string): boolean {
    if (!holds) this.add(rule, message)
    return holds
  }

  addFault(rule: string, subject: string, fault: string | undefined): void {
    if (fault !== undefined) this.add(rule, `${subject} ${fault}`)
  }
}

// After a violation of these, the later checks cannot run.
const fatal = ['observationSpace', 'actionSpace', 'rng', 'unwrapped', 'reset result', 'step result', 'throws']

/** All violations found; none for a sound environment. Errors that the environment throws are reported, not thrown. */
export function checkEnv(env: AnyEnv, options: CheckOptions = {}): EnvViolation[] {
  requireKnown('checkEnv', options, ['seed', 'steps', 'fresh'])
  const { seed = 0, steps = 200, fresh = true } = options
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
    ['mirror', () => checkMirror(env, seed, steps, report)],
  ]
  for (const [name, check] of checks) {
    try {
      check()
    } catch (error) {
      report.add('throws', `threw while it was checked (${name}): ${describeValue(error)}`)
    }
    if (report.violations.some(({ rule }) => fatal.includes(rule))) break
  }
  return report.violations
}

function checkParts(env: AnyEnv, report: Report): void {
  const { id, rng, unwrapped } = env
  report.require(typeof id === 'string' && id !== '', 'id', `the id is ${describeValue(id)}; expected a name`)
  for (const name of ['observationSpace', 'actionSpace'] as const) {
    const space = env[name]
    const isSpace = typeof space?.contains === 'function' && typeof space.sample === 'function'
    if (report.require(isSpace, name, `${name} is ${describeValue(space)}; expected a space of spaces.ts`)) {
      report.addFault('sample', `a sample of ${name}`, faultOf(space, space.sample(new Rng(1))))
    }
  }
  report.require(rng instanceof Rng, 'rng', `rng is ${describeValue(rng)}; expected the environment's own Rng`)
  const isInnermost = unwrapped !== undefined && unwrapped.unwrapped === unwrapped
  report.require(
    isInnermost,
    'unwrapped',
    'expected env.unwrapped.unwrapped === env.unwrapped, the innermost environment',
  )
}

function checkValues(env: AnyEnv, seed: number, steps: number, report: Report): void {
  const policy = new Rng(seed)
  let running = false
  for (let i = 1; i <= steps; i++) {
    if (!running) {
      const reset = env.reset(i === 1 ? { seed } : {})
      if (!checkResult(env, 'reset', reset, 'reset()', '{ observation, info }', report)) return
    }
    const action = env.actionSpace.sample(policy)
    const given = copyValue(action)
    const step = env.step(action)
    report.require(sameValue(action, given), 'action changed', `step ${i} wrote into the action that it was given`)
    const form = '{ observation, reward, terminated, truncated, info }'
    if (!checkResult(env, 'step', step, `step ${i}`, form, report)) return
    report.addFault('reward', `the reward of step ${i}`, rewardFault(step.reward))
    for (const flag of ['terminated', 'truncated'] as const) {
      const message = `${flag} of step ${i} is ${describeValue(step[flag])}; expected true or false`
      report.require(typeof step[flag] === 'boolean', flag, message)
    }
    running = step.terminated !== true && step.truncated !== true
  }
}

/** Checks the observation and info of a reset or step. False if `result` is no such record. */
function checkResult(
  env: AnyEnv,
  call: 'reset' | 'step',
  result: { readonly observation: unknown; readonly info: unknown },
  when: string,
  form: string,
  report: Report,
): boolean {
  const isResult = typeof result === 'object' && result !== null && 'observation' in result
  if (!report.require(isResult, `${call} result`, `${when} gave ${describeValue(result)}; expected ${form}`))
    return false
  const { observation, info } = result
  const rule = call === 'reset' ? 'observation of reset' : 'observation'
  report.addFault(rule, `the observation of ${when}`, faultOf(env.observationSpace, observation))
  const isInfo = typeof info === 'object' && info !== null
  report.require(isInfo, 'info', `info of ${when} is ${describeValue(info)}; expected an object (NO_INFO if empty)`)
  if (isInfo && 'actionMask' in info) {
    report.addFault('action mask', `info.actionMask of ${when}`, maskFault(info.actionMask, env.actionSpace))
  }
  return true
}
