// Values learned as histograms: where the bins lie, and how a network's outputs become values again.
// Read next: nn/value-bins.ts for the weights on the bins.

import type { Module, NamedParameters } from '../../nn/module.ts'
import type { Bins } from '../../nn/value-bins.ts'
import { count, type Option } from '../../rl/algorithms/options.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { matmul } from '../../tensor/ops/matmul.ts'
import { softmax } from '../../tensor/ops/softmax.ts'
import type { Rng } from '../../tensor/random.ts'
import type { Tensor } from '../../tensor/tensor.ts'

/** Standard deviation of HL-Gauss in bin widths. Farebrother et al. 2024, arXiv:2403.03950, section 3.2. */
export const HL_GAUSS_SIGMA = 0.75

/** The option of all targets with bins. */
export function binsOption(): Option<number> {
  return {
    ...count(51, 'bins, from 10 % of the range below the least label to 10 % above the greatest'),
    ...atLeastTwo,
  }
}

const atLeastTwo = {
  allowed: 'a whole number from 2 on',
  accepts: (given: unknown) => Number.isSafeInteger(given) && (given as number) >= 2,
}

/**
 * `bins` bins from the least value minus 10 % of the range to the greatest plus 10 %, and the width of one. Values that are all
 * equal get a range of 1.
 */
export function binsAround(values: Float32Array, bins: number): { bins: Bins; width: number } {
  const least = values.reduce((a, b) => Math.min(a, b), Infinity)
  const greatest = values.reduce((a, b) => Math.max(a, b), -Infinity)
  const margin = 0.1 * (greatest - least || 1)
  const [low, high] = [least - margin, greatest + margin]
  return { bins: { low, high, count: bins }, width: (high - low) / bins }
}

/** Reads values from a network of bins: Σ softmax(z) · position, [batch, values · bins] → [batch, values]. */
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
