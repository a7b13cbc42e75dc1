// TD3, twin delayed DDPG: Fujimoto et al. 2018, arXiv:1802.09477, algorithm 1. A deterministic policy that follows the gradient of its
// critic, and three remedies for the critic's overestimates: the lesser of two critics as the target, targets smoothed over nearby
// actions, a policy that is updated less often than the critics. Without the three it is DDPG (ddpg.ts).
// Read next: continuous.ts for the loop, sac.ts for a relative.

import { mseLoss } from '../../nn/losses/regression.ts'
import { MLP } from '../../nn/mlp.ts'
import { copyParameters, polyakUpdate, withFrozen } from '../../nn/module.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import { noGrad } from '../../tensor/autograd.ts'
import { normal } from '../../tensor/ops/create.ts'
import { add, clamp, minimum, mul, neg } from '../../tensor/ops/elementwise.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import type { Rng } from '../../tensor/random.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { ReplayBatch } from '../buffers/replay.ts'
import type { SaveablePart } from '../checkpoint.ts'
import { DeterministicPolicy } from '../continuous-policies.ts'
import { Critics } from '../critics.ts'
import { count, nonNegative, type OptionValues, positive } from '../options.ts'
import type { VectorEnv } from '../vector-env.ts'
import { type ContinuousAlgorithm, type ContinuousLearner, continuous, continuousOptions } from './continuous.ts'
import { bootstrapped, noisyVectors, observationTensor, transitionTensors } from './off-policy.ts'
import { requireBoundedActions } from './requirements.ts'

/** The options that TD3 shares with DDPG. */
export const deterministicOptions = {
  ...continuousOptions,
  learningRate: positive(1e-3, 'step size of Adam, for actor and critics'),
  explorationNoise: nonNegative(0.1, 'standard deviation of the noise on actions in play, in halves of their range'),
  policyDelay: count(1, 'updates of the critics to one of the policy and the target networks'),
}

export const td3Options = {
  ...deterministicOptions,
  policyDelay: count(2, 'updates of the critics to one of the policy and the target networks'),
  targetNoise: nonNegative(0.2, 'standard deviation of the noise on actions in targets, in halves of their range'),
  targetNoiseClip: nonNegative(0.5, 'largest absolute value of that noise'),
}

/** Figures of an update. */
export interface DeterministicLosses {
  readonly criticLoss: number
  /** Minus the first critic's mean value of the policy's actions; undefined where the policy was not updated. */
  readonly actorLoss: number | undefined
}

export const td3Algorithm: ContinuousAlgorithm<typeof td3Options, DeterministicPolicy, DeterministicLosses> = {
  name: 'td3',
  options: td3Options,
  learner: (envs, o, rng) => {
    const smooth = (actions: Tensor) =>
      smoothedActions(actions, normal(rng, actions.shape), o.targetNoise, o.targetNoiseClip, 1)
    return new DeterministicLearner('td3', envs, o, rng, 2, smooth)
  },
}

/** Trains in the given environments; yields every `logInterval` steps once updates have begun, returns the agent. */
export const td3 = continuous(td3Algorithm)

/** A deterministic policy and its critics, each with a target network. */
export class DeterministicLearner implements ContinuousLearner<DeterministicPolicy, DeterministicLosses> {
  readonly agent: DeterministicPolicy
  readonly parts: Readonly<Record<string, SaveablePart>>
  private readonly targetAgent: DeterministicPolicy
  private readonly critics: Critics
  private readonly targetCritics: Critics
  private readonly actorOptimizer: Adam
  private readonly criticOptimizer: Adam

  /**
   * @param numCritics how many critics; their least value is the target
   * @param smooth changes the target policy's actions [batch, actionSize] before the critics value them
   */
  constructor(
    name: string,
    envs: VectorEnv,
    private readonly o: OptionValues<typeof deterministicOptions>,
    private readonly rng: Rng,
    numCritics: number,
    private readonly smooth: (actions: Tensor) => Tensor,
  ) {
    const { observationSize, actionSpace, actionSize } = requireBoundedActions(name, envs)
    const makeAgent = () => {
      return new DeterministicPolicy(
        new MLP([observationSize, ...o.hidden, actionSize], rng),
        observationSize,
        actionSpace,
      )
    }
    const makeCritics = () => new Critics(numCritics, [observationSize + actionSize, ...o.hidden, 1], rng)
    this.agent = makeAgent()
    this.targetAgent = makeAgent()
    this.critics = makeCritics()
    this.targetCritics = makeCritics()
    copyParameters(this.agent, this.targetAgent)
    copyParameters(this.critics, this.targetCritics)
    this.actorOptimizer = new Adam(this.agent, { learningRate: o.learningRate })
    this.criticOptimizer = new Adam(this.critics, { learningRate: o.learningRate })
    const { agent, targetAgent, critics, targetCritics, actorOptimizer, criticOptimizer } = this
    this.parts = { agent, targetAgent, critics, targetCritics, actorOptimizer, criticOptimizer }
  }

  /** The policy's actions with normal noise. */
  explore(observations: Float32Array): Float32Array {
    return noisyVectors(this.agent.actBatch(observations), this.o.explorationNoise, this.rng)
  }

  update(batch: ReplayBatch): DeterministicLosses {
    const criticLoss = this.updateCritics(batch)
    const delayed = this.criticOptimizer.steps % this.o.policyDelay !== 0
    return { criticLoss, actorLoss: delayed ? undefined : this.updatePolicy(batch) }
  }

  /** All critics towards r + γ min Q′(s′, ã), with ã the target policy's action, smoothed. */
  private updateCritics(batch: ReplayBatch): number {
    const { targetAgent, critics, targetCritics, o } = this
    return this.criticOptimizer.minimize(() => {
      const { observations, actions, rewards, nextObservations, discounts } = transitionTensors(batch, o.gamma)
      const targets = noGrad(() => {
        const next = this.smooth(targetAgent.choose(nextObservations))
        return bootstrapped(rewards, discounts, targetCritics.values(nextObservations, next).reduce(minimum))
      })
      return criticLoss(critics.values(observations, actions), targets)
    })
  }

  /** The policy uphill on the first critic, then the target networks by a Polyak step. */
  private updatePolicy(batch: ReplayBatch): number {
    const { agent, targetAgent, critics, targetCritics, o } = this
    const loss = withFrozen(critics, () =>
      this.actorOptimizer.minimize(() => {
        const observations = observationTensor(batch)
        return neg(mean(critics.firstValues(observations, agent.choose(observations))))
      }),
    )
    polyakUpdate(targetCritics, critics, o.tau)
    polyakUpdate(targetAgent, agent, o.tau)
    return loss
  }
}

/** Σ mean (Qᵢ - y)² over the critics, all [batch] → scalar. */
export function criticLoss(values: readonly Tensor[], targets: Tensor): Tensor {
  return values.map((each) => mseLoss(each, targets)).reduce(add)
}

/**
 * clip(a + clip(deviation · noise, ± noiseClip), ± limit), equation 14 and the line below it: actions and standard normal noise
 * [batch, actionSize] → the same.
 */
export function smoothedActions(
  actions: Tensor,
  noise: Tensor,
  deviation: number,
  noiseClip: number,
  limit: number,
): Tensor {
  return clamp(add(actions, clamp(mul(noise, deviation), -noiseClip, noiseClip)), -limit, limit)
}
