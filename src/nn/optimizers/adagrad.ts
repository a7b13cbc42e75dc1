// Adagrad divides each gradient by the root of the sum of all its squares, so steps shrink as training goes on.
// Duchi, Hazan and Singer 2011.

import { add, div, mul, sqrt, square, sub } from '../../tensor/ops/elementwise.ts'
import { Optimizer, type OptimizerSource } from './optimizer.ts'
import { decayed, type Slot, updateBy } from './parameter-group.ts'
import type { Scheduled } from './schedules.ts'

export const adagradDefaults = {
  learningRate: 1e-2 as Scheduled,
  /** The learning rate is divided by 1 + learningRateDecay · t. */
  learningRateDecay: 0,
  /** Initial value of the sums of squares. */
  initialSum: 0,
  /** Added to the root, so that the division stays finite. */
  epsilon: 1e-10,
  weightDecay: 0,
}

export type AdagradSettings = typeof adagradDefaults

/** s := s + g², p := p - lr g / (√s + ε). */
export class Adagrad extends Optimizer<AdagradSettings, 'sum'> {
  readonly name = 'adagrad'

  constructor(source: OptimizerSource<AdagradSettings>, options: Partial<AdagradSettings> = {}) {
    const limits = { learningRateDecay: Infinity, initialSum: Infinity, epsilon: Infinity }
    super(source, adagradDefaults, options, limits)
  }

  protected initialBuffers({ initialSum }: AdagradSettings) {
    return { sum: initialSum }
  }

  protected update(slot: Slot<'sum'>, s: AdagradSettings, learningRate: number): void {
    const rate = learningRate / (1 + slot.step * s.learningRateDecay)
    updateBy(slot, ({ parameter, gradient, sum }) => {
      const g = decayed(gradient, parameter, s.weightDecay)
      const total = add(sum, square(g))
      return { sum: total, parameter: sub(parameter, div(mul(g, rate), add(sqrt(total), s.epsilon))) }
    })
  }
}
