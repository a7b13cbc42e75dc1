// Checks by playing: calls that must throw, equal rollouts from equal seeds, observations that later steps leave alone, states that can be
// restored.

import { Box, Discrete, isComposite, type Space } from '../../../data/spaces.ts'
import { copyValue, describeValue, limitsOf, sameValue } from '../../../data/values.ts'
import { StateError, ValueError } from '../../../tensor/errors.ts'
import { areNumbers } from '../../../tensor/json.ts'
import { Rng } from '../../../tensor/random.ts'
import type { AnyEnv, Step } from '../env.ts'
import { type MirrorSymmetry, mirroredAction, mirrorFault } from '../mirror-symmetry.ts'
import { restoreEnv, saveEnv } from '../wrappers/wrapper.ts'
import type { AddViolation } from './check-env.ts'

const LONGEST_EPISODE = 20_000

export function checkStepBeforeReset(env: AnyEnv, add: AddViolation): void {
  const error = thrownBy(() => env.step(env.actionSpace.sample(new Rng(1))))
  if (error instanceof StateError) return
  add('step before reset', `a step before the first reset() ${outcome(error)}; expected a StateError`)
}

export function checkStepAfterEnd(env: AnyEnv, seed: number, add: AddViolation): void {
  const policy = new Rng(seed)
  env.reset({ seed })
  for (let i = 0; i < LONGEST_EPISODE; i++) {
    const { terminated, truncated } = env.step(env.actionSpace.sample(policy))
    if (!terminated && !truncated) continue
    const error = thrownBy(() => env.step(env.actionSpace.sample(policy)))
    if (error instanceof StateError) return
    add('step after the end', `a step after the end of the episode ${outcome(error)}; expected a StateError`)
    return
  }
}

export function checkActions(env: AnyEnv, seed: number, add: AddViolation): void {
  const { actionSpace } = env
  const { n, start } = actionSpace instanceof Discrete ? actionSpace : { n: 0, start: 0 }
  for (let action = start; action < start + Math.min(n, 100); action++) {
    env.reset({ seed })
    const error = thrownBy(() => env.step(action))
    if (error !== undefined)
      add('action refused', `action ${action} is in ${actionSpace}, but step() ${outcome(error)}`)
  }
  for (const action of outsideActions(actionSpace)) {
    env.reset({ seed })
    const before = copyValue(env.unwrapped.state)
    const error = thrownBy(() => env.step(action))
    const shown = describeValue(action)
    if (!(error instanceof ValueError)) {
      add('foreign action', `action ${shown}, outside ${actionSpace}, ${outcome(error)}; expected a ValueError`)
    } else if (!sameValue(env.unwrapped.state, before)) {
      add('foreign action moves', `action ${shown} is refused, but the state has changed`)
    }
  }
}

function outsideActions(space: Space<unknown>): unknown[] {
  if (space instanceof Discrete)
    return [space.start - 1, space.start + space.n, space.start + 0.5, Number.NaN, undefined]
  if (isComposite(space)) {
    const inside = () => space.sample(new Rng(1)) as object
    const changed = space.parts.flatMap(([key, part]) =>
      outsideActions(part).map((outside) => Object.assign(inside(), { [key]: outside })),
    )
    return [...changed, Array.isArray(inside()) ? [] : {}, undefined]
  }
  const limits = limitsOf(space)
  if (limits === undefined) return [undefined]
  const { Type, low, high } = limits
  const wrong = [new Type(low.length + 1), undefined]
  if (space instanceof Box) return [new Float32Array(low.length).fill(Number.NaN), ...wrong]
  const below = Type.from(Array.from(low, (x, i) => (i === 0 ? x - 1 : x)))
  const above = Type.from(Array.from(high, (x, i) => (i === high.length - 1 ? x + 1 : x)))
  return [below, above, new Float32Array(low.length), ...wrong]
}

