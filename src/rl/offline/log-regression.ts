// Supervised learning from a log: of its actions (behaviour cloning; Pomerleau 1991) or of its returns (Monte Carlo policy evaluation;
// Sutton and Barto 2018, section 5.1). Both describe the policy that recorded the log; a greedy policy of its action values improves on it
// by one step (Brandfonbrener et al. 2021, arXiv:2106.08909).

import { Box } from '../../data/spaces.ts'
import { crossEntropy } from '../../nn/losses/classification.ts'
import { mseLoss } from '../../nn/losses/regression.ts'
import type { Module } from '../../nn/module.ts'
import { mul, tanh } from '../../tensor/ops/elementwise.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import { DeterministicPolicy } from '../policies/continuous-policies.ts'
import { CategoricalPolicy, QPolicy, ValueFunction } from '../policies/discrete-policies.ts'
import { Delta } from '../policies/distributions/diagonal-gaussian.ts'
import { chosenRows, transitionTensors } from '../replay/off-policy.ts'
import { requireBoundedActions, requireChoices } from '../training/requirements.ts'
import type { EpisodeLog } from './episode-log.ts'
import {
  learnOffline,
  type OfflineAlgorithm,
  type OfflineOptions,
  offlineOptions,
  stepsOf,
  valueOptions,
} from './offline.ts'

// Action values have an output for each action, state values one.
const monteCarlo = <Agent extends QPolicy | ValueFunction>(
  name: string,
  values: 'action values' | 'state values',
  Kind: new (network: Module, observationSize: number, numActions: number) => Agent,
): OfflineAlgorithm<typeof valueOptions, Agent> => ({
  name,
  about: `${values} by regression on the returns of a log of episodes`,
  actions: ['discrete'],
  options: valueOptions,
  learner(log, o, observe) {
    const { observationSize, numActions } = requireChoices(name, log)
    const ofActions = values === 'action values'
    return {
      ...stepsOf(log, o, observe),
      outputs: ofActions ? numActions : 1,
      loss(batch, network) {
        const { observations, actions, rewards } = transitionTensors(batch, o.gamma)
        const outputs = network.forward(observations)
        const estimates = ofActions ? chosenRows(outputs, actions) : reshape(outputs, [batch.size])
        return mul(mseLoss(estimates, rewards), 0.5)
      },
      agent: (network) => new Kind(network, observationSize, numActions),
    }
  },
})

export const monteCarloQAlgorithm = /* @__PURE__ */ monteCarlo('monte-carlo-q', 'action values', QPolicy)
export const monteCarloVAlgorithm = /* @__PURE__ */ monteCarlo('monte-carlo-v', 'state values', ValueFunction)

export const behaviourCloningAlgorithm: OfflineAlgorithm<
  typeof offlineOptions,
  CategoricalPolicy | DeterministicPolicy
> = {
  name: 'behaviour-cloning',
  about: 'the policy that recorded a log of episodes, by classification of its actions (regression of vectors)',
  actions: ['discrete', 'box'],
  options: offlineOptions,
  learner(log, o, observe) {
    const { observationSize, actionSize, actionSpace } = log
    const isBox = actionSpace instanceof Box
    const bounds = isBox ? requireBoundedActions('behaviour-cloning', log).actionSpace : undefined
    const outputs = isBox ? actionSize : requireChoices('behaviour-cloning', log).numActions
    const { buffer } = stepsOf(log, o, observe)
    return {
      ...{ buffer, outputs },
      loss(batch, network) {
        const { observations, actions } = transitionTensors(batch, 0)
        const prediction = network.forward(observations)
        if (isBox) return mean(new Delta(actions).kl(new Delta(tanh(prediction))))
        return crossEntropy(prediction, reshape(actions, [batch.size]))
      },
      agent: (network) =>
        bounds === undefined
          ? new CategoricalPolicy(network, observationSize, outputs)
          : new DeterministicPolicy(network, observationSize, bounds),
    }
  },
}

/** Learns the action values of the policy that recorded a log; yields every hundred steps. */
export const monteCarloQ = (log: EpisodeLog, options?: OfflineOptions<typeof valueOptions>) =>
  learnOffline(monteCarloQAlgorithm, log, options)

/** Learns the state values of the policy that recorded a log; yields and returns as `monteCarloQ` does. */
export const monteCarloV = (log: EpisodeLog, options?: OfflineOptions<typeof valueOptions>) =>
  learnOffline(monteCarloVAlgorithm, log, options)

/** Learns the policy that recorded a log: a categorical one, or for vector actions a deterministic one. */
export const behaviourCloning = (log: EpisodeLog, options?: OfflineOptions<typeof offlineOptions>) =>
  learnOffline(behaviourCloningAlgorithm, log, options)
