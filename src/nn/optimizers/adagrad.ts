// Adagrad divides each gradient by the root of the sum of all its squares, so steps shrink as training goes on.
// Duchi, Hazan and Singer 2011.

import { updates } from '../../tensor/dispatch/families.ts'
import { backendOf } from '../../tensor/dispatch/select.ts'
import { Optimizer, type OptimizerSource } from './optimizer.ts'
import type { Slot } from './parameter-group.ts'
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

  protected update({ parameter, gradient, buffers, step }: Slot<'sum'>, s: AdagradSettings, rate: number): void {
    const settings = { ...s, learningRate: rate / (1 + step * s.learningRateDecay) }
    backendOf(parameter, updates).adagrad(parameter, gradient, buffers.sum!, settings)
  }
}
