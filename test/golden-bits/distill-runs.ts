// How the distillation runs are made: small teachers, and one function for each way to distil. All that knows the shape of
// the API is here. Read next: distill.test.ts for the runs themselves.

import { bornAgain } from '../../src/distill/born-again.ts'
import { type CollectOptions, collect, type Pool, type PoolOptions, playPool } from '../../src/distill/collect.ts'
import type { ControlPolicy, ControlSet } from '../../src/distill/continuous/index.ts'
import { distillControls, trainControls } from '../../src/distill/continuous/index.ts'
import { growTree, type TreeOptions } from '../../src/distill/decision-tree.ts'
import { type DistillOptions, distill } from '../../src/distill/distill.ts'
import type { LabelledSet } from '../../src/distill/labelled-set.ts'
import { distillMultiTask, type MultiTaskOptions } from '../../src/distill/multi-task.ts'
import { prepareTarget, type TargetName } from '../../src/distill/targets.ts'
import { labelsBy, Teacher } from '../../src/distill/teacher.ts'
import type { TeacherFunction } from '../../src/distill/teachers/function-agent.ts'
import { trainStudent } from '../../src/distill/train-student.ts'
import type { DecisionTree, TreeNode } from '../../src/distill/tree-agent.ts'
import { type ViperOptions, viper } from '../../src/distill/viper.ts'
import { MLP } from '../../src/nn/mlp.ts'
import type { CategoricalActorCritic, GaussianActorCritic } from '../../src/rl/actor-critic.ts'
import { algorithm } from '../../src/rl/algorithms/registry.ts'
import type { DeterministicAgent, SquashedGaussianAgent } from '../../src/rl/continuous-policies.ts'
import { ActionValueAgent, PolicyAgent, StateValueAgent } from '../../src/rl/discrete-policies.ts'
import type { AnyEnv, Env } from '../../src/rl/env.ts'
import { evaluatePolicy } from '../../src/rl/evaluate.ts'
import { Lookahead } from '../../src/rl/lookahead.ts'
import type { DiscretePolicy } from '../../src/rl/policy.ts'
import { make } from '../../src/rl/registry.ts'
import type { SavedTraining } from '../../src/rl/saved-training.ts'
import { finish, type ResumableReport } from '../../src/rl/training.ts'
import type { Envs } from '../../src/rl/vector/as-vector.ts'
import { makeVector } from '../../src/rl/vector/make-vector.ts'
import { Rng } from '../../src/tensor/index.ts'
import type { TypedArray } from '../../src/tensor/storage.ts'
import { type Numbers, parametersOf } from './golden.ts'

// Teachers, each trained once, for a moment.

const learning = { seed: 2, hidden: [16], gamma: 0.97 }
const replay = { batchSize: 32, bufferSize: 2000, learningStarts: 100 }
const rollouts = {
  learningRate: 3e-3,
  annealLearningRate: false,
  adamEpsilon: 1e-5,
  numSteps: 64,
  epochs: 4,
  minibatches: 4,
  gaeLambda: 0.9,
  clipRange: 0.2,
  clipValueLoss: true,
  normalizeAdvantages: true,
  entropyCoef: 0.01,
  valueCoef: 0.5,
  maxGradNorm: 0.5,
  targetKl: Infinity,
}
const controls = {
  ...learning,
  ...replay,
  totalTimesteps: 160,
  randomHold: 1,
  tau: 0.01,
  trainInterval: 2,
  gradientSteps: 1,
  reportInterval: 100,
}

/** A function that makes its value when it is first asked. */
function once<T>(create: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= create()
    return made
  }
}

const trained = (name: string, envs: Envs, options: Readonly<Record<string, unknown>>): unknown =>
  finish(algorithm(name).train(envs, options))

