// Tuned settings by name: algorithm, environment, number of sub-environments and options.

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

// Options listed later replace earlier ones.
const tuned = (algorithm: string, name: string, env: string, numEnvs: number, about: string, ...options: Options[]) =>
  ({ name, about, algorithm, env, numEnvs, options: Object.assign({}, ...options) }) satisfies Preset

type Options = Preset['options']

const hidden = [64, 64]
const trainOften = { hidden, trainInterval: 16, gradientSteps: 8, annealLearningRate: true, nStep: 5 }
// Targets of five rewards propagate a fall faster. With a constant learning rate, perfect policies are often lost again.
const cartPole = { ...trainOften, totalTimesteps: 50_000, learningRate: 2e-3, targetUpdateInterval: 512 }
const cartPoleMean = 'CartPole-v1 in 50,000 steps: a greedy mean of 500'
const acrobot = { ...trainOften, totalTimesteps: 100_000, learningRate: 1e-3, dueling: true, targetUpdateInterval: 500 }
const acrobotMean = (mean: number) => `Acrobot-v1 in 100,000 steps: a greedy mean of about ${mean}`
const pendulumMean = 'Pendulum-v1 in 20,000 steps: a greedy mean of about -155'
// Smaller networks and batches than the defaults perform as well here, at a twentieth of the time.
const control = { totalTimesteps: 20_000, hidden, batchSize: 128 }

// A function, so that a bundler drops presets that a program does not use.
const all = (): Preset[] => [
  // Many sub-environments and few, large updates. A lower discount speeds up the critic.
  tuned(
    'ppo',
    'cartpole-fast',
    'CartPole-v1',
    16,
    'CartPole-v1 to a greedy mean above 475 in about a second on one core',
    { totalTimesteps: 100_000, numSteps: 32, numEpochs: 6, learningRate: 3e-3 },
    { gamma: 0.98, gaeLambda: 0.8, entropyCoef: 0 },
  ),
  // Calls cost more than arithmetic in networks as small as these, so batches are large. Larger steps make up for fewer updates.
  tuned(
    'ppo',
    'cartpole-small',
    'CartPole-v1',
    64,
    'CartPole-v1 by networks of 16 units: a greedy mean of 500 in 0.2 s on one core, a million steps a second',
    { totalTimesteps: 300_000, hidden: [16], numSteps: 64, numEpochs: 2, learningRate: 0.03, gamma: 0.98 },
    { clipValueLoss: false, valueCoef: 0.25, entropyCoef: 0 },
  ),
  tuned('a2c', 'cartpole-a2c', 'CartPole-v1', 8, 'CartPole-v1 by the defaults of A2C, in eight sub-environments', {
    totalTimesteps: 500_000,
  }),
  tuned('dqn', 'cartpole-dqn', 'CartPole-v1', 1, cartPoleMean, cartPole, { dueling: true }),
  tuned('munchausen-dqn', 'cartpole-munchausen-dqn', 'CartPole-v1', 1, cartPoleMean, cartPole, { dueling: true }),
  tuned('c51', 'cartpole-c51', 'CartPole-v1', 1, cartPoleMean, cartPole, { batchSize: 64 }),
  // Short rollouts of many sub-environments give many updates. Values are not clipped, as returns are far from 0.
  tuned(
    'ppo',
    'acrobot-ppo',
    'Acrobot-v1',
    32,
    acrobotMean(-82),
    { totalTimesteps: 99_840, numSteps: 16, numMinibatches: 8, learningRate: 2.4e-3, gamma: 0.98, gaeLambda: 0.85 },
    { clipRange: 0.3, clipValueLoss: false, valueCoef: 0.25, entropyCoef: 0 },
  ),
  tuned('dqn', 'acrobot-dqn', 'Acrobot-v1', 1, acrobotMean(-84), acrobot),
  tuned('munchausen-dqn', 'acrobot-munchausen-dqn', 'Acrobot-v1', 1, acrobotMean(-80), acrobot),
  // All rewards before the goal are equal. One-step targets propagate its value too slowly on most seeds.
  tuned(
    'dqn',
    'mountain-car-dqn',
    'MountainCar-v0',
    1,
    'MountainCar-v0 in 120,000 steps: a greedy mean of about -107',
    {
      hidden,
      trainInterval: 16,
      gradientSteps: 8,
      totalTimesteps: 120_000,
      learningRate: 4e-3,
      batchSize: 128,
      nStep: 8,
    },
    { bufferSize: 20_000, targetUpdateInterval: 600, explorationFraction: 0.2, explorationFinalEps: 0.07 },
  ),
  tuned('sac', 'pendulum-sac', 'Pendulum-v1', 1, pendulumMean, control, {
    actorLearningRate: 1e-3,
    learningStarts: 100,
  }),
  tuned('td3', 'pendulum-td3', 'Pendulum-v1', 1, pendulumMean, control),
  tuned('ddpg', 'pendulum-ddpg', 'Pendulum-v1', 1, pendulumMean, control),
  // Independent random forces cancel out and never reach the goal; held for 32 steps they do every few hundred steps. A learned
  // entropy coefficient would fall before the value of the goal has propagated.
  tuned(
    'sac',
    'mountain-car-continuous-sac',
    'MountainCarContinuous-v0',
    1,
    'MountainCarContinuous-v0 in 20,000 steps: a greedy mean above 90',
    { ...control, actorLearningRate: 1e-3, learningStarts: 5000, randomActionRepeat: 32, trainInterval: 4 },
    { gradientSteps: 4, entropyCoef: 0.1, autoEntropyCoef: false },
  ),
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
