// A sample of transitions as the losses of deep Q-learning read it. Read next: dqn.ts.

import { reduced } from '../../nn/losses/reduction.ts'
import type { Module } from '../../nn/module.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { formatShape, ShapeError } from '../../tensor/errors.ts'
import type { Rng } from '../../tensor/random.ts'
import { chosenRows, transitionTensors } from '../replay/off-policy.ts'
import type { ReplayBatch } from '../replay/replay.ts'
import { byAction } from './value-network.ts'

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

/** What the targets of the next state are made of. */
export type NextState = Pick<ValueBatch, 'rewards' | 'discounts' | 'nextObservations' | 'network' | 'target'>

/** The loss of each transition: [batch]. Compute its targets within `noGrad`. In prioritised replay the losses are the priorities. */
export type ValueLoss = (batch: ValueBatch) => Tensor

/** The loss of a sample: a scalar, or with `none` [batch]. */
export type SampleLoss = (
  batch: ValueBatch,
  reduction: 'mean' | 'none',
) => {
  readonly loss: Tensor
  /** Errors for prioritised replay: [batch]. Default: the loss of each transition. */
  errors?(): Tensor
}

/** With `rng`, noisy layers draw new noise in each pass. `width` is that of the head. */
export function valueBatch(
  width: number,
  network: Module,
  target: Module,
  sample: ReplayBatch,
  gamma: number,
  rng?: Rng,
): ValueBatch {
  const { observations, actions, rewards, nextObservations, discounts } = transitionTensors(sample, gamma)
  const outputsOf = (each: Module) => (states: Tensor) => byAction(each.forward(states, rng), width)
  const chosen = (outputs: Tensor) => chosenRows(outputs, actions)
  const [ofNetwork, ofTarget] = [outputsOf(network), outputsOf(target)]
  // Listed one by one: a spread object takes a hundredth of an update.
  return { observations, actions, rewards, nextObservations, discounts, network: ofNetwork, target: ofTarget, chosen }
}

/** A caller's loss as a loss of samples. Throws a `ShapeError` unless it gives [batch]. */
export function sampleLossOf(own: ValueLoss): SampleLoss {
  return (batch, reduction) => {
    const terms = own(batch)
    const { size } = batch.rewards
    if (terms.dims.length !== 1 || terms.size !== size) {
      throw new ShapeError(`loss: it gave ${formatShape(terms.dims)}; expected a term for each transition, [${size}]`)
    }
    return { loss: reduced(terms, reduction) }
  }
}
