// Values learned as distributions over bins: where the bins lie, and how a network's outputs are read as values again.
// Read next: nn/value-bins.ts for the weights on the bins.

import type { Module, NamedParameters } from '../../nn/module.ts'
import type { Bins } from '../../nn/value-bins.ts'
import { ValueError } from '../../tensor/errors.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { matmul } from '../../tensor/ops/matmul.ts'
import { softmax } from '../../tensor/ops/softmax.ts'
import type { Rng } from '../../tensor/random.ts'
import type { Tensor } from '../../tensor/tensor.ts'

/** The deviation of HL-Gauss in bin widths. Farebrother et al. 2024, arXiv:2403.03950, section 3.2. */
export const HL_GAUSS_SIGMA = 0.75

/**
 * `count` bins from the least value less 10 % of the range to the greatest and 10 %, and the width of one. Values that are
 * all alike get a range of 1. Throws a ValueError on less than 2 bins.
 */
export function binsAround(values: Float32Array, count = 51): { bins: Bins; width: number } {
  if (!(Number.isInteger(count) && count >= 2)) {
    throw new ValueError(`value bins: bins is ${count}; expected a whole number from 2`)
  }
  const least = values.reduce((a, b) => Math.min(a, b), Infinity)
  const greatest = values.reduce((a, b) => Math.max(a, b), -Infinity)
  const margin = 0.1 * (greatest - least || 1)
  const bins = { low: least - margin, high: greatest + margin, count }
  return { bins, width: (bins.high - bins.low) / count }
}

/** Values read from a network of bins: Σ softmax(z) · position, [batch, values · bins] → [batch, values]. */
export class BinReadOut implements Module {
  private readonly column: Tensor // [bins, 1]

  constructor(
    readonly network: Module,
    /** The value that each bin stands for. */
    readonly positions: Float64Array,
  ) {
    this.column = tensor(Float32Array.from(positions), [positions.length, 1])
  }

  forward(x: Tensor, rng?: Rng): Tensor {
    const logits = this.network.forward(x, rng)
    const [batch] = logits.shape as [number]
    const shares = softmax(reshape(logits, [-1, this.positions.length]))
    return reshape(matmul(shares, this.column), [batch, -1])
  }

  parameters(): NamedParameters {
    return this.network.parameters()
  }
}
