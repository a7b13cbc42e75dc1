// The parameters after a short run of every algorithm, on every path that its options open. Each run names all options, so
// that a change of a default moves none.

import { describe, expect, it } from 'vitest'
import { gamblersProblem } from '../../examples/tabular/problems/gambler.ts'
import { MaximisationBias } from '../../examples/tabular/problems/maximisation-bias.ts'
import { randomWalk } from '../../examples/tabular/problems/random-walk.ts'
import { knownAlgorithms } from '../../src/cli/runs/environments.ts'
import type { Checkpoint } from '../../src/data/checkpoint.ts'
import { readCheckpoint, writeCheckpoint } from '../../src/data/checkpoint-file.ts'
import type { TabularEnv } from '../../src/rl/envs/tasks/tabular.ts'
import { SyncVectorEnv } from '../../src/rl/envs/vector/sync-vector-env.ts'
import { FrameStackObservation, NormalizeObservation } from '../../src/rl/envs/wrappers/observation.ts'
import { NormalizeReward } from '../../src/rl/envs/wrappers/reward.ts'
import { type AnyEnv, type EnvLike, evaluatePolicy, finish, make, makeVec, RescaleAction } from '../../src/rl/index.ts'
import { algorithm, algorithms } from '../../src/rl/registry.ts'
import { tabularAlgorithms } from '../../src/tabular/algorithms.ts'
import {
  policyEvaluation,
  policyEvaluationOptions,
  policyIteration,
  uniformPolicy,
  valueIteration,
  valueIterationOptions,
} from '../../src/tabular/planning.ts'
import { nStepTd, nStepTdOptions, td, tdLambda, tdLambdaOptions, tdOptions } from '../../src/tabular/td-prediction.ts'
import { Masked } from '../rl/masked-env.ts'
import { holdToBits, type Numbers, parametersOf, type Runs } from './golden.ts'

type Options = Readonly<Record<string, unknown>>

/** What differs from an algorithm's base run: options, and where it plays. */
type Variant = Options & { readonly envs?: () => EnvLike }

// How runs are made: all that knows the shape of the API.

function learn(name: string, envs: EnvLike, options: Options): Numbers {
  return { parameters: parametersOf(finish(algorithm(name, knownAlgorithms()).train(envs, options))) }
}

/** Stopped at the second report, written to a file, and picked up in fresh environments. */
function learnInTwoParts(name: string, envs: () => EnvLike, options: Options): Numbers {
  const training = algorithm(name, knownAlgorithms()).train(envs(), options)
  let saved: Checkpoint | undefined
  for (let report = 0; report < 2; report++) {
    const next = training.next()
    if (!next.done) saved = readCheckpoint(writeCheckpoint(next.value.save()))
  }
  return {
    parameters: parametersOf(finish(algorithm(name, knownAlgorithms()).train(envs(), { ...options, resume: saved }))),
  }
}

function runsOf(name: string, envs: () => EnvLike, base: Options, variants: Readonly<Record<string, Variant>>): Runs {
  const run = ({ envs: other = envs, ...changes }: Variant) => learn(name, other(), { ...base, ...changes })
  return {
    [name]: () => run({}),
    [`${name}, resumed`]: () => learnInTwoParts(name, envs, base),
    ...Object.fromEntries(
      Object.entries(variants).map(([title, variant]) => [`${name}, ${title}`, () => run(variant)]),
    ),
  }
}

const cartPole = (copies = 1) => makeVec('CartPole-v1', copies)
const pendulum = (copies = 1) => makeVec('Pendulum-v1', copies)
const masked = () => new SyncVectorEnv([new Masked(), new Masked()] as AnyEnv[], 'same-step')

