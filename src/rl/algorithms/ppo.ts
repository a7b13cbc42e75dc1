// Proximal policy optimization: Schulman et al. 2017, arXiv:1707.06347, algorithm 1. Of the things that the paper leaves to
// its code, those that matter are here (Huang et al. 2022, "The 37 implementation details of PPO"): orthogonal
// initialisation, annealed learning rate, advantages normalised a minibatch, clipped value loss, clipped gradients.
// Read next: ../collect-rollout.ts for the play, ../returns.ts for the advantages, trpo.ts for what PPO simplifies.

import { Adam } from '../../nn/optimizers/adam.ts'
import { add, clamp, exp, maximum, minimum, mul, neg, square, sub } from '../../tensor/ops/elementwise.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import { exp as portableExp } from '../../tensor/portable-math.ts'
import { Rng } from '../../tensor/random.ts'
import type { Tensor } from '../../tensor/tensor.ts'
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
  type OptionValues,
  positive,
  readOptions,
  sizes,
  whole,
} from '../options.ts'
import type { ResumableReport } from '../training.ts'
import { type EnvLike, toVectorEnv } from '../vector/as-vector.ts'
import { itemsOf, meansOf } from './figures.ts'
import { makeActorCritic, type OnPolicyObjects } from './make-actor-critic.ts'

export const ppoOptions = {
  totalTimesteps: count(500_000, 'environment steps in all, over all environments; rounded up to whole rollouts'),
  seed: whole(0, 'of everything random: the same one gives the same run, bit for bit'),
  hidden: sizes([64, 64], 'widths of the hidden layers of actor and critic'),
  learningRate: positive(2.5e-4, 'step size of Adam'),
  annealLearningRate: flag(true, 'lower the learning rate to 0 along a straight line'),
  adamEpsilon: positive(1e-5, 'keeps the division in Adam finite'),
  numSteps: count(128, 'steps of each environment between updates'),
  numEpochs: count(4, 'passes over each rollout'),
  numMinibatches: count(4, 'parts that a pass is cut into, an update each'),
  gamma: fraction(0.99, 'discount'),
  gaeLambda: fraction(0.95, 'how far advantages trust rewards (1) rather than the critic (0)'),
  clipRange: positive(0.2, 'how far the probability of an action may move before its gradient stops'),
  clipValueLoss: flag(true, 'stop the gradient of values that moved by more than clipRange'),
  normalizeAdvantages: flag(true, 'to mean 0 and deviation 1 in each minibatch'),
  entropyCoef: nonNegative(0.01, 'weight of the entropy, which keeps the policy curious'),
  valueCoef: nonNegative(0.5, 'weight of the value loss'),
  maxGradNorm: limit(0.5, 'longest gradient; longer ones are scaled down'),
  targetKl: limit(Infinity, 'ends the passes over a rollout once the policy has moved by this, in nats'),
}

export type PpoOptions = GivenOptions<typeof ppoOptions> & OnPolicyObjects

/** Means over the minibatches of one update. */
export interface PpoLosses {
  readonly policyLoss: number
  readonly valueLoss: number
  /** In nats. */
  readonly entropy: number
  /** KL(old ‖ new), estimated, in nats. */
  readonly approxKl: number
  /** The share of actions whose probability left the clip range. */
  readonly clipFraction: number
}

export interface PpoReport extends ResumableReport<ActorCritic>, PpoLosses {
  readonly learningRate: number
}

/**
 * Trains in the given environments; yields after each rollout's updates, returns the agent. `resume`, `network`, `critic` and
 * `auxiliaryLoss` are options as well.
 */
