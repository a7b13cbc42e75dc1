// Plain gradient descent by a loop over arrays, as an optimizer of one's own does it. Counts its update calls.

import { Optimizer, type OptimizerSource, type Slot } from '../../../src/nn/index.ts'
import type { CommonSettings } from '../../../src/nn/optimizers/optimizer.ts'

type Buffers = 'total' | 'unused'

export class LoopSGD extends Optimizer<CommonSettings, Buffers> {
  readonly name = 'loop-sgd'
  /** Parameters, with their padding, of each update call. */
  readonly lengths: number[] = []

  constructor(source: OptimizerSource<CommonSettings>, learningRate: number) {
    super(source, { learningRate, weightDecay: 0 }, {}, {})
  }

  protected initialBuffers() {
    return { total: 0, unused: null }
  }

  protected update(slot: Slot<Buffers>, _: CommonSettings, learningRate: number): void {
    const { parameter, gradient, total, unused } = this.arrays(slot)
    this.lengths.push(parameter.length)
    for (let i = 0; i < parameter.length; i++) {
      parameter[i]! -= learningRate * gradient[i]!
      total[i]! += gradient[i]!
    }
    if (unused.length > 0) throw new Error('a buffer that is not needed has elements')
  }
}
