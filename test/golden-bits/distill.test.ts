// What students learn and which states they learn from, for every target, teacher, way to find states and option. Each run
// names all options, so that a change of a default moves none.

import { describe, expect, it } from 'vitest'
import { asCritic } from '../../src/distill/as-critic.ts'
import { asShaping } from '../../src/distill/as-shaping.ts'
import { relabelled } from '../../src/distill/born-again.ts'
import { collectionModes, type PoolMode } from '../../src/distill/collect.ts'
import { mergeSets } from '../../src/distill/merge-sets.ts'
import {
  type CrossEntropy,
  Kickstart,
  ProximalDistillation,
  qdagger,
  returnCorrected,
  studentDriven,
} from '../../src/distill/on-policy/index.ts'
import { type TargetName, targetNames } from '../../src/distill/targets.ts'
import { MLP } from '../../src/nn/mlp.ts'
import { a2c } from '../../src/rl/algorithms/a2c.ts'
import type { Guide } from '../../src/rl/algorithms/guide.ts'
import { ppo } from '../../src/rl/algorithms/ppo.ts'
import type { StateValueAgent } from '../../src/rl/discrete-policies.ts'
import type { AnyEnv } from '../../src/rl/env.ts'
import { makeVector } from '../../src/rl/vector/make-vector.ts'
import { Rng, ValueError } from '../../src/tensor/index.ts'
import * as make from './distill-runs.ts'
import { cartPole, dqnTeacher, givenSet, ppoTeacher, runDistill } from './distill-runs.ts'
import { holdToBits, parametersOf, type Runs } from './golden.ts'

const seeds = [3, 4, 5]
const teachers = { dqn: dqnTeacher, ppo: ppoTeacher }
type TeacherName = keyof typeof teachers
const teacherNames = Object.keys(teachers) as TeacherName[]

/** Those that need action values, which PPO's teacher does not have. */
const ofActionValues: readonly TargetName[] = [
  'teacherCritic',
  'regret',
  'actionValues',
  'actionValuesMse',
  'advantages',
  'mix',
  'hlGaussQ',
]
const hasLabels = (teacher: TeacherName, target: TargetName) => teacher === 'dqn' || !ofActionValues.includes(target)

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
      runDistill({ target, seed, teacher: teachers[teacher]() }),
)

const everyMode: Runs = each(
  teacherNames
    .flatMap((teacher) => collectionModes.flatMap((mode) => [1, 3].map((copies) => ({ teacher, mode, copies }))))
    .filter(({ mode, copies }) => mode !== 'mixedEpsilon' || copies > 1), // one copy is in everyTarget
  ({ teacher, mode, copies }) => `mode ${mode}, ${teacher}${copies > 1 ? `, ${copies} copies` : ''}`,
  ({ teacher, mode, copies }) =>
    () =>
      runDistill({ mode, teacher: teachers[teacher](), env: cartPole(copies) }),
)

