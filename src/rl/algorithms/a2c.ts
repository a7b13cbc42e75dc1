// Advantage actor-critic: Mnih et al. 2016, arXiv:1602.01783, algorithm S3, in step instead of asynchronously. A few steps
// of play, one update; the critic's value stands for all that comes after them. With the defaults of Stable-Baselines3.
// Read next: ppo.ts, which learns more than once from what it played.

import { RmsProp } from '../../nn/optimizers/rmsprop.ts'
import { add, mul, square, sub } from '../../tensor/ops/elementwise.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import { Rng } from '../../tensor/random.ts'
import type { ActorCritic } from '../actor-critic.ts'
import { TrainingState } from '../checkpoint.ts'
import { collectRollouts, computeGae, rolloutFor, tensorsOf } from '../collect-rollout.ts'
import { normalize } from '../normalize.ts'
import {
  count,
  flag,
  fraction,
  type GivenOptions,
  limit,
  nonNegative,
  positive,
  readOptions,
  sizes,
  whole,
} from '../options.ts'
import type { ResumableReport } from '../training.ts'
import { type EnvLike, toVectorEnv } from '../vector/as-vector.ts'
import { itemsOf } from './figures.ts'
import { makeActorCritic, type OnPolicyObjects } from './make-actor-critic.ts'
import { reinforceLoss } from './reinforce.ts'

export const a2cOptions = {
  totalTimesteps: count(500_000, 'environment steps in all, over all environments; rounded up to whole rollouts'),
  seed: whole(0, 'of everything random: the same one gives the same run, bit for bit'),
  hidden: sizes([64, 64], 'widths of the hidden layers of actor and critic'),
  learningRate: positive(7e-4, 'step size of RMSprop'),
  annealLearningRate: flag(false, 'lower the learning rate to 0 along a straight line'),
  rmsDecay: fraction(0.99, 'how much of the mean square of gradients stays at each step'),
  rmsEpsilon: positive(1e-5, 'keeps the division in RMSprop finite'),
  numSteps: count(5, 'steps of each environment between updates'),
  gamma: fraction(0.99, 'discount'),
  gaeLambda: fraction(1, 'how far advantages trust rewards (1) rather than the critic (0)'),
  normalizeAdvantages: flag(false, 'to mean 0 and deviation 1 in each update'),
  entropyCoef: nonNegative(0, 'weight of the entropy, which keeps the policy curious'),
  valueCoef: nonNegative(0.5, 'weight of the value loss'),
  maxGradNorm: limit(0.5, 'longest gradient; longer ones are scaled down'),
}

export type A2cOptions = GivenOptions<typeof a2cOptions> & OnPolicyObjects

export interface A2cReport extends ResumableReport<ActorCritic> {
  readonly policyLoss: number
  readonly valueLoss: number
  /** In nats. */
  readonly entropy: number
}

/**
 * Trains in the given environments; yields after each update, returns the agent. `resume`, `network`, `critic` and `auxiliaryLoss` are
 * options as well.
 */
export function* a2c(given: EnvLike, options: A2cOptions = {}): Generator<A2cReport, ActorCritic, void> {
  const o = readOptions('a2c', a2cOptions, options, ['resume', 'network', 'critic', 'auxiliaryLoss'])
  const { resume, auxiliaryLoss } = options
  const envs = toVectorEnv(given)
  const rng = new Rng(o.seed)
  const agent = makeActorCritic('a2c', envs, o.hidden, rng, options)
  auxiliaryLoss?.start(agent)
  const optimizer = new RmsProp(agent, { learningRate: o.learningRate, alpha: o.rmsDecay, epsilon: o.rmsEpsilon })
  const counters = { step: 0 }
  const training = new TrainingState('a2c', o, {
    agent,
    optimizer,
    envs,
    rng,
    counters,
    ...(auxiliaryLoss && { auxiliaryLoss }),
  })
  training.start(envs, o.seed, resume)
  const rollout = rolloutFor(envs, o.numSteps, agent)

  while (counters.step < o.totalTimesteps) {
    if (o.annealLearningRate) optimizer.learningRate = o.learningRate * (1 - counters.step / o.totalTimesteps)
    // 1. play a few steps with the policy as it is
    const episodes = collectRollouts(envs, agent, rollout, rng, counters.step)
    counters.step += rollout.size
    auxiliaryLoss?.afterRollout(episodes, counters.step, o.totalTimesteps)
    // 2. Rₜ = rₜ + γ rₜ₊₁ + … + γᵏ V(sₜ₊ₖ), and Â = R - V
    computeGae(rollout, o.gamma, o.gaeLambda)
    if (o.normalizeAdvantages) normalize(rollout.advantages)
    // 3. one step on the policy gradient, the values' square error and the entropy
    let figures: Record<'policyLoss' | 'valueLoss' | 'entropy', number> | undefined
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
      return add(loss, auxiliaryLoss.term({ observations, masks, policy, logProbs, oldLogProbs }))
    }, o)
    yield { step: counters.step, episodes, agent, ...figures!, save: training.save }
  }
  return agent
}