/** Two copies whose observations, or rewards, are normalised by moments of their own. */
const normalized = (id: string) => ({
  'normalised observations': {
    envs: () => wrapped(id, (env) => new NormalizeObservation(env, { frozen: false, epsilon: 1e-8 })),
  },
  'normalised rewards': {
    envs: () => wrapped(id, (env) => new NormalizeReward(env, { gamma: 0.99, frozen: false, epsilon: 1e-8 })),
  },
})
const wrapped = (id: string, wrap: (env: never) => unknown) =>
  makeVec(id, 2, { options: {}, autoreset: 'same-step', wrap: (env) => wrap(env as never) as AnyEnv })
const stacked = { 'stacked frames': { envs: () => wrapped('CartPole-v1', (env) => new FrameStackObservation(env, 3)) } }
const rescaled = {
  'rescaled actions': { envs: () => wrapped('MountainCarContinuous-v0', (env) => new RescaleAction(env, -2, 2)) },
}

// Choices from a replay memory.

const replay = {
  ...{ totalTimesteps: 260, seed: 5, hidden: [12], batchSize: 16, bufferSize: 150, learningStarts: 40, gamma: 0.97 },
  ...{ targetUpdateInterval: 50, trainInterval: 20, gradientSteps: 3, maxGradNorm: 10 },
}
const epsilonGreedy = { explorationFraction: 0.5, explorationFinalEps: 0.1 }
const replayVariants: Readonly<Record<string, Variant>> = {
  'another seed': { seed: 6 },
  'two hidden layers': { hidden: [12, 9] },
  'three copies': { envs: () => cartPole(3) },
  'in Acrobot': { envs: () => makeVec('Acrobot-v1', 2) },
  'no discount': { gamma: 1 },
  'large memory, late start': { bufferSize: 1000, learningStarts: 120 },
  'often and little': { trainInterval: 4, gradientSteps: 1 },
  'rare copies of the target': { targetUpdateInterval: 400 },
  'short gradients': { maxGradNorm: 0.01 },
  ...stacked,
  ...normalized('CartPole-v1'),
}
const exploring: Readonly<Record<string, Variant>> = {
  'explores throughout': { explorationFraction: 1, explorationFinalEps: 0.5 },
}

const dqnBase = {
  ...{ ...replay, ...epsilonGreedy, learningRate: 2e-2, annealLearningRate: false, loss: 'huber', double: true },
  ...{ dueling: false, noisy: false, nStep: 1, prioritized: false, priorityCorrection: 0.4 },
}
const all = { dueling: true, noisy: true, nStep: 3, prioritized: true }
const dqnVariants: Readonly<Record<string, Variant>> = {
  ...replayVariants,
  ...exploring,
  'falling learning rate': { annealLearningRate: true },
  'squared loss': { loss: 'mse' },
  'not double': { double: false },
  dueling: { dueling: true },
  noisy: { noisy: true },
  'three steps': { nStep: 3 },
  'three steps in three copies': { nStep: 3, envs: () => cartPole(3) },
  prioritised: { prioritized: true },
  'prioritised, bias undone': { prioritized: true, priorityCorrection: 1 },
  'all at once': all,
  'all at once, not double': { ...all, double: false },
  'all at once, squared loss': { ...all, loss: 'mse', annealLearningRate: true, envs: () => cartPole(2) },
}

