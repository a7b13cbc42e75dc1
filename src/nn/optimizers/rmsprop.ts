// RMSProp divides each gradient by the root of its running mean square. Tieleman and Hinton 2012 (lecture 6.5); the centered
// form and momentum: Graves 2013, arXiv:1308.0850, eq. 38 to 45.

import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { add, div, mul, relu, sqrt, square, sub } from '../../tensor/ops/elementwise.ts'
import { Optimizer, type OptimizerSource } from './optimizer.ts'
import { decayed, type Slot, updateBy } from './parameter-group.ts'
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

  protected update(slot: Slot<Means>, s: RMSpropSettings, learningRate: number): void {
    const averaged = (average: Tensor, x: Tensor) => add(mul(average, s.alpha), mul(x, 1 - s.alpha))
    updateBy(slot, ({ parameter, gradient, ...old }) => {
      const g = decayed(gradient, parameter, s.weightDecay)
      const second = averaged(old.second, square(g))
      const mean = old.mean && averaged(old.mean, g)
      const spread = mean ? relu(sub(second, square(mean))) : second // rounding may leave it below 0
      const scaled = div(g, add(sqrt(spread), s.epsilon))
      const velocity = old.velocity && add(mul(old.velocity, s.momentum), scaled)
      const moved = sub(parameter, mul(velocity ?? scaled, learningRate))
      return { parameter: moved, second, ...(mean && { mean }), ...(velocity && { velocity }) }
    })
  }
}
