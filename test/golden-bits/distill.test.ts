// What students learn and which states they learn from, for every target, teacher, way to find states and option. Each run
// names all options, so that a change of a default moves none.

import { describe, expect, it } from 'vitest'
import type { Selection } from '../../src/distill/collecting/selection.ts'
import { concatDatasets, labelsBy, relabel } from '../../src/distill/index.ts'
import { MLP } from '../../src/nn/layers/mlp.ts'
import { type AnyEnv, a2c, criticFrom, makeVec, PotentialShaping, ppo, qdagger } from '../../src/rl/index.ts'
import { type CrossEntropy, expectedEntropy } from '../../src/rl/on-policy/expected-entropy.ts'
import type { AuxiliaryLoss } from '../../src/rl/on-policy/on-policy.ts'
import { Kickstart, ProximalDistillation } from '../../src/rl/on-policy/teacher-losses.ts'
import type { ValueFunction } from '../../src/rl/policies/discrete-policies.ts'
import type { TeachingPolicy } from '../../src/rl/policies/policy.ts'
import { Rng, ValueError } from '../../src/tensor/index.ts'
import {
  advantageMse,
  monteCarloReturns,
  softmaxOverOneClass,
  softmaxOverStates,
  valueHlGauss,
  valueListNet,
} from '../../studies/controls.ts'
import * as make from './distill-runs.ts'
import { cartPole, dqnTeacher, givenSet, ppoTeacher, runDistill } from './distill-runs.ts'
import { holdToBits, parametersOf, type Runs } from './golden.ts'

const seeds = [3, 4, 5]
const teachers = { dqn: dqnTeacher, ppo: ppoTeacher }
type TeacherName = keyof typeof teachers
const teacherNames = Object.keys(teachers) as TeacherName[]

/** Targets by the name of their golden. */
const targets: Readonly<Record<string, make.Changes>> = {
  policy: { target: 'policy' },
  reverseKL: { target: 'policy', of: { divergence: 'reverse-kl' } },
  jensenShannon: { target: 'policy', of: { divergence: 'jsd' } },
  hard: { target: 'policy', of: { divergence: 'hard' } },
  actionValues: { target: 'q-softmax' },
  actionValuesMse: { target: 'q-mse' },
  advantages: { target: advantageMse },
  returns: { target: monteCarloReturns },
  stateValues: { target: 'value-mse' },
  listwise: { target: valueListNet },
  hlGauss: { target: valueHlGauss },
  literal: { target: softmaxOverStates },
  literalKeras: { target: softmaxOverOneClass },
}
const targetNames = Object.keys(targets)

/** Ways to choose states by the name of their golden. */
const modes: Readonly<Record<string, make.Changes>> = {
  teacherContiguous: { selection: 'sequential', exploration: 'fixed' },
  teacherIid: { exploration: 'fixed' },
  mixedEpsilon: {},
  random: { exploration: 'fixed', epsilon: 1 },
  boundingBox: { selection: 'box' },
  student: { rounds: 3 },
  errors: { rounds: 3, selection: 'errors', candidates: 3 },
}
const spread = { selection: 'farthest' as Selection, candidates: 5 }

/** Those that need action values, which PPO's teacher does not have. */
const ofActionValues = ['actionValues', 'actionValuesMse', 'advantages']
const hasLabels = (teacher: TeacherName, target: string) => teacher === 'dqn' || !ofActionValues.includes(target)

/** Agents of several types, as teachers. */
const agents = (...given: unknown[]) => given as TeachingPolicy[]

/** Runs by name, of `run` on each of the items that it is given. */
function each<Item>(items: readonly Item[], name: (item: Item) => string, run: (item: Item) => Runs[string]): Runs {
  return Object.fromEntries(items.map((item) => [name(item), run(item)]))
}

const trainedTeachers: Runs = {
  'teacher dqn': () => ({ parameters: parametersOf(dqnTeacher()) }),
  'teacher ppo': () => ({ parameters: parametersOf(ppoTeacher()) }),
  'teacher ppo, Gaussian': () => ({ parameters: parametersOf(make.gaussianTeacher()) }),
  'teacher sac': () => ({ parameters: parametersOf(make.sacTeacher()) }),
  'teacher td3': () => ({ parameters: parametersOf(make.td3Teacher()) }),
}

const everyTarget: Runs = each(
  teacherNames.flatMap((teacher) =>
    targetNames
      .filter((target) => hasLabels(teacher, target))
      .flatMap((target) => seeds.map((seed) => ({ teacher, target, seed }))),
  ),
  ({ teacher, target, seed }) => `${target}, ${teacher}, seed ${seed}`,
  ({ teacher, target, seed }) =>
    () =>
      runDistill({ ...targets[target], seed, teacher: teachers[teacher]() as TeachingPolicy }),
)

