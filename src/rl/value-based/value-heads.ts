// Representations of the return: a number (DQN), probabilities of fixed returns (C51), quantiles (QR-DQN). A head interprets the network's
// outputs for each action, and defines the Bellman target and the loss. Read next: value-based.ts.

import { type LayerSpec, layerSpecs, type Specified } from '../../nn/layers/spec.ts'
import { crossEntropy } from '../../nn/losses/classification.ts'
import { klDivergence } from '../../nn/losses/kl.ts'
import { huberLoss, mseLoss } from '../../nn/losses/regression.ts'
import type { Module, NamedParameters } from '../../nn/module.ts'
import { noGrad } from '../../tensor/autograd/autograd.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { formatShape, ShapeError, ValueError } from '../../tensor/errors.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { abs, clamp, less, log, mul, sub } from '../../tensor/ops/elementwise.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { constant } from '../../tensor/ops/primitives.ts'
import { mean, sum } from '../../tensor/ops/reduce.ts'
import { logSoftmax, softmax } from '../../tensor/ops/softmax.ts'
import type { Rng } from '../../tensor/random.ts'
import { newArray } from '../../tensor/storage.ts'
import { bootstrapped } from '../replay/off-policy.ts'

/** Rows belong to one action of one state: [batch] for numbers, [batch, width] for distributions. */
export interface ValueHead {
  /** Network outputs for each action. */
  readonly width: number
  /** The fixed returns, [width], of a head of probabilities. Of the others, Q is the mean of the outputs. */
  readonly atoms?: Float64Array
  /** Outputs [batch, actions · width] split by action: [batch, actions], or [batch, actions, width]. */
  split(outputs: Tensor): Tensor
  /** Split outputs as returns: numbers, probabilities or quantiles, in the same shape. */
  returns(split: Tensor): Tensor
  /** Q(s, a), the mean of each return: [batch, actions]. */
  means(returns: Tensor): Tensor
  /** The target r + discount · Z for rows Z of returns, without gradient; rewards and discounts [batch]. */
  backup(next: Tensor, rewards: Tensor, discounts: Tensor): Tensor
  /** Loss of rows of split outputs: the mean over the batch, or with `none` its terms [batch]. */
  loss(outputs: Tensor, targets: Tensor, reduction: 'mean' | 'none'): Tensor
  /** Errors for prioritised replay: [batch]. Default: the terms of the loss. */
  errors?(outputs: Tensor, targets: Tensor): Tensor
}

/** Q(s, a) as a number. Mnih et al. 2015, doi:10.1038/nature14236. */
export function scalarHead(loss: 'huber' | 'mse'): ValueHead {
  const distance = loss === 'huber' ? huberLoss : mseLoss
  return {
    width: 1,
    split: (outputs) => outputs,
    returns: (values) => values,
    means: (values) => values,
    backup: (next, rewards, discounts) => bootstrapped(rewards, discounts, next),
    loss: (values, targets, reduction) => distance(values, targets, { reduction }),
    errors: (values, targets) => noGrad(() => sub(values, targets)),
  }
}

/**
 * Probabilities of fixed returns, the atoms [width]: Q(s, a) = Σᵢ zᵢ pᵢ(s, a). Bellemare et al. 2017, arXiv:1707.06887. The loss
 * is the cross-entropy or, as in Rainbow, KL(target ‖ prediction), which differs by the entropy of the targets.
 */
export function categoricalHead(atoms: Float64Array, loss: 'cross-entropy' | 'kl' = 'cross-entropy'): ValueHead {
  const z = tensor(atoms, [atoms.length], { dtype: 'float32' })
  return {
    width: atoms.length,
    atoms,
    split: (outputs) => byAction(outputs, atoms.length),
    returns: (logits) => softmax(logits),
    means: (probabilities) => sum(mul(probabilities, z), 2),
    backup: (next, rewards, discounts) => projectDistribution(next, rewards, discounts, atoms),
    loss: (logits, targets, reduction) =>
      loss === 'kl'
        ? klDivergence(log(targets), logSoftmax(logits), { reduction })
        : crossEntropy(logits, targets, { reduction }),
  }
}

