// The optimizers' updates. Every kernel gives new numbers, which take the place of the old; so the moments are computed
// before the parameters they are computed from change.

import type { AdagradSettings, AdamSettings, RmsPropSettings, SgdSettings } from '../tensor/backends/backend.ts'
import type { Storage } from '../tensor/storage.ts'
import * as kernels from './kernels/optimizers.ts'
import { maximum } from './kernels/zips.ts'
import { type KernelSource, program } from './program.ts'
import type { Runner } from './runner.ts'
import { zipInto } from './zips.ts'

function update(
  on: Runner,
  target: Storage,
  kernel: KernelSource,
  inputs: readonly Storage[],
  settings: number[],
): void {
  on.runInto(target, program(kernel, {}, target.length, 1), inputs, settings)
}

export function sgd(on: Runner, p: Storage, g: Storage, velocity: Storage | null, s: SgdSettings): void {
  const { learningRate: rate, weightDecay: decay, momentum, dampening } = s
  if (velocity === null) {
    update(on, p, kernels.descend, [p, g], [rate, decay])
    return
  }
  const [keep, gain] = s.first ? [0, 1] : [momentum, 1 - dampening]
  update(on, velocity, kernels.average, [velocity, g, p], [keep, gain, decay])
  if (s.nesterov) update(on, p, kernels.descendAhead, [p, g, velocity], [rate, momentum, decay])
  else update(on, p, kernels.descendAlong, [p, velocity], [rate])
}

export function adam(
  on: Runner,
  p: Storage,
  g: Storage,
  first: Storage,
  second: Storage,
  maxSecond: Storage | null,
  s: AdamSettings,
): void {
  const decay = s.decoupled ? 0 : s.weightDecay
  update(on, first, kernels.average, [first, g, p], [s.beta1, 1 - s.beta1, decay])
  update(on, second, kernels.averageOfSquares, [second, g, p], [s.beta2, 1 - s.beta2, decay])
  if (maxSecond !== null) zipInto(on, maximum, maxSecond, second)
  const shrink = s.decoupled ? 1 - s.learningRate * s.weightDecay : 1
  const rate = s.learningRate / (1 - s.beta1Power)
  const settings = [rate, Math.sqrt(1 - s.beta2Power), s.epsilon, shrink]
  update(on, p, kernels.adamStep, [p, first, maxSecond ?? second], settings)
}

export function rmsprop(
  on: Runner,
  p: Storage,
  g: Storage,
  second: Storage,
  mean: Storage | null,
  velocity: Storage | null,
  s: RmsPropSettings,
): void {
  const { learningRate: rate, alpha, epsilon, weightDecay: decay } = s
  update(on, second, kernels.averageOfSquares, [second, g, p], [alpha, 1 - alpha, decay])
  if (mean !== null) update(on, mean, kernels.average, [mean, g, p], [alpha, 1 - alpha, decay])
  const one = { length: p.length, settings: [epsilon, decay] }
  const step =
    mean === null
      ? on.run(program(kernels.normalized, {}, one.length, 1), [g, p, second], one.settings)
      : on.run(program(kernels.normalizedCentered, {}, one.length, 1), [g, p, second, mean], one.settings)
  if (velocity === null) update(on, p, kernels.descendAlong, [p, step], [rate])
  else {
    update(on, velocity, kernels.average, [velocity, step, p], [s.momentum, 1, 0])
    update(on, p, kernels.descendAlong, [p, velocity], [rate])
  }
  step.release()
}

export function adagrad(on: Runner, p: Storage, g: Storage, sum: Storage, s: AdagradSettings): void {
  update(on, sum, kernels.averageOfSquares, [sum, g, p], [1, 1, s.weightDecay])
  const step = on.run(program(kernels.normalized, {}, p.length, 1), [g, p, sum], [s.epsilon, s.weightDecay])
  update(on, p, kernels.descendAlong, [p, step], [s.learningRate])
  step.release()
}