const threeActions: Runs = each(
  targetNames,
  (name) => `three actions, ${name}`,
  (name) => () =>
    runDistill({ teacher: agents(make.acrobotTeacher())[0]!, env: makeVec('Acrobot-v1', 2), ...targets[name] }),
)

const everyMode: Runs = each(
  teacherNames
    .flatMap((teacher) => Object.keys(modes).flatMap((mode) => [1, 3].map((copies) => ({ teacher, mode, copies }))))
    .filter(({ mode, copies }) => mode !== 'mixedEpsilon' || copies > 1), // one copy is in everyTarget
  ({ teacher, mode, copies }) => `mode ${mode}, ${teacher}${copies > 1 ? `, ${copies} copies` : ''}`,
  ({ teacher, mode, copies }) =>
    () =>
      runDistill({ ...modes[mode], teacher: teachers[teacher]() as TeachingPolicy, env: cartPole(copies) }),
)

const { student } = modes
const changes: Readonly<Record<string, make.Changes>> = {
  'temperature of 0.3 gaps': { of: { temperature: { relative: 0.3 } } },
  'absolute temperature': { of: { temperature: { absolute: 0.7 } } },
  'listwise, absolute temperature': { target: valueListNet, of: { temperature: { absolute: 0.7 } } },
  'automatic temperature': { of: { temperature: 'auto' }, labels: 10 },
  'jsBeta 0.9': { target: 'policy', of: { divergence: 'jsd', jsBeta: 0.9 } },
  '21 bins': { target: valueHlGauss, of: { bins: 21 } },
  'two hidden layers': { hidden: [12, 9] },
  'other minibatches': { batchSize: 7 },
  'fast learning': { learningRate: 0.02 },
  'short gradients': { maxGradNorm: 0.01 },
  'raw observations': { standardize: false },
  'no updates': { updates: 0 },
  'greedy play': { exploration: 'fixed', epsilon: 0 },
  'no discount': { target: monteCarloReturns, gamma: 1 },
  'large pool': { rolloutSteps: 400 },
  'spread of mixedEpsilon': spread,
  'spread of teacherIid': { exploration: 'fixed', ...spread },
  'spread of random': { ...modes.random, ...spread },
  'spread of student': { ...student, ...spread },
  'one round': { rounds: 1 },
  'five rounds': { rounds: 5 },
  'growing rounds': { ...student, growth: 2 },
  'first round teacherIid': { ...student, exploration: 'fixed' },
  'large pools of rounds': { ...student, roundSteps: 250 },
  'long learning between rounds': { ...student, roundUpdates: 30 },
  'random students': { ...student, studentEpsilon: 0.5 },
  'student of state values': { ...student, target: 'value-mse' },
  'student of action values': { ...student, ...spread, target: 'q-softmax', of: { temperature: { relative: 0.3 } } },
  'five copies, spread': { ...student, ...spread, env: cartPole(5) },
}

