// How the distillation runs are made: small teachers, and one function for each way to distil. All that knows the shape of
// the API is here. Read next: distill.test.ts for the runs themselves.

import type { Checkpoint } from '../../src/data/checkpoint.ts'
import { distill, fitStudent, LabelledDataset, labelsBy, type Objective } from '../../src/distill/index.ts'
import { distillMultiTask, type MultiTask } from '../../src/distill/multi-task.ts'
import { prepareObjective } from '../../src/distill/objective.ts'
import type { DistillOptions } from '../../src/distill/options.ts'
import { type TargetLike, targetOf } from '../../src/distill/targets/index.ts'
import type { TeacherSource } from '../../src/distill/teachers/teacher.ts'
import type { TeacherFunction } from '../../src/distill/teachers/teacher-sources.ts'
import { fitTree, type TreeOptions, type ViperOptions, viper } from '../../src/distill/trees.ts'
import { MLP } from '../../src/nn/layers/mlp.ts'
import type { AnyEnv, Env } from '../../src/rl/envs/env.ts'
import { algorithm, Box, type EnvLike, evaluatePolicy, Lookahead, make, makeVec, Rollout } from '../../src/rl/index.ts'
import type { CategoricalActorCritic, GaussianActorCritic } from '../../src/rl/policies/actor-critic.ts'
import type { DeterministicPolicy, SquashedGaussianPolicy } from '../../src/rl/policies/continuous-policies.ts'
import type { DecisionTree, TreeNode } from '../../src/rl/policies/decision-tree.ts'
import { CategoricalPolicy, QPolicy, ValueFunction } from '../../src/rl/policies/discrete-policies.ts'
import type { TeachingPolicy } from '../../src/rl/policies/policy.ts'
import { finish, type ResumableReport } from '../../src/rl/training/training.ts'
import { Rng } from '../../src/tensor/index.ts'
import type { TypedArray } from '../../src/tensor/storage.ts'
import { monteCarloReturns } from '../../studies/controls.ts'
import { type Numbers, parametersOf } from './golden.ts'

// Teachers, each trained once, for a moment.

const learning = { seed: 2, hidden: [16], gamma: 0.97 }
const replay = { batchSize: 32, bufferSize: 2000, learningStarts: 100 }
const rollouts = {
  ...{ learningRate: 3e-3, annealLearningRate: false, adamEpsilon: 1e-5, numSteps: 64, numEpochs: 4 },
  ...{ numMinibatches: 4, gaeLambda: 0.9, clipRange: 0.2, clipValueLoss: true, normalizeAdvantages: true },
  ...{ entropyCoef: 0.01, valueCoef: 0.5, maxGradNorm: 0.5, targetKl: Infinity },
}
const controls = {
  ...{ ...learning, ...replay, totalTimesteps: 160, randomActionRepeat: 1, tau: 0.01, trainInterval: 2 },
  ...{ gradientSteps: 1, logInterval: 100 },
}

/** A function that makes its value when it is first asked. */
function once<T>(create: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= create()
    return made
  }
}

const trained = (name: string, envs: EnvLike, options: Readonly<Record<string, unknown>>): unknown =>
  finish(algorithm(name).train(envs, options))

export const dqnTeacher = once(
  () =>
    trained('dqn', makeVec('CartPole-v1', 1), {
      ...{ ...learning, ...replay, totalTimesteps: 1500, learningRate: 2e-3, annealLearningRate: false },
      ...{ targetUpdateInterval: 100, trainInterval: 20, gradientSteps: 10, explorationFraction: 0.5 },
      ...{ explorationFinalEps: 0.05, loss: 'huber', maxGradNorm: 10, double: true, dueling: false, noisy: false },
      ...{ nStep: 3, prioritized: false, priorityCorrection: 0.4 },
    }) as QPolicy,
)
export const ppoTeacher = once(
  () =>
    trained('ppo', makeVec('CartPole-v1', 4), {
      ...learning,
      ...rollouts,
      totalTimesteps: 2048,
    }) as CategoricalActorCritic,
)
export const gaussianTeacher = once(
  () =>
    trained('ppo', makeVec('Pendulum-v1', 2), { ...learning, ...rollouts, totalTimesteps: 512 }) as GaussianActorCritic,
)
export const sacTeacher = once(
  () =>
    trained('sac', makeVec('Pendulum-v1', 1), {
      ...controls,
      actorLearningRate: 1e-3,
      criticLearningRate: 1e-3,
      entropyCoef: 0.5,
      autoEntropyCoef: true,
    }) as SquashedGaussianPolicy,
)
export const td3Teacher = once(
  () =>
    trained('td3', makeVec('Pendulum-v1', 1), {
      ...{ ...controls, learningRate: 1e-3, explorationNoise: 0.1, targetNoise: 0.2, targetNoiseClip: 0.5 },
      policyDelay: 2,
    }) as DeterministicPolicy,
)

