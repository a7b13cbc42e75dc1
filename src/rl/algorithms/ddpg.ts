// DDPG, deep deterministic policy gradient: Lillicrap et al. 2016, arXiv:1509.02971, algorithm 1. Q-learning for vectors: where the
// best action cannot be looked up, a policy learns it from the gradient of the critic. Deviations from the paper: noise independent
// from step to step, actions that enter the critic in its first layer, no weight decay.
// Read next: td3.ts, of whose learner this is the case of one critic, no smoothing and no delay.

import type { DeterministicPolicy } from '../continuous-policies.ts'
import { type ContinuousAlgorithm, continuous } from './continuous.ts'
import { DeterministicLearner, type DeterministicLosses, deterministicOptions } from './td3.ts'

export const ddpgOptions = deterministicOptions

export const ddpgAlgorithm: ContinuousAlgorithm<typeof ddpgOptions, DeterministicPolicy, DeterministicLosses> = {
  name: 'ddpg',
  options: ddpgOptions,
  learner: (envs, o, rng) => new DeterministicLearner('ddpg', envs, o, rng, 1, (actions) => actions),
}

/** Trains in the given environments; yields every `logInterval` steps once updates have begun, returns the agent. */
export const ddpg = continuous(ddpgAlgorithm)
