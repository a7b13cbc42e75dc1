// The network of a deep Q-learner: hidden layers, then one head or dueling streams (Wang et al. 2016, arXiv:1511.06581), of plain or noisy
// layers (Fortunato et al. 2018, arXiv:1706.10295). Read next: ../../nn/layers/noisy-linear.ts, ../../nn/layers/dueling-head.ts.

import { flattened, parseLayers } from '../../nn/layers/network-text.ts'
import type { LayerSpec, NetworkSpec } from '../../nn/layers/spec.ts'
import type { Shape } from '../../tensor/shape.ts'

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
