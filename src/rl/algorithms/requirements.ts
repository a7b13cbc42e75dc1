// What an algorithm asks of an environment, checked before any time is spent.

import { ValueError } from '../../tensor/errors.ts'
import { Box, Discrete } from '../spaces.ts'

interface Spaces {
  readonly id: string
  readonly observationSpace: unknown
  readonly actionSpace: unknown
}

/** Vector observations and choices for actions. Throws a ValueError that names what the environment has instead. */
export function requireChoices(algorithm: string, env: Spaces): { observationSize: number; actionCount: number } {
  const { observationSpace, actionSpace } = env
  if (!(observationSpace instanceof Box)) {
    throw new ValueError(`${algorithm}: ${env.id} shows ${String(observationSpace)}; a network needs vectors (a Box)`)
  }
  if (!(actionSpace instanceof Discrete)) {
    throw new ValueError(
      `${algorithm}: ${env.id} takes ${String(actionSpace)}; this algorithm chooses among Discrete actions`,
    )
  }
  return { observationSize: observationSpace.low.length, actionCount: actionSpace.n }
}
