// The choice among the final students of a distillation: each plays, and the one with the best return is kept.

import { type EnvLike, toVectorEnv } from '../rl/envs/vector/sync-vector-env.ts'
import { requireSameStep } from '../rl/envs/vector/vector-env.ts'
import { forget, memoryOf, type Player, playedActions, requireFinite } from '../rl/policies/policy.ts'
import { Rng } from '../tensor/random.ts'
import type { CostRecord } from './dataset/provenance.ts'

/** The student with the best return over `choiceSteps` of greedy play. Ties: the first. A single student does not play. */
export function bestByReturn<Student extends Player>(
  students: readonly Student[],
  env: EnvLike | null,
  { choiceSteps, seed }: { readonly choiceSteps: number; readonly seed: number },
  cost: CostRecord,
): Student {
  if (students.length === 1) return students[0]!
  cost.purpose = 'choice'
  const returns = students.map((student) => {
    const { mean, environmentSteps } = trialOf(student, env!, choiceSteps, seed)
    cost.addSteps(environmentSteps)
    return mean
  })
  return students[returns.reduce((best, mean, k) => (mean > returns[best]! ? k : best), 0)]!
}

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
  const memory = memoryOf(player, numEnvs)
  let [total, episodes, taken] = [0, 0, 0]
  for (; taken + numEnvs <= Math.max(steps, numEnvs); taken += numEnvs) {
    requireFinite(envs.observations)
    envs.step(Float32Array.from(playedActions(player, envs.observations, envs.actionMasks, memory)))
    forget(memory, envs.dones)
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
