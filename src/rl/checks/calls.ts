// What calls are refused: steps outside an episode, actions outside their space. Read next: repetition.ts.

import { StateError, ValueError } from '../../tensor/errors.ts'
import { Rng } from '../../tensor/random.ts'
import { type AnyEnv, describeValue } from '../env.ts'
import type { Box, Discrete } from '../spaces.ts'
import { formatError, outcome, type Report, thrownBy } from './report.ts'
import { copyValue, sameValue } from './values.ts'

export function checkStepBeforeReset(env: AnyEnv, report: Report): void {
  const error = thrownBy(() => env.step(env.actionSpace.sample(new Rng(1))))
  if (error instanceof StateError) return
  report.add('step before reset', `a step before the first reset() ${outcome(error)}; expected a StateError`)
}

export function checkActions(env: AnyEnv, seed: number, report: Report): void {
  const { actionSpace } = env
  if (actionSpace.kind === 'discrete') {
    const { n, start } = actionSpace as Discrete
    for (let action = start; action < start + Math.min(n, 100); action++) {
      env.reset({ seed })
      const error = thrownBy(() => env.step(action))
      if (error === undefined) continue
      report.add('action refused', `action ${action} is in ${actionSpace}, but step() threw: ${formatError(error)}`)
    }
  }
  for (const action of foreignActions(env)) {
    env.reset({ seed })
    const before = copyValue(env.unwrapped.state)
    const error = thrownBy(() => env.step(action))
    if (!(error instanceof ValueError)) {
      const shown = describeValue(action)
      report.add('foreign action', `action ${shown}, outside ${actionSpace}, ${outcome(error)}; expected a ValueError`)
    } else if (!sameValue(env.unwrapped.state, before)) {
      report.add('foreign action moves', `action ${describeValue(action)} is refused, but the state has changed`)
    }
  }
}

function foreignActions({ actionSpace }: AnyEnv): unknown[] {
  if (actionSpace.kind === 'discrete') {
    const { n, start } = actionSpace as Discrete
    return [start - 1, start + n, start + 0.5, Number.NaN, undefined]
  }
  if (actionSpace.kind !== 'box') return [undefined]
  const size = (actionSpace as Box).low.length
  return [new Float32Array(size + 1), new Float32Array(size).fill(Number.NaN), undefined]
}

const LONGEST_EPISODE = 20_000

export function checkStepAfterEnd(env: AnyEnv, seed: number, report: Report): void {
  const policy = new Rng(seed)
  env.reset({ seed })
  for (let i = 0; i < LONGEST_EPISODE; i++) {
    const { terminated, truncated } = env.step(env.actionSpace.sample(policy))
    if (!terminated && !truncated) continue
    const error = thrownBy(() => env.step(env.actionSpace.sample(policy)))
    if (error instanceof StateError) return
    report.add('step after the end', `a step after the end of the episode ${outcome(error)}; expected a StateError`)
    return
  }
}
