// Prioritised experience replay, proportional variant: transition i is drawn with probability P(i) = pᵢ^α / Σ pₖ^α, where
// pᵢ = |δᵢ| + ε, and weighted by (N P(i))^-β against the bias (Schaul et al. 2016, arXiv:1511.05952, algorithm 1).

import { type SavedArrays, savedArray } from '../../data/columns.ts'
import { CheckpointError, ValueError } from '../../tensor/errors.ts'
import { power } from '../../tensor/portable-math.ts'
import type { Rng } from '../../tensor/random.ts'
import { type ReplayBatch, ReplayBuffer, type ReplayOptions } from './replay.ts'

interface PrioritizedOptions extends ReplayOptions {
  /** α, exponent of the priorities: 0 draws uniformly, 1 in proportion. Default 0.6. */
  readonly alpha?: number
  /** ε, added to each error so that no probability is 0. Default 1e-6. */
  readonly epsilon?: number
}

interface PrioritizedBatch extends ReplayBatch {
  /** Importance weights, scaled to a maximum of 1: [size]. */
  readonly weights: Float32Array
}

export class PrioritizedReplayBuffer {
  readonly replay: ReplayBuffer
  private readonly tree: SumTree
  private readonly alpha: number
  private readonly epsilon: number
  private largest = 1 // maximum of pᵢ^α so far
  private indices = new Int32Array(0)
  private probabilities = new Float64Array(0)
  private weights = new Float32Array(0)
  private batch: PrioritizedBatch | null = null

  constructor({ alpha = 0.6, epsilon = 1e-6, ...options }: PrioritizedOptions) {
    this.replay = new ReplayBuffer(options)
    this.tree = new SumTree(options.capacity)
    this.alpha = alpha
    this.epsilon = epsilon
  }

  /** Number of transitions stored. */
  get size(): number {
    return this.replay.size
  }

  /** As `ReplayBuffer.add`. A new transition gets the largest priority so far. */
  add(...transition: Parameters<ReplayBuffer['add']>): number {
    const index = this.replay.add(...transition)
    this.tree.set(index, this.largest)
    return index
  }

  /**
   * Draws `batchSize` transitions by priority, stratified: one from each of `batchSize` equal segments of the total.
   * @param beta exponent of the importance weights: 0 corrects none of the bias, 1 all.
   */
  sample(batchSize: number, rng: Rng, beta: number): PrioritizedBatch {
    this.replay.requireSample(batchSize)
    if (this.indices.length !== batchSize) {
      this.indices = new Int32Array(batchSize)
      this.probabilities = new Float64Array(batchSize)
      this.weights = new Float32Array(batchSize)
    }
    const { tree, indices, probabilities, weights } = this
    for (let i = 0; i < batchSize; i++) {
      indices[i] = tree.find(((i + rng.uniform()) / batchSize) * tree.total)
      probabilities[i] = tree.get(indices[i]!) / tree.total
    }
    importanceWeights(probabilities, this.size, beta, weights)
    const gathered = this.replay.gather(indices)
    if (this.batch?.rewards !== gathered.rewards) this.batch = { ...gathered, weights }
    return this.batch
  }

  /** Sets pᵢ^α = (|error| + ε)^α of sampled transitions. Throws a `ValueError` on an error that is not finite. */
  updatePriorities(indices: Int32Array, errors: ArrayLike<number>): void {
    for (let i = 0; i < indices.length; i++) {
      const weight = power(Math.abs(errors[i]!) + this.epsilon, this.alpha)
      this.tree.set(indices[i]!, weight)
      if (weight > this.largest) this.largest = weight
    }
  }

  save(): SavedArrays {
    const priorities = Float64Array.from({ length: this.size }, (_, i) => this.tree.get(i))
    return { ...this.replay.save(), priorities, largest: Float64Array.of(this.largest) }
  }

  /** Throws a `CheckpointError` if the saved contents do not fit this buffer's sizes. */
  restore(saved: SavedArrays): void {
    const largest = savedArray('PrioritizedReplayBuffer', saved, 'largest', 1)[0]!
    const priorities = savedArray('PrioritizedReplayBuffer', saved, 'priorities')
    this.replay.restore(saved)
    if (![largest, ...priorities].every((each) => each >= 0 && each < Infinity) || priorities.length !== this.size) {
      throw new CheckpointError(`PrioritizedReplayBuffer: expected ${this.size} priorities, finite and from 0 on`)
    }
    for (let i = 0; i < this.size; i++) this.tree.set(i, priorities[i]!)
    this.largest = largest
  }
}

/** (N Pᵢ)^-β divided by the maximum of the batch. Section 3.4 of the paper. */
export function importanceWeights(
  probabilities: ArrayLike<number>,
  bufferSize: number,
  beta: number,
  out: Float32Array | Float64Array = new Float32Array(probabilities.length),
): Float32Array | Float64Array {
  let largest = 0
  for (let i = 0; i < out.length; i++) {
    out[i] = power(bufferSize * probabilities[i]!, -beta)
    if (out[i]! > largest) largest = out[i]!
  }
  for (let i = 0; i < out.length; i++) out[i] = out[i]! / largest
  return out
}

/**
 * A binary tree whose leaves are weights and whose inner nodes are sums of their children. Setting a weight and finding the leaf at a
 * cumulative sum take log2(n) steps. Schaul et al. 2016, appendix B.2.1.
 */
export class SumTree {
  /** Node i has the children 2i and 2i + 1; node 1 is the root, the leaves are the last `leaves` nodes. */
  private readonly nodes: Float64Array
  private readonly leaves: number

  /** @param capacity number of weights; all start at 0 */
  constructor(capacity: number) {
    this.leaves = 1
    while (this.leaves < capacity) this.leaves *= 2
    this.nodes = new Float64Array(2 * this.leaves)
  }

  get total(): number {
    return this.nodes[1]!
  }

  get(index: number): number {
    return this.nodes[this.leaves + index]!
  }

  /** Throws a `ValueError` on a weight that is negative or not finite. */
  set(index: number, weight: number): void {
    if (!(weight >= 0 && weight < Infinity)) {
      throw new ValueError(`SumTree: the weight at index ${index} is ${weight}; expected a finite number from 0 on`)
    }
    const { nodes } = this
    let node = this.leaves + index
    nodes[node] = weight
    // Sums are recomputed from the children: adding differences would accumulate rounding errors.
    for (node >>= 1; node >= 1; node >>= 1) nodes[node] = nodes[2 * node]! + nodes[2 * node + 1]!
  }

  /** The smallest i with w₀ + … + wᵢ > `mass`, for a mass in [0, total). wᵢ is above 0 if the total is. */
  find(mass: number): number {
    const { nodes, leaves } = this
    let left = mass
    let node = 1
    while (node < leaves) {
      node *= 2
      const weight = nodes[node]!
      // Rounding can leave a mass beyond the last positive weight, so a right subtree of weight 0 is not entered.
      if (left >= weight && nodes[node + 1]! > 0) {
        left -= weight
        node++
      }
    }
    return node - leaves
  }
}