// Untrained: they know nothing, but say it the same way each time.
export const untrainedPolicy = () => new CategoricalPolicy(new MLP([4, 8, 2], new Rng(7)), 4, 2)
export const untrainedValues = () => new QPolicy(new MLP([4, 8, 2], new Rng(7)), 4, 2)
export const acrobotTeacher = () => new QPolicy(new MLP([6, 12, 3], new Rng(3)), 6, 3)

/** A rule: against the way that the pole falls, the surer the faster. */
export const ruleTeacher: TeacherFunction = ([position, , angle, speed]) => {
  const lean = 10 * angle! + speed!
  return { logits: [-lean, lean], actionValues: [5 - lean, 5 + lean], stateValues: 5 - Math.abs(position!) }
}

export const cartPole = (copies = 1): EnvLike => makeVec('CartPole-v1', copies)
export const oneCartPole = (): Env => make('CartPole-v1')

// Ways to distil.

export interface Changes extends Omit<DistillOptions, 'target' | 'temperature' | 'divergence' | 'jsBeta'> {
  readonly target?: TargetLike
  /** Options of the target. */
  readonly of?: Readonly<Record<string, unknown>>
  readonly teacher?: TeacherSource
  readonly env?: EnvLike
}

/** Every option of `distill` but those that are things: networks, datasets, rollouts. */
export const distillBase = {
  ...{ labels: 24, rounds: 1, growth: 1, firstBeta: 1, betaDecay: 0, exploration: 'per-episode', epsilon: 0.1 },
  ...{ maxEpsilon: 1, roundStudents: 1, finalStudents: 1, choiceSteps: 600, hiddenActivation: 'relu' },
  ...{ studentEpsilon: 0.05, selection: 'random', candidates: 5, rolloutSteps: 150, roundSteps: 100 },
  ...{ gamma: 0.95, seed: 3, updates: 12, batchSize: 16, learningRate: 2e-3, maxGradNorm: 1, standardize: true },
  ...{ hidden: [12], roundUpdates: 8, aggregate: true, warmStart: false },
} as const satisfies DistillOptions

/** Every option of every target. */
const targetBase: Readonly<Record<string, unknown>> = {
  ...{ temperature: { relative: 1 }, divergence: 'forward-kl', jsBeta: 0.5, bins: 11 },
}

/** Those of `targetBase` that a target has, with changes. */
export function optionsOf(target: TargetLike, changes: Readonly<Record<string, unknown>> = {}): object {
  const names = Object.keys(targetOf(target).options)
  return { ...Object.fromEntries(names.map((name) => [name, targetBase[name]])), ...changes }
}

export function distilled({
  env = cartPole(),
  teacher = dqnTeacher(),
  target = 'policy',
  of = {},
  ...changes
}: Changes) {
  const options = { ...distillBase, ...optionsOf(target, of), ...changes, target } as DistillOptions<TargetLike>
  const { student, dataset } = finish(distill<TargetLike>(env, changes.dataset ? null : teacher, options))
  return { student, dataset }
}

export function runDistill(changes: Changes): Numbers {
  const { student, dataset } = distilled(changes)
  return { student: studentNumbers(student, dataset), set: columnsOf(dataset) }
}

/** A dataset by the base options, to learn from. */
export const givenSet = once(() => distilled({ updates: 0 }).dataset)