const atoms = { atoms: 11, lowestReturn: 0, highestReturn: 40 }
const atomVariants: Readonly<Record<string, Variant>> = {
  'more atoms': { atoms: 21 },
  'another range': { lowestReturn: -10, highestReturn: 15 },
  'large epsilon of Adam': { adamEpsilon: 0.01 },
}
const c51Base = {
  ...{ ...replay, ...epsilonGreedy, ...atoms, learningRate: 1e-3, annealLearningRate: false, adamEpsilon: 1e-8 },
  nStep: 1,
}
const c51Variants: Readonly<Record<string, Variant>> = {
  ...replayVariants,
  ...exploring,
  ...atomVariants,
  'falling learning rate': { annealLearningRate: true },
  'three steps': { nStep: 3 },
}
const qrDqnBase = { ...replay, ...epsilonGreedy, learningRate: 2.3e-3, quantiles: 7, kappa: 1 }
const qrDqnVariants: Readonly<Record<string, Variant>> = {
  ...replayVariants,
  ...exploring,
  'more quantiles': { quantiles: 12 },
  'small kappa': { kappa: 0.1 },
}
const munchausenBase = {
  ...{ ...replay, ...epsilonGreedy, learningRate: 2e-2, annealLearningRate: false, adamEpsilon: 1e-8, nStep: 1 },
  ...{ dueling: false, munchausenAlpha: 0.9, munchausenTau: 0.03, munchausenClip: -1 },
}
const munchausenVariants: Readonly<Record<string, Variant>> = {
  ...replayVariants,
  ...exploring,
  'falling learning rate': { annealLearningRate: true },
  'another epsilon of Adam': { adamEpsilon: 0.01 },
  'three steps': { nStep: 3 },
  dueling: { dueling: true },
  'no bonus': { munchausenAlpha: 0 },
  'a warm policy': { munchausenTau: 0.5 },
  'a narrow clip': { munchausenClip: -0.01 },
}
const rainbowBase = {
  ...{ ...replay, ...atoms, learningRate: 1e-3, adamEpsilon: 1.5e-4, nStep: 3, priorityExponent: 0.5 },
  priorityCorrection: 0.4,
}
const rainbowVariants: Readonly<Record<string, Variant>> = {
  ...replayVariants,
  ...atomVariants,
  'one step': { nStep: 1 },
  'uniform draws': { priorityExponent: 0 },
  'draws in proportion': { priorityExponent: 1 },
  'bias undone': { priorityCorrection: 1 },
}

// Vectors from a replay memory.

const controls = {
  ...{ totalTimesteps: 90, seed: 5, hidden: [12], batchSize: 16, bufferSize: 60, learningStarts: 30 },
  ...{ randomActionRepeat: 1, gamma: 0.97, tau: 0.01, trainInterval: 2, gradientSteps: 1, logInterval: 20 },
}
const controlVariants: Readonly<Record<string, Variant>> = {
  'another seed': { seed: 6 },
  'two hidden layers': { hidden: [12, 9] },
  'three copies': { envs: () => pendulum(3) },
  'in MountainCarContinuous': { envs: () => makeVec('MountainCarContinuous-v0', 2) },
  'no discount': { gamma: 1 },
  'large memory, late start': { bufferSize: 500, learningStarts: 60 },
  'held random actions': { randomActionRepeat: 5 },
  'targets that copy': { tau: 1 },
  'every step, twice': { trainInterval: 1, gradientSteps: 2 },
  ...normalized('Pendulum-v1'),
}
const ddpgBase = { ...controls, learningRate: 1e-3, explorationNoise: 0.1, policyDelay: 1 }
const ddpgVariants: Readonly<Record<string, Variant>> = {
  ...controlVariants,
  'no noise': { explorationNoise: 0 },
  'delayed policy': { policyDelay: 2 },
}
const td3Base = { ...ddpgBase, targetNoise: 0.2, targetNoiseClip: 0.5, policyDelay: 2 }
const td3Variants: Readonly<Record<string, Variant>> = {
  ...controlVariants,
  'no noise': { explorationNoise: 0 },
  'no delay': { policyDelay: 1 },
  'long delay': { policyDelay: 5 },
  'no target noise': { targetNoise: 0 },
  'narrow target noise': { targetNoiseClip: 0.05 },
}
const sacBase = {
  ...controls,
  actorLearningRate: 3e-4,
  criticLearningRate: 1e-3,
  entropyCoef: 1,
  autoEntropyCoef: true,
}
const sacVariants: Readonly<Record<string, Variant>> = {
  ...controlVariants,
  'fixed temperature': { autoEntropyCoef: false },
  'low fixed temperature': { autoEntropyCoef: false, entropyCoef: 0.05 },
  'low temperature at first': { entropyCoef: 0.05 },
}

