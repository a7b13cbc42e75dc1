// The registered environments: Gymnasium's ids and a few of ours, with their time limits and reward thresholds. To add one,
// write its file beside this one and give it an entry here.

import type { AnyEnv, EnvOptions, EnvSpec } from '../env.ts'
import { readOptions, wholeBetween } from '../options.ts'
import { DiscretizeAction } from '../wrappers/action.ts'
import { Acrobot } from './acrobot.ts'
import { Bandit } from './bandit.ts'
import { Blackjack } from './blackjack.ts'
import { CartPole } from './cart-pole.ts'
import { CliffWalking } from './cliff-walking.ts'
import { Corridor } from './corridor.ts'
import { FrozenLake } from './frozen-lake.ts'
import { GridWorld, jumpingGrid } from './grid-world.ts'
import { MountainCar } from './mountain-car.ts'
import { MountainCarContinuous } from './mountain-car-continuous.ts'
import { Pendulum } from './pendulum.ts'
import { Taxi } from './taxi.ts'

const discretePendulumOptions = {
  torques: wholeBetween(5, 2, 1001, 'torques to choose from, evenly spaced from -2 to 2'),
}

function discretePendulum({ torques = 5, ...options }: EnvOptions, id: string): AnyEnv {
  const given = readOptions(id, discretePendulumOptions, { torques: torques as number })
  return new DiscretizeAction(new Pendulum(options), given.torques, id) as AnyEnv
}

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
  {
    id: 'MountainCar-v0',
    maxEpisodeSteps: 200,
    rewardThreshold: -110,
    create: (options, id) => new MountainCar(options, id),
  },
  {
    id: 'MountainCarContinuous-v0',
    maxEpisodeSteps: 999,
    rewardThreshold: 90,
    create: (options, id) => new MountainCarContinuous(options, id),
  },
  { id: 'Pendulum-v1', maxEpisodeSteps: 200, create: (options, id) => new Pendulum(options, id) },
  {
    id: 'PendulumDiscrete-v1', // ours: five torques from -2 to 2
    maxEpisodeSteps: 200,
    create: discretePendulum,
  },
  {
    id: 'Acrobot-v1',
    maxEpisodeSteps: 500,
    rewardThreshold: -100,
    create: (options, id) => new Acrobot(options, id),
  },
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