/** One that takes a tree several questions to tell apart. */
export const treeSet = once(
  () =>
    distilled({
      ...{ teacher: ruleTeacher, labels: 80, rolloutSteps: 300, exploration: 'fixed', epsilon: 1, updates: 0 },
    }).dataset,
)

export function pool(exploration: 'per-episode' | 'fixed' = 'per-episode', epsilon = 0.1): Rollout {
  const rng = new Rng(4)
  return Rollout.play(dqnTeacher(), cartPole(), {
    ...{ steps: 150, seed: 4, gamma: 0.95, rng, epsilon: () => (exploration === 'fixed' ? epsilon : rng.uniform()) },
  })
}

export function runMultiTask(
  changes: { seed?: number; standardize?: boolean },
  second: Partial<MultiTask> = {},
): Numbers {
  const { seed, updates, batchSize, learningRate, maxGradNorm, standardize, hidden: _, ...collect } = distillBase
  const { aggregate: _a, warmStart: _w, roundUpdates, ...collecting } = collect
  const task = { collect: { ...collecting, roundUpdates } }
  const withOptions = (each: MultiTask): MultiTask => {
    const targetOptions = { ...optionsOf(each.target ?? 'policy'), ...each.targetOptions }
    return { ...each, targetOptions: targetOptions as never }
  }
  const tasks = [
    { ...task, env: cartPole(), teacher: dqnTeacher() as TeachingPolicy },
    { ...task, env: makeVec('Acrobot-v1', 2), teacher: acrobotTeacher() as TeachingPolicy, ...second },
  ].map(withOptions)
  const training = { seed, updates, batchSize, learningRate, maxGradNorm, standardize, hidden: [12, 8] }
  const { students, datasets } = finish(distillMultiTask(tasks, { ...training, ...changes }))
  return {
    students: students.flatMap((each, i) => studentNumbers(each, datasets[i]!)),
    sets: datasets.flatMap(columnsOf),
  }
}

const treeBase: Required<TreeOptions> = { maxDepth: 4, maxLeafNodes: Infinity, minSamplesLeaf: 1, treeWeights: 'viper' }

export function runTree(set: LabelledDataset, changes: TreeOptions): Numbers {
  return { tree: treeNumbers(fitTree(set, { ...treeBase, ...changes })) }
}

export function runViper(changes: ViperOptions, teacher: TeacherSource = dqnTeacher() as TeachingPolicy): Numbers {
  const { tree, dataset, evaluations } = finish(
    viper(oneCartPole, teacher, {
      ...treeBase,
      ...{
        ...{ labels: 40, rounds: 2, seed: 3, evaluationEpisodes: 2, exploration: 'per-episode', epsilon: 0.05 },
        maxEpsilon: 1,
      },
      ...{ studentEpsilon: 0.05, selection: 'random', candidates: 5, rolloutSteps: 10_000, gamma: 0.99 },
      ...changes,
    }),
  )
  return {
    tree: treeNumbers(tree),
    set: columnsOf(dataset),
    judged: evaluations.map(({ returns }) => Float64Array.from(returns)),
  }
}

/** Learns from a dataset made of random numbers, which no change of play can move. */
export function runControlTraining(
  kind: 'gaussian' | 'deterministic',
  changes: { seed?: number; standardize?: boolean },
): Numbers {
  const training = {
    ...{ updates: 12, batchSize: 16, learningRate: 2e-3, maxGradNorm: 1, standardize: true, seed: 3, ...changes },
  }
  const rng = new Rng(8)
  const size = 24
  const numbers = (count: number) => Float32Array.from({ length: count }, () => rng.uniform(-0.9, 0.9))
  const spec = { envId: 'Pendulum-v1', observationSize: 3, actionSpace: new Box([-2], [2]), squashed: true }
  const observations = numbers(3 * size)
  const mean = numbers(size)
  const set = LabelledDataset.of(spec, { observations, mean, ...(kind === 'gaussian' && { logStd: numbers(size) }) })
  const objective = prepareObjective('policy', set, { divergence: 'forward-kl' })
  const network = new MLP([3, 12, objective.outputs], new Rng(training.seed))
  const student = finish(fitStudent(network, set, objective, training)) as SquashedGaussianPolicy | DeterministicPolicy
  return { student: [...parametersOf(student), student.actBatch(observations)] }
}

