// States for testing an exported network: its own play, with some random actions to leave its usual trajectories.

import { Box, Discrete } from '../data/spaces.ts'
import { requireSize } from '../nn/checks.ts'
import type { Env } from '../rl/envs/env.ts'
import { ShapeError } from '../tensor/errors.ts'
import { Rng } from '../tensor/random.ts'
import type { ActionBounds, DenseLayer } from './dense-layers.ts'
import { actionOf, forwardDense } from './forward.ts'

const RANDOM_ACTIONS = 0.2

/**
 * `count` consecutive observations of play, determined by the seed. Throws a ShapeError if the network does not fit the environment, a
 * ValueError unless `count` is a whole number from 1 on.
 */
export function playedStates(
  layers: readonly DenseLayer[],
  env: Env<Float32Array, unknown>,
  count: number,
  seed: number,
  bounds?: ActionBounds,
): Float32Array {
  requireSize('playedStates: count', count)
  const { actionSpace } = env
  const { inputs } = layers[0]!
  const { outputs } = layers.at(-1)!
  const rng = new Rng(seed)
  const states = new Float32Array(count * inputs)
  let { observation } = env.reset({ seed })
  const isDiscrete = actionSpace instanceof Discrete
  const width = isDiscrete ? actionSpace.n : actionSpace instanceof Box ? actionSpace.low.length : 0
  if (isDiscrete !== (bounds === undefined) || width !== outputs || observation.length !== inputs) {
    throw new ShapeError(
      `playedStates: the network takes ${inputs} numbers and gives ${outputs}; ${env.id} shows ${observation.length} and takes ${actionSpace}`,
    )
  }
  for (let i = 0; i < count; i++) {
    states.set(observation, i * inputs)
    const explores = rng.uniform() < RANDOM_ACTIONS
    const chosen = explores ? undefined : actionOf(forwardDense(layers, observation), bounds)
    const action = isDiscrete && chosen !== undefined ? actionSpace.start + (chosen as number) : chosen
    const { observation: next, terminated, truncated } = env.step(action ?? actionSpace.sample(rng))
    observation = terminated || truncated ? env.reset().observation : next
  }
  return states
}