/** Quantiles of the return [width]: Q(s, a) = mean θ(s, a). Dabney et al. 2018, arXiv:1710.10044. */
export function quantileHead(count: number, kappa: number): ValueHead {
  const column = (x: Tensor) => reshape(x, [x.size, 1])
  return {
    width: count,
    split: (outputs) => byAction(outputs, count),
    returns: (quantiles) => quantiles,
    means: (quantiles) => mean(quantiles, 2),
    backup: (next, rewards, discounts) => bootstrapped(column(rewards), column(discounts), next),
    loss: (quantiles, targets, reduction) => quantileHuberLoss(quantiles, targets, kappa, reduction),
  }
}

/** The action values of a network under a head. */
export class ActionValues implements Specified {
  constructor(
    readonly network: Module,
    readonly head: ValueHead,
  ) {}

  forward(observations: Tensor, rng?: Rng): Tensor {
    const { network, head } = this
    return head.means(head.returns(head.split(network.forward(observations, rng))))
  }

  parameters(): NamedParameters {
    return this.network.parameters()
  }

  toSpec(): readonly LayerSpec[] {
    const { width, atoms } = this.head
    return [...layerSpecs(this.network), atoms === undefined ? { mean: width } : { expectation: Array.from(atoms) }]
  }
}

function byAction(outputs: Tensor, width: number): Tensor {
  const batch = outputs.dims[0]!
  return reshape(outputs, [batch, outputs.size / (batch * width), width])
}

/** `count` evenly spaced returns from `low` to `high`. Throws a `ValueError` unless `count` is at least 2 and `low` below `high`. */
export function atomsBetween(low: number, high: number, count: number): Float64Array {
  if (count >= 2 && low < high) {
    return Float64Array.from({ length: count }, (_, i) => low + (i * (high - low)) / (count - 1))
  }
  throw new ValueError(
    `c51: ${count} atoms from lowestReturn = ${low} to highestReturn = ${high}; expected two or more that ascend`,
  )
}

/**
 * Projects the distribution of r + discount · Z onto the atoms of Z: each atom moves to r + discount · z, clipped to the range of the
 * atoms, and its probability is split between the two nearest atoms by linear interpolation. Equation 7 of C51.
 * Probabilities [batch, atoms], rewards and discounts [batch], evenly spaced atoms → [batch, atoms], without gradient.
 */
export function projectDistribution(
  nextProbs: Tensor,
  rewards: Tensor,
  discounts: Tensor,
  support: ArrayLike<number>,
): Tensor {
  const [batch, atoms] = nextProbs.dims as [number, number]
  if (support.length !== atoms) {
    throw new ShapeError(`projectDistribution: ${support.length} atoms for probabilities of ${atoms}; expected as many`)
  }
  const [low, high] = [support[0]!, support[atoms - 1]!]
  const spacing = (high - low) / (atoms - 1)
  const [probs, r, discount] = [nextProbs.view(), rewards.view(), discounts.view()]
  const projected = newArray(nextProbs.dtype, batch * atoms)
  for (let row = 0; row < batch; row++) {
    const [reward, factor] = [r[row]!, discount[row]!]
    if (!Number.isFinite(reward)) {
      throw new ValueError(`projectDistribution: reward ${row} is ${reward}; expected a number`)
    }
    const start = row * atoms
    for (let i = 0; i < atoms; i++) {
      const moved = Math.min(Math.max(reward + factor * support[i]!, low), high)
      // Rounding can place the highest return beyond the last atom, which would give the one before a negative probability.
      const position = Math.min((moved - low) / spacing, atoms - 1)
      const below = Math.min(position | 0, atoms - 2) // an integer, so that the indices are fast
      const above = position - below // the fraction of the upper neighbour
      const at = start + below
      const probability = probs[start + i]!
      projected[at] = projected[at]! + probability * (1 - above)
      projected[at + 1] = projected[at + 1]! + probability * above
    }
  }
  return tensor(projected, [batch, atoms])
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
      `quantileHuberLoss: the quantiles are ${formatShape(quantiles.dims)}, the targets ${formatShape(targets.dims)}; ` +
        'expected [batch, N] and [batch, M]',
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