export function checkSeeds(env: AnyEnv, seed: number, steps: number, add: AddViolation): void {
  const first = rollout(env, seed, steps)
  const again = rollout(env, seed, steps)
  const differing = first.findIndex((value, i) => !sameValue(value, again[i]))
  const when = differing === 0 ? 'the first observation' : `step ${differing}`
  if (differing >= 0) {
    add('same seed', `two rollouts with seed ${seed} and the same actions differ, first at ${when}`)
  }
  const started = generatorAfterReset(env, seed)
  if (sameValue(started, generatorAfterReset(env, seed + 1))) {
    add('seed ignored', `reset({ seed }) ignores the seed: rng is the same after seeds ${seed} and ${seed + 1}`)
    return
  }
  generatorAfterReset(env, seed)
  env.step(env.actionSpace.sample(new Rng(seed)))
  const before = copyValue(env.rng.state)
  env.reset()
  if (sameValue(before, started) || !sameValue(env.rng.state, started)) return
  add('reset restarts', 'reset() without a seed restarts the random numbers, so that every episode is the same')
}

export function checkObservationsKept(env: AnyEnv, seed: number, steps: number, add: AddViolation): void {
  const kept: [given: unknown, copy: unknown][] = []
  const clean = rollout(env, seed, steps, (observation) => kept.push([observation, copyValue(observation)]))
  if (!kept.every(([given, copy]) => sameValue(given, copy))) {
    add('observation reused', 'an observation changes after it was given: a later step wrote into the same array')
    return
  }
  const overwritten = rollout(env, seed, steps, overwrite)
  if (clean.every((value, i) => sameValue(value, overwritten[i]))) return
  add('observation shared', "writing into an observation changes what follows: it is the environment's own array")
}

function overwrite(value: unknown): void {
  if (ArrayBuffer.isView(value)) (value as Float32Array).fill(0)
  else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) {
      overwrite(part)
      Reflect.set(value, key, 0)
    }
  }
}

/** The state of the innermost environment. It excludes the memory of wrappers, such as the count of a time limit. */
export function checkState(outer: AnyEnv, seed: number, add: AddViolation): void {
  const env = outer.unwrapped
  outer.reset({ seed })
  const state = env.state
  if (!areNumbers(state) || state.length === 0) {
    add('state', `state is ${describeValue(state)}; expected an array of finite numbers`)
    return
  }
  const kept = copyValue(state)
  const generator = copyValue(env.rng.state)
  const action = env.actionSpace.sample(new Rng(seed))
  const play = () => {
    const { observation, reward, terminated, truncated } = env.step(action)
    return [copyValue(observation), reward, terminated, truncated, copyValue(env.state)]
  }
  const first = play()
  if (!sameValue(state, kept)) add('state is live', 'the state read before a step changes with it: give a copy')
  env.state = kept
  if (!sameValue(copyValue(env.state), kept)) {
    const read = describeValue(env.state)
    add('state not set', `state reads ${read} after it was set to ${describeValue(kept)}`)
    return
  }
  env.rng.state = generator
  if (sameValue(play(), first)) return
  add('state incomplete', 'the same state, random numbers and action lead elsewhere: something is not part of state')
}

/** The first observation, then [observation, reward, terminated, truncated] of each step; resets at an end. */
function rollout(env: AnyEnv, seed: number, steps: number, see: (observation: unknown) => void = () => {}): unknown[] {
  const policy = new Rng(seed)
  const first = env.reset({ seed }).observation
  const trace: unknown[] = [copyValue(first)]
  see(first)
  for (let i = 0; i < steps; i++) {
    const { observation, reward, terminated, truncated } = env.step(env.actionSpace.sample(policy))
    trace.push([copyValue(observation), reward, terminated, truncated])
    see(observation)
    if (terminated || truncated) see(env.reset().observation)
  }
  return trace
}

function generatorAfterReset(env: AnyEnv, seed: number): unknown {
  env.reset({ seed })
  return copyValue(env.rng.state)
}

function thrownBy(call: () => unknown): unknown {
  try {
    call()
    return undefined
  } catch (error) {
    return error
  }
}

/** The outcome of a call that should throw: `is allowed`, or the error. */
function outcome(error: unknown): string {
  return error === undefined ? 'is allowed' : `threw ${describeValue(error)}`
}

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
