// The backend's optimizer updates: computes the constants of a step, then calls one kernel for the whole block.

import type { Storage } from '../../storage.ts'
import type { Updates } from '../backend.ts'
import { instantiate } from './module.ts'
import { optimizerKernels } from './optimizer-kernels.ts'
import { HEAVY, inParts, LINE } from './parts.ts'
import { address, finishAll } from './staging.ts'

const NOWHERE = 0
const optional = (x: Storage | null) => (x === null ? NOWHERE : address(x))

export function compileUpdates(relaxed: boolean): Updates {
  const kernels = instantiate(optimizerKernels(), relaxed)
  /** Calls `body` with the bytes before a part's first element, and its number of elements. */
  const divide = (count: number, body: (on: typeof kernels, skip: number, count: number) => void) =>
    inParts(kernels, HEAVY * count, count, LINE, (on, from, to) => body(on, 4 * from, to - from))
  return {
    sgd(parameter, grad, velocity, s) {
      const [p, g, v] = [address(parameter), address(grad), optional(velocity)]
      const momentum = s.nesterov ? 'sgdNesterov' : 'sgdMomentum'
      const kind = s.first ? (`${momentum}First` as const) : momentum
      divide(parameter.length, (on, i, count) => {
        if (velocity === null) on.sgd(p + i, g + i, count, s.learningRate, s.weightDecay)
        else on[kind](p + i, g + i, v + i, count, s.learningRate, s.weightDecay, s.momentum, 1 - s.dampening)
      })
      finishAll([parameter, velocity], [p, v])
    },
    adam(parameter, grad, first, second, maxSecond, s) {
      const [p, g, m, v] = [address(parameter), address(grad), address(first), address(second)]
      const largest = optional(maxSecond)
      const rate = s.learningRate / (1 - s.beta1Power)
      const correction = 1 / Math.sqrt(1 - s.beta2Power)
      const decay = s.decoupled ? 0 : s.weightDecay
      const shrink = s.decoupled ? 1 - s.learningRate * s.weightDecay : 1
      const kind = maxSecond === null ? 'adam' : 'amsgrad'
      const [rest1, rest2] = [1 - s.beta1, 1 - s.beta2]
      divide(parameter.length, (on, i, n) =>
        // biome-ignore format: spread arguments cost more than the update of a small network
        on[kind](p + i, g + i, m + i, v + i, largest + i, n, rate, s.beta1, rest1, s.beta2, rest2, s.epsilon, correction, decay, shrink),
      )
      finishAll([parameter, first, second, maxSecond], [p, m, v, largest])
    },
    rmsprop(parameter, grad, second, mean, velocity, s) {
      const [p, g, square] = [address(parameter), address(grad), address(second)]
      const [average, speed] = [optional(mean), optional(velocity)]
      const centered = mean === null ? 'rmsprop' : 'rmspropCentered'
      const kind = velocity === null ? centered : (`${centered}Momentum` as const)
      const [rate, rest] = [s.learningRate, 1 - s.alpha]
      divide(parameter.length, (on, i, n) =>
        // biome-ignore format: as above
        on[kind](p + i, g + i, square + i, average + i, speed + i, n, rate, s.alpha, rest, s.epsilon, s.weightDecay, s.momentum),
      )
      finishAll([parameter, second, mean, velocity], [p, square, average, speed])
    },
    adagrad(parameter, grad, sum, s) {
      const [p, g, total] = [address(parameter), address(grad), address(sum)]
      divide(parameter.length, (on, i, count) =>
        on.adagrad(p + i, g + i, total + i, count, s.learningRate, s.epsilon, s.weightDecay),
      )
      finishAll([parameter, sum], [p, total])
    },
  }
}
