// DDPG, deep deterministic policy gradient: Lillicrap et al. 2016, arXiv:1509.02971, algorithm 1. Q-learning for continuous actions: the
// policy follows the gradient of the critic. It is TD3 with one critic, no target smoothing and no delay. Deviations from the paper:
// noise that is independent between steps, actions in the critic's first layer, no weight decay. Read next: td3.ts.

import type { DeterministicPolicy } from '../policies/continuous-policies.ts'
import { type ContinuousAlgorithm, continuous } from './continuous.ts'
import { type DeterministicLosses, deterministicLearner, deterministicOptions } from './td3.ts'

export const ddpgAlgorithm: ContinuousAlgorithm<typeof deterministicOptions, DeterministicPolicy, DeterministicLosses> =
  {
    name: 'ddpg',
    about: 'deep deterministic policy gradient: a policy that follows the gradient of its critic, for vectors',
    options: deterministicOptions,
    learner: /* @__PURE__ */ deterministicLearner('ddpg', 1, (actions) => actions),
  }

/** Trains in the given environments; yields every `logInterval` steps once updates have begun, returns the agent. */
export const ddpg = /* @__PURE__ */ continuous(ddpgAlgorithm)
