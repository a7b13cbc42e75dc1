// The network of a deep Q-learner: hidden layers, then one head or dueling streams (Wang et al. 2016, arXiv:1511.06581), of plain or noisy
// layers (Fortunato et al. 2018, arXiv:1706.10295). Read next: ../../nn/layers/noisy-linear.ts, ../../nn/layers/dueling-head.ts.

import { DuelingHead } from '../../nn/layers/dueling-head.ts'
import { Linear } from '../../nn/layers/linear.ts'
import { NoisyLinear } from '../../nn/layers/noisy-linear.ts'
import { Sequential } from '../../nn/layers/sequential.ts'
import type { Module } from '../../nn/module.ts'
import { relu } from '../../tensor/ops/elementwise.ts'
import type { Rng } from '../../tensor/random.ts'

interface ValueNetworkParts {
  readonly hidden: readonly number[]
  /** Compute action values from a state value and the advantage of each action. */
  readonly dueling: boolean
  /** Use noisy layers after the first hidden layer, which replaces the paper's convolutions. */
  readonly noisy: boolean
  /** Outputs per action. Default 1. */
  readonly atoms?: number
}

/** [batch, observationSize] → [batch, actions · atoms], or [batch, actions, atoms] with both streams and several atoms. */
export function valueNetwork(
  observationSize: number,
  numActions: number,
  { hidden, dueling, noisy, atoms = 1 }: ValueNetworkParts,
  rng: Rng,
): Module {
  const layer = (inputs: number, outputs: number) =>
    noisy ? new NoisyLinear(inputs, outputs, rng) : new Linear(inputs, outputs, rng)
  const widths = [observationSize, ...hidden]
  const features = hidden.flatMap((width, i) => [
    i === 0 ? new Linear(observationSize, width, rng) : layer(widths[i]!, width),
    relu,
  ])
  const last = widths.at(-1)!
  const head = dueling
    ? new DuelingHead(layer(last, atoms), layer(last, numActions * atoms), atoms)
    : layer(last, numActions * atoms)
  return new Sequential(...features, head)
}
