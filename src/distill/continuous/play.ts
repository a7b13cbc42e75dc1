// States that a policy of torques and forces gets into, with a share of random actions on the way. Read next: collect.ts.

import { requireFinite } from '../../rl/policy.ts'
import { asVector, type Envs } from '../../rl/vector/as-vector.ts'
import { ValueError } from '../../tensor/errors.ts'
import type { Rng } from '../../tensor/random.ts'
import type { ControlPolicy } from './control-teacher.ts'

export interface ControlPlay {
  /** States wanted. */
  readonly steps: number
  /** Of the environment's random numbers. */
  readonly seed: number
  /** The share of random actions in an episode, in [0, 1], asked as it starts. */
  readonly exploration: () => number
  /** Of the random actions. */
  readonly rng: Rng
}

export interface PlayedStates {
  /** [steps, observationSize], in the order in which they were seen. */
  readonly observations: Float32Array
  /** What was played for them; with several copies, or ones that restart in a step of their own, somewhat more. */
  readonly environmentSteps: number
}

/** Greedy play but for a share of actions drawn uniformly within the bounds. All copies are played at once. */
export function playStates(agent: ControlPolicy, given: Envs, how: ControlPlay): PlayedStates {
  const { steps, seed, exploration, rng } = how
  const envs = asVector(given)
  const { numEnvs, observationSize } = envs
  const { actionSize } = agent
  const observations = new Float32Array(steps * observationSize)
  const before = new Float32Array(envs.observations.length)
  envs.reset({ seed })
  const shares = Float64Array.from({ length: numEnvs }, exploration)
  let environmentSteps = 0
  for (let found = 0; found < steps; environmentSteps += numEnvs) {
    requireFinite(envs.observations)
    before.set(envs.observations)
    const actions = agent.actBatch(before)
    for (let i = 0; i < numEnvs; i++) {
      if (rng.uniform() >= shares[i]!) continue
      for (let j = 0; j < actionSize; j++) actions[i * actionSize + j] = rng.uniform(-1, 1)
    }
    envs.step(agent.toEnvironment(actions))
    for (let i = 0; i < numEnvs && found < steps; i++) {
      if (envs.skipped[i] === 1) continue
      observations.set(before.subarray(i * observationSize, (i + 1) * observationSize), found++ * observationSize)
      if (envs.ended[i] === 1) shares[i] = exploration()
    }
  }
  return { observations, environmentSteps }
}

/** Throws a ValueError unless the share is a number from 0 to 1. */
export function requireShare(name: string, share: number): void {
  if (share >= 0 && share <= 1) return
  throw new ValueError(`collectControls: ${name} is ${share}; it must be from 0 to 1`)
}
