// What an algorithm asks of an environment, checked before any time is spent.

import { ValueError } from '../../tensor/errors.ts'
import { Box, Discrete } from '../spaces.ts'

interface Spaces {
  readonly id: string
  readonly observationSpace: unknown
  readonly actionSpace: unknown
}

/** Vector observations and choices for actions. Throws a ValueError that names what the environment has instead. */
export function requireChoices(algorithm: string, env: Spaces): { observationSize: number; numActions: number } {
  const { actionSpace } = env
  const observationSize = requireVectors(algorithm, env)
  if (!(actionSpace instanceof Discrete)) {
    throw new ValueError(
      `${algorithm}: ${env.id} takes ${String(actionSpace)}; this algorithm chooses among Discrete actions`,
    )
  }
  return { observationSize, numActions: actionSpace.n }
}

/** Vector observations and vectors for actions. Throws a ValueError that names what the environment has instead. */
export function requireBoxActions(algorithm: string, env: Spaces): { observationSize: number; actionSpace: Box } {
  const { actionSpace } = env
  const observationSize = requireVectors(algorithm, env)
  if (actionSpace instanceof Box) return { observationSize, actionSpace }
  throw new ValueError(`${algorithm}: ${env.id} takes ${String(actionSpace)}; this algorithm gives vectors (a Box)`)
}

/** As `requireBoxActions`, with bounds that actions in [-1, 1] can be stretched over. Throws a ValueError on others. */
export function requireBoundedActions(
  algorithm: string,
  env: Spaces,
): { observationSize: number; actionSpace: Box; actionSize: number } {
  const { observationSize, actionSpace } = requireBoxActions(algorithm, env)
  const { low, high } = actionSpace
  if (low.every((each, i) => each < high[i]! && high[i]! - each < Infinity)) {
    return { observationSize, actionSpace, actionSize: low.length }
  }
  throw new ValueError(
    `${algorithm}: ${env.id} takes ${String(actionSpace)}; this algorithm needs finite bounds, the lower below the upper`,
  )
}

function requireVectors(algorithm: string, { id, observationSpace }: Spaces): number {
  if (observationSpace instanceof Box) return observationSpace.low.length
  throw new ValueError(`${algorithm}: ${id} shows ${String(observationSpace)}; a network needs vectors (a Box)`)
}
