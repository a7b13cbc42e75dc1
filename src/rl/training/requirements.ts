// Checks that an environment has the spaces that an algorithm needs. Each throws a `ValueError` that names the space found.

import { Box, Discrete, type NumberType } from '../../data/spaces.ts'
import { ValueError } from '../../tensor/errors.ts'
import { type Shape, sizeOf } from '../../tensor/shape.ts'

interface Spaces {
  readonly id: string
  readonly observationSpace: unknown
  readonly actionSpace: unknown
}

/** Requires vector observations and discrete actions. `expected` ends the message about others. */
export function requireChoices(
  algorithm: string,
  env: Spaces,
  expected = 'this algorithm chooses among Discrete actions',
): { observationSize: number; observationShape: Shape; numActions: number } {
  const { actionSpace } = env
  const observationShape = requireShape(algorithm, env)
  const observationSize = sizeOf(observationShape)
  if (actionSpace instanceof Discrete) return { observationSize, observationShape, numActions: actionSpace.n }
  throw foreignActions(algorithm, env, expected)
}

/** Requires vector observations and vector actions with finite bounds, to which actions in [-1, 1] are scaled. */
export function requireBoundedActions(algorithm: string, env: Spaces) {
  const { actionSpace } = env
  const observationShape = requireShape(algorithm, env)
  const observationSize = sizeOf(observationShape)
  if (!(actionSpace instanceof Box)) throw foreignActions(algorithm, env, 'this algorithm gives vectors (a Box)')
  const { low, high } = actionSpace
  if (low.every((each, i) => each < high[i]! && high[i]! - each < Infinity)) {
    return { observationSize, observationShape, actionSpace, actionSize: low.length }
  }
  throw foreignActions(algorithm, env, 'this algorithm needs finite bounds, the lower below the upper')
}

/** Requires observations in a Box. Returns their shape, without the batch. */
export function requireShape(algorithm: string, { id, observationSpace }: Spaces): Shape {
  if (observationSpace instanceof Box) return observationSpace.shape
  throw new ValueError(`${algorithm}: ${id} shows ${observationSpace}; networks need vectors: use FlattenObservation`)
}

/** How the observations of an environment are stored. */
export function numberTypeOf({ observationSpace }: Pick<Spaces, 'observationSpace'>): NumberType {
  return observationSpace instanceof Box ? observationSpace.dtype : 'float32'
}

function foreignActions(algorithm: string, { id, actionSpace }: Spaces, expected: string): ValueError {
  return new ValueError(`${algorithm}: ${id} takes ${String(actionSpace)}; ${expected}`)
}
