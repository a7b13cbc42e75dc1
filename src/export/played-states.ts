// States for testing an exported network: its own play, with some random actions to leave its usual trajectories.

import type { Env } from '../rl/env.ts'
import { Discrete } from '../rl/spaces.ts'
import { ShapeError, ValueError } from '../tensor/errors.ts'
import { Rng } from '../tensor/random.ts'
import type { DenseLayer } from './dense-layers.ts'
import { greedyOutput } from './forward.ts'

const RANDOM_ACTIONS = 0.2

/**
 * `count` consecutive observations of play, determined by the seed. Throws a ShapeError if the network does not fit the environment, a
 * ValueError unless `count` is a whole number from 1 on.
 */
export function playedStates(
  layers: readonly DenseLayer[],
  env: Env<Float32Array, number>,
  count: number,
  seed: number,
): Float32Array {
  if (!(Number.isInteger(count) && count >= 1)) {
    throw new ValueError(`playedStates: ${count} states; expected a whole number from 1`)
  }
  const { actionSpace } = env
  const { inputs } = layers[0]!
  const { outputs } = layers.at(-1)!
  const rng = new Rng(seed)
  const states = new Float32Array(count * inputs)
  let { observation } = env.reset({ seed })
  if (!(actionSpace instanceof Discrete) || actionSpace.n !== outputs || observation.length !== inputs) {
    throw new ShapeError(
      `playedStates: the network takes ${inputs} numbers and gives ${outputs}; ${env.id} shows ${observation.length} and takes ${actionSpace}`,
    )
  }
  for (let i = 0; i < count; i++) {
    states.set(observation, i * inputs)
    const explores = rng.uniform() < RANDOM_ACTIONS
    const {
      observation: next,
      terminated,
      truncated,
    } = env.step(explores ? actionSpace.sample(rng) : actionSpace.start + greedyOutput(layers, observation))
    observation = terminated || truncated ? env.reset().observation : next
  }
  return states
}