export const dqnTeacher = once(
  () =>
    trained('dqn', makeVector('CartPole-v1', 1), {
      ...learning,
      ...replay,
      totalTimesteps: 1500,
      learningRate: 2e-3,
      annealLearningRate: false,
      targetInterval: 100,
      trainInterval: 20,
      gradientSteps: 10,
      explorationFraction: 0.5,
      finalEpsilon: 0.05,
      loss: 'huber',
      maxGradNorm: 10,
      double: true,
      dueling: false,
      noisy: false,
      numSteps: 3,
      prioritised: false,
      priorityCorrection: 0.4,
    }) as ActionValueAgent,
)
export const ppoTeacher = once(
  () =>
    trained('ppo', makeVector('CartPole-v1', 4), {
      ...learning,
      ...rollouts,
      totalTimesteps: 2048,
    }) as CategoricalActorCritic,
)
export const gaussianTeacher = once(
  () =>
    trained('ppo', makeVector('Pendulum-v1', 2), {
      ...learning,
      ...rollouts,
      totalTimesteps: 512,
    }) as GaussianActorCritic,
)
export const sacTeacher = once(
  () =>
    trained('sac', makeVector('Pendulum-v1', 1), {
      ...controls,
      actorLearningRate: 1e-3,
      criticLearningRate: 1e-3,
      temperature: 0.5,
      learnTemperature: true,
    }) as SquashedGaussianAgent,
)
export const td3Teacher = once(
  () =>
    trained('td3', makeVector('Pendulum-v1', 1), {
      ...controls,
      learningRate: 1e-3,
      explorationNoise: 0.1,
      targetNoise: 0.2,
      targetNoiseClip: 0.5,
      policyDelay: 2,
    }) as DeterministicAgent,
)

// Untrained: they know nothing, but say it the same way each time.
export const untrainedPolicy = () => new PolicyAgent(new MLP([4, 8, 2], new Rng(7)), 4, 2)
export const untrainedValues = () => new ActionValueAgent(new MLP([4, 8, 2], new Rng(7)), 4, 2)
export const acrobotTeacher = (): DiscretePolicy => new ActionValueAgent(new MLP([6, 12, 3], new Rng(3)), 6, 3)

/** A rule: against the way that the pole falls, the surer the faster. */
export const ruleTeacher: TeacherFunction = ([position, , angle, speed]) => {
  const lean = 10 * angle! + speed!
  return { logits: [-lean, lean], actionValues: [5 - lean, 5 + lean], stateValues: 5 - Math.abs(position!) }
}

export const cartPole = (copies = 1): Envs => makeVector('CartPole-v1', copies)
export const oneCartPole = (): Env => make('CartPole-v1')

// Ways to distil.

type Named = 'teacher' | 'env' | 'set' | 'student' | 'pool' | 'learn' | 'learnMember'
export type AllOptions = Required<Omit<DistillOptions, Named>>

/** Every option of `distill` but those that are things: teachers, environments, sets, networks. */
export const distillBase: AllOptions = {
  target: 'policy',
  labels: 24,
  mode: 'mixedEpsilon',
  seed: 3,
  poolSize: 150,
  epsilon: 0.1,
  gamma: 0.95,
  spread: 1,
  firstRound: 'mixedEpsilon',
  growth: 1,
  rounds: 3,
  roundPoolSize: 100,
  roundUpdates: 8,
  randomActions: 0.05,
  committee: 3,
  candidates: 3,
  temperature: { kind: 'gap', c: 1 },
  stateWeights: 'none',
  mixAlpha: 0.8,
  jsBeta: 0.5,
  huberDelta: 0.5,
  entropyBonus: 0,
  bins: 11,
  hidden: [12],
  updates: 12,
  batchSize: 16,
  learningRate: 2e-3,
  maxGradNorm: 1,
  scaleObservations: true,
}

export type Changes = Partial<DistillOptions<TargetName>>

export function distilled(changes: Changes) {
  return distill<TargetName>({ ...distillBase, env: cartPole(), teacher: dqnTeacher(), ...changes })
}

export function runDistill(changes: Changes): Numbers {
  const { student, set } = distilled(changes)
  return { student: studentNumbers(student, set), set: columnsOf(set) }
}

/** A set by the base options, to learn from. */
export const givenSet = once(() => distilled({ updates: 0 }).set)

/** One that takes a tree several questions to tell apart. */
export const treeSet = once(
  () => distilled({ teacher: ruleTeacher, labels: 80, poolSize: 300, mode: 'random', updates: 0 }).set,
)

export function pool(options: Partial<PoolOptions> = {}): Pool {
  const all = { mode: 'mixedEpsilon', poolSize: 150, epsilon: 0.1, gamma: 0.95, seed: 4, ...options } as const
  return playPool(new Teacher(dqnTeacher(), 'teacher'), cartPole(), all)
}