/** The agent's parameters at the end of a training that is made anew by `start`; `resumed`: after the second report. */
export function runOnPolicy(
  start: (resume?: Checkpoint) => Generator<ResumableReport<unknown>, unknown, void>,
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
    ...{ bufferSize: 100_000, learningStarts: 1000, gamma: 0.99, targetUpdateInterval: 256, trainInterval: 128 },
    ...{ gradientSteps: 4, explorationFraction: 0.08, explorationFinalEps: 0.04, loss: 'huber', maxGradNorm: 10 },
    ...{ double: true, dueling: false, noisy: false, nStep: 5, prioritized: false, priorityCorrection: 0.4 },
  }) as QPolicy
  const { dataset } = distilled({
    ...{ teacher: agent as TeachingPolicy, env: oneCartPole() as AnyEnv, labels: 60, seed, rolloutSteps: 500 },
    ...{ epsilon: 0.05, gamma: 0.99, updates: 0 },
  })
  const training = { updates: 20, batchSize: 64, learningRate: 2e-3, maxGradNorm: 1, standardize: true }
  const hard = { divergence: 'hard' }
  const students = [
    ...([['policy'], ['q-softmax'], ['q-mse'], ['value-mse'], ['policy', hard]] as const).map(([target, of]) =>
      prepareObjective(target, dataset, { ...optionsOf(target, of), seed: 0 }),
    ),
    monteCarloReturns.prepare(dataset, {}),
  ].flatMap((objective) => {
    return [0, 1].map((i) => {
      const network = new MLP([4, 24, 24, objective.outputs], new Rng(5 * seed + i))
      return finish(fitStudent(network, dataset, objective as Objective<unknown>, { ...training, seed: 5 * seed + i }))
    })
  })
  const judged = students.map((student) => {
    const policy = student instanceof ValueFunction ? lookahead(student) : (student as CategoricalPolicy)
    return evaluatePolicy(policy, oneCartPole, { episodes: 2, seed: 1_000_000 })
  })
  return {
    teacher: parametersOf(agent),
    set: columnsOf(dataset),
    students: students.flatMap((student) => studentNumbers(student, dataset)),
    judged: judged.map(({ returns }) => Float64Array.from(returns)),
  }
}

const lookahead = (student: ValueFunction) => new Lookahead(student, oneCartPole(), { depth: 1, gamma: 0.99 })

// Numbers to be hashed.

/** The parameters, and what is read from them in the dataset's states, which a read-out may scale. */
export function studentNumbers(student: unknown, set: LabelledDataset): TypedArray[] {
  const labels = labelsBy(student as TeachingPolicy, set.column('observations'), set.size)
  const { logits, actionValues, stateValues } = labels
  return [...parametersOf(student), ...present(logits, actionValues, stateValues)]
}

export function columnsOf(set: LabelledDataset): TypedArray[] {
  const column = (name: Parameters<LabelledDataset['column']>[0]) => (set.has(name) ? set.column(name) : undefined)
  const counts = Float64Array.of(set.size, set.labels, set.environmentSteps)
  const played = [Int32Array.from(column('actions') ?? []), column('returns') ?? new Float32Array()]
  const labels = present(column('logits'), column('actionValues'), column('stateValues'))
  return [set.column('observations'), ...played, ...labels, counts]
}

/** Node after node from the root: a question and its two sides, or a leaf's action and weights. */
function treeNumbers({ root }: DecisionTree): TypedArray[] {
  const numbersOf = (node: TreeNode): number[] =>
    'action' in node
      ? [-1, node.action, node.samples, ...node.weights]
      : [node.feature, node.threshold, ...numbersOf(node.left), ...numbersOf(node.right)]
  return [Float64Array.from(numbersOf(root))]
}

function present(...arrays: readonly (Float32Array | undefined)[]): Float32Array[] {
  return arrays.filter((each) => each !== undefined)
}
