// The optimizers' updates as steps, which gpu.js runs one by one and WGSL in one kernel. Moments are updated before the
// parameters, because they are computed from the old parameters. Terms such as 1 - β are computed on the CPU in float64.

import type { Updates } from '../../tensor/backends/backend.ts'
import type { Storage } from '../../tensor/storage.ts'
import { updates, zips } from '../kernels/elementwise.ts'
import type { ElementFunction } from '../kernels/functions.ts'

/** Replaces the first of the arrays by the rule's result on all of them and the constants. */
export type Step = readonly [
  rule: ElementFunction,
  arrays: readonly [Storage, ...Storage[]],
  constants: readonly number[],
]

export function optimizers(run: (steps: readonly Step[]) => void): Updates {
  return {
    sgd(p, g, velocity, s) {
      const { learningRate: rate, weightDecay: decay, momentum, dampening } = s
      if (velocity === null) return run([[updates.descend, [p, g], [rate, decay]]])
      const [keep, gain] = s.first ? [0, 1] : [momentum, 1 - dampening]
      run([
        [updates.average, [velocity, g, p], [keep, gain, decay]],
        s.nesterov
          ? [updates.descendAhead, [p, g, velocity], [rate, momentum, decay]]
          : [updates.descendAlong, [p, velocity], [rate]],
      ])
    },
    adam(p, g, first, second, maxSecond, s) {
      const decay = s.decoupled ? 0 : s.weightDecay
      const shrink = s.decoupled ? 1 - s.learningRate * s.weightDecay : 1
      const rate = s.learningRate / (1 - s.beta1Power)
      const constants = [rate, Math.sqrt(1 - s.beta2Power), s.epsilon, shrink]
      const largest: Step[] = maxSecond === null ? [] : [[zips.maximum, [maxSecond, second], []]]
      run([
        [updates.average, [first, g, p], [s.beta1, 1 - s.beta1, decay]],
        [updates.averageOfSquares, [second, g, p], [s.beta2, 1 - s.beta2, decay]],
        ...largest,
        [updates.adamStep, [p, first, maxSecond ?? second], constants],
      ])
    },
    rmsprop(p, g, second, mean, velocity, s) {
      const { learningRate: rate, alpha, epsilon, weightDecay: decay, momentum } = s
      const constants = [alpha, 1 - alpha, decay]
      const averages: Step[] = [[updates.averageOfSquares, [second, g, p], constants]]
      if (mean !== null) averages.push([updates.average, [mean, g, p], constants])
      const move = (x: Storage, keep: number, gain: number): Step =>
        mean === null
          ? [updates.moveNormalized, [x, g, p, second], [keep, gain, decay, epsilon]]
          : [updates.moveCentered, [x, g, p, second, mean], [keep, gain, decay, epsilon]]
      if (velocity === null) run([...averages, move(p, 1, -rate)])
      else run([...averages, move(velocity, momentum, 1), [updates.descendAlong, [p, velocity], [rate]]])
    },
    adagrad(p, g, sum, { learningRate: rate, epsilon, weightDecay: decay }) {
      run([
        [updates.averageOfSquares, [sum, g, p], [1, 1, decay]],
        [updates.moveNormalized, [p, g, p, sum], [1, -rate, decay, epsilon]],
      ])
    },
  }
}
