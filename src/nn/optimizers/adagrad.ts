// Gradients divided by the root of the sum of all their squares: steps shrink where much was learned already.
// Duchi, Hazan and Singer 2011.

import { updates } from '../../tensor/backends/families.ts'
import { backendOf } from '../../tensor/backends/select.ts'
import { type CommonSettings, Optimizer, type OptimizerSource, requireAtLeast } from './optimizer.ts'
import type { Slot } from './parameter-group.ts'

export interface AdagradSettings extends CommonSettings {
  /** The learning rate is divided by 1 + learningRateDecay · t. */
  learningRateDecay: number
  /** What the sums of squares start from. */
  initialSum: number
  /** Keeps the division finite; added to the root. */
  epsilon: number
}

export const adagradDefaults: AdagradSettings = {
  learningRate: 1e-2,
  learningRateDecay: 0,
  initialSum: 0,
  epsilon: 1e-10,
  weightDecay: 0,
}

/** s := s + g², p := p - lr g / (√s + ε). */
export class Adagrad extends Optimizer<AdagradSettings, 'sum'> {
  readonly name = 'adagrad'

  constructor(source: OptimizerSource<AdagradSettings>, options: Partial<AdagradSettings> = {}) {
    super(source, { ...adagradDefaults, ...options })
  }

  protected initialBuffers({ initialSum }: AdagradSettings) {
    return { sum: initialSum }
  }

  protected update(
    { parameter, gradient, buffers, step }: Slot<'sum'>,
    s: AdagradSettings,
    learningRate: number,
  ): void {
    const { epsilon, weightDecay, learningRateDecay } = s
    const settings = { learningRate: learningRate / (1 + step * learningRateDecay), epsilon, weightDecay }
    backendOf(parameter, updates).adagrad(parameter, gradient, buffers.sum!, settings)
  }

  protected override check(settings: AdagradSettings): void {
    super.check(settings)
    requireAtLeast('learningRateDecay', settings.learningRateDecay, 0)
    requireAtLeast('initialSum', settings.initialSum, 0)
    requireAtLeast('epsilon', settings.epsilon, 0)
  }
}
