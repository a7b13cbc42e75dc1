// The optimizer of a training: Adam or the algorithm's own with its settings, or one of the caller's.

import type { ParameterSource } from '../../nn/module.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import type { CommonSettings, Optimizer } from '../../nn/optimizers/optimizer.ts'
import { ValueError } from '../../tensor/errors.ts'

/** An optimizer with any settings, as a training loop uses it. */
export type AnyOptimizer = Pick<
  Optimizer<CommonSettings>,
  'learningRate' | 'steps' | 'minimize' | 'saveState' | 'loadState'
>

/** Makes the optimizer of these parameters: `(parameters, { learningRate }) => new SGD(parameters, { learningRate })`. */
export type OptimizerFunction = (
  parameters: ParameterSource,
  settings: { readonly learningRate: number },
) => AnyOptimizer

export interface OwnOptimizer {
  /** In place of the algorithm's. It is made once for each set of parameters that is updated alone; SAC has three. */
  readonly optimizer?: OptimizerFunction | undefined
}

/**
 * Throws a `ValueError` unless `own` is a function that makes an optimizer.
 *
 * @param standard the algorithm's own. Default: Adam.
 */
export function makeOptimizer(
  name: string,
  own: OptimizerFunction | undefined,
  parameters: ParameterSource,
  learningRate: number,
  standard: OptimizerFunction = (source, settings) => new Adam(source, settings),
): AnyOptimizer {
  const make = own ?? standard
  const made = typeof make === 'function' ? make(parameters, { learningRate }) : undefined
  if (typeof made?.minimize === 'function') return made
  const expected = 'a function such as (parameters, { learningRate }) => new Adam(parameters, { learningRate })'
  throw new ValueError(`${name}: optimizer made no Optimizer; expected ${expected}`)
}

interface Annealed {
  readonly annealLearningRate: boolean
  readonly learningRate: number
  readonly totalTimesteps: number
}

/** With `annealLearningRate`, sets the learning rate of an environment step: linear from `learningRate` to 0, and 0 beyond the last. */
export function anneal(optimizer: { learningRate: number }, o: Annealed, step: number): void {
  if (o.annealLearningRate) optimizer.learningRate = o.learningRate * Math.max(0, 1 - step / o.totalTimesteps)
}
