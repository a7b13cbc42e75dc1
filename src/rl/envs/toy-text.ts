// The tabular and card environments that the library registers: Gymnasium's ids with its limits and thresholds, then ours.

import type { EnvSpec } from '../env.ts'
import { Bandit } from './bandit.ts'
import { Blackjack } from './blackjack.ts'
import { CliffWalking } from './cliff-walking.ts'
import { Corridor } from './corridor.ts'
import { FrozenLake } from './frozen-lake.ts'
import { GridWorld, jumpingGrid } from './grid-world.ts'
import { Taxi } from './taxi.ts'

export const toyTextEnvs: readonly EnvSpec[] = [
  {
    id: 'FrozenLake-v1',
    maxEpisodeSteps: 100,
    rewardThreshold: 0.7,
    create: (options, id) => new FrozenLake(options, id),
  },
  {
    id: 'FrozenLake8x8-v1',
    maxEpisodeSteps: 200,
    rewardThreshold: 0.85,
    create: (options, id) => new FrozenLake({ mapName: '8x8', ...options }, id),
  },
  { id: 'CliffWalking-v0', create: (options, id) => new CliffWalking(options, id) },
  { id: 'CliffWalking-v1', create: (options, id) => new CliffWalking(options, id) },
  { id: 'CliffWalkingSlippery-v1', create: (options, id) => new CliffWalking({ isSlippery: true, ...options }, id) },
  { id: 'Taxi-v3', maxEpisodeSteps: 200, rewardThreshold: 8, create: (options, id) => new Taxi(options, id) },
  { id: 'Taxi-v4', maxEpisodeSteps: 200, rewardThreshold: 8, create: (options, id) => new Taxi(options, id) },
  { id: 'Blackjack-v1', create: (options, id) => new Blackjack(options, id) },
  { id: 'Corridor-v0', maxEpisodeSteps: 100, create: (options, id) => new Corridor(options, id) },
  { id: 'Bandit-v0', maxEpisodeSteps: 1000, create: (options, id) => new Bandit(options, id) },
  { id: 'GridWorld-v0', maxEpisodeSteps: 100, create: (options, id) => new GridWorld(options, id) },
  {
    id: 'GridWorldJumps-v0',
    maxEpisodeSteps: 100,
    create: (options, id) => new GridWorld({ ...jumpingGrid, ...options }, id),
  },
]
