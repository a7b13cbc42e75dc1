// Independent categorical distributions of the entries of an action, for MultiDiscrete and MultiBinary spaces: log-probabilities,
// entropies and divergences are sums over the entries. Stable-Baselines3 has them as MultiCategoricalDistribution and
// BernoulliDistribution.

import type { Tensor } from '../../../tensor/autograd/tensor.ts'
import { formatShape, ShapeError } from '../../../tensor/errors.ts'
import { cast } from '../../../tensor/ops/create.ts'
import { indexSelect } from '../../../tensor/ops/indexing.ts'
import { concat, narrow, reshape, stack } from '../../../tensor/ops/layout.ts'
import { constant } from '../../../tensor/ops/primitives.ts'
import { sum } from '../../../tensor/ops/reduce.ts'
import type { Rng } from '../../../tensor/random.ts'
import { sameShape } from '../../../tensor/shape.ts'
import { Categorical } from './categorical.ts'
import type { DistributionWithEntropy } from './distribution.ts'

export class MultiCategorical implements DistributionWithEntropy {
  private readonly shape: readonly [batch: number, entries: number]
  /** Every entry of every row: logits [batch · entries, largest count]. */
  private readonly entries: Categorical

  /**
   * @param logits concatenated logits of the entries: [batch, Σ nvec]
   * @param nvec number of values of each entry: [entries]
   *
   * Throws a `ShapeError` on other shapes.
   */
  constructor(logits: Tensor, nvec: readonly number[]) {
    const total = nvec.reduce((all, n) => all + n, 0)
    if (logits.dims.length !== 2 || logits.dims[1] !== total) {
      throw new ShapeError(`MultiCategorical: logits ${formatShape(logits.dims)}; expected [batch, ${nvec.join('+')}]`)
    }
    this.shape = [logits.dims[0]!, nvec.length]
    // Entries with fewer values are padded with a logit of -∞, which has no probability, entropy or gradient.
    const most = Math.max(...nvec)
    const columns: number[] = []
    let start = 0
    for (const n of nvec) {
      for (let k = 0; k < most; k++) columns.push(k < n ? start + k : total)
      start += n
    }
    const padding = constant(narrow(logits, 1, 0, 1), -Infinity)
    const padded = indexSelect(concat([logits, padding], 1), 1, columns)
    this.entries = new Categorical(reshape(padded, [this.shape[0] * nvec.length, most]))
  }

  /** Independent bits, 1 with probability σ(logit): Bernoulli distributions from logits [batch, bits]. */
  static ofBits(logits: Tensor): MultiCategorical {
    const [batch, bits] = logits.dims as [number, number]
    const pairs = stack([constant(logits, 0), logits], 2)
    return new MultiCategorical(reshape(pairs, [batch, 2 * bits]), new Array<number>(bits).fill(2))
  }

  /** Σ ln π(entry) for whole numbers [batch, entries] → [batch]. */
  logProb(actions: Tensor): Tensor {
    if (!sameShape(actions.dims, this.shape)) {
      throw new ShapeError(`MultiCategorical: actions ${formatShape(actions.dims)}, not ${formatShape(this.shape)}`)
    }
    return this.total(this.entries.logProb(reshape(cast(actions, 'int32'), [actions.size])))
  }

  /** Σ H(entry), in nats: [batch]. */
  entropy(): Tensor {
    return this.total(this.entries.entropy())
  }

  /** KL(this ‖ other), in nats, for equal nvec: [batch]. */
  kl(other: MultiCategorical): Tensor {
    return this.total(this.entries.kl(other.entries))
  }

  /** int32 [batch, entries]; one uniform number for each entry of each row. */
  sample(rng: Rng): Tensor {
    return reshape(this.entries.sample(rng), this.shape)
  }

  /** The most likely value of each entry, the first of equals: int32 [batch, entries]. */
  mode(): Tensor {
    return reshape(this.entries.mode(), this.shape)
  }

  private total(perEntry: Tensor): Tensor {
    return sum(reshape(perEntry, this.shape), 1)
  }
}
