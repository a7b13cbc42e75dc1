// CQL, conservative Q-learning of action values from a log: Kumar et al. 2020, arXiv:2006.04779, the variant CQL(H).
//
//   ½ (Q(s, a) - r - γ Q′(s′, argmax Q))² + α (logsumexp Q(s, ·) - Q(s, a))
//
// Q-learning overestimates the actions that a log lacks, and no play corrects it. The second term lowers their values. It is the loss of
// behaviour cloning with Q as logits, so α leads from Q-learning (0) to imitation. Deviations from the paper: vector observations, double
// Q-learning of one number per action in place of QR-DQN, a learning rate that falls to 0, and rewards in units of the standard deviation
// of the returns (`standardize`), so that α means the same in all tasks.

import { count, nonNegative, withDefaults } from '../../data/options.ts'
import { crossEntropy } from '../../nn/losses/classification.ts'
import { mseLoss } from '../../nn/losses/regression.ts'
import { noGrad } from '../../tensor/autograd/autograd.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { add, mul } from '../../tensor/ops/elementwise.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { QPolicy } from '../policies/discrete-policies.ts'
import { NStepBuffer } from '../replay/n-step.ts'
import { chosenRows, transitionTensors } from '../replay/off-policy.ts'
import { ReplayBuffer } from '../replay/replay.ts'
import { requireChoices } from '../training/requirements.ts'
import { dqnTargets } from '../value-based/dqn.ts'
import { extensionOptions } from '../value-based/options.ts'
import type { EpisodeLog } from './episode-log.ts'
import { learnOffline, type OfflineAlgorithm, type OfflineOptions, unitsOf, valueOptions } from './offline.ts'

const cqlOptions = {
  ...valueOptions,
  alpha: nonNegative(0.03, "weight of the conservative term: 0 is Q-learning, a large one imitates the log's actions"),
  ...withDefaults({ double: extensionOptions.double, nStep: extensionOptions.nStep }, { double: true, nStep: 5 }),
  targetUpdateInterval: count(100, 'updates between copies of the network into the target network'),
}

export type CQLOptions = OfflineOptions<typeof cqlOptions>

export const cqlAlgorithm: OfflineAlgorithm<typeof cqlOptions, QPolicy> = {
  name: 'cql',
  about: 'conservative Q-learning from a log of episodes: action values of a policy better than the recorded one',
  actions: ['discrete'],
  options: cqlOptions,
  learner(log, { gamma, nStep, double, alpha, standardize, targetUpdateInterval }, observe) {
    const { observationSize, numActions } = requireChoices('cql', log)
    const { std } = unitsOf(log.columns(gamma).returns, standardize)
    const buffer = new ReplayBuffer({ capacity: log.size, observationSize })
    const writer = new NStepBuffer(buffer, { nStep, gamma, observationSize })
    log.replay({
      add: (observation, action, reward, next, ...ends) =>
        writer.add(observe(observation), action, reward / std, observe(next), ...ends),
    })
    return {
      ...{ buffer, outputs: numActions, units: { mean: 0, std }, targetUpdateInterval },
      loss(batch, network, target) {
        const { observations, actions, rewards, nextObservations, discounts } = transitionTensors(batch, gamma)
        const [values, targetValues] = [network, target].map((each) => (x: Tensor) => each.forward(x))
        const next = { rewards, discounts, nextObservations, network: values!, target: targetValues! }
        const targets = noGrad(() => dqnTargets(next, double))
        return conservativeLoss(values!(observations), actions, targets, alpha)
      },
      agent: (network) => new QPolicy(network, observationSize, numActions),
    }
  },
}

/**
 * ½ mean (Q(s, a) - y)² + α mean (logsumexp Q(s, ·) - Q(s, a)) for the actions a of the log. Kumar et al. 2020, arXiv:2006.04779, eq. 4.
 * Values Q(s, ·) [batch, actions], int32 choices [batch, 1], targets y [batch] → scalar.
 */
export function conservativeLoss(values: Tensor, actions: Tensor, targets: Tensor, alpha: number): Tensor {
  const temporalDifference = mul(mseLoss(chosenRows(values, actions), targets), 0.5)
  if (alpha === 0) return temporalDifference
  return add(temporalDifference, mul(crossEntropy(values, reshape(actions, [actions.size])), alpha))
}

/** Trains on a log of discrete actions; yields every hundred gradient steps, returns the agent. */
export const cql = (log: EpisodeLog, options?: CQLOptions) => learnOffline(cqlAlgorithm, log, options)
