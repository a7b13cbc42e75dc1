// Proximal policy optimization: Schulman et al. 2017, arXiv:1707.06347, algorithm 1, with the details of its code that matter (Huang
// et al. 2022, "The 37 implementation details of PPO"): orthogonal initialisation, annealed learning rate, advantages normalised by
// minibatch, clipped value loss, clipped gradients.
// Read next: on-policy.ts for the loop, ../training/returns.ts for the advantages, trpo.ts for the algorithm that PPO simplifies.

import { count, flag, type GivenOptions, limit, type OptionValues, positive, withDefaults } from '../../data/options.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { add, clamp, exp, maximum, minimum, mul, neg, square, sub } from '../../tensor/ops/elementwise.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import { exp as portableExp } from '../../tensor/portable-math.ts'
import type { EnvLike } from '../envs/vector/sync-vector-env.ts'
import { anneal, makeOptimizer } from '../training/networks.ts'
import { normalize } from '../training/returns.ts'
import { meansOf } from '../training/training.ts'
import { computeGae, tensorsOf } from './collect-rollout.ts'
import { learnOnPolicy, lossOptions, type OnPolicyAlgorithm, type OnPolicyParts, onPolicyOptions } from './on-policy.ts'

export const ppoOptions = {
  ...onPolicyOptions,
  learningRate: positive(2.5e-4, 'step size of Adam'),
  annealLearningRate: flag(true, 'lower the learning rate linearly to 0'),
  adamEpsilon: positive(1e-5, 'added to the denominator of Adam'),
  numEpochs: count(4, 'passes over each rollout'),
  numMinibatches: count(4, 'minibatches in a pass, with one update each'),
  clipRange: positive(0.2, 'largest change of the probability ratio that has a gradient'),
  clipValueLoss: flag(true, 'clip the change of values to clipRange in the value loss'),
  normalizeAdvantages: flag(true, 'scale the advantages of each minibatch to mean 0 and standard deviation 1'),
  ...withDefaults(lossOptions, { entropyCoef: 0.01 }),
  targetKl: limit(Infinity, 'largest KL divergence of a pass, in nats; no further passes after it'),
}

export type PPOOptions = GivenOptions<typeof ppoOptions> & OnPolicyParts

/** Means over the minibatches of an update. */
interface PpoLosses {
  readonly policyLoss: number
  readonly valueLoss: number
  /** In nats. */
  readonly entropy: number
  /** KL(old ‖ new), estimated, in nats. */
  readonly approxKl: number
  /** Fraction of actions whose probability ratio left the clip range. */
  readonly clipFraction: number
}

export const ppoAlgorithm: OnPolicyAlgorithm<typeof ppoOptions, PpoLosses & { readonly learningRate: number }> = {
  name: 'ppo',
  about: 'proximal policy optimization: actor and critic with clipped updates, for choices and vectors',
  options: ppoOptions,
  makeOptimizer: (agent, { learningRate, adamEpsilon: epsilon }, own) =>
    makeOptimizer('ppo', own, agent, learningRate, (source, s) => new Adam(source, { ...s, epsilon })),
  update({ agent, optimizer, rollout, rng, auxiliaryLoss, stepBefore }, o) {
    anneal(optimizer, o, stepBefore)
    // 1. estimate advantages Â and the returns that the critic learns
    computeGae(rollout, o.gamma, o.gaeLambda)
    // 2. K epochs of minibatch steps on the clipped surrogate
    const losses: PpoLosses[] = []
    const batchSize = Math.ceil(rollout.size / o.numMinibatches)
    for (let epoch = 0; epoch < o.numEpochs; epoch++) {
      for (const batch of rollout.minibatches(batchSize, rng)) {
        if (o.normalizeAdvantages) normalize(batch.advantages)
        optimizer.minimize(() => {
          const { observations, masks, actions, oldLogProbs, oldValues, advantages, returns } = tensorsOf(batch)
          const policy = agent.distribution(observations, masks)
          const logProbs = policy.logProb(actions)
          const values = agent.stateValues(observations)
          const columns = { logProbs, oldLogProbs, advantages, values, oldValues, returns, entropies: policy.entropy() }
          const { loss, policyLoss, valueLoss, entropy } = ppoLoss(columns, o)
          losses.push({
            policyLoss: policyLoss.item(),
            valueLoss: valueLoss.item(),
            entropy: entropy.item(),
            ...policyChange(logProbs.view(), batch.logProbs, o.clipRange),
          })
          if (auxiliaryLoss === undefined) return loss
          return add(loss, auxiliaryLoss.loss({ observations, masks, policy, logProbs, oldLogProbs }))
        }, o)
      }
      if (losses[losses.length - 1]!.approxKl > o.targetKl) break
    }
    return { ...meansOf(losses), learningRate: optimizer.learningRate }
  },
}

/** Trains; yields after each rollout's updates, returns the agent. */
export const ppo = (envs: EnvLike, options: PPOOptions = {}) => learnOnPolicy(ppoAlgorithm, envs, options)

/** A minibatch under the current networks, beside the rollout's columns: [batch] each. */
type PpoBatch = Readonly<
  Record<'logProbs' | 'oldLogProbs' | 'advantages' | 'values' | 'oldValues' | 'returns' | 'entropies', Tensor>
>

type LossOptions = Pick<OptionValues<typeof ppoOptions>, 'clipRange' | 'clipValueLoss' | 'valueCoef' | 'entropyCoef'>

/** L = L_clip + c₁ L_value - c₂ H, to be minimised: eq. 9 negated. All scalars. */
export function ppoLoss(batch: PpoBatch, o: LossOptions) {
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
 * ½ mean max((V - R)², (V_old + clip(V - V_old, ± clipRange) - R)²), which has no gradient to move a value by more than clipRange.
 * All [batch] → scalar. From the code of PPO's authors, not the paper.
 */
export function clippedValueLoss(values: Tensor, oldValues: Tensor, returns: Tensor, clipRange: number): Tensor {
  const near = add(oldValues, clamp(sub(values, oldValues), -clipRange, clipRange))
  return mul(mean(maximum(square(sub(values, returns)), square(sub(near, returns)))), 0.5)
}

/**
 * Change of the policy on the actions taken: KL(old ‖ new), estimated by the mean of ρ - 1 - ln ρ, which is never negative and has less
 * variance than -ln ρ (Schulman 2020, joschu.net/blog/kl-approx.html), and the fraction of ρ outside 1 ± clipRange.
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
