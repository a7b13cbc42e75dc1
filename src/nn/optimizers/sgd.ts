// Stochastic gradient descent with momentum. Polyak 1964; Nesterov's form as in Sutskever et al. 2013. Read next: adam.ts.

import { ValueError } from '../../tensor/errors.ts'
import { add, mul, sub } from '../../tensor/ops/elementwise.ts'
import { Optimizer, type OptimizerSource } from './optimizer.ts'
import { decayed, type Slot, updateBy } from './parameter-group.ts'
import type { Scheduled } from './schedules.ts'

export const sgdDefaults = {
  learningRate: 1e-3 as Scheduled,
  /** Decay of the velocity, usually in [0, 1). */
  momentum: 0,
  /** Fraction of a new gradient that does not join the velocity. */
  dampening: 0,
  /** Nesterov momentum. Needs momentum and no dampening. */
  nesterov: false,
  weightDecay: 0,
}

export type SGDSettings = typeof sgdDefaults

/** v := μ v + (1 - dampening) g, p := p - lr v; with Nesterov p := p - lr (g + μ v). g includes weightDecay · p. */
export class SGD extends Optimizer<SGDSettings, 'velocity'> {
  readonly name = 'sgd'

  constructor(source: OptimizerSource<SGDSettings>, options: Partial<SGDSettings> = {}) {
    super(source, sgdDefaults, options, { momentum: Infinity })
    for (const { nesterov, momentum, dampening } of this.groups.map(({ settings }) => settings)) {
      if (nesterov && (momentum === 0 || dampening !== 0)) {
        throw new ValueError('optimizer: nesterov needs a momentum above 0 and no dampening')
      }
    }
  }

  protected initialBuffers({ momentum }: SGDSettings) {
    return { velocity: momentum === 0 ? null : 0 }
  }

  protected update(slot: Slot<'velocity'>, s: SGDSettings, learningRate: number): void {
    updateBy(slot, ({ parameter, gradient, velocity }) => {
      const g = decayed(gradient, parameter, s.weightDecay)
      if (velocity === undefined) return { parameter: sub(parameter, mul(g, learningRate)) }
      const v = slot.step === 0 ? g : add(mul(velocity, s.momentum), mul(g, 1 - s.dampening))
      const direction = s.nesterov ? add(g, mul(v, s.momentum)) : v
      return { velocity: v, parameter: sub(parameter, mul(direction, learningRate)) }
    })
  }
}
