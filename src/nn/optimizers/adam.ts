// Adam divides the running mean of the gradients by the root of their running mean square, so each step is about as large as the
// learning rate. Kingma and Ba 2015, arXiv:1412.6980; AdamW: Loshchilov and Hutter 2019, arXiv:1711.05101; AMSGrad: Reddi et al.
// 2018, arXiv:1904.09237.

import { updates } from '../../tensor/dispatch/families.ts'
import { backendOf } from '../../tensor/dispatch/select.ts'
import { integerPower } from '../../tensor/portable-math.ts'
import { Optimizer, type OptimizerSource } from './optimizer.ts'
import type { Slot } from './parameter-group.ts'
import type { Scheduled } from './schedules.ts'

export const adamDefaults = {
  learningRate: 1e-3 as Scheduled,
  /** Decay of the mean of the gradients, in [0, 1). */
  beta1: 0.9,
  /** Decay of their mean square, in [0, 1). */
  beta2: 0.999,
  /** Added to the root, so that the division stays finite. */
  epsilon: 1e-8,
  weightDecay: 0,
  /** Weight decay shrinks the parameters directly instead of joining the gradient (AdamW). */
  decoupled: false,
  /** Divide by the largest mean square so far instead of the present one. */
  amsgrad: false,
}

export type AdamSettings = typeof adamDefaults

type Moments = 'first' | 'second' | 'maxSecond'

/** m := β₁ m + (1 - β₁) g, v := β₂ v + (1 - β₂) g², p := p - lr m̂ / (√v̂ + ε), where m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ). */
export class Adam extends Optimizer<AdamSettings, Moments> {
  readonly name: string = 'adam'

  constructor(source: OptimizerSource<AdamSettings>, options: Partial<AdamSettings> = {}) {
    super(source, adamDefaults, options, { beta1: 1, beta2: 1, epsilon: Infinity })
  }

  protected initialBuffers({ amsgrad }: AdamSettings) {
    return { first: 0, second: 0, maxSecond: amsgrad ? 0 : null }
  }

  protected update({ parameter, gradient, buffers, step }: Slot<Moments>, s: AdamSettings, learningRate: number): void {
    const { first, second, maxSecond } = buffers
    // By repeated squaring: the same bits on every machine, and no state besides the step count.
    const beta1Power = integerPower(s.beta1, step + 1)
    const beta2Power = integerPower(s.beta2, step + 1)
    // A literal: copying the settings by a spread costs more than the update of a small network.
    const { beta1, beta2, epsilon, weightDecay, decoupled } = s
    const settings = { learningRate, beta1, beta2, epsilon, weightDecay, decoupled, beta1Power, beta2Power }
    backendOf(parameter, updates).adam(parameter, gradient, first!, second!, maxSecond, settings)
  }
}

/** Adam with decoupled weight decay: p is first multiplied by 1 - lr · weightDecay. Its default is 0.01. */
export class AdamW extends Adam {
  override readonly name = 'adamw'

  constructor(source: OptimizerSource<AdamSettings>, options: Partial<Omit<AdamSettings, 'decoupled'>> = {}) {
    super(source, { weightDecay: 0.01, ...options, decoupled: true })
  }
}
