// How each teacher of the study is trained: an algorithm, its options and a seed. Defaults are tuned on tuning teachers,
// published figures come from confirmation teachers, poor teachers stop half-way. Read next: train.ts.

import { preset } from 'alambic/rl'

export type Role = 'tuning' | 'confirmation' | 'poor'

export interface Recipe {
  readonly name: string
  /** A name of tasks.ts. */
  readonly task: string
  readonly role: Role
  readonly algorithm: string
  readonly numEnvs: number
  /** Options that differ from the algorithm's defaults, without the seed. */
  readonly options: Readonly<Record<string, unknown>> & { readonly totalTimesteps: number }
  /** The first seed. If its teacher does not pass, the seeds after it are tried, in steps of 1000. */
  readonly seed: number
  /** Mean and deviation of the observations, for algorithms that need standardized ones. The finished network takes raw ones. */
  readonly observations?: { readonly mean: readonly number[]; readonly deviation: readonly number[] }
  /** Factor on the rewards of the training. Default 1. */
  readonly rewardScale?: number
  /** A policy of Stable-Baselines3 in test/golden/teachers, loaded instead of trained; the settings are those of a similar teacher. */
  readonly file?: string
  /** Mean return from which a teacher passes. */
  readonly least: number
  /** Mean return that the checkpoint of a poor teacher should have. Default: as high as possible. */
  readonly aim?: number
}

type Settings = Pick<Recipe, 'algorithm' | 'numEnvs' | 'options' | 'observations' | 'rewardScale'>

function from(algorithm: string, name: string, own: Readonly<Record<string, unknown>> = {}): Settings {
  const { numEnvs, options } = preset(algorithm, name)
  return { algorithm, numEnvs, options: { ...options, ...own } as Settings['options'] }
}

// Observations of random and good play have about these means and deviations.
const mountainCar = { observations: { mean: [-0.4, 0], deviation: [0.4, 0.03] }, rewardScale: 0.1 }

const settings = {
  'cartpole-dqn': from('dqn', 'cartpole-dqn'),
  'cartpole-ppo': from('ppo', 'cartpole-fast'),
  'cartpole-qr-dqn': {
    algorithm: 'qr-dqn',
    numEnvs: 1,
    options: { hidden: [64, 64], totalTimesteps: 50_000, trainInterval: 16, gradientSteps: 8, learningRate: 1e-3 },
  },
  'cartpole-a2c': from('a2c', 'cartpole-a2c', { hidden: [32, 32], annealLearningRate: true }),
  'acrobot-dqn': from('dqn', 'acrobot-dqn'),
  'acrobot-ppo': from('ppo', 'acrobot-ppo'),
  'acrobot-qr-dqn': {
    algorithm: 'qr-dqn',
    numEnvs: 1,
    options: {
      ...{ hidden: [64, 64], totalTimesteps: 100_000, trainInterval: 16, gradientSteps: 8, learningRate: 1e-3 },
      ...{ targetUpdateInterval: 500 },
    },
  },
  'acrobot-a2c': {
    algorithm: 'a2c',
    numEnvs: 16,
    options: { hidden: [32, 32], totalTimesteps: 500_000, annealLearningRate: true },
    rewardScale: 0.1,
  },
  'mountaincar-dqn': from('dqn', 'mountain-car-dqn'),
  'mountaincar-ppo': {
    algorithm: 'ppo',
    numEnvs: 16,
    options: {
      ...{ hidden: [64, 64], totalTimesteps: 1_000_000, numSteps: 16, gaeLambda: 0.98, learningRate: 1e-3 },
      ...{ entropyCoef: 0, clipValueLoss: false },
    },
    ...mountainCar,
  },
  'mountaincar-qr-dqn': {
    algorithm: 'qr-dqn',
    numEnvs: 1,
    options: {
      ...{ hidden: [64, 64], totalTimesteps: 300_000, learningRate: 2e-3, batchSize: 128, bufferSize: 50_000 },
      ...{ gamma: 0.98, targetUpdateInterval: 600, trainInterval: 16, gradientSteps: 8 },
      ...{ explorationFraction: 0.2, explorationFinalEps: 0.07 },
    },
  },
  'mountaincar-a2c': {
    algorithm: 'a2c',
    numEnvs: 16,
    options: { hidden: [64, 64], totalTimesteps: 1_000_000, learningRate: 1e-3, annealLearningRate: true },
    ...mountainCar,
  },
  'pendulum-sac': from('sac', 'pendulum-sac'),
  'pendulum-td3': from('td3', 'pendulum-td3'),
  'pendulum-ppo': {
    algorithm: 'ppo',
    numEnvs: 16,
    options: {
      ...{ hidden: [64, 64], totalTimesteps: 300_000, numSteps: 128, numEpochs: 10, numMinibatches: 32, gamma: 0.9 },
      ...{ learningRate: 1e-3, entropyCoef: 0, clipValueLoss: false },
    },
    rewardScale: 0.1,
  },
  'mountaincar-continuous-sac': from('sac', 'mountain-car-continuous-sac'),
  'mountaincar-continuous-td3': {
    algorithm: 'td3',
    numEnvs: 1,
    options: {
      ...{ totalTimesteps: 30_000, hidden: [64, 64], batchSize: 128, learningStarts: 5000, randomActionRepeat: 32 },
      ...{ trainInterval: 4, gradientSteps: 4 },
    },
  },
  'mountaincar-continuous-ppo': {
    algorithm: 'ppo',
    numEnvs: 16,
    options: {
      ...{ hidden: [64, 64], totalTimesteps: 500_000, numSteps: 64, gamma: 0.999, gaeLambda: 0.98, learningRate: 1e-3 },
      ...{ entropyCoef: 0.01, clipValueLoss: false },
    },
    ...mountainCar,
  },
} satisfies Readonly<Record<string, Settings>>

