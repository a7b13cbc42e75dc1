// The backend's optimizer updates: the constants of a step, then one kernel over the whole block.

import type { Storage } from '../../storage.ts'
import type { AdagradSettings, AdamSettings, RmsPropSettings, SgdSettings, Updates } from '../backend.ts'
import { instantiate } from './module.ts'
import { optimizerKernels } from './optimizer-kernels.ts'
import { address, finishAll } from './staging.ts'

const NOWHERE = 0

export function compileUpdates(relaxed: boolean): Updates {
  const kernels = instantiate(optimizerKernels(), relaxed)

  function sgd(parameter: Storage, grad: Storage, velocity: Storage | null, s: SgdSettings): void {
    const p = address(parameter)
    const g = address(grad)
    if (velocity === null) {
      kernels.sgd(p, g, parameter.length, s.learningRate, s.weightDecay)
      finishAll([parameter], [p])
      return
    }
    const v = address(velocity)
    const kind = s.nesterov ? 'sgdNesterov' : 'sgdMomentum'
    const update = kernels[s.first ? (`${kind}First` as const) : kind]
    update(p, g, v, parameter.length, s.learningRate, s.weightDecay, s.momentum, 1 - s.dampening)
    finishAll([parameter, velocity], [p, v])
  }

  function adam(
    parameter: Storage,
    grad: Storage,
    first: Storage,
    second: Storage,
    maxSecond: Storage | null,
    s: AdamSettings,
  ): void {
    const [p, g, m, v] = [address(parameter), address(grad), address(first), address(second)]
    const largest = maxSecond === null ? NOWHERE : address(maxSecond)
    const rate = s.learningRate / (1 - s.beta1Power)
    const correction = 1 / Math.sqrt(1 - s.beta2Power)
    const decay = s.decoupled ? 0 : s.weightDecay
    const shrink = s.decoupled ? 1 - s.learningRate * s.weightDecay : 1
    const update = maxSecond === null ? kernels.adam : kernels.amsgrad
    update(
      ...([p, g, m, v, largest, parameter.length] as const),
      ...([rate, s.beta1, 1 - s.beta1, s.beta2, 1 - s.beta2] as const),
      ...([s.epsilon, correction, decay, shrink] as const),
    )
    finishAll([parameter, first, second, maxSecond], [p, m, v, largest])
  }

  function rmsprop(
    parameter: Storage,
    grad: Storage,
    second: Storage,
    mean: Storage | null,
    velocity: Storage | null,
    s: RmsPropSettings,
  ): void {
    const [p, g, square] = [address(parameter), address(grad), address(second)]
    const average = mean === null ? NOWHERE : address(mean)
    const speed = velocity === null ? NOWHERE : address(velocity)
    const plain = velocity === null ? kernels.rmsprop : kernels.rmspropMomentum
    const centered = velocity === null ? kernels.rmspropCentered : kernels.rmspropCenteredMomentum
    const update = mean === null ? plain : centered
    update(
      ...([p, g, square, average, speed, parameter.length] as const),
      ...([s.learningRate, s.alpha, 1 - s.alpha, s.epsilon, s.weightDecay, s.momentum] as const),
    )
    finishAll([parameter, second, mean, velocity], [p, square, average, speed])
  }

  function adagrad(parameter: Storage, grad: Storage, sum: Storage, s: AdagradSettings): void {
    const [p, g, total] = [address(parameter), address(grad), address(sum)]
    kernels.adagrad(p, g, total, parameter.length, s.learningRate, s.epsilon, s.weightDecay)
    finishAll([parameter, sum], [p, total])
  }

  return { sgd, adam, rmsprop, adagrad }
}
