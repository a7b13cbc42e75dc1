// The check of a mirror symmetry: the states of a random rollout, each stepped as it is and mirrored. Read next: ../../../data/values.ts.

import { Box } from '../../../data/spaces.ts'
import { describeValue, sameValue } from '../../../data/values.ts'
import { Rng } from '../../../tensor/random.ts'
import type { AnyEnv, Step } from '../env.ts'
import { type MirrorSymmetry, mirroredAction, mirrorFault } from '../mirror-symmetry.ts'
import { restoreEnv, saveEnv } from '../wrappers/save-env.ts'
import type { AddViolation } from './check-env.ts'

const TOLERANCE = 1e-5 // absolute, and relative to larger numbers: many times the rounding of float32

/** Random dynamics and a state without signs are reported as unverified. */
export function checkMirror(env: AnyEnv, seed: number, steps: number, add: AddViolation): void {
  const { mirror, observationSpace, actionSpace } = env
  if (mirror === undefined) return
  const fault =
    observationSpace instanceof Box
      ? mirrorFault(mirror, observationSpace.low.length, actionSpace)
      : `is given, but observations are ${observationSpace}; expected a Box`
  if (fault !== undefined) {
    add('mirror', `mirror ${fault}`)
    return
  }
  const { stateSigns = mirror.observationSigns } = mirror
  const policy = new Rng(seed)
  let running = false
  for (let i = 1; i <= steps; i++) {
    if (!running) env.reset(i === 1 ? { seed } : {})
    const before = saveEnv(env)
    if (before.state.length !== stateSigns.length) {
      const signs = `${stateSigns.length} stateSigns, the state has ${before.state.length} numbers`
      add('mirror unverified', `mirror has ${signs}; give one sign for each, or the symmetry cannot be verified`)
      return
    }
    const action = actionSpace.sample(policy)
    const step = env.step(action)
    const after = saveEnv(env)
    if (!sameValue(after.rng, before.rng)) {
      add('mirror unverified', 'mirror cannot be verified by single steps: step() draws random numbers')
      return
    }
    restoreEnv(env, { ...before, state: before.state.map((x, k) => x * stateSigns[k]!) })
    const difference = differenceOf(step, env.step(mirroredAction(mirror, actionSpace, action)), mirror)
    if (difference !== undefined) {
      const from = `from the state ${describeValue(before.state)} with action ${describeValue(action)}`
      add('mirror', `mirror does not hold ${from}: ${difference}`)
      return
    }
    running = !step.terminated && !step.truncated
    if (running) restoreEnv(env, after)
  }
}

function differenceOf(step: Step<unknown>, image: Step<unknown>, { observationSigns }: MirrorSymmetry) {
  const expected = (step.observation as Float32Array).map((x, k) => x * observationSigns[k]!)
  const observation = image.observation as Float32Array
  const mirrored = 'the mirrored step has'
  if (!expected.every((x, k) => isClose(x, observation[k]!))) {
    return `${mirrored} observation ${describeValue(observation)}; expected ${describeValue(expected)}`
  }
  if (!isClose(step.reward, image.reward)) return `${mirrored} reward ${image.reward}; expected ${step.reward}`
  if (step.terminated === image.terminated) return
  return `${mirrored} terminated ${image.terminated}; expected ${step.terminated}`
}

function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a))
}
