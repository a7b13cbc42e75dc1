// The backend's optimizer updates: computes the constants of a step, then calls one kernel for the whole block.

import type { Storage } from '../../storage.ts'
import type { Updates } from '../backend.ts'
import { instantiate } from './module.ts'
import { optimizerKernels } from './optimizer-kernels.ts'
import { address, finishAll } from './staging.ts'

const NOWHERE = 0
const optional = (x: Storage | null) => (x === null ? NOWHERE : address(x))

export function compileUpdates(relaxed: boolean): Updates {
  const kernels = instantiate(optimizerKernels(), relaxed)
  return {
    sgd(parameter, grad, velocity, s) {
      const [p, g, v] = [address(parameter), address(grad), optional(velocity)]
      if (velocity === null) kernels.sgd(p, g, parameter.length, s.learningRate, s.weightDecay)
      else {
        const kind = s.nesterov ? 'sgdNesterov' : 'sgdMomentum'
        const update = kernels[s.first ? (`${kind}First` as const) : kind]
        update(p, g, v, parameter.length, s.learningRate, s.weightDecay, s.momentum, 1 - s.dampening)
      }
      finishAll([parameter, velocity], [p, v])
    },
    adam(parameter, grad, first, second, maxSecond, s) {
      const [p, g, m, v] = [address(parameter), address(grad), address(first), address(second)]
      const largest = optional(maxSecond)
      const rate = s.learningRate / (1 - s.beta1Power)
      const correction = 1 / Math.sqrt(1 - s.beta2Power)
      const decay = s.decoupled ? 0 : s.weightDecay
      const shrink = s.decoupled ? 1 - s.learningRate * s.weightDecay : 1
      const update = maxSecond === null ? kernels.adam : kernels.amsgrad
      const [rest1, rest2] = [1 - s.beta1, 1 - s.beta2]
      // biome-ignore format: spread arguments cost more than the update of a small network
      update(p, g, m, v, largest, parameter.length, rate, s.beta1, rest1, s.beta2, rest2, s.epsilon, correction, decay, shrink)
      finishAll([parameter, first, second, maxSecond], [p, m, v, largest])
    },
    rmsprop(parameter, grad, second, mean, velocity, s) {
      const [p, g, square] = [address(parameter), address(grad), address(second)]
      const [average, speed] = [optional(mean), optional(velocity)]
      const plain = velocity === null ? kernels.rmsprop : kernels.rmspropMomentum
      const centered = velocity === null ? kernels.rmspropCentered : kernels.rmspropCenteredMomentum
      const update = mean === null ? plain : centered
      const [rate, rest] = [s.learningRate, 1 - s.alpha]
      // biome-ignore format: as above
      update(p, g, square, average, speed, parameter.length, rate, s.alpha, rest, s.epsilon, s.weightDecay, s.momentum)
      finishAll([parameter, second, mean, velocity], [p, square, average, speed])
    },
    adagrad(parameter, grad, sum, s) {
      const [p, g, total] = [address(parameter), address(grad), address(sum)]
      kernels.adagrad(p, g, total, parameter.length, s.learningRate, s.epsilon, s.weightDecay)
      finishAll([parameter, sum], [p, total])
    },
  }
}
