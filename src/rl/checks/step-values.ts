// Plays and looks at every value: spaces, observations, rewards, flags, masks. Read next: calls.ts.

import { Rng } from '../../tensor/random.ts'
import { type AnyEnv, describeValue, type Step } from '../env.ts'
import type { Report } from './report.ts'
import { copyValue, faultOf, maskFault, rewardFault, sameValue } from './values.ts'

export function checkParts(env: AnyEnv, report: Report): void {
  if (typeof env.id !== 'string' || env.id === '')
    report.add('id', `the id is ${describeValue(env.id)}; expected a name`)
  for (const name of ['observationSpace', 'actionSpace'] as const) {
    const space = env[name]
    if (typeof space?.contains !== 'function' || typeof space.sample !== 'function') {
      report.add(name, `${name} is ${describeValue(space)}; expected a space of spaces.ts`)
      continue
    }
    const sample = space.sample(new Rng(1))
    report.addFault('sample', `a sample of ${name}`, faultOf(space, sample))
  }
  if (!(env.rng instanceof Rng))
    report.add('rng', `rng is ${describeValue(env.rng)}; expected the environment's own Rng`)
  const inner = env.unwrapped
  if (inner === undefined || inner.unwrapped !== inner) {
    report.add(
      'unwrapped',
      'unwrapped is not the innermost environment: expected env.unwrapped.unwrapped === env.unwrapped',
    )
  }
}

export function checkValues(env: AnyEnv, seed: number, steps: number, report: Report): void {
  const policy = new Rng(seed)
  let running = false
  for (let i = 1; i <= steps; i++) {
    if (!running) {
      const reset = env.reset(i === 1 ? { seed } : {})
      if (typeof reset !== 'object' || reset === null || !('observation' in reset)) {
        report.add('reset result', `reset() gave ${describeValue(reset)}; expected { observation, info }`)
        return
      }
      report.addFault(
        'observation of reset',
        'the observation of reset()',
        faultOf(env.observationSpace, reset.observation),
      )
      checkInfo(env, 'reset()', reset.info, report)
    }
    const action = env.actionSpace.sample(policy)
    const given = copyValue(action)
    const step = env.step(action)
    if (!sameValue(action, given)) report.add('action changed', `step ${i} wrote into the action that it was given`)
    if (!checkStep(env, step, `step ${i}`, report)) return
    running = step.terminated !== true && step.truncated !== true
  }
}

function checkStep(env: AnyEnv, step: Step<unknown>, when: string, report: Report): boolean {
  if (typeof step !== 'object' || step === null || !('observation' in step)) {
    const form = '{ observation, reward, terminated, truncated, info }'
    report.add('step result', `${when} gave ${describeValue(step)}; expected ${form}`)
    return false
  }
  report.addFault('observation', `the observation of ${when}`, faultOf(env.observationSpace, step.observation))
  report.addFault('reward', `the reward of ${when}`, rewardFault(step.reward))
  for (const flag of ['terminated', 'truncated'] as const) {
    if (typeof step[flag] === 'boolean') continue
    report.add(flag, `${flag} of ${when} is ${describeValue(step[flag])}; expected true or false`)
  }
  checkInfo(env, when, step.info, report)
  return true
}

function checkInfo(env: AnyEnv, when: string, info: unknown, report: Report): void {
  if (typeof info !== 'object' || info === null) {
    report.add(
      'info',
      `info of ${when} is ${describeValue(info)}; expected an object, NO_INFO if there is nothing to say`,
    )
  } else if ('actionMask' in info) {
    report.addFault('action mask', `info.actionMask of ${when}`, maskFault(info.actionMask, env.actionSpace))
  }
}