export function runBornAgain(set: LabelledSet, target: TargetName, generations: number): Numbers {
  const { hidden, updates, batchSize, learningRate, maxGradNorm, scaleObservations, seed } = distillBase
  const { temperature, stateWeights, mixAlpha, jsBeta, huberDelta, entropyBonus, bins } = distillBase
  const training = { hidden, updates, batchSize, learningRate, maxGradNorm, scaleObservations, seed }
  const labels = { temperature, stateWeights, mixAlpha, jsBeta, huberDelta, entropyBonus, bins }
  const students = bornAgain({ set, target, generations, ...training, ...labels })
  return { students: students.flatMap((student) => studentNumbers(student, set)) }
}

export function runMultiTask(changes: Partial<MultiTaskOptions>, second: Changes = {}): Numbers {
  const { seed, updates, batchSize, learningRate, maxGradNorm, scaleObservations, ...task } = distillBase
  const { students, sets } = distillMultiTask({
    ...{ seed, updates, batchSize, learningRate, maxGradNorm, scaleObservations, hidden: [12, 8] },
    tasks: [
      { ...task, env: cartPole(), teacher: dqnTeacher() },
      { ...task, env: makeVector('Acrobot-v1', 2), teacher: acrobotTeacher(), ...second },
    ],
    ...changes,
  } as MultiTaskOptions)
  return { students: students.flatMap((each, i) => studentNumbers(each, sets[i]!)), sets: sets.flatMap(columnsOf) }
}

const treeBase: Required<TreeOptions> = { maxDepth: 4, maxLeaves: Infinity, minStates: 1, weights: 'viper' }

export function runTree(set: LabelledSet, changes: TreeOptions): Numbers {
  return { tree: treeNumbers(growTree(set, { ...treeBase, ...changes })) }
}

export function runViper(changes: Partial<ViperOptions>): Numbers {
  const base = { ...treeBase, labels: 40, rounds: 2, seed: 3, judgingEpisodes: 2 }
  const { tree, set, judged } = viper({ ...base, teacher: dqnTeacher(), makeEnv: oneCartPole, ...changes })
  return {
    tree: treeNumbers(tree),
    set: columnsOf(set),
    judged: judged.map(({ returns }) => Float64Array.from(returns)),
  }
}

const controlTraining = {
  ...{ hidden: [12], updates: 12, batchSize: 16, learningRate: 2e-3, maxGradNorm: 1, scaleObservations: true, seed: 3 },
}

/** Learns from a set made of random numbers, which no change of play can move. */
export function runControlTraining(
  kind: 'gaussian' | 'deterministic',
  changes: Partial<typeof controlTraining>,
): Numbers {
  const { hidden, ...training } = { ...controlTraining, ...changes }
  const rng = new Rng(8)
  const size = 24
  const numbers = (count: number) => Float32Array.from({ length: count }, () => rng.uniform(-0.9, 0.9))
  const set: ControlSet = {
    envId: 'Pendulum-v1',
    observationSize: 3,
    actionSize: 1,
    bounds: { low: [-2], high: [2] },
    size,
    observations: numbers(3 * size),
    means: numbers(size),
    ...(kind === 'gaussian' && { logStds: numbers(size) }),
    provenance: { mode: 'teacher', seed: 0, teacher: 'random numbers' },
    labels: size,
    environmentSteps: 0,
  }
  return { student: controlNumbers(trainControls(set, hidden, training), set.observations) }
}

export function runControls(
  teacher: ControlPolicy,
  mode: 'teacher' | 'mixedNoise' | 'student',
  envs: Envs = makeVector('Pendulum-v1', 1),
): Numbers {
  const collecting = { mode, labels: 24, poolSize: 300, randomActions: 0.1, rounds: 3 }
  const { student, set } = distillControls({ ...controlTraining, ...collecting, teacher, env: envs })
  const { observations, means, logStds, labels, environmentSteps } = set
  return {
    student: controlNumbers(student, observations),
    set: [observations, means, ...(logStds ? [logStds] : []), Float64Array.of(labels, environmentSteps)],
  }
}

/** The agent's parameters at the end of a training that is made anew by `start`; `resumed`: after the second report. */
export function runOnPolicy(
  start: (resume?: SavedTraining) => Generator<ResumableReport<unknown>, unknown, void>,
  resumed = false,
): Numbers {
  if (!resumed) return { student: parametersOf(finish(start())) }
  const training = start()
  training.next()
  const second = training.next()
  if (second.done) throw new Error('the training is too short to be resumed')
  return { student: parametersOf(finish(start(second.value.save()))) }
}

