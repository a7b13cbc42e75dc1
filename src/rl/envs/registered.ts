// The environments that the library registers under Gymnasium's ids, with their time limits and reward thresholds.
// To add one: write its file beside this one and give it an entry here.

import type { EnvSpec } from '../env.ts'
import { CartPole } from './cart-pole.ts'
import { toyTextEnvs } from './toy-text.ts'

/** Ids, time limits and thresholds as in Gymnasium 1.4.0. */
export const builtInEnvs: readonly EnvSpec[] = [
  {
    id: 'CartPole-v0',
    maxEpisodeSteps: 200,
    rewardThreshold: 195,
    create: (options, id) => new CartPole(options, id),
  },
  {
    id: 'CartPole-v1',
    maxEpisodeSteps: 500,
    rewardThreshold: 475,
    create: (options, id) => new CartPole(options, id),
  },
  ...toyTextEnvs,
]