const ownStudent = () => new MLP([4, 10, 2], new Rng(9), { activation: 'tanh' })
const otherWays: Runs = {
  'a function teaches': () => runDistill({ teacher: make.ruleTeacher }),
  'a function teaches in rounds': () => runDistill({ teacher: make.ruleTeacher, ...student, env: cartPole(3) }),
  'an ensemble of policies teaches': () => runDistill({ teacher: agents(ppoTeacher(), make.untrainedPolicy()) }),
  'an ensemble of action values teaches': () =>
    runDistill({ teacher: agents(dqnTeacher(), make.untrainedValues()), target: 'q-softmax' }),
  'an ensemble of critics teaches state values': () => {
    return runDistill({ teacher: agents(ppoTeacher(), ppoTeacher()), target: 'value-mse', ...modes.random })
  },
  'own network': () => runDistill({ network: ownStudent() }),
  'own network in rounds': () => runDistill({ network: ownStudent(), ...student }),
  'a given set': () => runDistill({ dataset: givenSet() }),
  'a given set, other target': () => runDistill({ dataset: givenSet(), target: advantageMse, seed: 4 }),
  'a set relabelled by its student': () => {
    const { student, dataset } = make.distilled({})
    const labels = labelsBy(student as TeachingPolicy, dataset.column('observations'), dataset.size)
    return runDistill({ dataset: relabel(dataset, labels, 'a student') })
  },
  'merged sets': () => {
    const other = make.distilled({ seed: 11, updates: 0 }).dataset
    return runDistill({ dataset: concatDatasets(givenSet(), other) })
  },
  'two tasks': () => make.runMultiTask({}),
  'a tree': () => make.runTree(make.treeSet(), {}),
  'a shallow tree': () => make.runTree(make.treeSet(), { maxDepth: 1 }),
  'a tree of three leaves': () => make.runTree(make.treeSet(), { maxLeafNodes: 3 }),
  'a tree of large leaves': () => make.runTree(make.treeSet(), { minSamplesLeaf: 6 }),
  'a tree of states alike': () => make.runTree(make.treeSet(), { treeWeights: 'none' }),
  'a tree of logits': () => make.runTree(make.distilled({ teacher: agents(ppoTeacher())[0]!, updates: 0 }).dataset, {}),
  viper: () => make.runViper({}),
  'viper in one round': () =>
    make.runViper({ rounds: 1, treeWeights: 'none', exploration: 'fixed' }, agents(ppoTeacher())[0]!),
  ...each(
    ['teacherIid', 'mixedEpsilon', 'random'],
    (mode) => `pool of ${mode}`,
    (mode) => () => {
      const played = make.pool(modes[mode]!.exploration ?? 'per-episode', modes[mode]!.epsilon)
      const rows = Array.from({ length: played.size }, (_, i) => played.row(i))
      return {
        pool: [
          Float32Array.from(rows.flatMap(({ observation }) => [...observation])),
          Int32Array.from(rows.flatMap(({ action }) => [...action!])),
          Float32Array.from(rows, (row) => row.return!),
          Float64Array.of(played.environmentSteps),
        ],
      }
    },
  ),
  'a shared pool': () => runDistill({ rollout: make.pool() }),
  'a shared pool in rounds': () => runDistill({ rollout: make.pool(), ...student, ...spread }),
  'a shared pool of the box': () => runDistill({ rollout: make.pool('fixed'), selection: 'box' }),
}

const controls: Runs = {
  'controls, learning a Gaussian': () => make.runControlTraining('gaussian', {}),
  'controls, learning a Gaussian, seed 4': () => make.runControlTraining('gaussian', { seed: 4 }),
  'controls, learning actions': () => make.runControlTraining('deterministic', {}),
  'controls, learning actions, raw': () => make.runControlTraining('deterministic', { standardize: false }),
}

// Students at play.

const a2cBase = {
  ...{ totalTimesteps: 160, seed: 5, hidden: [12], learningRate: 7e-3, annealLearningRate: false, rmsDecay: 0.99 },
  ...{ rmsEpsilon: 1e-5, numSteps: 5, gamma: 0.97, gaeLambda: 0.9, normalizeAdvantages: false, entropyCoef: 0.01 },
  ...{ valueCoef: 0.5, maxGradNorm: 0.5 },
}
const correctedBase = {
  ...{
    totalTimesteps: 256,
    seed: 5,
    objective: 'nDistill' as CrossEntropy,
    hidden: [12],
    learningRate: 3e-3,
    numSteps: 10,
  },
  ...{ gamma: 0.97, gaeLambda: 0.9, rewardCoef: 0, entropyCoef: 0, valueCoef: 0.5, temperature: 1, maxGradNorm: 0.5 },
}
const qdaggerBase = {
  ...{ teacherSteps: 120, teacherEpsilon: 0.1, offlineUpdates: 12, totalTimesteps: 260, seed: 5, hidden: [12] },
  ...{ learningRate: 3e-3, batchSize: 16, bufferSize: 100, gamma: 0.97, nStep: 3, targetUpdateInterval: 40 },
  ...{
    ...{ trainInterval: 8, gradientSteps: 2, explorationFraction: 0.5, explorationFinalEps: 0.1, weight: 1 },
    ...{ teacherTemperature: 1, temperature: 1 },
  },
  ...{ returnEpisodes: 5, maxGradNorm: 10 },
}
const returns = { random: 10, teacher: 60 }
const kickstartBase = { returnRange: returns, weight: 1, ramp: false, temperature: 1, episodes: 5 }
const proximalBase = { weight: 1, clipRange: 0.2, temperature: 1 }
const pendulum = () => makeVec('Pendulum-v1', 2)

const guided = (auxiliaryLoss: () => AuxiliaryLoss, envs = () => cartPole(4), resumed = false) =>
  make.runOnPolicy(
    (resume) => ppo(envs(), { ...make.ppoBase, hidden: [12], resume, auxiliaryLoss: auxiliaryLoss() }),
    resumed,
  )
