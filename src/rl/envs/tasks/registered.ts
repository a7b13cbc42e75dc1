// The registered environments: Gymnasium's ids and a few of ours, with their time limits and reward thresholds. To add one,
// write its file beside this one and give it an entry here.

import { readOptions, wholeBetween } from '../../../data/options.ts'
import type { AnyEnv, EnvOptions, EnvSpec } from '../env.ts'
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

const from =
  (Kind: new (options: EnvOptions, id: string) => unknown, own: EnvOptions = {}) =>
  (options: EnvOptions, id: string) =>
    new Kind({ ...own, ...options }, id) as AnyEnv

/** Ids, time limits and thresholds as in Gymnasium 1.4.0. Reward ranges are those of actions inside their space. */
export const builtInEnvs: readonly EnvSpec[] = [
  { id: 'CartPole-v0', maxEpisodeSteps: 200, rewardThreshold: 195, rewardRange: [1, 1], create: from(CartPole) },
  { id: 'CartPole-v1', maxEpisodeSteps: 500, rewardThreshold: 475, rewardRange: [1, 1], create: from(CartPole) },
  {
    id: 'MountainCar-v0',
    maxEpisodeSteps: 200,
    rewardThreshold: -110,
    rewardRange: [-1, -1],
    create: from(MountainCar),
  },
  {
    id: 'MountainCarContinuous-v0',
    maxEpisodeSteps: 999,
    rewardThreshold: 90,
    rewardRange: [-0.1, 100],
    create: from(MountainCarContinuous),
  },
  { id: 'Pendulum-v1', maxEpisodeSteps: 200, rewardRange: [-16.274, 0], create: from(Pendulum) },
  { id: 'PendulumDiscrete-v1', maxEpisodeSteps: 200, rewardRange: [-16.274, 0], create: discretePendulum }, // not in Gymnasium
  { id: 'Acrobot-v1', maxEpisodeSteps: 500, rewardThreshold: -100, rewardRange: [-1, 0], create: from(Acrobot) },
  { id: 'FrozenLake-v1', maxEpisodeSteps: 100, rewardThreshold: 0.7, rewardRange: [0, 1], create: from(FrozenLake) },
  {
    id: 'FrozenLake8x8-v1',
    maxEpisodeSteps: 200,
    rewardThreshold: 0.85,
    rewardRange: [0, 1],
    create: from(FrozenLake, { mapName: '8x8' }),
  },
  { id: 'CliffWalking-v0', rewardRange: [-100, -1], create: from(CliffWalking) },
  { id: 'CliffWalking-v1', rewardRange: [-100, -1], create: from(CliffWalking) },
  { id: 'CliffWalkingSlippery-v1', rewardRange: [-100, -1], create: from(CliffWalking, { isSlippery: true }) },
  { id: 'Taxi-v3', maxEpisodeSteps: 200, rewardThreshold: 8, rewardRange: [-10, 20], create: from(Taxi) },
  { id: 'Taxi-v4', maxEpisodeSteps: 200, rewardThreshold: 8, rewardRange: [-10, 20], create: from(Taxi) },
  { id: 'Blackjack-v1', rewardRange: [-1, 1], create: from(Blackjack) },
  { id: 'Corridor-v0', maxEpisodeSteps: 100, rewardRange: [-1, -1], create: from(Corridor) },
  { id: 'Bandit-v0', maxEpisodeSteps: 1000, rewardRange: [-Infinity, Infinity], create: from(Bandit) },
  { id: 'GridWorld-v0', maxEpisodeSteps: 100, rewardRange: [-1, -1], create: from(GridWorld) },
  { id: 'GridWorldJumps-v0', maxEpisodeSteps: 100, rewardRange: [-1, 10], create: from(GridWorld, { ...jumpingGrid }) },
]
