// The network of a deep Q-learner: hidden layers, then one head or dueling streams (Wang et al. 2016, arXiv:1511.06581), of plain or noisy
// layers (Fortunato et al. 2018, arXiv:1706.10295). Its outputs for an action are its value, or describe the distribution of its return.

import { flattened, parseLayers } from '../../nn/layers/network-text.ts'
import { type LayerSpec, layerSpecs, type NetworkSpec, type Specified } from '../../nn/layers/spec.ts'
import { reduced } from '../../nn/losses/reduction.ts'
import type { Module, NamedParameters } from '../../nn/module.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { formatShape, ShapeError } from '../../tensor/errors.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import type { Rng } from '../../tensor/random.ts'
import type { Shape } from '../../tensor/shape.ts'
import { chosenRows, transitionTensors } from '../replay/off-policy.ts'
import type { ReplayBatch } from '../replay/replay.ts'

/** How the outputs for an action describe its return. */
export interface ValueHead {
  /** Outputs for each action. */
  readonly width: number
  /** The fixed returns, [width], of a head of probabilities. Of the others, Q is the mean of the outputs. */
  readonly atoms?: Float64Array
  /** Q(s, a), the mean of each return: outputs [batch, actions, width] → [batch, actions]. */
  means(outputs: Tensor): Tensor
}

/** Outputs [batch, actions · width] split by action: [batch, actions, width], or for one output each [batch, actions]. */
export function byAction(outputs: Tensor, width: number): Tensor {
  if (width === 1) return outputs
  const batch = outputs.dims[0]!
  return reshape(outputs, [batch, outputs.size / (batch * width), width])
}

/** The action values of a network under a head. */
export class ActionValues implements Specified {
  constructor(
    readonly network: Module,
    readonly head: ValueHead,
  ) {}

  forward(observations: Tensor, rng?: Rng): Tensor {
    const { network, head } = this
    return head.means(byAction(network.forward(observations, rng), head.width))
  }

  parameters(): NamedParameters {
    return this.network.parameters()
  }

  toSpec(): readonly LayerSpec[] {
    const { width, atoms } = this.head
    return [...layerSpecs(this.network), atoms === undefined ? { mean: width } : { expectation: Array.from(atoms) }]
  }
}

interface ValueNetworkParts {
  readonly hidden: readonly number[]
  /** The layers before the head as text, in place of those of `hidden`. */
  readonly network?: unknown
  /** Compute action values from a state value and the advantage of each action. */
  readonly dueling: boolean
  /** Use noisy layers after the first hidden layer, which replaces the paper's convolutions. */
  readonly noisy: boolean
  /** Outputs per action. Default 1. */
  readonly atoms?: number
}

/** [batch, ...input] → [batch, actions · atoms], or [batch, actions, atoms] with both streams and several atoms. */
export function valueNetwork(
  input: Shape,
  numActions: number,
  { hidden, network, dueling, noisy, atoms = 1 }: ValueNetworkParts,
): NetworkSpec {
  const layer = (outputs: number): LayerSpec => (noisy ? { noisy: outputs } : { linear: outputs })
  const body =
    typeof network === 'string'
      ? parseLayers(network)
      : hidden.flatMap((width, i): LayerSpec[] => [i === 0 ? { linear: width } : layer(width), 'relu'])
  const streams = { value: [layer(atoms)], advantage: [layer(numActions * atoms)], atoms }
  const head: LayerSpec = dueling ? { dueling: streams } : layer(numActions * atoms)
  return { input, layers: flattened([...body, head], input) }
}

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