const kickstart = (changes = {}, teacher = ppoTeacher()) => new Kickstart(teacher, { ...kickstartBase, ...changes })
const proximal = (changes = {}) => new ProximalDistillation(ppoTeacher(), { ...proximalBase, ...changes })
const corrected = (changes = {}, resumed = false) =>
  make.runOnPolicy(
    (resume) => expectedEntropy(cartPole(4), ppoTeacher(), { ...correctedBase, ...changes, resume }),
    resumed,
  )
const relearnt = (changes = {}, resumed = false) =>
  make.runOnPolicy(
    (resume) => qdagger(cartPole(2), dqnTeacher(), { ...qdaggerBase, ...changes, returnRange: returns, resume }),
    resumed,
  )
const valueStudent = () => make.distilled({ target: 'value-mse' }).student as ValueFunction

const onPolicy: Runs = {
  kickstart: () => guided(() => kickstart()),
  'kickstart, resumed': () => guided(() => kickstart(), undefined, true),
  'kickstart, ramp': () => guided(() => kickstart({ ramp: true })),
  'kickstart, warm and light': () => guided(() => kickstart({ weight: 0.3, temperature: 3, episodes: 1 })),
  'kickstart by action values': () => guided(() => new Kickstart(dqnTeacher(), kickstartBase)),
  'kickstart, a Gaussian': () => guided(() => new Kickstart(make.gaussianTeacher(), kickstartBase), pendulum),
  'kickstart of a2c': () =>
    make.runOnPolicy((resume) => a2c(cartPole(4), { ...a2cBase, resume, auxiliaryLoss: kickstart() })),
  proximal: () => guided(() => proximal()),
  'proximal, resumed': () => guided(() => proximal(), undefined, true),
  'proximal, heavy': () => guided(() => proximal({ weight: 4, clipRange: 0.01, temperature: 2 })),
  'proximal, a Gaussian': () => guided(() => new ProximalDistillation(make.gaussianTeacher(), proximalBase), pendulum),
  'return-corrected': () => corrected(),
  'return-corrected, resumed': () => corrected({}, true),
  'return-corrected, entropy-regularised': () => corrected({ objective: 'expectedEntropyRegularised' }),
  'return-corrected, reverse divergence': () => {
    return corrected({ objective: 'expectedEntropyRegularised', entropyCoef: 1 })
  },
  'return-corrected, with rewards': () => corrected({ rewardCoef: 0.5, temperature: 2, valueCoef: 1 }),
  'return-corrected, a Gaussian': () =>
    make.runOnPolicy(() => expectedEntropy(pendulum(), make.gaussianTeacher(), correctedBase)),
  qdagger: () => relearnt(),
  'qdagger, resumed': () => relearnt({}, true),
  'qdagger without an offline phase': () => relearnt({ offlineUpdates: 0 }),
  'qdagger, warm and light': () => relearnt({ weight: 0.3, teacherTemperature: 3, temperature: 0.5 }),
  'qdagger, one step': () => relearnt({ nStep: 1, returnEpisodes: 1 }),
  'as critic': () =>
    make.runOnPolicy((resume) =>
      ppo(cartPole(4), { ...make.ppoBase, hidden: [12], resume, critic: criticFrom(valueStudent()) }),
    ),
  'as shaping': () =>
    make.runOnPolicy((resume) => {
      const values = valueStudent()
      const wrap = (env: AnyEnv) => new PotentialShaping(env as never, values, { gamma: 0.97 }) as AnyEnv
      return a2c(makeVec('CartPole-v1', 2, { options: {}, autoreset: 'same-step', wrap }), { ...a2cBase, resume })
    }),
}

/** The demo in small: its teacher, its labelled set, two students of each of its methods, and how they are judged. */
const demo: Runs = each(
  [0, 1, 2],
  (seed) => `demo, seed ${seed}`,
  (seed) => () => make.runDemo(seed),
)

const runs: Runs = {
  ...trainedTeachers,
  ...everyTarget,
  ...threeActions,
  ...everyMode,
  ...Object.fromEntries(Object.entries(changes).map(([name, change]) => [name, () => runDistill(change)])),
  ...otherWays,
  ...controls,
  ...onPolicy,
  ...demo,
}

holdToBits('distillation, bit for bit', 'distill.json', runs, [['policy, dqn, seed 3', 'one round', 'a given set']])

describe('a teacher without action values', () => {
  it.each(ofActionValues)('cannot teach %s', (target) => {
    expect(() => runDistill({ ...targets[target], teacher: agents(ppoTeacher())[0]! })).toThrow(ValueError)
  })
})