export function* ppo(given: EnvLike, options: PpoOptions = {}): Generator<PpoReport, ActorCritic, void> {
  const o = readOptions('ppo', ppoOptions, options, ['resume', 'network', 'critic', 'auxiliaryLoss'])
  const { resume, auxiliaryLoss } = options
  const envs = toVectorEnv(given)
  const rng = new Rng(o.seed)
  const agent = makeActorCritic('ppo', envs, o.hidden, rng, options)
  auxiliaryLoss?.start(agent)
  const optimizer = new Adam(agent, { learningRate: o.learningRate, epsilon: o.adamEpsilon })
  const counters = { step: 0 }
  const training = new TrainingState('ppo', o, {
    agent,
    optimizer,
    envs,
    rng,
    counters,
    ...(auxiliaryLoss && { auxiliaryLoss }),
  })
  training.start(envs, o.seed, resume)
  const rollout = rolloutFor(envs, o.numSteps, agent)
  const batchSize = Math.ceil(rollout.size / o.numMinibatches)

  while (counters.step < o.totalTimesteps) {
    if (o.annealLearningRate) optimizer.learningRate = o.learningRate * (1 - counters.step / o.totalTimesteps)
    // 1. play with π_old
    const episodes = collectRollouts(envs, agent, rollout, rng, counters.step)
    counters.step += rollout.size
    auxiliaryLoss?.afterRollout(episodes, counters.step, o.totalTimesteps)
    // 2. estimate advantages Â, and the returns that the critic learns
    computeGae(rollout, o.gamma, o.gaeLambda)
    // 3. K epochs of minibatch steps on the clipped surrogate
    const losses: PpoLosses[] = []
    for (let epoch = 0; epoch < o.numEpochs; epoch++) {
      for (const batch of rollout.minibatches(batchSize, rng)) {
        if (o.normalizeAdvantages) normalize(batch.advantages)
        optimizer.minimize(() => {
          const { observations, masks, actions, ...old } = tensorsOf(batch)
          const policy = agent.distribution(observations, masks)
          const logProbs = policy.logProb(actions)
          const values = agent.stateValues(observations)
          const { loss, ...parts } = ppoLoss({ ...old, logProbs, values, entropies: policy.entropy() }, o)
          losses.push({ ...itemsOf(parts), ...policyChange(logProbs.view(), batch.logProbs, o.clipRange) })
          if (auxiliaryLoss === undefined) return loss
          return add(loss, auxiliaryLoss.term({ observations, masks, policy, logProbs, oldLogProbs: old.oldLogProbs }))
        }, o)
      }
      if (losses[losses.length - 1]!.approxKl > o.targetKl) break
    }
    const { step } = counters
    yield { step, episodes, agent, learningRate: optimizer.learningRate, ...meansOf(losses), save: training.save }
  }
  return agent
}

/** What a policy and its critic say of a minibatch now, beside what was noted when it was played: [batch] each. */
export interface PpoBatch {
  readonly logProbs: Tensor
  readonly oldLogProbs: Tensor
  readonly advantages: Tensor
  readonly values: Tensor
  readonly oldValues: Tensor
  readonly returns: Tensor
  readonly entropies: Tensor
}

type LossOptions = Pick<OptionValues<typeof ppoOptions>, 'clipRange' | 'clipValueLoss' | 'valueCoef' | 'entropyCoef'>

/** L = L_clip + c₁ L_value - c₂ H, to be minimised: eq. 9 with its sign turned. Each a scalar. */
export function ppoLoss(
  batch: PpoBatch,
  o: LossOptions,
): Record<'loss' | 'policyLoss' | 'valueLoss' | 'entropy', Tensor> {
  const { logProbs, oldLogProbs, advantages, values, oldValues, returns } = batch
  const policyLoss = clippedSurrogate(logProbs, oldLogProbs, advantages, o.clipRange)
  const valueLoss = o.clipValueLoss
    ? clippedValueLoss(values, oldValues, returns, o.clipRange)
    : mul(mean(square(sub(values, returns))), 0.5)
  const entropy = mean(batch.entropies)
  const loss = add(policyLoss, sub(mul(valueLoss, o.valueCoef), mul(entropy, o.entropyCoef)))
  return { loss, policyLoss, valueLoss, entropy }
}

/**
 * The clipped surrogate, to be minimised: -mean min(ρ Â, clip(ρ, 1 ± clipRange) Â) with ρ = π(a|s) / π_old(a|s). Eq. 7.
 * All [batch] → scalar.
 */
export function clippedSurrogate(logProbs: Tensor, oldLogProbs: Tensor, advantages: Tensor, clipRange: number): Tensor {
  const ratio = exp(sub(logProbs, oldLogProbs))
  const clipped = clamp(ratio, 1 - clipRange, 1 + clipRange)
  return neg(mean(minimum(mul(ratio, advantages), mul(clipped, advantages))))
}

/**
 * ½ mean max((V - R)², (V_old + clip(V - V_old, ± clipRange) - R)²): no reward for moving a value further than clipRange
 * in one update. All [batch] → scalar. Not in the paper, but in its code.
 */
export function clippedValueLoss(values: Tensor, oldValues: Tensor, returns: Tensor, clipRange: number): Tensor {
  const near = add(oldValues, clamp(sub(values, oldValues), -clipRange, clipRange))
  return mul(mean(maximum(square(sub(values, returns)), square(sub(near, returns)))), 0.5)
}

/**
 * How far the policy has moved on the actions taken: KL(old ‖ new) as the mean of ρ - 1 - ln ρ, which is never negative and
 * varies less than -ln ρ (Schulman 2020, joschu.net/blog/kl-approx.html), and the share of ρ beyond 1 ± clipRange.
 */
export function policyChange(
  logProbs: ArrayLike<number>,
  oldLogProbs: ArrayLike<number>,
  clipRange: number,
): { approxKl: number; clipFraction: number } {
  const size = logProbs.length
  let kl = 0
  let clipped = 0
  for (let i = 0; i < size; i++) {
    const logRatio = logProbs[i]! - oldLogProbs[i]!
    const ratio = portableExp(logRatio)
    kl += ratio - 1 - logRatio
    if (Math.abs(ratio - 1) > clipRange) clipped++
  }
  return { approxKl: kl / size, clipFraction: clipped / size }
}
