// Steps of about the learning rate's size in every direction: the mean of past gradients over the root of their mean
// square. Kingma and Ba 2015, arXiv:1412.6980; AdamW: Loshchilov and Hutter 2019, arXiv:1711.05101; AMSGrad: Reddi et al.
// 2018, arXiv:1904.09237.

import { updates } from '../../tensor/backends/families.ts'
import { backendOf } from '../../tensor/backends/select.ts'
import { integerPower } from '../../tensor/portable-math.ts'
import { type CommonSettings, Optimizer, type OptimizerSource, requireAtLeast } from './optimizer.ts'
import type { Slot } from './parameter-group.ts'

export interface AdamSettings extends CommonSettings {
  /** How much of the mean of gradients stays at each step, in [0, 1). */
  beta1: number
  /** The same for the mean square. */
  beta2: number
  /** Keeps the division finite; added to the root. */
  epsilon: number
  /** Weight decay shrinks the parameters directly instead of joining the gradient (AdamW). */
  decoupled: boolean
  /** Divide by the largest mean square so far instead of the present one. */
  amsgrad: boolean
}

export const adamDefaults: AdamSettings = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  decoupled: false,
  amsgrad: false,
}

type Moments = 'first' | 'second' | 'maxSecond'

/** m := β₁ m + (1 - β₁) g, v := β₂ v + (1 - β₂) g², p := p - lr m̂ / (√v̂ + ε), where m̂ = m / (1 - β₁ᵗ) and v̂ alike. */
export class Adam extends Optimizer<AdamSettings, Moments> {
  readonly name: string = 'adam'

  constructor(source: OptimizerSource<AdamSettings>, options: Partial<AdamSettings> = {}) {
    super(source, { ...adamDefaults, ...options })
  }

  protected initialBuffers({ amsgrad }: AdamSettings) {
    return { first: 0, second: 0, maxSecond: amsgrad ? 0 : null }
  }

  protected update({ parameter, gradient, buffers, step }: Slot<Moments>, s: AdamSettings, learningRate: number): void {
    const { beta1, beta2, epsilon, weightDecay, decoupled } = s
    // Squaring repeatedly gives the same bits on every machine, and needs no more state than the count of steps.
    const beta1Power = integerPower(beta1, step + 1)
    const beta2Power = integerPower(beta2, step + 1)
    const settings = { learningRate, beta1, beta2, epsilon, weightDecay, decoupled, beta1Power, beta2Power }
    backendOf(parameter, updates).adam(
      parameter,
      gradient,
      buffers.first!,
      buffers.second!,
      buffers.maxSecond,
      settings,
    )
  }

  protected override check(settings: AdamSettings): void {
    super.check(settings)
    requireAtLeast('beta1', settings.beta1, 0, 1)
    requireAtLeast('beta2', settings.beta2, 0, 1)
    requireAtLeast('epsilon', settings.epsilon, 0)
  }
}

/** Adam with decoupled weight decay: p is first multiplied by 1 - lr · weightDecay. Its default is 0.01. */
export class AdamW extends Adam {
  override readonly name = 'adamw'

  constructor(source: OptimizerSource<AdamSettings>, options: Partial<Omit<AdamSettings, 'decoupled'>> = {}) {
    super(source, { weightDecay: 0.01, ...options, decoupled: true })
  }
}