// Policies from their own play.

const rollouts = { totalTimesteps: 320, seed: 5, hidden: [12], numSteps: 20, gamma: 0.97, gaeLambda: 0.9 }
const policyVariants: Readonly<Record<string, Variant>> = {
  'another seed': { seed: 6 },
  'two hidden layers': { hidden: [12, 9] },
  'one copy': { envs: () => cartPole() },
  'masked choices': { envs: masked },
  'a Gaussian': { envs: () => pendulum(2) },
  'a Gaussian in MountainCarContinuous': { envs: () => makeVec('MountainCarContinuous-v0', 2) },
  'no discount': { gamma: 1 },
  ...stacked,
  ...normalized('CartPole-v1'),
  ...rescaled,
}
const gae: Readonly<Record<string, Variant>> = {
  'advantages of rewards alone': { gaeLambda: 1 },
  'advantages of one step': { gaeLambda: 0 },
}
const weighing: Readonly<Record<string, Variant>> = {
  'no entropy bonus': { entropyCoef: 0 },
  'heavy critic': { valueCoef: 2 },
  'short gradients': { maxGradNorm: 0.01 },
  'gradients of any length': { maxGradNorm: Infinity },
}
const ppoBase = {
  ...{ ...rollouts, learningRate: 2e-2, annealLearningRate: true, adamEpsilon: 1e-5, numEpochs: 3 },
  ...{ numMinibatches: 3, clipRange: 0.2, clipValueLoss: true, normalizeAdvantages: true, entropyCoef: 0.01 },
  ...{ valueCoef: 0.5, maxGradNorm: 0.5, targetKl: Infinity },
}
const plain = { normalizeAdvantages: false, clipValueLoss: false, annealLearningRate: false }
const ppoVariants: Readonly<Record<string, Variant>> = {
  ...policyVariants,
  ...gae,
  ...weighing,
  'constant learning rate': { annealLearningRate: false },
  'large epsilon of Adam': { adamEpsilon: 0.01 },
  'one minibatch': { numMinibatches: 1 },
  'narrow clip range': { clipRange: 0.01 },
  'plain value loss': { clipValueLoss: false },
  'raw advantages': { normalizeAdvantages: false },
  'target KL': { targetKl: 1e-4 },
  'without the details': plain,
  'a Gaussian without the details': { ...plain, targetKl: 0.001, envs: () => pendulum(2) },
}
const a2cBase = {
  ...{ ...rollouts, totalTimesteps: 160, numSteps: 5, learningRate: 7e-3, annealLearningRate: false },
  ...{ rmsDecay: 0.99, rmsEpsilon: 1e-5, normalizeAdvantages: false, entropyCoef: 0.01, valueCoef: 0.5 },
  maxGradNorm: 0.5,
}
const a2cVariants: Readonly<Record<string, Variant>> = {
  ...policyVariants,
  ...gae,
  ...weighing,
  'falling learning rate': { annealLearningRate: true },
  'short memory of RMSprop': { rmsDecay: 0.5 },
  'large epsilon of RMSprop': { rmsEpsilon: 0.1 },
  'normalised advantages': { normalizeAdvantages: true },
  'longer rollouts': { numSteps: 20 },
}
const trpoBase = {
  ...{ ...rollouts, targetKl: 0.01, cgSteps: 6, cgDamping: 0.1, lineSearchSteps: 8, lineSearchShrink: 0.8 },
  ...{ criticLearningRate: 1e-3, criticEpochs: 2, criticBatchSize: 16 },
}
const trpoVariants: Readonly<Record<string, Variant>> = {
  ...policyVariants,
  ...gae,
  'large steps': { targetKl: 0.3 },
  'few conjugate gradients': { cgSteps: 2 },
  'much damping': { cgDamping: 10 },
  'short line search': { targetKl: 30, lineSearchSteps: 1 },
  'shrinks fast': { targetKl: 30, lineSearchShrink: 0.3 },
  'fast critic': { criticLearningRate: 0.01, criticEpochs: 4, criticBatchSize: 64 },
}
const reinforceBase = {
  ...{ totalTimesteps: 300, seed: 5, hidden: [12], learningRate: 3e-3, episodesPerUpdate: 2, gamma: 0.97 },
  ...{ baseline: true, valueCoef: 0.5, maxGradNorm: 0.5 },
}
const reinforceVariants: Readonly<Record<string, Variant>> = {
  'another seed': { seed: 6 },
  'two hidden layers': { hidden: [12, 9] },
  'a Gaussian': { envs: () => pendulum(), totalTimesteps: 500 },
  'no discount': { gamma: 1 },
  'no baseline': { baseline: false },
  'heavy baseline': { valueCoef: 2 },
  'short gradients': { maxGradNorm: 0.01 },
  'single episodes': { episodesPerUpdate: 1 },
}

