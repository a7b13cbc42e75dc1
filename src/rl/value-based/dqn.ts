// DQN, deep Q-learning: Mnih et al. 2015, doi:10.1038/nature14236. The network Q learns the values that the target network Q′, an older
// copy of it, estimates after one step of play:
//
//   minimise huber(Q(s, a) - y),   y = r + γ (1 - terminated) max_a′ Q′(s′, a′)
//
// Extensions: double Q-learning (van Hasselt et al. 2016, arXiv:1509.06461; on by default), dueling streams, n-step returns, prioritised
// replay, noisy layers (Hessel et al. 2018, arXiv:1710.02298). Read next: value-based.ts for the loop, c51.ts, rainbow.ts.

import { choice, withDefaults } from '../../data/options.ts'
import { huberLoss, mseLoss } from '../../nn/losses/regression.ts'
import { noGrad } from '../../tensor/autograd/autograd.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { add, mul, sub } from '../../tensor/ops/elementwise.ts'
import { argmax } from '../../tensor/ops/reduce.ts'
import type { EnvLike } from '../envs/vector/sync-vector-env.ts'
import { chosenRows } from '../replay/off-policy.ts'
import { explorationOptions, extensionOptions, type ValueOptions, valueBasedOptions } from './options.ts'
import { learnValues, type ValueMethod } from './value-based.ts'
import type { NextState, ValueBatch } from './value-network.ts'

/** y = r + γⁿ (1 - terminated) Q′(s′, a*): [batch]. a* maximises Q′(s′, ·), or Q(s′, ·) in double Q-learning. */
export function dqnTargets(batch: NextState, double: boolean): Tensor {
  const { rewards, discounts, nextObservations, network, target } = batch
  const learnerValues = double ? network(nextObservations) : undefined
  const nextValues = target(nextObservations)
  const best = argmax(learnerValues ?? nextValues, 1, true)
  return add(rewards, mul(discounts, chosenRows(nextValues, best)))
}

/** The distance of Q(s, a) from y. Prioritised replay samples by their difference. */
export function dqnLoss(
  batch: ValueBatch,
  o: { readonly loss: 'huber' | 'mse'; readonly double: boolean },
  reduction: 'mean' | 'none',
) {
  const targets = noGrad(() => dqnTargets(batch, o.double))
  const values = batch.chosen(batch.network(batch.observations))
  const distance = o.loss === 'huber' ? huberLoss : mseLoss
  return { loss: distance(values, targets, { reduction }), errors: () => sub(values, targets) }
}

const { adamEpsilon, priorityExponent, ...extensions } = withDefaults(extensionOptions, { double: true })

const dqnOptions = {
  ...valueBasedOptions,
  ...explorationOptions,
  loss: choice('huber', 'loss of the values: huber is quadratic to 1 and linear beyond, mse quadratic', [
    'huber',
    'mse',
  ]),
  ...extensions,
}

export type DQNOptions = ValueOptions<typeof dqnOptions, 'huber' | 'mse'>

export const dqnAlgorithm: ValueMethod<typeof dqnOptions> = {
  name: 'dqn',
  about: 'deep Q-learning: action values from a replay buffer, for choices',
  options: dqnOptions,
  learner: (o) => ({ loss: (batch, reduction) => dqnLoss(batch, o, reduction) }),
}

/** Trains; yields after each training phase, returns the agent. */
export const dqn = (envs: EnvLike, options: DQNOptions = {}) => learnValues(dqnAlgorithm, envs, options)
