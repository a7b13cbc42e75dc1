// TD3, twin delayed DDPG: Fujimoto et al. 2018, arXiv:1802.09477, algorithm 1. Q-learning for continuous actions, whose policy follows the
// gradient of a critic, with three measures against overestimated values: the minimum of two critics as the target, targets smoothed
// over nearby actions, and a policy that is updated less often than the critics.
//
// DDPG (Lillicrap et al. 2016, arXiv:1509.02971, algorithm 1) is the same update without the three: one critic, no smoothing, no delay.
// Deviations from its paper: noise that is independent between steps, actions in the critic's first layer, no weight decay.
// Read next: continuous.ts for the loop, sac.ts.

import { count, nonNegative, type OptionValues, positive, withDefaults } from '../../data/options.ts'
import { mseLoss } from '../../nn/losses/regression.ts'
import { copyParameters, polyakUpdate, withFrozen } from '../../nn/module.ts'
import { inferenceMode } from '../../tensor/autograd/scope.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { normal } from '../../tensor/ops/create.ts'
import { add, clamp, minimum, mul, neg } from '../../tensor/ops/elementwise.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import type { Rng } from '../../tensor/random.ts'
import type { VectorEnv } from '../envs/vector/vector-env.ts'
import { DeterministicPolicy } from '../policies/continuous-policies.ts'
import { bootstrapped, noisyVectors, observationTensor, transitionTensors } from '../replay/off-policy.ts'
import { type OwnParts, partMakers } from '../training/networks.ts'
import { requireBoundedActions } from '../training/requirements.ts'
import {
  type ContinuousAlgorithm,
  type ContinuousLearner,
  type ContinuousOptions,
  continuous,
  continuousOptions,
} from './continuous.ts'

const ddpgOptions = {
  ...continuousOptions,
  learningRate: positive(1e-3, 'step size of Adam, for actor and critics'),
  explorationNoise: nonNegative(
    0.1,
    'standard deviation of the noise on actions in play, in half-ranges of the action',
  ),
  policyDelay: count(1, 'updates of the critics per update of the policy and the target networks'),
}

const smoothingOptions = {
  targetNoise: nonNegative(0.2, 'standard deviation of the noise on actions in targets, in half-ranges of the action'),
  targetNoiseClip: nonNegative(0.5, 'largest absolute value of that noise'),
}

const td3Options = { ...withDefaults(ddpgOptions, { policyDelay: 2 }), ...smoothingOptions }

export type TD3Options = ContinuousOptions<typeof td3Options>

interface DeterministicLosses {
  readonly criticLoss: number
  /** Minus the first critic's mean value of the policy's actions; undefined where the policy was not updated. */
  readonly actorLoss: number | undefined
}

export const td3Algorithm: ContinuousAlgorithm<typeof td3Options, DeterministicPolicy, DeterministicLosses> = {
  name: 'td3',
  about: 'twin delayed DDPG: a deterministic policy and the minimum of two critics, for vectors',
  options: td3Options,
  learner: (...parts) => deterministicLearner('td3', 2, ...parts),
}

export const ddpgAlgorithm: ContinuousAlgorithm<typeof ddpgOptions, DeterministicPolicy, DeterministicLosses> = {
  name: 'ddpg',
  about: 'deep deterministic policy gradient: a policy that follows the gradient of its critic, for vectors',
  options: ddpgOptions,
  learner: (...parts) => deterministicLearner('ddpg', 1, ...parts),
}

/** Trains; yields every `logInterval` steps once updates have begun, returns the agent. */
export const td3 = /* @__PURE__ */ continuous(td3Algorithm)

/** Trains as `td3` does, with one critic, no smoothing and no delay. */
export const ddpg = /* @__PURE__ */ continuous(ddpgAlgorithm)

// A deterministic policy and its critics, each with a target network.
function deterministicLearner(
  name: string,
  numCritics: number,
  envs: VectorEnv,
  o: OptionValues<typeof ddpgOptions> & Partial<OptionValues<typeof smoothingOptions>>,
  rng: Rng,
  own?: OwnParts,
): ContinuousLearner<DeterministicPolicy, DeterministicLosses> {
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

  // ã, the target policy's action, smoothed by TD3
  const nextAction = (nextObservations: Tensor) => {
    const action = targetAgent.choose(nextObservations)
    if (o.targetNoise === undefined) return action
    return smoothedActions(action, normal(rng, action.shape), o.targetNoise, o.targetNoiseClip!, 1)
  }

  return {
    agent,
    parts: { agent, targetAgent, critics, targetCritics, actorOptimizer, criticOptimizer },
    explore: (observations) => noisyVectors(agent.actBatch(observations), o.explorationNoise, rng),
    update(batch) {
      // 1. move all critics towards r + γ (1 - terminated) minᵢ Q′ᵢ(s′, ã)
      const lossOfCritics = criticOptimizer.minimize(() => {
        const { observations, actions, rewards, nextObservations, discounts } = transitionTensors(batch, o.gamma)
        const targets = inferenceMode(() => {
          const nextValues = targetCritics.values(nextObservations, nextAction(nextObservations)).reduce(minimum)
          return bootstrapped(rewards, discounts, nextValues)
        })
        return criticLoss(critics.values(observations, actions), targets)
      })
      if (criticOptimizer.steps % o.policyDelay !== 0) return { criticLoss: lossOfCritics, actorLoss: undefined }
      // 2. move the policy along the gradient of the first critic: maximise mean Q₁(s, π(s))
      const actorLoss = withFrozen(critics, () =>
        actorOptimizer.minimize(() => {
          const observations = observationTensor(batch)
          return neg(mean(critics.firstValues(observations, agent.choose(observations))))
        }),
      )
      // 3. move the target networks by a Polyak step
      polyakUpdate(targetCritics, critics, o.tau)
      polyakUpdate(targetAgent, agent, o.tau)
      return { criticLoss: lossOfCritics, actorLoss }
    },
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
