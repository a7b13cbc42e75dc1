// SAC, soft actor-critic: Haarnoja et al. 2018, arXiv:1812.05905, algorithm 1. The policy maximises reward and entropy. The weight of the
// entropy, the temperature α, is learned so that the entropy reaches a target. The target values are the minimum of two critics.
// Read next: continuous.ts for the loop, ../policies/distributions/squashed-gaussian.ts for the policy.

import { flag, positive } from '../../data/options.ts'
import { meanOf } from '../../data/statistics.ts'
import { parameter } from '../../nn/flat.ts'
import { copyParameters, polyakUpdate, withFrozen } from '../../nn/module.ts'
import { inferenceMode } from '../../tensor/autograd/scope.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { add, exp, minimum, mul, neg, sub } from '../../tensor/ops/elementwise.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import { exp as exponential, log } from '../../tensor/portable-math.ts'
import { SquashedGaussianPolicy } from '../policies/continuous-policies.ts'
import { bootstrapped, observationTensor, transitionTensors } from '../replay/off-policy.ts'
import { partMakers } from '../training/networks.ts'
import { requireBoundedActions } from '../training/requirements.ts'
import { type ContinuousAlgorithm, type ContinuousOptions, continuous, continuousOptions } from './continuous.ts'
import { criticLoss } from './td3.ts'

const sacOptions = {
  ...continuousOptions,
  actorLearningRate: positive(3e-4, 'step size of Adam for the actor'),
  criticLearningRate: positive(1e-3, 'step size of Adam for the critics and the temperature'),
  entropyCoef: positive(1, 'initial weight of the entropy, in reward per nat'),
  autoEntropyCoef: flag(true, 'adapt the temperature to an entropy of minus the number of action dimensions'),
}

export type SACOptions = ContinuousOptions<typeof sacOptions>

interface SacLosses {
  readonly criticLoss: number
  readonly actorLoss: number
  /** Entropy of the actions drawn in updates, in nats, for actions in [-1, 1]. */
  readonly entropy: number
  /** α */
  readonly entropyCoef: number
}

export const sacAlgorithm: ContinuousAlgorithm<typeof sacOptions, SquashedGaussianPolicy, SacLosses> = {
  name: 'sac',
  about: 'soft actor-critic: a stochastic policy that maximises reward and entropy, for vectors',
  options: sacOptions,
  learner(envs, o, rng, own) {
    const { observationSize, observationShape, actionSpace, actionSize } = requireBoundedActions('sac', envs)
    const make = partMakers('sac', o.hidden, rng, own)
    const actor = make.actor(observationShape, 2 * actionSize)
    const agent = new SquashedGaussianPolicy(actor, observationSize, actionSpace)
    const makeCritics = () => make.critics(2, observationSize + actionSize)
    const [critics, targets] = [makeCritics(), makeCritics()]
    copyParameters(critics, targets)
    const logEntropyCoef = parameter([1], [log(o.entropyCoef)]) // ln α, so that α stays above 0
    const temperatureSource = { parameters: () => ({ logEntropyCoef }) }
    const actorOptimizer = make.optimizer(agent, o.actorLearningRate)
    const criticOptimizer = make.optimizer(critics, o.criticLearningRate)
    const entropyCoefOptimizer = make.optimizer([logEntropyCoef], o.criticLearningRate)
    const optimizers = { actorOptimizer, criticOptimizer, entropyCoefOptimizer }

    return {
      agent,
      parts: { agent, critics, targets, entropyCoef: temperatureSource, ...optimizers },
      explore: (observations) => agent.sampleBatch(observations, rng),
      update(batch) {
        const entropyCoef = exponential(logEntropyCoef.item())
        // 1. move both critics towards the minimum of the target critics at the policy's next action, plus its entropy
        const lossOfCritics = criticOptimizer.minimize(() => {
          const { observations, actions, rewards, nextObservations, discounts } = transitionTensors(batch, o.gamma)
          const targetValues = inferenceMode(() => {
            const next = agent.distribution(nextObservations).sampleWithLogProb(rng)
            const nextValues = targets.values(nextObservations, next.action)
            return sacTargets(rewards, discounts, nextValues, next.logProb, entropyCoef)
          })
          return criticLoss(critics.values(observations, actions), targetValues)
        })
        // 2. move the policy along the gradient of the smaller critic and the entropy
        let logProbs: ArrayLike<number> = []
        const actorLoss = withFrozen(critics, () =>
          actorOptimizer.minimize(() => {
            const observations = observationTensor(batch)
            const { action, logProb } = agent.distribution(observations).sampleWithLogProb(rng)
            logProbs = logProb.toArray()
            return sacActorLoss(logProb, critics.values(observations, action), entropyCoef)
          }),
        )
        // 3. move the temperature towards the target entropy
        if (o.autoEntropyCoef) {
          entropyCoefOptimizer.minimize(() =>
            entropyCoefLoss(exp(logEntropyCoef), tensor(Float32Array.from(logProbs)), -agent.actionSize),
          )
        }
        // 4. move the target critics by a Polyak step
        polyakUpdate(targets, critics, o.tau)
        return { criticLoss: lossOfCritics, actorLoss, entropy: -meanOf(logProbs), entropyCoef }
      },
    }
  },
}

/** Trains; yields every `logInterval` steps once updates have begun, returns the agent. */
export const sac = /* @__PURE__ */ continuous(sacAlgorithm)

/** r + γⁿ (1 - terminated) (minᵢ Q′ᵢ - α ln π(a′|s′)), equations 2 and 3: [batch] each. */
export function sacTargets(
  rewards: Tensor,
  discounts: Tensor,
  nextValues: readonly Tensor[],
  nextLogProbs: Tensor,
  entropyCoef: number,
): Tensor {
  const softValues = sub(nextValues.reduce(minimum), mul(nextLogProbs, entropyCoef))
  return bootstrapped(rewards, discounts, softValues)
}

/** mean (α ln π(a|s) - minᵢ Qᵢ) for actions drawn from the policy, equation 9: [batch] each → scalar. */
export function sacActorLoss(logProbs: Tensor, values: readonly Tensor[], entropyCoef: number): Tensor {
  return mean(sub(mul(logProbs, entropyCoef), values.reduce(minimum)))
}

/**
 * -α mean(ln π + target entropy), equation 18. Minimising it raises α while the entropy is below the target. `entropyCoef` is α, or ln α
 * as in many implementations; `logProbs` [batch] are constants. → [1], or a scalar for a scalar.
 */
export function entropyCoefLoss(entropyCoef: Tensor, logProbs: Tensor, targetEntropy: number): Tensor {
  return neg(mul(entropyCoef, add(mean(logProbs), targetEntropy)))
}
