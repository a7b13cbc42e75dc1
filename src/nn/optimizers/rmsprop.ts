// RMSProp divides each gradient by the root of its running mean square. Tieleman and Hinton 2012 (lecture 6.5); the centered
// form and momentum: Graves 2013, arXiv:1308.0850, eq. 38 to 45.

import { updates } from '../../tensor/dispatch/families.ts'
import { backendOf } from '../../tensor/dispatch/select.ts'
import { Optimizer, type OptimizerSource } from './optimizer.ts'
import type { Slot } from './parameter-group.ts'
import type { Scheduled } from './schedules.ts'

export const rmsPropDefaults = {
  learningRate: 1e-2 as Scheduled,
  /** Decay of the mean square, in [0, 1). */
  alpha: 0.99,
  /** Added to the root, so that the division stays finite. */
  epsilon: 1e-8,
  weightDecay: 0,
  momentum: 0,
  /** Divide by the standard deviation instead of the root mean square. */
  centered: false,
}

export type RMSpropSettings = typeof rmsPropDefaults

type Means = 'second' | 'mean' | 'velocity'

/** s := α s + (1 - α) g², p := p - lr g / (√s + ε). */
export class RMSprop extends Optimizer<RMSpropSettings, Means> {
  readonly name = 'rmsprop'

  constructor(source: OptimizerSource<RMSpropSettings>, options: Partial<RMSpropSettings> = {}) {
    super(source, rmsPropDefaults, options, { alpha: 1, epsilon: Infinity, momentum: Infinity })
  }

  protected initialBuffers({ centered, momentum }: RMSpropSettings) {
    return { second: 0, mean: centered ? 0 : null, velocity: momentum === 0 ? null : 0 }
  }

  protected update({ parameter, gradient, buffers }: Slot<Means>, s: RMSpropSettings, learningRate: number): void {
    const { second, mean, velocity } = buffers
    const { alpha, epsilon, weightDecay, momentum, centered } = s
    const settings = { learningRate, alpha, epsilon, weightDecay, momentum, centered }
    backendOf(parameter, updates).rmsprop(parameter, gradient, second!, mean, velocity, settings)
  }
}