export const ppoBase = { ...learning, ...rollouts, totalTimesteps: 256, numSteps: 20, seed: 5 }

/** As `studies/demo/run.ts` goes about it, with its seeds, by a teacher of 1500 steps and students of 20 updates. */
export function runDemo(seed: number): Numbers {
  const agent = trained('dqn', oneCartPole() as AnyEnv, {
    ...{ totalTimesteps: 1500, seed, hidden: [24, 24], learningRate: 1e-3, annealLearningRate: false, batchSize: 64 },
    ...{ bufferSize: 100_000, learningStarts: 1000, gamma: 0.99, targetInterval: 256, trainInterval: 128 },
    ...{ gradientSteps: 4, explorationFraction: 0.08, finalEpsilon: 0.04, loss: 'huber', maxGradNorm: 10 },
    ...{ double: true, dueling: false, noisy: false, numSteps: 5, prioritised: false, priorityCorrection: 0.4 },
  }) as ActionValueAgent
  const collecting = { mode: 'mixedEpsilon', labels: 60, seed, poolSize: 500, epsilon: 0.05, gamma: 0.99, spread: 1 }
  const set = collect(new Teacher(agent, 'DQN', 60), oneCartPole() as AnyEnv, collecting as CollectOptions)
  const training = { updates: 20, batchSize: 64, learningRate: 2e-3, maxGradNorm: 1, scaleObservations: true }
  const targets: readonly TargetName[] = ['policy', 'actionValues', 'actionValuesMse', 'stateValues', 'hard', 'returns']
  const { mixAlpha, jsBeta, huberDelta, entropyBonus, bins, temperature, stateWeights } = distillBase
  const students = targets.flatMap((target) => {
    const settings = { mixAlpha, jsBeta, huberDelta, entropyBonus, bins, temperature, stateWeights, seed: 0 }
    const prepared = prepareTarget(target, set, settings)
    return [0, 1].map((i) => {
      const network = new MLP([4, 24, 24, prepared.outputs], new Rng(5 * seed + i))
      return finish(trainStudent(network, set, prepared, { ...training, seed: 5 * seed + i }))
    })
  })
  const judged = students.map((student) => {
    const policy = student instanceof StateValueAgent ? lookahead(student) : (student as DiscretePolicy)
    return evaluatePolicy(policy, oneCartPole, { episodes: 2, seed: 1_000_000 })
  })
  return {
    teacher: parametersOf(agent),
    set: columnsOf(set),
    students: students.flatMap((student) => studentNumbers(student, set)),
    judged: judged.map(({ returns }) => Float64Array.from(returns)),
  }
}

const lookahead = (student: StateValueAgent) => new Lookahead(student, oneCartPole(), { depth: 1, gamma: 0.99 })

// Numbers to be hashed.

/** The parameters, and what is read from them in the set's states, which a read-out may scale. */
export function studentNumbers(student: unknown, set: LabelledSet): TypedArray[] {
  const labels = labelsBy(student as DiscretePolicy, set.observations, set.size)
  const { logits, actionValues, stateValues } = labels
  return [...parametersOf(student), ...present(logits, actionValues, stateValues)]
}

export function columnsOf(set: LabelledSet): TypedArray[] {
  const { observations, actions, returns, logits, actionValues, stateValues, labels, environmentSteps } = set
  const counts = Float64Array.of(set.size, labels, environmentSteps)
  return [observations, actions, returns, ...present(logits, actionValues, stateValues), counts]
}

function controlNumbers(student: ControlPolicy, observations: Float32Array): TypedArray[] {
  return [...parametersOf(student), student.actBatch(observations)]
}

/** Node after node from the root: a question and its two sides, or a leaf's action and weights. */
function treeNumbers({ root }: DecisionTree): TypedArray[] {
  const numbersOf = (node: TreeNode): number[] =>
    'action' in node
      ? [-1, node.action, node.states, ...node.weights]
      : [node.feature, node.threshold, ...numbersOf(node.left), ...numbersOf(node.right)]
  return [Float64Array.from(numbersOf(root))]
}

function present(...arrays: readonly (Float32Array | undefined)[]): Float32Array[] {
  return arrays.filter((each) => each !== undefined)
}
