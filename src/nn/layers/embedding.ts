// A lookup table of learned rows, one per index: states of a grid, words, actions.

import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { embedding } from '../../tensor/ops/indexing.ts'
import type { Rng } from '../../tensor/random.ts'
import { requireMatrix, requireRng } from '../checks.ts'
import { parameter } from '../flat.ts'
import { type Initializer, normalInit } from '../init.ts'
import type { Module, NamedParameters } from '../module.ts'

/** int32 indices of any shape → [...indices, features]. Rows start standard normal, as in PyTorch. */
export class Embedding implements Module {
  /** [count, features] */
  readonly weight: Tensor

  constructor(
    readonly count: number,
    readonly features: number,
    rng: Rng,
    init: Initializer = normalInit(1),
  ) {
    requireMatrix('Embedding', count, features)
    requireRng('Embedding', rng)
    this.weight = parameter([count, features], init([count, features], rng))
  }

  /** Throws a ValueError for an index outside 0 … count-1. */
  forward(indices: Tensor): Tensor {
    return embedding(this.weight, indices)
  }

  parameters(): NamedParameters {
    return { weight: this.weight }
  }
}
