// Tuned settings by name: algorithm, environment, number of sub-environments and options. Read next: registry.ts.

import { unknownName, ValueError } from '../tensor/errors.ts'

export interface Preset {
  readonly name: string
  readonly about: string
  readonly algorithm: string
  readonly env: string
  readonly numEnvs: number
  /** Options that differ from the algorithm's defaults. */
  readonly options: Readonly<Record<string, unknown>>
}

const hidden = [64, 64]
const trainOften = { hidden, trainInterval: 16, gradientSteps: 8 }
// Targets of five rewards propagate a fall faster. With a constant learning rate, perfect policies are often lost again.
const cartPoleByValues = {
  ...{ env: 'CartPole-v1', numEnvs: 1, about: 'CartPole-v1 in 50,000 steps: a greedy mean of 500' },
  options: {
    ...trainOften,
    ...{ totalTimesteps: 50_000, learningRate: 2e-3, annealLearningRate: true, nStep: 5, targetUpdateInterval: 512 },
  },
}
const acrobotByValues = {
  ...{ env: 'Acrobot-v1', numEnvs: 1 },
  options: {
    ...trainOften,
    ...{ totalTimesteps: 100_000, learningRate: 1e-3, annealLearningRate: true },
    ...{ dueling: true, nStep: 5, targetUpdateInterval: 500 },
  },
}
const pendulum = { env: 'Pendulum-v1', numEnvs: 1, about: 'Pendulum-v1 in 20,000 steps: a greedy mean of about -155' }
// Smaller networks and batches than the defaults perform as well here, at a twentieth of the time.
const smallControl = { totalTimesteps: 20_000, hidden, batchSize: 128 }

// A function, so that a bundler drops presets that a program does not use.
const all = (): Preset[] => [
  {
    name: 'cartpole-fast',
    about: 'CartPole-v1 to a greedy mean above 475 in about a second on one core',
    algorithm: 'ppo',
    env: 'CartPole-v1',
    numEnvs: 16,
    // Many sub-environments and few, large updates. A lower discount speeds up the critic.
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
    name: 'cartpole-small',
    about: 'CartPole-v1 by networks of 16 units: a greedy mean of 500 in 0.2 s on one core, a million steps a second',
    algorithm: 'ppo',
    env: 'CartPole-v1',
    numEnvs: 64,
    // Calls cost more than arithmetic in networks as small as these, so batches are large. Larger steps make up for fewer updates.
    options: {
      totalTimesteps: 300_000,
      hidden: [16],
      numSteps: 64,
      numEpochs: 2,
      learningRate: 0.03,
      gamma: 0.98,
      clipValueLoss: false,
      valueCoef: 0.25,
      entropyCoef: 0,
    },
  },
  {
    name: 'cartpole-a2c',
    about: 'CartPole-v1 by the defaults of A2C, in eight sub-environments',
    algorithm: 'a2c',
    env: 'CartPole-v1',
    numEnvs: 8,
    options: { totalTimesteps: 500_000 },
  },
  {
    ...cartPoleByValues,
    name: 'cartpole-dqn',
    algorithm: 'dqn',
    options: { ...cartPoleByValues.options, dueling: true },
  },
  {
    ...cartPoleByValues,
    name: 'cartpole-munchausen-dqn',
    algorithm: 'munchausen-dqn',
    options: { ...cartPoleByValues.options, dueling: true },
  },
  {
    ...cartPoleByValues,
    name: 'cartpole-c51',
    algorithm: 'c51',
    options: { ...cartPoleByValues.options, batchSize: 64 },
  },
  {
    name: 'acrobot-ppo',
    about: 'Acrobot-v1 in 100,000 steps: a greedy mean of about -82',
    algorithm: 'ppo',
    env: 'Acrobot-v1',
    numEnvs: 32,
    // Short rollouts of many sub-environments give many updates. Values are not clipped, as returns are far from 0.
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
    ...acrobotByValues,
    name: 'acrobot-dqn',
    about: 'Acrobot-v1 in 100,000 steps: a greedy mean of about -84',
    algorithm: 'dqn',
  },
  {
    ...acrobotByValues,
    name: 'acrobot-munchausen-dqn',
    about: 'Acrobot-v1 in 100,000 steps: a greedy mean of about -80',
    algorithm: 'munchausen-dqn',
  },
  {
    name: 'mountain-car-dqn',
    about: 'MountainCar-v0 in 120,000 steps: a greedy mean of about -107',
    algorithm: 'dqn',
    env: 'MountainCar-v0',
    numEnvs: 1,
    // All rewards before the goal are equal. One-step targets propagate its value too slowly on most seeds.
    options: {
      ...trainOften,
      ...{ totalTimesteps: 120_000, learningRate: 4e-3, batchSize: 128, bufferSize: 20_000, nStep: 8 },
      ...{ targetUpdateInterval: 600, explorationFraction: 0.2, explorationFinalEps: 0.07 },
    },
  },
  {
    ...pendulum,
    name: 'pendulum-sac',
    algorithm: 'sac',
    options: { ...smallControl, actorLearningRate: 1e-3, learningStarts: 100 },
  },
  { ...pendulum, name: 'pendulum-td3', algorithm: 'td3', options: smallControl },
  { ...pendulum, name: 'pendulum-ddpg', algorithm: 'ddpg', options: smallControl },
  {
    name: 'mountain-car-continuous-sac',
    about: 'MountainCarContinuous-v0 in 20,000 steps: a greedy mean above 90',
    algorithm: 'sac',
    env: 'MountainCarContinuous-v0',
    numEnvs: 1,
    // Independent random forces cancel out and never reach the goal; held for 32 steps they do every few hundred steps. A learned
    // entropy coefficient would fall before the value of the goal has propagated.
    options: {
      ...smallControl,
      ...{ actorLearningRate: 1e-3, learningStarts: 5000, randomActionRepeat: 32, trainInterval: 4, gradientSteps: 4 },
      ...{ entropyCoef: 0.1, autoEntropyCoef: false },
    },
  },
]

const listed = /* @__PURE__ */ all()

/** Those of alambic, then those of registered algorithms. */
export const presets: readonly Preset[] = listed

/** Lists presets of a registered algorithm. */
export function addPresets(algorithm: string, added: readonly Omit<Preset, 'algorithm'>[]): void {
  listed.push(...added.map((each) => ({ ...each, algorithm })))
}

/** The preset of that name. Throws a `ValueError` with the nearest name if the algorithm has none of that name. */
export function preset(algorithm: string, name: string): Preset {
  const own = presets.filter((each) => each.algorithm === algorithm)
  const found = own.find((each) => each.name === name)
  if (found !== undefined) return found
  if (own.length === 0) throw new ValueError(`${algorithm} has no presets`)
  const names = own.map((each) => each.name)
  throw new ValueError(unknownName(`preset of ${algorithm}`, name, names))
}
