// A binary tree whose leaves are weights and whose inner nodes are sums of their children. Setting a weight and finding the leaf
// at a cumulative sum take log2(n) steps (Schaul et al. 2016, arXiv:1511.05952, appendix B.2.1). Read next: prioritized.ts.

import { requireSize } from '../../nn/checks.ts'
import { ValueError } from '../../tensor/errors.ts'

export class SumTree {
  /** Node i has the children 2i and 2i + 1; node 1 is the root, the leaves are the last `leaves` nodes. */
  private readonly nodes: Float64Array
  private readonly leaves: number

  /** @param capacity number of weights; all start at 0 */
  constructor(readonly capacity: number) {
    requireSize('SumTree: capacity', capacity)
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

  /** Throws a `ValueError` on an index outside the tree, and on a weight that is negative or not finite. */
  set(index: number, weight: number): void {
    if (!(Number.isInteger(index) && index >= 0 && index < this.capacity)) {
      throw new ValueError(`SumTree: the index is ${index}; expected 0 to ${this.capacity - 1}`)
    }
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
