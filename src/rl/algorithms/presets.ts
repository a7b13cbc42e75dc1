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
      numEpochs: 6,
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
  {
    name: 'cartpole-dqn',
    about: 'CartPole-v1 in 50,000 steps: a greedy mean of 500',
    algorithm: 'dqn',
    env: 'CartPole-v1',
    numEnvs: 1,
    // Five rewards in each target carry news of a fall back sooner; without a learning rate that falls, policies that were
    // perfect at 30,000 steps are often lost again.
    options: {
      totalTimesteps: 50_000,
      hidden: [64, 64],
      learningRate: 2e-3,
      annealLearningRate: true,
      dueling: true,
      nStep: 5,
      targetUpdateInterval: 512,
      trainInterval: 16,
      gradientSteps: 8,
    },
  },
  {
    name: 'cartpole-c51',
    about: 'CartPole-v1 in 50,000 steps: a greedy mean of 500',
    algorithm: 'c51',
    env: 'CartPole-v1',
    numEnvs: 1,
    // As cartpole-dqn; five rewards in each target make the difference here too.
    options: {
      totalTimesteps: 50_000,
      hidden: [64, 64],
      learningRate: 2e-3,
      annealLearningRate: true,
      batchSize: 64,
      nStep: 5,
      targetUpdateInterval: 512,
      trainInterval: 16,
      gradientSteps: 8,
    },
  },
  {
    name: 'acrobot-ppo',
    about: 'Acrobot-v1 in 100,000 steps: a greedy mean of about -82',
    algorithm: 'ppo',
    env: 'Acrobot-v1',
    numEnvs: 32,
    // Short rollouts of many copies, so that there are many updates; values may move freely, as returns are far from 0.
    options: {
      totalTimesteps: 99_840,
      numSteps: 16,
      numMinibatches: 8,
      learningRate: 2.4e-3,
      gamma: 0.98,
      gaeLambda: 0.85,
      clipRange: 0.3,
      clipValueLoss: false,
      valueCoef: 0.25,
      entropyCoef: 0,
    },
  },
  {
    name: 'acrobot-dqn',
    about: 'Acrobot-v1 in 100,000 steps: a greedy mean of about -84',
    algorithm: 'dqn',
    env: 'Acrobot-v1',
    numEnvs: 1,
    options: {
      totalTimesteps: 100_000,
      hidden: [64, 64],
      learningRate: 1e-3,
      annealLearningRate: true,
      dueling: true,
      nStep: 5,
      targetUpdateInterval: 500,
      trainInterval: 16,
      gradientSteps: 8,
    },
  },
  {
    name: 'mountain-car-dqn',
    about: 'MountainCar-v0 in 120,000 steps: a greedy mean of about -107',
    algorithm: 'dqn',
    env: 'MountainCar-v0',
    numEnvs: 1,
    // All rewards are alike until the flag. One-step targets carry its worth back so slowly that most seeds never find it;
    // sums of eight steps do it for nearly all.
    options: {
      totalTimesteps: 120_000,
      hidden: [64, 64],
      learningRate: 4e-3,
      batchSize: 128,
      bufferSize: 20_000,
      nStep: 8,
      targetUpdateInterval: 600,
      trainInterval: 16,
      gradientSteps: 8,
      explorationFraction: 0.2,
      explorationFinalEps: 0.07,
    },
  },
  {
    name: 'pendulum-sac',
    about: 'Pendulum-v1 in 20,000 steps: a greedy mean of about -155',
    algorithm: 'sac',
    env: 'Pendulum-v1',
    numEnvs: 1,
    // Smaller networks and batches than usual learn as well here, at a twentieth of the price.
    options: {
      totalTimesteps: 20_000,
      hidden: [64, 64],
      batchSize: 128,
      actorLearningRate: 1e-3,
      learningStarts: 100,
    },
  },
  {
    name: 'pendulum-td3',
    about: 'Pendulum-v1 in 20,000 steps: a greedy mean of about -155',
    algorithm: 'td3',
    env: 'Pendulum-v1',
    numEnvs: 1,
    options: { totalTimesteps: 20_000, hidden: [64, 64], batchSize: 128 },
  },
  {
    name: 'pendulum-ddpg',
    about: 'Pendulum-v1 in 20,000 steps: a greedy mean of about -155',
    algorithm: 'ddpg',
    env: 'Pendulum-v1',
    numEnvs: 1,
    options: { totalTimesteps: 20_000, hidden: [64, 64], batchSize: 128 },
  },
  {
    name: 'mountain-car-continuous-sac',
    about: 'MountainCarContinuous-v0 in 20,000 steps: a greedy mean above 90',
    algorithm: 'sac',
    env: 'MountainCarContinuous-v0',
    numEnvs: 1,
    // Forces drawn anew at every step cancel out and the goal is never seen; held for 32 steps they reach it every few
    // hundred. The temperature stays: a learned one would fall before the goal's worth has spread.
    options: {
      totalTimesteps: 20_000,
      hidden: [64, 64],
      batchSize: 128,
      actorLearningRate: 1e-3,
      learningStarts: 5000,
      randomActionRepeat: 32,
      trainInterval: 4,
      gradientSteps: 4,
      entropyCoef: 0.1,
      autoEntropyCoef: false,
    },
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
