// SAC, soft actor-critic: Haarnoja et al. 2018, arXiv:1812.05905, algorithm 1. A policy that maximises reward and entropy: the weight of
// the entropy, the temperature α, is learned so that the entropy reaches a target. The lesser of two critics is the target.
// Read next: continuous.ts for the loop, ../distributions/squashed-gaussian.ts for the policy, td3.ts for a relative.

import { parameter } from '../../nn/flat.ts'
import { MLP } from '../../nn/mlp.ts'
import { copyParameters, polyakUpdate, withFrozen } from '../../nn/module.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import { noGrad } from '../../tensor/autograd.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { add, exp, minimum, mul, neg, sub } from '../../tensor/ops/elementwise.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import { exp as exponential, log } from '../../tensor/portable-math.ts'
import type { Rng } from '../../tensor/random.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { ReplayBatch } from '../buffers/replay.ts'
import type { SaveablePart } from '../checkpoint.ts'
import { SquashedGaussianPolicy } from '../continuous-policies.ts'
import { Critics } from '../critics.ts'
import { flag, type OptionValues, positive } from '../options.ts'
import { meanOf } from '../statistics.ts'
import type { VectorEnv } from '../vector-env.ts'
import { type ContinuousAlgorithm, type ContinuousLearner, continuous, continuousOptions } from './continuous.ts'
import { bootstrapped, observationTensor, transitionTensors } from './off-policy.ts'
import { requireBoundedActions } from './requirements.ts'
import { criticLoss } from './td3.ts'

export const sacOptions = {
  ...continuousOptions,
  actorLearningRate: positive(3e-4, 'step size of Adam for the actor'),
  criticLearningRate: positive(1e-3, 'step size of Adam for the critics and the temperature'),
  entropyCoef: positive(1, 'weight of the entropy at the start, in reward per nat'),
  autoEntropyCoef: flag(
    true,
    'adapt the temperature so that the entropy reaches minus the number of action dimensions',
  ),
}

/** Figures of an update. */
export interface SacLosses {
  readonly criticLoss: number
  readonly actorLoss: number
  /** Of the actions drawn in updates, in nats; actions in [-1, 1]. */
  readonly entropy: number
  /** α */
  readonly entropyCoef: number
}

export const sacAlgorithm: ContinuousAlgorithm<typeof sacOptions, SquashedGaussianPolicy, SacLosses> = {
  name: 'sac',
  options: sacOptions,
  learner: (envs, o, rng) => new SacLearner(envs, o, rng),
}

/** Trains in the given environments; yields every `logInterval` steps once updates have begun, returns the agent. */
export const sac = continuous(sacAlgorithm)

/** The networks, and one update of all of them. */
class SacLearner implements ContinuousLearner<SquashedGaussianPolicy, SacLosses> {
  readonly agent: SquashedGaussianPolicy
  readonly parts: Readonly<Record<string, SaveablePart>>
  private readonly critics: Critics
  private readonly targets: Critics
  private readonly logEntropyCoef: Tensor // ln α, so that α stays above 0
  private readonly actorOptimizer: Adam
  private readonly criticOptimizer: Adam
  private readonly entropyCoefOptimizer: Adam

  constructor(
    envs: VectorEnv,
    private readonly o: OptionValues<typeof sacOptions>,
    private readonly rng: Rng,
  ) {
    const { observationSize, actionSpace, actionSize } = requireBoundedActions('sac', envs)
    const actor = new MLP([observationSize, ...o.hidden, 2 * actionSize], rng)
    this.agent = new SquashedGaussianPolicy(actor, observationSize, actionSpace)
    const layers = [observationSize + actionSize, ...o.hidden, 1]
    this.critics = new Critics(2, layers, rng)
    this.targets = new Critics(2, layers, rng)
    copyParameters(this.critics, this.targets)
    this.logEntropyCoef = parameter([1], [log(o.entropyCoef)])
    this.actorOptimizer = new Adam(this.agent, { learningRate: o.actorLearningRate })
    this.criticOptimizer = new Adam(this.critics, { learningRate: o.criticLearningRate })
    this.entropyCoefOptimizer = new Adam([this.logEntropyCoef], { learningRate: o.criticLearningRate })
    const { agent, critics, targets, logEntropyCoef, actorOptimizer, criticOptimizer, entropyCoefOptimizer } = this
    const entropyCoef = { parameters: () => ({ logEntropyCoef }) }
    this.parts = { agent, critics, targets, entropyCoef, actorOptimizer, criticOptimizer, entropyCoefOptimizer }
  }

  /** A draw from the policy. */
  explore(observations: Float32Array): Float32Array {
    return this.agent.sampleBatch(observations, this.rng)
  }

  update(batch: ReplayBatch): SacLosses {
    const { agent, critics, targets, logEntropyCoef, o, rng } = this
    const entropyCoef = exponential(logEntropyCoef.item())
    // 1. both critics towards the lesser target critic's value of the policy's next action, and its entropy
    const lossOfCritics = this.criticOptimizer.minimize(() => {
      const { observations, actions, rewards, nextObservations, discounts } = transitionTensors(batch, o.gamma)
      const targetValues = noGrad(() => {
        const next = agent.distribution(nextObservations).sampleWithLogProb(rng)
        const nextValues = targets.values(nextObservations, next.action)
        return sacTargets(rewards, discounts, nextValues, next.logProb, entropyCoef)
      })
      return criticLoss(critics.values(observations, actions), targetValues)
    })
    // 2. the policy uphill on the lesser critic and the entropy
    let logProbs: ArrayLike<number> = []
    const actorLoss = withFrozen(critics, () =>
      this.actorOptimizer.minimize(() => {
        const observations = observationTensor(batch)
        const { action, logProb } = agent.distribution(observations).sampleWithLogProb(rng)
        logProbs = logProb.toArray()
        return sacActorLoss(logProb, critics.values(observations, action), entropyCoef)
      }),
    )
    // 3. the temperature towards the target entropy
    if (o.autoEntropyCoef) {
      this.entropyCoefOptimizer.minimize(() =>
        entropyCoefLoss(exp(logEntropyCoef), tensor(Float32Array.from(logProbs)), -agent.actionSize),
      )
    }
    // 4. the target critics by a Polyak step
    polyakUpdate(targets, critics, o.tau)
    return { criticLoss: lossOfCritics, actorLoss, entropy: -meanOf(logProbs), entropyCoef }
  }
}

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
 * -α mean(ln π + wanted entropy), equation 18: falls as α grows while the policy is less random than wanted. `entropyCoef` is α,
 * or ln α for the steadier steps that many implementations take; `logProbs` [batch] are constants. → [1], or a scalar for a scalar.
 */
export function entropyCoefLoss(entropyCoef: Tensor, logProbs: Tensor, targetEntropy: number): Tensor {
  return neg(mul(entropyCoef, add(mean(logProbs), targetEntropy)))
}
