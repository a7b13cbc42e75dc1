// The environments that the library registers: Gymnasium's ids, and a few of ours, with their time limits and reward thresholds.
// To add one: write its file beside this one and give it an entry here.

import type { EnvSpec } from '../env.ts'
import { DiscretizeAction } from '../wrappers/action.ts'
import { Acrobot } from './acrobot.ts'
import { CartPole } from './cart-pole.ts'
import { MountainCar } from './mountain-car.ts'
import { MountainCarContinuous } from './mountain-car-continuous.ts'
import { readCount } from './options.ts'
import { Pendulum } from './pendulum.ts'
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
    create: ({ torques = 5, ...options }, id) =>
      new DiscretizeAction(new Pendulum(options), readCount(id, 'torques', torques, 5, 2, 1001), id),
  },
  {
    id: 'Acrobot-v1',
    maxEpisodeSteps: 500,
    rewardThreshold: -100,
    create: (options, id) => new Acrobot(options, id),
  },
  ...toyTextEnvs,
]
