// Munchausen-DQN: Vieillard, Pietquin and Geist 2020, arXiv:2007.14430, equation 2. The policy is a softmax of the action values, and the
// scaled log-probability of the action taken is added to the reward. The target is then an expectation with an entropy bonus, where DQN
// has a maximum, and successive policies stay close, as under a KL penalty. Deviations from the paper are those of value-based.ts; of
// several rewards (nStep), only the first has the bonus.

import { between, fraction, type OptionValues, positive } from '../../data/options.ts'
import { huberLoss } from '../../nn/losses/regression.ts'
import { noGrad } from '../../tensor/autograd/autograd.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { add, clamp, exp, mul, sub } from '../../tensor/ops/elementwise.ts'
import { sum } from '../../tensor/ops/reduce.ts'
import { logSoftmax } from '../../tensor/ops/rows.ts'
import type { EnvLike } from '../envs/vector/sync-vector-env.ts'
import { bootstrapped } from '../replay/off-policy.ts'
import { explorationOptions, extensionOptions, type ValueOptions, valueBasedOptions } from './options.ts'
import { learnValues, type ValueMethod } from './value-based.ts'
import type { ValueBatch } from './value-network.ts'

const { annealLearningRate, adamEpsilon, dueling, nStep } = extensionOptions

const munchausenOptions = {
  munchausenAlpha: fraction(0.9, 'weight of the log-probability of the action in the reward'),
  munchausenTau: positive(0.03, 'temperature of the policy, weight of its entropy, in the units of its action values'),
  munchausenClip: between(-1, -Infinity, 0, 'smallest value of the scaled log-probability, munchausenTau * ln pi'),
}

const munchausenDqnOptions = {
  ...valueBasedOptions,
  ...explorationOptions,
  ...munchausenOptions,
  ...{ nStep, annealLearningRate, adamEpsilon, dueling },
}

export type MunchausenDQNOptions = ValueOptions<typeof munchausenDqnOptions>

export const munchausenDqnAlgorithm: ValueMethod<typeof munchausenDqnOptions> = {
  name: 'munchausen-dqn',
  about: 'deep Q-learning with a softmax policy, whose log-probability is added to the reward',
  options: munchausenDqnOptions,
  learner: (o) => ({
    loss(batch, reduction) {
      const targets = noGrad(() => munchausenTargets(batch, o))
      return { loss: huberLoss(batch.chosen(batch.network(batch.observations)), targets, { reduction }) }
    },
  }),
}

/** Trains; yields after each training phase, returns the agent. */
export const munchausenDqn = (envs: EnvLike, options: MunchausenDQNOptions = {}) =>
  learnValues(munchausenDqnAlgorithm, envs, options)

/**
 * r + α [τ ln π(a|s)] + γⁿ (1 - terminated) Σ π(a′|s′) (q(s′, a′) - τ ln π(a′|s′)) with [] clipped to [munchausenClip, 0], q of the target
 * network and π = softmax(q / τ): [batch].
 */
export function munchausenTargets(
  { observations, rewards, nextObservations, discounts, target, chosen }: Omit<ValueBatch, 'network' | 'actions'>,
  o: OptionValues<typeof munchausenOptions>,
): Tensor {
  const scaledLogPolicy = (values: Tensor) => mul(logSoftmax(mul(values, 1 / o.munchausenTau)), o.munchausenTau)
  const bonus = clamp(chosen(scaledLogPolicy(target(observations))), o.munchausenClip, 0)
  const next = target(nextObservations)
  const nextLog = scaledLogPolicy(next)
  const nextValues = sum(mul(exp(mul(nextLog, 1 / o.munchausenTau)), sub(next, nextLog)), 1)
  return add(bootstrapped(rewards, discounts, nextValues), mul(bonus, o.munchausenAlpha))
}
