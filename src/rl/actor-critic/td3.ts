// TD3, twin delayed DDPG: Fujimoto et al. 2018, arXiv:1802.09477, algorithm 1. DDPG (ddpg.ts) with three measures against overestimated
// values: the minimum of two critics as the target, targets smoothed over nearby actions, and a policy that is updated less often
// than the critics. Read next: continuous.ts for the loop, sac.ts.

import { count, nonNegative, type OptionValues, positive, withDefaults } from '../../data/options.ts'
import { mseLoss } from '../../nn/losses/regression.ts'
import { copyParameters, polyakUpdate, withFrozen } from '../../nn/module.ts'
import { inferenceMode } from '../../tensor/autograd/scope.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { normal } from '../../tensor/ops/create.ts'
import { add, clamp, minimum, mul, neg } from '../../tensor/ops/elementwise.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import type { Rng } from '../../tensor/random.ts'
import { DeterministicPolicy } from '../policies/continuous-policies.ts'
import { bootstrapped, noisyVectors, observationTensor, transitionTensors } from '../replay/off-policy.ts'
import type { ReplayBatch } from '../replay/replay.ts'
import { partMakers } from '../training/own-parts.ts'
import { requireBoundedActions } from '../training/requirements.ts'
import { type ContinuousAlgorithm, continuous, continuousOptions } from './continuous.ts'

export const deterministicOptions = {
  ...continuousOptions,
  learningRate: positive(1e-3, 'step size of Adam, for actor and critics'),
  explorationNoise: nonNegative(
    0.1,
    'standard deviation of the noise on actions in play, in half-ranges of the action',
  ),
  policyDelay: count(1, 'updates of the critics per update of the policy and the target networks'),
}

const td3Options = {
  ...withDefaults(deterministicOptions, { policyDelay: 2 }),
  targetNoise: nonNegative(0.2, 'standard deviation of the noise on actions in targets, in half-ranges of the action'),
  targetNoiseClip: nonNegative(0.5, 'largest absolute value of that noise'),
}

export interface DeterministicLosses {
  readonly criticLoss: number
  /** Minus the first critic's mean value of the policy's actions; undefined where the policy was not updated. */
  readonly actorLoss: number | undefined
}

export const td3Algorithm: ContinuousAlgorithm<typeof td3Options, DeterministicPolicy, DeterministicLosses> = {
  name: 'td3',
  about: 'twin delayed DDPG: a deterministic policy and the minimum of two critics, for vectors',
  options: td3Options,
  learner: /* @__PURE__ */ deterministicLearner('td3', 2, (actions, o, rng) =>
    smoothedActions(actions, normal(rng, actions.shape), o.targetNoise, o.targetNoiseClip, 1),
  ),
}

/** Trains in the given environments; yields every `logInterval` steps once updates have begun, returns the agent. */
export const td3 = /* @__PURE__ */ continuous(td3Algorithm)

/**
 * A deterministic policy and its critics, each with a target network.
 *
 * @param numCritics number of critics; the target is their minimum
 * @param smooth changes the target policy's actions [batch, actionSize] before the critics evaluate them
 */
export function deterministicLearner<Table extends typeof deterministicOptions>(
  name: string,
  numCritics: number,
  smooth: (actions: Tensor, o: OptionValues<Table>, rng: Rng) => Tensor,
): ContinuousAlgorithm<Table, DeterministicPolicy, DeterministicLosses>['learner'] {
  return (envs, o, rng, own) => {
    const { observationSize, observationShape, actionSpace, actionSize } = requireBoundedActions(name, envs)
    const make = partMakers(name, o.hidden, rng, own)
    const makeAgent = () =>
      new DeterministicPolicy(make.actor(observationShape, actionSize), observationSize, actionSpace)
    const makeCritics = () => make.critics(numCritics, observationSize + actionSize)
    const [agent, targetAgent] = [makeAgent(), makeAgent()]
    const [critics, targetCritics] = [makeCritics(), makeCritics()]
    copyParameters(agent, targetAgent)
    copyParameters(critics, targetCritics)
    const actorOptimizer = make.optimizer(agent, o.learningRate)
    const criticOptimizer = make.optimizer(critics, o.learningRate)

    // Moves all critics towards r + γ min Q′(s′, ã), where ã is the smoothed action of the target policy.
    const updateCritics = (batch: ReplayBatch) =>
      criticOptimizer.minimize(() => {
        const { observations, actions, rewards, nextObservations, discounts } = transitionTensors(batch, o.gamma)
        const targets = inferenceMode(() => {
          const next = smooth(targetAgent.choose(nextObservations), o, rng)
          return bootstrapped(rewards, discounts, targetCritics.values(nextObservations, next).reduce(minimum))
        })
        return criticLoss(critics.values(observations, actions), targets)
      })

    // Moves the policy along the gradient of the first critic, then the target networks by a Polyak step.
    const updatePolicy = (batch: ReplayBatch) => {
      const loss = withFrozen(critics, () =>
        actorOptimizer.minimize(() => {
          const observations = observationTensor(batch)
          return neg(mean(critics.firstValues(observations, agent.choose(observations))))
        }),
      )
      polyakUpdate(targetCritics, critics, o.tau)
      polyakUpdate(targetAgent, agent, o.tau)
      return loss
    }

    return {
      agent,
      parts: { agent, targetAgent, critics, targetCritics, actorOptimizer, criticOptimizer },
      explore: (observations) => noisyVectors(agent.actBatch(observations), o.explorationNoise, rng),
      update(batch) {
        const criticLoss = updateCritics(batch)
        const delayed = criticOptimizer.steps % o.policyDelay !== 0
        return { criticLoss, actorLoss: delayed ? undefined : updatePolicy(batch) }
      },
    }
  }
}

/** Σ mean (Qᵢ - y)² over the critics, all [batch] → scalar. */
export function criticLoss(values: readonly Tensor[], targets: Tensor): Tensor {
  return values.map((each) => mseLoss(each, targets)).reduce(add)
}

/**
 * clip(a + clip(deviation · noise, ± noiseClip), ± limit), equation 14 and the line below it. Actions and standard normal
 * noise [batch, actionSize] → the same.
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
