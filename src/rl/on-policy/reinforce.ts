// REINFORCE: Williams 1992, doi:10.1007/BF00992696; Sutton and Barto 2018, sections 13.3 and 13.4. The policy gradient from the
// returns of whole episodes, with an optional baseline: a critic that estimates the return of each state.
//
// Deviations from the book: several episodes per update, Adam, no factor γᵗ, and the critic's value after a truncated episode.
// Read next: a2c.ts, which does not wait for the end of an episode.

import { type Resumable, TrainingState } from '../../data/checkpoint.ts'
import { count, flag, type GivenOptions, nonNegative, positive, readOptions, sizes } from '../../data/options.ts'
import { detach } from '../../tensor/autograd/autograd.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { add, mul, neg, square, sub } from '../../tensor/ops/elementwise.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import { Rng } from '../../tensor/random.ts'
import { type EnvLike, toVectorEnv } from '../envs/vector/sync-vector-env.ts'
import type { ActorCritic } from '../policies/actor-critic.ts'
import { makeOptimizer, type OwnOptimizer } from '../training/networks.ts'
import { discountedReturns } from '../training/returns.ts'
import type { ResumableReport } from '../training/training.ts'
import { actionTensor, collectEpisodes, maskTensor } from './collect-rollout.ts'
import { type ActorCriticNetworks, lossOptions, makeActorCritic, onPolicyOptions } from './on-policy.ts'

const { seed, gamma } = onPolicyOptions

const reinforceOptions = {
  totalTimesteps: count(100_000, 'environment steps, rounded up to whole episodes'),
  seed,
  hidden: sizes([64, 64], 'widths of the hidden layers of policy and baseline'),
  network: onPolicyOptions.network,
  learningRate: positive(3e-3, 'step size of Adam'),
  episodesPerUpdate: count(4, 'episodes played for an update'),
  gamma,
  baseline: flag(true, 'subtract a learned estimate of the return from it'),
  valueCoef: nonNegative(0.5, "weight of the baseline's loss"),
  maxGradNorm: lossOptions.maxGradNorm,
}

export type REINFORCEOptions = GivenOptions<typeof reinforceOptions> & ActorCriticNetworks & OwnOptimizer & Resumable

export const reinforceAlgorithm = {
  name: 'reinforce',
  about: 'the simplest policy gradient: whole episodes, with or without a baseline',
  options: reinforceOptions,
}

const OBJECTS = ['resume', 'network', 'critic', 'optimizer']

/** Trains in a single environment; yields after each update, returns the agent. */
export function* reinforce(
  given: EnvLike,
  options: REINFORCEOptions = {},
): Generator<ResumableReport<ActorCritic> & { readonly loss: number }, ActorCritic, void> {
  const o = readOptions('reinforce', reinforceOptions, options, OBJECTS)
  const env = toVectorEnv(given, 'reinforce')
  const rng = new Rng(o.seed)
  const agent = makeActorCritic('reinforce', env, o.hidden, rng, options)
  const optimizer = makeOptimizer('reinforce', options.optimizer, agent, o.learningRate)
  const counters = { step: 0 }
  const training = new TrainingState('reinforce', o, { agent, optimizer, env, rng, counters })
  training.start(env, o.seed, options.resume)

  while (counters.step < o.totalTimesteps) {
    // 1. play episodes with the current policy
    const played = collectEpisodes(env, agent, o.episodesPerUpdate, rng, counters.step)
    counters.step += played.steps
    // 2. returns, from the end of each episode: Gₜ = rₜ + γ Gₜ₊₁
    const rewards = played.rewards.map((r, t) => r + (o.baseline ? o.gamma * played.cutOffValues[t]! : 0))
    const returns = Float32Array.from(discountedReturns(rewards, played.dones, [0], o.gamma))
    // 3. a gradient ascent step on E[ln π(aₜ|sₜ) (Gₜ - b(sₜ))]
    const loss = optimizer.minimize(() => {
      const observations = tensor(played.observations, [played.steps, agent.observationSize])
      const policy = agent.distribution(observations, maskTensor(played.actionMasks, played.steps))
      const logProbs = policy.logProb(actionTensor(played.actions, played.steps))
      const g = tensor(returns)
      if (!o.baseline) return reinforceLoss(logProbs, g)
      const b = agent.stateValues(observations)
      return add(reinforceLoss(logProbs, sub(g, detach(b))), mul(mean(square(sub(b, g))), o.valueCoef))
    }, o)
    yield { step: counters.step, episodes: played.episodes, agent, loss, save: training.save }
  }
  return agent
}

/**
 * -mean ln π(a|s) w, for constant weights w: returns Gₜ (eq. 13.8), or returns less a baseline (eq. 13.11). Its gradient estimates
 * minus the gradient of the expected return. Both [batch] → scalar.
 */
export function reinforceLoss(logProbs: Tensor, weights: Tensor): Tensor {
  return neg(mean(mul(logProbs, weights)))
}