// Tables.

const table = { totalTimesteps: 600, totalEpisodes: Infinity, seed: 5, gamma: 0.95 }
const control = { ...table, learningRate: 0.3, epsilon: 0.2, initialValue: 0.5 }
const tableVariants: Readonly<Record<string, Variant>> = {
  'another seed': { seed: 6 },
  'few episodes': { totalEpisodes: 20 },
  'no discount': { gamma: 1 },
  'explores throughout': { epsilon: 1 },
  'low values at first': { initialValue: -5 },
  'in CliffWalking': { envs: () => make('CliffWalking-v1') as AnyEnv },
  'in Taxi': { envs: () => make('Taxi-v3') as AnyEnv },
  'where actions are few': { envs: () => new MaximisationBias() as unknown as AnyEnv },
}
const learningRate: Readonly<Record<string, Variant>> = { ...tableVariants, 'small steps': { learningRate: 0.05 } }
const tables: Readonly<Record<string, readonly [Options, Readonly<Record<string, Variant>>]>> = {
  'q-learning': [control, learningRate],
  sarsa: [control, learningRate],
  'expected-sarsa': [control, learningRate],
  'double-q-learning': [control, learningRate],
  'dyna-q': [
    { ...control, planningSteps: 5 },
    { ...learningRate, 'no planning': { planningSteps: 0 } },
  ],
  'monte-carlo': [
    { ...table, epsilon: 0.2, exploringStarts: false, initialValue: 0.5 },
    { ...tableVariants, 'exploring starts': { exploringStarts: true, epsilon: 0 } },
  ],
  'off-policy-monte-carlo': [{ ...table, epsilon: 0.7, initialValue: 0.5 }, tableVariants],
}

const deep: Readonly<Record<string, readonly [() => EnvLike, Options, Readonly<Record<string, Variant>>]>> = {
  dqn: [cartPole, dqnBase, dqnVariants],
  c51: [cartPole, c51Base, c51Variants],
  'qr-dqn': [cartPole, qrDqnBase, qrDqnVariants],
  'munchausen-dqn': [cartPole, munchausenBase, munchausenVariants],
  rainbow: [cartPole, rainbowBase, rainbowVariants],
  ddpg: [pendulum, ddpgBase, ddpgVariants],
  td3: [pendulum, td3Base, td3Variants],
  sac: [pendulum, sacBase, sacVariants],
  ppo: [() => cartPole(4), ppoBase, ppoVariants],
  a2c: [() => cartPole(4), a2cBase, a2cVariants],
  trpo: [() => cartPole(4), trpoBase, trpoVariants],
  reinforce: [cartPole, reinforceBase, reinforceVariants],
}

// What has no place in the registry: values of a given policy, plans, and learning from an expert.