const changes: Readonly<Record<string, make.Changes>> = {
  'temperature of 0.3 gaps': { temperature: { kind: 'gap', c: 0.3 } },
  'absolute temperature': { temperature: { kind: 'abs', value: 0.7 } },
  'listwise, absolute temperature': { target: 'listwise', temperature: { kind: 'abs', value: 0.7 } },
  'automatic temperature': { temperature: 'auto', labels: 10 },
  'mix, automatic temperature': { target: 'mix', temperature: 'auto', labels: 10 },
  'weights gap': { stateWeights: 'gap' },
  'weights viper': { stateWeights: 'viper', target: 'mix' },
  'weights confidence': { stateWeights: 'confidence' },
  'state values, weights gap': { target: 'stateValues', stateWeights: 'gap' },
  'mixAlpha 0': { target: 'mix', mixAlpha: 0 },
  'jsBeta 0.9': { target: 'jensenShannon', jsBeta: 0.9 },
  'huberDelta 0.1': { target: 'stateValuesHuber', huberDelta: 0.1 },
  'entropyBonus 0.1': { target: 'regret', entropyBonus: 0.1 },
  '21 bins': { target: 'hlGauss', bins: 21 },
  'two hidden layers': { hidden: [12, 9] },
  'other minibatches': { batchSize: 7 },
  'fast learning': { learningRate: 0.02 },
  'short gradients': { maxGradNorm: 0.01 },
  'raw observations': { scaleObservations: false },
  'no updates': { updates: 0 },
  'greedy play': { mode: 'teacherIid', epsilon: 0 },
  'no discount': { target: 'returns', gamma: 1 },
  'large pool': { poolSize: 400 },
  'spread of mixedEpsilon': { spread: 5 },
  'spread of teacherIid': { mode: 'teacherIid', spread: 5 },
  'spread of random': { mode: 'random', spread: 5 },
  'spread of student': { mode: 'student', spread: 5 },
  'spread of active': { mode: 'active', spread: 5 },
  'one round': { mode: 'student', rounds: 1 },
  'five rounds': { mode: 'student', rounds: 5 },
  'growing rounds': { mode: 'student', growth: 2 },
  'growing rounds of active': { mode: 'active', growth: 1.5 },
  'first round teacherIid': { mode: 'student', firstRound: 'teacherIid' },
  'large pools of rounds': { mode: 'student', roundPoolSize: 250 },
  'long learning between rounds': { mode: 'student', roundUpdates: 30 },
  'random students': { mode: 'student', randomActions: 0.5 },
  'large committee': { mode: 'active', committee: 5 },
  'many candidates': { mode: 'active', candidates: 6 },
  'student of state values': { mode: 'student', target: 'stateValues' },
  'active student of state values': { mode: 'active', target: 'stateValues' },
  'student of action values': {
    mode: 'student',
    target: 'actionValues',
    spread: 5,
    temperature: { kind: 'gap', c: 0.3 },
  },
  'five copies, spread': { mode: 'student', spread: 5, env: cartPole(5) },
}

const ownStudent = () => new MLP([4, 10, 2], new Rng(9), { activation: 'tanh' })
const otherWays: Runs = {
  'weights confidence of a policy': () => runDistill({ stateWeights: 'confidence', teacher: ppoTeacher() }),
  'a function teaches': () => runDistill({ teacher: make.ruleTeacher }),
  'a function teaches in rounds': () => runDistill({ teacher: make.ruleTeacher, mode: 'student', env: cartPole(3) }),
  'an ensemble of policies teaches': () => runDistill({ teacher: [ppoTeacher(), make.untrainedPolicy()] }),
  'an ensemble of action values teaches': () =>
    runDistill({ teacher: [dqnTeacher(), make.untrainedValues()], target: 'actionValues' }),
  'an ensemble of critics teaches state values': () => {
    return runDistill({ teacher: [ppoTeacher(), ppoTeacher()], target: 'stateValues', mode: 'random' })
  },
  'own network': () => runDistill({ student: ownStudent() }),
  'own network in rounds': () => runDistill({ student: ownStudent(), mode: 'student' }),
  'a given set': () => runDistill({ set: givenSet() }),
  'a given set, other target': () => runDistill({ set: givenSet(), target: 'advantages', seed: 4 }),
  'a set relabelled by its student': () => {
    const { student, set } = make.distilled({})
    return runDistill({ set: relabelled(set, student, 'a student') })
  },
  'merged sets': () => {
    const other = make.distilled({ seed: 11, updates: 0 }).set
    return runDistill({ set: mergeSets(givenSet(), other) })
  },
  'born again': () => make.runBornAgain(givenSet(), 'policy', 3),
  'born again by action values': () => make.runBornAgain(givenSet(), 'actionValuesMse', 2),
  'two tasks': () => make.runMultiTask({}),
  'two tasks, other targets': () => make.runMultiTask({ seed: 4 }, { target: 'stateValues', stateWeights: 'gap' }),
  'two tasks in rounds': () =>
    make.runMultiTask({ scaleObservations: false }, { mode: 'active', spread: 5, rounds: 2 }),
  'one task of a given set': () => {
    return make.runMultiTask({}, { set: givenSet(), env: cartPole(), target: 'hlGaussQ' })
  },
  'a tree': () => make.runTree(make.treeSet(), {}),
  'a shallow tree': () => make.runTree(make.treeSet(), { maxDepth: 1 }),
  'a tree of three leaves': () => make.runTree(make.treeSet(), { maxLeaves: 3 }),
  'a tree of large leaves': () => make.runTree(make.treeSet(), { minStates: 6 }),
  'a tree of states alike': () => make.runTree(make.treeSet(), { weights: 'none' }),
  'a tree of logits': () => make.runTree(make.distilled({ teacher: ppoTeacher(), updates: 0 }).set, {}),
  viper: () => make.runViper({}),
  'viper in one round': () => make.runViper({ rounds: 1, teacher: ppoTeacher(), weights: 'none' }),
  ...each(
    ['teacherIid', 'mixedEpsilon', 'random'] as PoolMode[],
    (mode) => `pool of ${mode}`,
    (mode) => () => {
      const { observations, actions, returns, environmentSteps } = make.pool({ mode })
      return { pool: [observations, actions, returns, Float64Array.of(environmentSteps)] }
    },
  ),
  'a shared pool': () => runDistill({ pool: make.pool() }),
  'a shared pool in rounds': () => runDistill({ pool: make.pool(), mode: 'student', spread: 5 }),
  'a shared pool of the box': () => runDistill({ pool: make.pool({ mode: 'teacherIid' }), mode: 'boundingBox' }),
}

