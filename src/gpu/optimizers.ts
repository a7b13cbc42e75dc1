// The optimizers' updates. A kernel returns a new array, which replaces the old one. Moments are updated before the
// parameters, because they are computed from the old parameters. Terms such as 1 - β are computed on the CPU in float64.

import type { Updates } from '../tensor/backends/backend.ts'
import type { Storage } from '../tensor/storage.ts'
import { updates, zips } from './kernels/elementwise.ts'
import { type ElementFunction, elements } from './program.ts'
import type { Runner } from './runner.ts'

export function optimizers(on: Runner): Updates {
  const update = (target: Storage, rule: ElementFunction, inputs: readonly Storage[], settings: number[]) =>
    on.runInto(target, elements(rule, inputs.length, target.length), inputs, settings)
  return {
    sgd(p, g, velocity, s) {
      const { learningRate: rate, weightDecay: decay, momentum, dampening } = s
      if (velocity === null) return update(p, updates.descend, [p, g], [rate, decay])
      const [keep, gain] = s.first ? [0, 1] : [momentum, 1 - dampening]
      update(velocity, updates.average, [velocity, g, p], [keep, gain, decay])
      if (s.nesterov) update(p, updates.descendAhead, [p, g, velocity], [rate, momentum, decay])
      else update(p, updates.descendAlong, [p, velocity], [rate])
    },
    adam(p, g, first, second, maxSecond, s) {
      const decay = s.decoupled ? 0 : s.weightDecay
      update(first, updates.average, [first, g, p], [s.beta1, 1 - s.beta1, decay])
      update(second, updates.averageOfSquares, [second, g, p], [s.beta2, 1 - s.beta2, decay])
      if (maxSecond !== null) update(maxSecond, zips.maximum, [maxSecond, second], [])
      const shrink = s.decoupled ? 1 - s.learningRate * s.weightDecay : 1
      const rate = s.learningRate / (1 - s.beta1Power)
      const settings = [rate, Math.sqrt(1 - s.beta2Power), s.epsilon, shrink]
      update(p, updates.adamStep, [p, first, maxSecond ?? second], settings)
    },
    rmsprop(p, g, second, mean, velocity, s) {
      const { learningRate: rate, alpha, epsilon, weightDecay: decay } = s
      update(second, updates.averageOfSquares, [second, g, p], [alpha, 1 - alpha, decay])
      if (mean !== null) update(mean, updates.average, [mean, g, p], [alpha, 1 - alpha, decay])
      const step =
        mean === null
          ? on.run(elements(updates.normalized, 3, p.length), [g, p, second], [epsilon, decay])
          : on.run(elements(updates.normalizedCentered, 4, p.length), [g, p, second, mean], [epsilon, decay])
      if (velocity !== null) update(velocity, updates.average, [velocity, step, p], [s.momentum, 1, 0])
      update(p, updates.descendAlong, [p, velocity ?? step], [rate])
      step.release()
    },
    adagrad(p, g, sum, s) {
      update(sum, updates.averageOfSquares, [sum, g, p], [1, 1, s.weightDecay])
      const step = on.run(elements(updates.normalized, 3, p.length), [g, p, sum], [s.epsilon, s.weightDecay])
      update(p, updates.descendAlong, [p, step], [s.learningRate])
      step.release()
    },
  }
}