const valuesBase = { ...table, totalTimesteps: 300, learningRate: 0.1, initialValue: 0.5 }
const nStepBase = { ...valuesBase, nStep: 4 }
const lambdaBase = { ...valuesBase, lambda: 0.8 }
const planBase = { gamma: 0.95, theta: 1e-9, maxSweeps: 1000 }
const sweepsBase = { ...planBase, inPlace: true }

const walk = () => randomWalk(19)
const half = uniformPolicy(2)
const lake = () => make('FrozenLake-v1').unwrapped as unknown as TabularEnv
const evaluated = (name: 'dqn' | 'ppo') => {
  const options = { ...(name === 'dqn' ? dqnBase : ppoBase), totalTimesteps: 60 }
  const agent = finish(algorithm(name, knownAlgorithms()).train(cartPole(), options))
  const result = evaluatePolicy(agent, () => make('CartPole-v1') as AnyEnv as never, { episodes: 4, seed: 11 })
  return { returns: [Float64Array.from(result.returns)] }
}

const others: Runs = {
  td: () => ({ values: [finish(td(walk(), half, valuesBase))] }),
  'n-step td': () => ({ values: [finish(nStepTd(walk(), half, nStepBase))] }),
  'td lambda': () => ({ values: [finish(tdLambda(walk(), half, lambdaBase))] }),
  'policy evaluation': () => ({ values: [finish(policyEvaluation(lake(), uniformPolicy(4), sweepsBase))] }),
  'policy evaluation, not in place': () => {
    return { values: [finish(policyEvaluation(lake(), uniformPolicy(4), { ...sweepsBase, inPlace: false }))] }
  },
  'policy iteration': () => planOf(finish(policyIteration(lake(), sweepsBase))),
  'value iteration': () => planOf(finish(valueIteration(lake(), planBase))),
  "value iteration, the gambler's problem": () => {
    const model = gamblersProblem({ headsProbability: 0.4, goal: 100 })
    return planOf(finish(valueIteration(model, { ...planBase, gamma: 1 })))
  },
  'evaluation of dqn': () => evaluated('dqn'),
  'evaluation of ppo': () => evaluated('ppo'),
}

function planOf({ values, actions }: { values: Float64Array; actions: Int32Array }): Numbers {
  return { plan: [values, actions] }
}

const runs: Runs = {
  ...merged(Object.entries(deep).map(([name, [envs, base, variants]]) => runsOf(name, envs, base, variants))),
  ...merged(
    Object.entries(tables).map(([name, [base, variants]]) =>
      runsOf(name, () => make('FrozenLake-v1') as AnyEnv, base, variants),
    ),
  ),
  ...others,
}

function entryOf<Entry>(table: Readonly<Record<string, Entry>>, name: string): Entry {
  const found = table[name]
  if (found === undefined) throw new Error(`${name} has no runs that are held to the bit; add them to this file`)
  return found
}

function merged(parts: readonly Runs[]): Runs {
  return Object.assign({}, ...parts) as Runs
}

holdToBits('reinforcement learning, bit for bit', 'rl.json', runs, [['q-learning', 'dyna-q, no planning']])

describe('the runs', () => {
  const named: readonly [string, Options, Options][] = [
    ...algorithms.map(({ name, options }) => [name, entryOf(deep, name)[1], options] as [string, Options, Options]),
    ...tabularAlgorithms.map(
      ({ name, options }) => [name, entryOf(tables, name)[0], options] as [string, Options, Options],
    ),
    ['td', valuesBase, tdOptions],
    ['n-step td', nStepBase, nStepTdOptions],
    ['td lambda', lambdaBase, tdLambdaOptions],
    ['policy evaluation', sweepsBase, policyEvaluationOptions],
    ['policy iteration', sweepsBase, policyEvaluationOptions],
    ['value iteration', planBase, valueIterationOptions],
  ]

  it.each(named)('of %s name every option', (_, base, options) => {
    const names = Object.keys(options).filter((option) => option !== 'network') // in place of hidden, which is named
    expect(Object.keys(base).sort()).toEqual(names.sort())
  })
})