const controls: Runs = {
  'controls, learning a Gaussian': () => make.runControlTraining('gaussian', {}),
  'controls, learning a Gaussian, seed 4': () => make.runControlTraining('gaussian', { seed: 4 }),
  'controls, learning actions': () => make.runControlTraining('deterministic', {}),
  'controls, learning actions, raw': () => make.runControlTraining('deterministic', { scaleObservations: false }),
  ...each(
    (['sac', 'td3'] as const).flatMap((teacher) =>
      (['teacher', 'mixedNoise', 'student'] as const).map((mode) => ({ teacher, mode })),
    ),
    ({ teacher, mode }) => `controls, collecting ${mode}, ${teacher}`,
    ({ teacher, mode }) =>
      () =>
        make.runControls(teacher === 'sac' ? make.sacTeacher() : make.td3Teacher(), mode),
  ),
  'controls, collecting in three copies': () => {
    return make.runControls(make.sacTeacher(), 'student', makeVector('Pendulum-v1', 3))
  },
}

// Students at play.

const a2cBase = {
  ...{ totalTimesteps: 160, seed: 5, hidden: [12], learningRate: 7e-3, annealLearningRate: false, rmsDecay: 0.99 },
  ...{ rmsEpsilon: 1e-5, numSteps: 5, gamma: 0.97, gaeLambda: 0.9, normalizeAdvantages: false, entropyCoef: 0.01 },
  ...{ valueCoef: 0.5, maxGradNorm: 0.5 },
}
const drivenBase = {
  ...{
    totalTimesteps: 256,
    seed: 5,
    hidden: [12],
    learningRate: 3e-3,
    numSteps: 20,
    epochs: 2,
    minibatches: 3,
    tau: 1,
  },
  ...{ maxGradNorm: 0.5 },
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
  ...{ gamma: 0.97, gaeLambda: 0.9, rewardCoef: 0, entropyCoef: 0, valueCoef: 0.5, tau: 1, maxGradNorm: 0.5 },
}
const qdaggerBase = {
  ...{ teacherSteps: 120, teacherEpsilon: 0.1, offlineUpdates: 12, totalTimesteps: 260, seed: 5, hidden: [12] },
  ...{ learningRate: 3e-3, batchSize: 16, bufferSize: 100, gamma: 0.97, numSteps: 3, targetInterval: 40 },
  ...{
    trainInterval: 8,
    gradientSteps: 2,
    explorationFraction: 0.5,
    finalEpsilon: 0.1,
    weight: 1,
    teacherTau: 1,
    tau: 1,
  },
  ...{ returnEpisodes: 5, maxGradNorm: 10 },
}
const returns = { random: 10, teacher: 60 }
const kickstartBase = { returns, weight: 1, ramp: false, tau: 1, episodes: 5 }
const proximalBase = { weight: 1, clipRange: 0.2, tau: 1 }
const pendulum = () => makeVector('Pendulum-v1', 2)

const guided = (guide: () => Guide, envs = () => cartPole(4), resumed = false) =>
  make.runOnPolicy((resume) => ppo(envs(), { ...make.ppoBase, hidden: [12], resume, guide: guide() }), resumed)
