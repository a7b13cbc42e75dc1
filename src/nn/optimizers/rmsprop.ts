// Gradients divided by the root of their running mean square. Tieleman and Hinton 2012 (lecture 6.5); the centered form
// and momentum: Graves 2013, arXiv:1308.0850, eq. 38 to 45.

import { updates } from '../../tensor/backends/families.ts'
import { backendOf } from '../../tensor/backends/select.ts'
import { type CommonSettings, Optimizer, type OptimizerSource, requireAtLeast } from './optimizer.ts'
import type { Slot } from './parameter-group.ts'

export interface RmsPropSettings extends CommonSettings {
  /** How much of the mean square stays at each step, in [0, 1). */
  alpha: number
  /** Keeps the division finite; added to the root. */
  epsilon: number
  momentum: number
  /** Divide by the standard deviation instead of the root mean square. */
  centered: boolean
}

export const rmsPropDefaults: RmsPropSettings = {
  learningRate: 1e-2,
  alpha: 0.99,
  epsilon: 1e-8,
  weightDecay: 0,
  momentum: 0,
  centered: false,
}

type Means = 'second' | 'mean' | 'velocity'

/** s := α s + (1 - α) g², p := p - lr g / (√s + ε). */
export class RmsProp extends Optimizer<RmsPropSettings, Means> {
  readonly name = 'rmsprop'

  constructor(source: OptimizerSource<RmsPropSettings>, options: Partial<RmsPropSettings> = {}) {
    super(source, { ...rmsPropDefaults, ...options })
  }

  protected initialBuffers({ centered, momentum }: RmsPropSettings) {
    return { second: 0, mean: centered ? 0 : null, velocity: momentum === 0 ? null : 0 }
  }

  protected update({ parameter, gradient, buffers }: Slot<Means>, s: RmsPropSettings, learningRate: number): void {
    const { alpha, epsilon, weightDecay, momentum, centered } = s
    const settings = { learningRate, alpha, epsilon, weightDecay, momentum, centered }
    backendOf(parameter, updates).rmsprop(
      parameter,
      gradient,
      buffers.second!,
      buffers.mean,
      buffers.velocity,
      settings,
    )
  }

  protected override check(settings: RmsPropSettings): void {
    super.check(settings)
    requireAtLeast('alpha', settings.alpha, 0, 1)
    requireAtLeast('epsilon', settings.epsilon, 0)
    requireAtLeast('momentum', settings.momentum, 0)
  }
}
