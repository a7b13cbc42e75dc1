// Advantage actor-critic (A2C): the synchronous form of Mnih et al. 2016, arXiv:1602.01783, algorithm S3. Each update follows a few
// steps of play, after which the critic's value replaces the later rewards. The defaults are those of Stable-Baselines3.
// Read next: on-policy.ts for the loop, ppo.ts, which makes several updates a rollout.

import { flag, fraction, type GivenOptions, positive, withDefaults } from '../../data/options.ts'
import { RMSprop } from '../../nn/optimizers/rmsprop.ts'
import { add, mul, square, sub } from '../../tensor/ops/elementwise.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import type { EnvLike } from '../envs/vector/sync-vector-env.ts'
import { anneal, makeOptimizer } from '../training/networks.ts'
import { normalize } from '../training/returns.ts'
import { itemsOf } from '../training/training.ts'
import { computeGae, tensorsOf } from './collect-rollout.ts'
import { learnOnPolicy, lossOptions, type OnPolicyAlgorithm, type OnPolicyParts, onPolicyOptions } from './on-policy.ts'
import { reinforceLoss } from './reinforce.ts'

const a2cOptions = {
  ...withDefaults(onPolicyOptions, { numSteps: 5, gaeLambda: 1 }),
  learningRate: positive(7e-4, 'step size of RMSprop'),
  annealLearningRate: flag(false, 'lower the learning rate linearly to 0'),
  rmsDecay: fraction(0.99, 'decay of the mean square of gradients in RMSprop'),
  rmsEpsilon: positive(1e-5, 'added to the denominator of RMSprop'),
  normalizeAdvantages: flag(false, 'scale the advantages of each update to mean 0 and standard deviation 1'),
  ...lossOptions,
}

export type A2COptions = GivenOptions<typeof a2cOptions> & OnPolicyParts

/** Losses of an update; the entropy in nats. */
type A2cFigures = Record<'policyLoss' | 'valueLoss' | 'entropy', number>

export const a2cAlgorithm: OnPolicyAlgorithm<typeof a2cOptions, A2cFigures> = {
  name: 'a2c',
  about: 'advantage actor-critic: one update after every few steps of play',
  options: a2cOptions,
  makeOptimizer: (agent, { learningRate, rmsDecay: alpha, rmsEpsilon: epsilon }, own) =>
    makeOptimizer('a2c', own, agent, learningRate, (source, s) => new RMSprop(source, { ...s, alpha, epsilon })),
  update({ agent, optimizer, rollout, auxiliaryLoss, stepBefore }, o) {
    anneal(optimizer, o, stepBefore)
    // 1. returns Rₜ = rₜ + γ rₜ₊₁ + … + γᵏ V(sₜ₊ₖ) and advantages Â = R - V
    computeGae(rollout, o.gamma, o.gaeLambda)
    if (o.normalizeAdvantages) normalize(rollout.advantages)
    // 2. one gradient step on the policy loss, the squared error of the values and the entropy
    let figures: A2cFigures
    optimizer.minimize(() => {
      const { observations, masks, actions, oldLogProbs, advantages, returns } = tensorsOf(rollout)
      const policy = agent.distribution(observations, masks)
      const logProbs = policy.logProb(actions)
      const policyLoss = reinforceLoss(logProbs, advantages)
      const valueLoss = mean(square(sub(agent.stateValues(observations), returns)))
      const entropy = mean(policy.entropy())
      figures = itemsOf({ policyLoss, valueLoss, entropy })
      const loss = add(policyLoss, sub(mul(valueLoss, o.valueCoef), mul(entropy, o.entropyCoef)))
      if (auxiliaryLoss === undefined) return loss
      return add(loss, auxiliaryLoss.loss({ observations, masks, policy, logProbs, oldLogProbs }))
    }, o)
    return figures!
  },
}

/** Trains; yields after each update, returns the agent. */
export const a2c = (envs: EnvLike, options: A2COptions = {}) => learnOnPolicy(a2cAlgorithm, envs, options)
