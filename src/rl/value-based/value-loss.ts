// The loss of a sample in deep Q-learning: that of a head with Bellman targets, or one of the caller's. Read next: value-heads.ts,
// munchausen-dqn.ts for another loss.

import type { Module } from '../../nn/module.ts'
import { noGrad } from '../../tensor/autograd/autograd.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { formatShape, ShapeError } from '../../tensor/errors.ts'
import { argmax, mean } from '../../tensor/ops/reduce.ts'
import type { Rng } from '../../tensor/random.ts'
import { chosenRows, transitionTensors } from '../replay/off-policy.ts'
import type { ReplayBatch } from '../replay/replay.ts'
import type { ValueHead } from './value-heads.ts'

/** A sample of transitions and the networks to evaluate them with. */
export interface ValueBatch {
  /** [batch, observationSize] */
  readonly observations: Tensor
  /** int32 choices [batch, 1] */
  readonly actions: Tensor
  /** Rewards, or discounted sums of n: [batch]. */
  readonly rewards: Tensor
  /** [batch, observationSize] */
  readonly nextObservations: Tensor
  /** γⁿ, or 0 where the task ended: [batch]. */
  readonly discounts: Tensor
  /** The network's outputs for observations: action values [batch, actions], or for distributions [batch, actions, width]. */
  network(observations: Tensor): Tensor
  /** The same of the target network. */
  target(observations: Tensor): Tensor
  /** Selects the outputs of the actions taken: [batch, actions] → [batch], [batch, actions, width] → [batch, width]. */
  chosen(outputs: Tensor): Tensor
}

/** The loss of each transition: [batch]. Compute its targets within `noGrad`. In prioritised replay the losses are the priorities. */
export type ValueLoss = (batch: ValueBatch) => Tensor

/**
 * The loss of a sample, a scalar or with `none` [batch], and with `none` the errors for prioritised replay [batch].
 *
 * @param own in place of the head's loss. Throws a `ShapeError` unless it gives [batch].
 */
export function sampleLoss(
  head: ValueHead,
  batch: ValueBatch,
  double: boolean,
  own: ValueLoss | undefined,
  reduction: 'mean' | 'none',
): { readonly loss: Tensor; readonly errors: Tensor } {
  if (own === undefined) {
    const { outputs, targets } = estimates(head, batch, double)
    const loss = head.loss(outputs, targets, reduction)
    return { loss, errors: (reduction === 'none' && head.errors?.(outputs, targets)) || loss }
  }
  const terms = own(batch)
  const { size } = batch.rewards
  if (terms.dims.length !== 1 || terms.size !== size) {
    throw new ShapeError(`loss: it gave ${formatShape(terms.dims)}; expected a term for each transition, [${size}]`)
  }
  return { loss: reduction === 'none' ? terms : mean(terms), errors: terms }
}

/** With `rng`, noisy layers draw new noise in each pass. */
export function valueBatch(
  head: ValueHead,
  network: Module,
  target: Module,
  sample: ReplayBatch,
  gamma: number,
  rng?: Rng,
): ValueBatch {
  const { observations, actions, rewards, nextObservations, discounts } = transitionTensors(sample, gamma)
  const outputsOf = (each: Module) => (states: Tensor) => head.split(each.forward(states, rng))
  const chosen = (outputs: Tensor) => chosenRows(outputs, actions)
  const [ofNetwork, ofTarget] = [outputsOf(network), outputsOf(target)]
  // Listed one by one: a spread object takes a hundredth of an update.
  return { observations, actions, rewards, nextObservations, discounts, network: ofNetwork, target: ofTarget, chosen }
}

/** The network's outputs for the actions taken, and their targets (without gradient): rows of a head. */
export function estimates(head: ValueHead, batch: ValueBatch, double: boolean): Record<'outputs' | 'targets', Tensor> {
  const { observations, rewards, nextObservations, discounts, network, target } = batch
  const targets = noGrad(() => {
    const learnerNext = double ? head.returns(network(nextObservations)) : undefined
    return bellmanTargets(head, rewards, discounts, head.returns(target(nextObservations)), learnerNext)
  })
  return { outputs: batch.chosen(network(observations)), targets }
}

/**
 * r + γⁿ (1 - terminated) Z′(s′, a*), where Z′ are the target network's returns and a* has the largest mean under Z′ or, in double
 * Q-learning (van Hasselt et al. 2016, arXiv:1509.06461), under the learner's returns. Returns [batch, actions, …]; rewards and
 * `discounts`, γⁿ (1 - terminated), [batch].
 */
export function bellmanTargets(
  head: ValueHead,
  rewards: Tensor,
  discounts: Tensor,
  targetNext: Tensor,
  learnerNext = targetNext,
): Tensor {
  return head.backup(chosenRows(targetNext, argmax(head.means(learnerNext), 1, true)), rewards, discounts)
}
