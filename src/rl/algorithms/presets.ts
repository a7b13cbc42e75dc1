// Settings by name that were found to do something well: which algorithm, where, how many copies, and what differs from its
// defaults. Read next: registry.ts.

import { unknownName, ValueError } from '../../tensor/errors.ts'

export interface Preset {
  readonly name: string
  readonly about: string
  readonly algorithm: string
  readonly env: string
  readonly numEnvs: number
  /** What differs from the algorithm's defaults. */
  readonly options: Readonly<Record<string, unknown>>
}

export const presets: readonly Preset[] = [
  {
    name: 'cartpole-fast',
    about: 'CartPole-v1 from nothing to a greedy mean above 475 in about a second on one core',
    algorithm: 'ppo',
    env: 'CartPole-v1',
    numEnvs: 16,
    // Many copies and large, few updates; rewards that are far ahead matter less, which the critic learns sooner.
    options: {
      totalTimesteps: 100_000,
      numSteps: 32,
      epochs: 6,
      learningRate: 3e-3,
      gamma: 0.98,
      gaeLambda: 0.8,
      entropyCoef: 0,
    },
  },
  {
    name: 'cartpole-a2c',
    about: 'CartPole-v1 by the defaults of A2C, in eight copies',
    algorithm: 'a2c',
    env: 'CartPole-v1',
    numEnvs: 8,
    options: { totalTimesteps: 500_000 },
  },
]

/** Throws a `ValueError` that names the nearest match if there is none of that name for the algorithm. */
export function preset(algorithm: string, name: string): Preset {
  const own = presets.filter((each) => each.algorithm === algorithm)
  const found = own.find((each) => each.name === name)
  if (found !== undefined) return found
  if (own.length === 0) throw new ValueError(`${algorithm} has no presets`)
  const names = own.map((each) => each.name)
  throw new ValueError(unknownName(`preset of ${algorithm}`, name, names))
}
