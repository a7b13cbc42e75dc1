// Stochastic gradient descent with momentum. Polyak 1964; Nesterov's form as in Sutskever et al. 2013. Read next: adam.ts.

import { updates } from '../../tensor/backends/families.ts'
import { backendOf } from '../../tensor/backends/select.ts'
import { ValueError } from '../../tensor/errors.ts'
import { type CommonSettings, Optimizer, type OptimizerSource, requireAtLeast } from './optimizer.ts'
import type { Slot } from './parameter-group.ts'

export interface SgdSettings extends CommonSettings {
  /** How much of the last step's velocity stays, in [0, 1). */
  momentum: number
  /** The share of a new gradient that does not join the velocity. */
  dampening: number
  /** Take the gradient where the velocity is about to lead. Needs momentum and no dampening. */
  nesterov: boolean
}

export const sgdDefaults: SgdSettings = {
  learningRate: 1e-3,
  momentum: 0,
  dampening: 0,
  nesterov: false,
  weightDecay: 0,
}

/** v := μ v + (1 - dampening) g, p := p - lr v; with Nesterov p := p - lr (g + μ v). g includes weightDecay · p. */
export class Sgd extends Optimizer<SgdSettings, 'velocity'> {
  readonly name = 'sgd'

  constructor(source: OptimizerSource<SgdSettings>, options: Partial<SgdSettings> = {}) {
    super(source, { ...sgdDefaults, ...options })
  }

  protected initialBuffers({ momentum }: SgdSettings) {
    return { velocity: momentum === 0 ? null : 0 }
  }

  protected update(
    { parameter, gradient, buffers, step }: Slot<'velocity'>,
    s: SgdSettings,
    learningRate: number,
  ): void {
    const { momentum, dampening, nesterov, weightDecay } = s
    const settings = { learningRate, momentum, dampening, nesterov, weightDecay, first: step === 0 }
    backendOf(parameter, updates).sgd(parameter, gradient, buffers.velocity, settings)
  }

  protected override check(settings: SgdSettings): void {
    super.check(settings)
    requireAtLeast('momentum', settings.momentum, 0)
    if (settings.nesterov && (settings.momentum === 0 || settings.dampening !== 0)) {
      throw new ValueError('optimizer: nesterov needs a momentum above 0 and no dampening')
    }
  }
}