const least: Readonly<Record<string, number>> = {
  cartpole: 475,
  acrobot: -90,
  mountaincar: -115,
  pendulum: -200,
  'mountaincar-continuous': 90,
}

function recipe(
  name: string,
  role: Role,
  like: keyof typeof settings,
  seed: number,
  own: Partial<Recipe> & { readonly hidden?: readonly number[] } = {},
): Recipe {
  const { hidden, ...others } = own
  const base: Settings = settings[like]
  const task = like.startsWith('mountaincar-continuous') ? 'mountaincar-continuous' : like.split('-')[0]!
  const options = { ...base.options, ...(hidden && { hidden }) }
  return { name, task, role, ...base, options, seed, least: least[task]!, ...others }
}

/** A poor teacher: half of the way from random actions to the best, at most an eighth of it off. */
function poor(like: keyof typeof settings, seed: number, random: number, best: number): Recipe {
  const task = like.split('-')[0]!
  return recipe(`${task}-poor`, 'poor', like, seed, {
    least: random + 0.375 * (best - random),
    aim: random + 0.5 * (best - random),
  })
}

/** All teachers, in the order of their training. */
export const recipes: readonly Recipe[] = [
  recipe('cartpole-tuning-dqn', 'tuning', 'cartpole-dqn', 101),
  recipe('cartpole-tuning-ppo', 'tuning', 'cartpole-ppo', 102),
  recipe('acrobot-tuning-dqn', 'tuning', 'acrobot-dqn', 101),
  recipe('acrobot-tuning-ppo', 'tuning', 'acrobot-ppo', 102),
  recipe('mountaincar-tuning-dqn', 'tuning', 'mountaincar-dqn', 101),
  recipe('mountaincar-tuning-ppo', 'tuning', 'mountaincar-ppo', 102),
  recipe('cartpole-dqn', 'confirmation', 'cartpole-dqn', 1),
  recipe('cartpole-ppo', 'confirmation', 'cartpole-ppo', 2),
  recipe('cartpole-qr-dqn', 'confirmation', 'cartpole-qr-dqn', 3),
  recipe('cartpole-a2c', 'confirmation', 'cartpole-a2c', 4),
  recipe('cartpole-sb3', 'confirmation', 'cartpole-ppo', 0, { file: 'sb3-ppo-cartpole' }),
  poor('cartpole-ppo', 6, 22, 500),
  recipe('acrobot-dqn', 'confirmation', 'acrobot-dqn', 1, { hidden: [128, 128] }),
  recipe('acrobot-ppo', 'confirmation', 'acrobot-ppo', 2),
  recipe('acrobot-qr-dqn', 'confirmation', 'acrobot-qr-dqn', 3),
  recipe('acrobot-a2c', 'confirmation', 'acrobot-a2c', 4),
  recipe('acrobot-sb3', 'confirmation', 'acrobot-dqn', 0, { file: 'sb3-dqn-acrobot' }),
  poor('acrobot-dqn', 6, -499, -78),
  recipe('mountaincar-dqn', 'confirmation', 'mountaincar-dqn', 1),
  recipe('mountaincar-ppo', 'confirmation', 'mountaincar-ppo', 2, { hidden: [32, 32] }),
  recipe('mountaincar-qr-dqn', 'confirmation', 'mountaincar-qr-dqn', 3),
  recipe('mountaincar-a2c', 'confirmation', 'mountaincar-a2c', 4),
  recipe('mountaincar-dqn-wide', 'confirmation', 'mountaincar-dqn', 5, { hidden: [128, 128] }),
  poor('mountaincar-dqn', 6, -200, -100),
  recipe('pendulum-tuning-sac', 'tuning', 'pendulum-sac', 101),
  recipe('pendulum-sac', 'confirmation', 'pendulum-sac', 1),
  recipe('pendulum-td3', 'confirmation', 'pendulum-td3', 2),
  recipe('pendulum-ppo', 'confirmation', 'pendulum-ppo', 3),
  recipe('mountaincar-continuous-tuning-sac', 'tuning', 'mountaincar-continuous-sac', 101),
  recipe('mountaincar-continuous-sac', 'confirmation', 'mountaincar-continuous-sac', 1),
  recipe('mountaincar-continuous-td3', 'confirmation', 'mountaincar-continuous-td3', 2),
  recipe('mountaincar-continuous-ppo', 'confirmation', 'mountaincar-continuous-ppo', 3),
]

/** The recipe of a teacher. */
export function recipeOf(name: string): Recipe {
  return recipes.find((each) => each.name === name)!
}
