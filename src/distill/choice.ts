// Which of several students is kept: the one that earns most in a fixed number of environment steps. It is the only place where a
// return is looked at. Read next: distill.ts, which calls it.

import { requireFinite } from '../rl/policy.ts'
import type { Player } from '../rl/rollout.ts'
import { type EnvLike, toVectorEnv } from '../rl/vector/as-vector.ts'
import { requireSameStep } from '../rl/vector-env.ts'
import { Rng } from '../tensor/random.ts'

export interface Trial {
  /** Mean undiscounted return of the complete episodes; of the running ones if none is complete. */
  readonly mean: number
  readonly environmentSteps: number
}

/**
 * Plays greedily for `steps` environment steps or fewer, but at least one in each sub-environment. The start states depend on the seed
 * alone. Throws a ValueError on next-step autoreset.
 */
export function trialOf(player: Player, env: EnvLike, steps: number, seed: number): Trial {
  const envs = toVectorEnv(env)
  const { numEnvs } = envs
  requireSameStep('distill', envs)
  envs.reset({ seed: new Rng(seed + TRIAL_SEEDS).integer(2 ** 32) })
  const running = new Float64Array(numEnvs)
  let [total, episodes, taken] = [0, 0, 0]
  for (; taken + numEnvs <= Math.max(steps, numEnvs); taken += numEnvs) {
    requireFinite(envs.observations)
    envs.step(Float32Array.from(player.act(envs.observations, envs.actionMasks)))
    for (let i = 0; i < numEnvs; i++) {
      running[i]! += envs.rewards[i]!
      if (envs.dones[i] !== 1) continue
      total += running[i]!
      episodes++
      running[i] = 0
    }
  }
  const mean = episodes > 0 ? total / episodes : running.reduce((sum, each) => sum + each, 0) / numEnvs
  return { mean, environmentSteps: taken }
}

/** Far from the seeds of the collection and from those of a final evaluation. */
const TRIAL_SEEDS = 2_000_000