const kickstart = (changes = {}, teacher = ppoTeacher()) => new Kickstart(teacher, { ...kickstartBase, ...changes })
const proximal = (changes = {}) => new ProximalDistillation(ppoTeacher(), { ...proximalBase, ...changes })
const driven = (changes = {}, resumed = false) =>
  make.runOnPolicy((resume) => studentDriven(cartPole(4), ppoTeacher(), { ...drivenBase, ...changes }, resume), resumed)
const corrected = (changes = {}, resumed = false) =>
  make.runOnPolicy(
    (resume) => returnCorrected(cartPole(4), ppoTeacher(), { ...correctedBase, ...changes }, resume),
    resumed,
  )
const relearnt = (changes = {}, resumed = false) =>
  make.runOnPolicy(
    (resume) => qdagger(cartPole(2), dqnTeacher(), returns, { ...qdaggerBase, ...changes }, resume),
    resumed,
  )
const valueStudent = () => make.distilled({ target: 'stateValues' }).student as StateValueAgent

const onPolicy: Runs = {
  kickstart: () => guided(() => kickstart()),
  'kickstart, resumed': () => guided(() => kickstart(), undefined, true),
  'kickstart, ramp': () => guided(() => kickstart({ ramp: true })),
  'kickstart, warm and light': () => guided(() => kickstart({ weight: 0.3, tau: 3, episodes: 1 })),
  'kickstart by action values': () => guided(() => new Kickstart(dqnTeacher(), kickstartBase)),
  'kickstart, a Gaussian': () => guided(() => new Kickstart(make.gaussianTeacher(), kickstartBase), pendulum),
  'kickstart of a2c': () => make.runOnPolicy((resume) => a2c(cartPole(4), { ...a2cBase, resume, guide: kickstart() })),
  proximal: () => guided(() => proximal()),
  'proximal, resumed': () => guided(() => proximal(), undefined, true),
  'proximal, heavy': () => guided(() => proximal({ weight: 4, clipRange: 0.01, tau: 2 })),
  'proximal, a Gaussian': () => guided(() => new ProximalDistillation(make.gaussianTeacher(), proximalBase), pendulum),
  'student-driven': () => driven(),
  'student-driven, resumed': () => driven({}, true),
  'student-driven, warm': () => driven({ tau: 3, minibatches: 1 }),
  'student-driven, a Gaussian': () =>
    make.runOnPolicy(() => studentDriven(pendulum(), make.gaussianTeacher(), drivenBase)),
  'return-corrected': () => corrected(),
  'return-corrected, resumed': () => corrected({}, true),
  'return-corrected, entropy-regularised': () => corrected({ objective: 'expectedEntropyRegularised' }),
  'return-corrected, reverse divergence': () => {
    return corrected({ objective: 'expectedEntropyRegularised', entropyCoef: 1 })
  },
  'return-corrected, with rewards': () => corrected({ rewardCoef: 0.5, tau: 2, valueCoef: 1 }),
  'return-corrected, a Gaussian': () =>
    make.runOnPolicy(() => returnCorrected(pendulum(), make.gaussianTeacher(), correctedBase)),
  qdagger: () => relearnt(),
  'qdagger, resumed': () => relearnt({}, true),
  'qdagger without an offline phase': () => relearnt({ offlineUpdates: 0 }),
  'qdagger, warm and light': () => relearnt({ weight: 0.3, teacherTau: 3, tau: 0.5 }),
  'qdagger, one step': () => relearnt({ numSteps: 1, returnEpisodes: 1 }),
  'as critic': () =>
    make.runOnPolicy((resume) =>
      ppo(cartPole(4), { ...make.ppoBase, hidden: [12], resume, critic: asCritic(valueStudent()) }),
    ),
  'as shaping': () =>
    make.runOnPolicy((resume) => {
      const values = valueStudent()
      const wrap = (env: AnyEnv) => asShaping(env as never, values, { gamma: 0.97 }) as AnyEnv
      return a2c(makeVector('CartPole-v1', 2, { options: {}, autoreset: 'same-step', wrap }), { ...a2cBase, resume })
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
    expect(() => runDistill({ target, teacher: ppoTeacher() })).toThrow(ValueError)
  })
})
