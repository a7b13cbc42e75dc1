// QR-DQN: deep Q-learning of quantiles of returns, Dabney et al. 2018, arXiv:1710.10044, algorithm 1. The network learns the returns
// θ at fixed probabilities, where C51 learns the probabilities of fixed returns: no range of returns and no projection are needed.
//
//   minimise the quantile Huber loss of θᵢ(s, a) and r + γ (1 - terminated) θ′ⱼ(s′, a*),   a* = argmax_a′ mean θ′(s′, a′)
//
// Deviations from the paper are those of value-based.ts. Read next: value-based.ts for the loop, rainbow.ts.

import { count, positive } from '../../data/options.ts'
import { noGrad } from '../../tensor/autograd/autograd.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { formatShape, ShapeError } from '../../tensor/errors.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { abs, add, clamp, less, mul, sub } from '../../tensor/ops/elementwise.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { constant } from '../../tensor/ops/primitives.ts'
import { argmax, mean, sum } from '../../tensor/ops/reduce.ts'
import type { EnvLike } from '../envs/vector/sync-vector-env.ts'
import { chosenRows } from '../replay/off-policy.ts'
import { explorationOptions, type ValueOptions, valueBasedOptions } from './options.ts'
import { learnValues, type ValueMethod } from './value-based.ts'
import type { NextState, ValueHead } from './value-network.ts'

/** r + γⁿ (1 - terminated) θ′(s′, a*): [batch, quantiles]. */
export function quantileTargets({ rewards, discounts, nextObservations, target }: NextState): Tensor {
  const column = (x: Tensor) => reshape(x, [x.size, 1])
  const nextQuantiles = target(nextObservations) // [batch, actions, quantiles]
  const best = argmax(mean(nextQuantiles, 2), 1, true)
  return add(column(rewards), mul(column(discounts), chosenRows(nextQuantiles, best)))
}

/**
 * Quantile Huber loss, equation 10 of QR-DQN: |τᵢ - [u < 0]| huber(u; κ) / κ with u = targetⱼ - quantileᵢ and τᵢ = (i + ½) / N, summed over
 * i, mean over j and the batch. Its minimum over θᵢ is the τᵢ-quantile of the targets.
 * Quantiles [batch, N], targets [batch, M] → scalar, or with `none` [batch].
 */
export function quantileHuberLoss(
  quantiles: Tensor,
  targets: Tensor,
  kappa: number,
  reduction: 'mean' | 'none' = 'mean',
): Tensor {
  const [batch, n] = quantiles.dims as [number, number]
  const m = targets.dims[1]
  if (targets.dims[0] !== batch || m === undefined) {
    throw new ShapeError(
      `quantileHuberLoss: quantiles ${formatShape(quantiles.dims)}, targets ${formatShape(targets.dims)}; expected [batch, N], [batch, M]`,
    )
  }
  const u = sub(reshape(targets, [batch, 1, m]), reshape(quantiles, [batch, n, 1])) // [batch, N, M]
  const middles = Float64Array.from({ length: n }, (_, i) => (i + 0.5) / n)
  const tau = tensor(middles, [1, n, 1], { dtype: quantiles.dtype })
  const weights = noGrad(() => abs(sub(tau, less(u, constant(u, 0)))))
  const distance = abs(u)
  const capped = clamp(distance, 0, kappa)
  const terms = mul(weights, mul(capped, sub(distance, mul(capped, 0.5))))
  if (reduction === 'mean') return mul(sum(terms), 1 / (kappa * batch * m))
  return mul(sum(reshape(terms, [batch, n * m]), 1), 1 / (kappa * m))
}

/** Quantiles of the return: Q(s, a) = mean θ(s, a). */
export function quantileHead(count: number): ValueHead {
  return { width: count, means: (quantiles) => mean(quantiles, 2) }
}

const qrDqnOptions = {
  ...valueBasedOptions,
  ...explorationOptions,
  quantiles: count(25, 'quantiles of the return of each action'),
  kappa: positive(1, 'error at which the loss changes from quadratic to linear'),
}

export type QRDQNOptions = ValueOptions<typeof qrDqnOptions>

export const qrDqnAlgorithm: ValueMethod<typeof qrDqnOptions> = {
  name: 'qr-dqn',
  about: 'deep Q-learning of quantiles of returns, without a range of returns',
  options: qrDqnOptions,
  learner: (o) => ({
    head: quantileHead(o.quantiles),
    loss(batch, reduction) {
      const targets = noGrad(() => quantileTargets(batch))
      const quantiles = batch.chosen(batch.network(batch.observations))
      return { loss: quantileHuberLoss(quantiles, targets, o.kappa, reduction) }
    },
  }),
}

/** Trains; yields after each training phase, returns the agent. */
export const qrDqn = (envs: EnvLike, options: QRDQNOptions = {}) => learnValues(qrDqnAlgorithm, envs, options)
