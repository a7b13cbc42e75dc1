// Plays the same twice: seeds, observations that stay as they were, states that can be put back.

import { Rng } from '../../tensor/random.ts'
import { type AnyEnv, describeValue } from '../env.ts'
import type { Report } from './report.ts'
import { copyValue, sameValue } from './values.ts'

export function checkSeeds(env: AnyEnv, seed: number, steps: number, report: Report): void {
  const first = rollout(env, seed, steps)
  const again = rollout(env, seed, steps)
  const differing = first.findIndex((value, i) => !sameValue(value, again[i]))
  if (differing >= 0) {
    const when = differing === 0 ? 'the first observation' : `step ${differing}`
    report.add('same seed', `two rollouts with seed ${seed} and the same actions differ, first at ${when}`)
  }
  const started = generatorAfterReset(env, seed)
  if (sameValue(started, generatorAfterReset(env, seed + 1))) {
    report.add('seed ignored', `reset({ seed }) ignores the seed: rng is the same after seeds ${seed} and ${seed + 1}`)
    return
  }
  generatorAfterReset(env, seed)
  env.step(env.actionSpace.sample(new Rng(seed)))
  const before = copyValue(env.rng.state)
  env.reset()
  if (!sameValue(before, started) && sameValue(env.rng.state, started)) {
    report.add(
      'reset restarts',
      'reset() without a seed restarts the random numbers, so that every episode is the same',
    )
  }
}

export function checkObservationsKept(env: AnyEnv, seed: number, steps: number, report: Report): void {
  const kept: [given: unknown, copy: unknown][] = []
  const clean = rollout(env, seed, steps, (observation) => kept.push([observation, copyValue(observation)]))
  if (kept.some(([given, copy]) => !sameValue(given, copy))) {
    report.add(
      'observation reused',
      'an observation changes after it was given: a later step wrote into the same array',
    )
    return
  }
  const scribbled = rollout(env, seed, steps, (observation) => {
    if (ArrayBuffer.isView(observation) || Array.isArray(observation)) (observation as Float32Array).fill(0)
  })
  if (clean.every((value, i) => sameValue(value, scribbled[i]))) return
  report.add(
    'observation shared',
    "writing into an observation changes what follows: it is the environment's own array",
  )
}

// On the innermost environment: a wrapper's memory, such as a time limit's count, is not part of the state.
export function checkState(outer: AnyEnv, seed: number, report: Report): void {
  const env = outer.unwrapped
  outer.reset({ seed })
  const state = env.state
  if (!Array.isArray(state) || state.length === 0 || !state.every(Number.isFinite)) {
    report.add('state', `state is ${describeValue(state)}; expected an array of finite numbers`)
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
  if (!sameValue(state, kept)) report.add('state is live', 'the state read before a step changes with it: give a copy')
  env.state = kept
  if (!sameValue(copyValue(env.state), kept)) {
    report.add('state not set', `state reads ${describeValue(env.state)} after it was set to ${describeValue(kept)}`)
    return
  }
  env.rng.state = generator
  if (sameValue(play(), first)) return
  report.add(
    'state incomplete',
    'the same state, random numbers and action lead elsewhere: something is not part of state',
  )
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
