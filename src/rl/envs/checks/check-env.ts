// Checks an environment against the contract of ../env.ts (Gymnasium's check_env). Run it on your own environment before training:
// most violations show only as an agent that does not learn.

import { count, flag, type GivenOptions, readOptions, whole } from '../../../data/options.ts'
import { copyValue, describeValue, faultOf, maskFault, rewardFault, sameValue } from '../../../data/values.ts'
import { Rng } from '../../../tensor/random.ts'
import type { AnyEnv } from '../env.ts'
import {
  checkActions,
  checkMirror,
  checkObservationsKept,
  checkSeeds,
  checkState,
  checkStepAfterEnd,
  checkStepBeforeReset,
} from './behaviour.ts'

export interface EnvViolation {
  /** The rule in a few words. Each rule is reported once. */
  readonly rule: string
  /** What happened, and what was expected. */
  readonly message: string
}

const checkOptions = {
  seed: whole(0, 'of the rollouts'),
  steps: count(200, 'steps of each of the few rollouts'),
  fresh: flag(true, 'the environment has never been reset, so that a step before the first reset can be tried'),
}

/** Reports a violation, unless one of its rule has been reported. */
export type AddViolation = (rule: string, message: string) => void

// After a violation of these, the later checks cannot run.
const fatal = ['observationSpace', 'actionSpace', 'rng', 'unwrapped', 'reset result', 'step result', 'throws']

/** All violations found; none for a sound environment. Errors that the environment throws are reported, not thrown. */
export function checkEnv(env: AnyEnv, options: GivenOptions<typeof checkOptions> = {}): EnvViolation[] {
  const { seed, steps, fresh } = readOptions('checkEnv', checkOptions, options)
  const violations: EnvViolation[] = []
  const add: AddViolation = (rule, message) => {
    if (violations.some((violation) => violation.rule === rule)) return
    violations.push({ rule, message: `${String(env.id)}: ${message}` })
  }
  const checks: [name: string, check: () => void][] = [
    ['parts', () => checkParts(env, add)],
    ['step before reset', () => fresh && checkStepBeforeReset(env, add)],
    ['values', () => checkValues(env, seed, steps, add)],
    ['seeds', () => checkSeeds(env, seed, steps, add)],
    ['observations kept', () => checkObservationsKept(env, seed, steps, add)],
    ['actions', () => checkActions(env, seed, add)],
    ['step after the end', () => checkStepAfterEnd(env, seed, add)],
    ['state', () => checkState(env, seed, add)],
    ['mirror', () => checkMirror(env, seed, steps, add)],
  ]
  for (const [name, check] of checks) {
    try {
      check()
    } catch (error) {
      add('throws', `threw while it was checked (${name}): ${describeValue(error)}`)
    }
    if (violations.some(({ rule }) => fatal.includes(rule))) break
  }
  return violations
}

function checkParts(env: AnyEnv, add: AddViolation): void {
  const { id, rng, unwrapped } = env
  if (typeof id !== 'string' || id === '') add('id', `the id is ${describeValue(id)}; expected a name`)
  for (const name of ['observationSpace', 'actionSpace'] as const) {
    const space = env[name]
    const isSpace = typeof space?.contains === 'function' && typeof space.sample === 'function'
    if (!isSpace) add(name, `${name} is ${describeValue(space)}; expected a space of spaces.ts`)
    const fault = isSpace ? faultOf(space, space.sample(new Rng(1))) : undefined
    if (fault !== undefined) add('sample', `a sample of ${name} ${fault}`)
  }
  if (!(rng instanceof Rng)) add('rng', `rng is ${describeValue(rng)}; expected the environment's own Rng`)
  if (unwrapped === undefined || unwrapped.unwrapped !== unwrapped) {
    add('unwrapped', 'expected env.unwrapped.unwrapped === env.unwrapped, the innermost environment')
  }
}

function checkValues(env: AnyEnv, seed: number, steps: number, add: AddViolation): void {
  const policy = new Rng(seed)
  let running = false
  for (let i = 1; i <= steps; i++) {
    if (!running) {
      const reset = env.reset(i === 1 ? { seed } : {})
      if (!checkResult(env, 'reset', reset, 'reset()', '{ observation, info }', add)) return
    }
    const action = env.actionSpace.sample(policy)
    const given = copyValue(action)
    const step = env.step(action)
    if (!sameValue(action, given)) add('action changed', `step ${i} wrote into the action that it was given`)
    const form = '{ observation, reward, terminated, truncated, info }'
    if (!checkResult(env, 'step', step, `step ${i}`, form, add)) return
    const fault = rewardFault(step.reward)
    if (fault !== undefined) add('reward', `the reward of step ${i} ${fault}`)
    for (const flag of ['terminated', 'truncated'] as const) {
      if (typeof step[flag] === 'boolean') continue
      add(flag, `${flag} of step ${i} is ${describeValue(step[flag])}; expected true or false`)
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
  add: AddViolation,
): boolean {
  if (typeof result !== 'object' || result === null || !('observation' in result)) {
    add(`${call} result`, `${when} gave ${describeValue(result)}; expected ${form}`)
    return false
  }
  const { observation, info } = result
  const fault = faultOf(env.observationSpace, observation)
  const rule = call === 'reset' ? 'observation of reset' : 'observation'
  if (fault !== undefined) add(rule, `the observation of ${when} ${fault}`)
  if (typeof info !== 'object' || info === null) {
    add('info', `info of ${when} is ${describeValue(info)}; expected an object (NO_INFO if empty)`)
  } else if ('actionMask' in info) {
    const maskProblem = maskFault(info.actionMask, env.actionSpace)
    if (maskProblem !== undefined) add('action mask', `info.actionMask of ${when} ${maskProblem}`)
  }
  return true
}
