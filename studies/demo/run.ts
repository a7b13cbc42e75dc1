// The demo's work: teacher, labelled set, students, evaluation. A generator that prints and writes nothing; report.ts turns its
// result into a page.

import {
  distill,
  fitStudent,
  type LabelledDataset,
  type Objective,
  prepareObjective,
  type Target,
  type TargetName,
} from 'alambic/distill'
import { countParameters, type HasParameters, MLP } from 'alambic/nn'
import {
  type Agent,
  bootstrapInterval,
  type DiscretePolicy,
  dqn,
  type Evaluation,
  evaluatePolicy,
  finish,
  type Interval,
  Lookahead,
  make,
  meanOf,
  type PolicyLike,
  type QPolicy,
  ValueFunction,
} from 'alambic/rl'
import { DivergenceError, Rng } from 'alambic/tensor'
import { monteCarloReturns } from '../controls.ts'
import * as plan from './plan.ts'

/** A report after each update of the teacher or of a student. */
export interface DemoProgress {
  readonly stage: 'teacher' | 'students'
  /** Units done, of `total`. */
  readonly done: number
  readonly total: number
  readonly unit: 'steps' | 'updates'
  /** A short status: `return 212`. */
  readonly note: string
  /** The last report of this stage. */
  readonly ended?: true
}

export interface Curve {
  readonly steps: number[]
  readonly returns: number[]
}

export interface TeacherResult {
  readonly agent: QPolicy
  readonly parameters: number
  /** Environment steps of its training. */
  readonly steps: number
  readonly curve: Curve
  readonly evaluation: Evaluation
}

/** One trained network. */
export interface Trained {
  readonly network: HasParameters
  readonly student: unknown
  readonly policy: PolicyLike
  /** Loss of its last minibatch. */
  readonly loss: number
  readonly evaluation: Evaluation
}

/** A method: several networks that differ in their seed only. */
export interface MethodResult extends plan.Method {
  readonly trained: readonly Trained[]
  readonly parameters: number
  readonly labels: number
  /** States in which the teacher was evaluated, to play and to label. */
  readonly teacherEvaluations: number
  readonly environmentSteps: number
  /** Gradient steps of each network. */
  readonly updates: number
  readonly metrics: Readonly<Record<string, number>>
  /** Mean over the networks of the mean return, with its 95 % interval. */
  readonly mean: number
  readonly interval: Interval
  /** (mean - random) / (teacher - random) */
  readonly score: number
}

export interface DemoResult {
  readonly seed: number
  readonly teacher: TeacherResult
  readonly random: Evaluation
  readonly dataset: LabelledDataset
  readonly methods: readonly MethodResult[]
}

const makeEnv = () => make(plan.ENV_ID)

/** Runs the whole demo. Throws a `DivergenceError` if the teacher does not reach its threshold. */
export function* runDemo(seed: number): Generator<DemoProgress, DemoResult, void> {
  const teacher = yield* trainTeacher(seed)
  const random = evaluatePolicy(randomPolicy(seed), makeEnv, evaluation)
  const dataset = labelStates(teacher.agent, seed)
  const methods: MethodResult[] = []
  const perMethod = plan.STUDENTS * plan.UPDATES
  const total = plan.methods.length * perMethod
  const progress = { stage: 'students', total, unit: 'updates' } as const
  for (const method of plan.methods) {
    const before = methods.length * perMethod
    const training = distilAll(method, dataset, seed, teacher, random)
    let next = training.next()
    for (; next.done !== true; next = training.next()) {
      yield { ...progress, done: before + next.value, note: method.name }
    }
    methods.push(next.value)
  }
  yield { ...progress, done: total, note: `${plan.methods.length * plan.STUDENTS} networks`, ended: true }
  return { seed, teacher, random, dataset, methods }
}

const evaluation = { episodes: plan.EVALUATION_EPISODES, seed: plan.EVALUATION_SEED }

/** Trains until the greedy policy passes on validation episodes and then on fresh ones. */
function* trainTeacher(seed: number): Generator<DemoProgress, TeacherResult, void> {
  const { totalTimesteps, hidden } = plan.teacherOptions
  const curve: Curve = { steps: [], returns: [] }
  const progress = { stage: 'teacher', total: totalTimesteps, unit: 'steps' } as const
  for (const report of dqn(makeEnv(), { ...plan.teacherOptions, seed })) {
    const { step, episodes, agent } = report
    for (const episode of episodes) {
      curve.steps.push(episode.step)
      curve.returns.push(episode.return)
    }
    yield { ...progress, done: step, note: `return ${recentMean(curve.returns).toFixed(0)}` }
    if (recentMean(curve.returns) < plan.TEACHER_PROMISING || !passes(agent, plan.VALIDATION_SEED)) continue
    const judged = evaluatePolicy(agent, makeEnv, evaluation)
    if (judged.mean < plan.TEACHER_THRESHOLD) continue
    const note = `greedy return ${judged.mean.toFixed(1)} after ${step} steps`
    yield { ...progress, done: step, note, ended: true }
    return { agent, parameters: countParameters(agent), steps: step, curve, evaluation: judged }
  }
  throw new DivergenceError(
    `the teacher [${hidden.join(', ')}] did not reach ${plan.TEACHER_THRESHOLD} in ${totalTimesteps} steps with seed ${seed}; try another --seed`,
  )
}

function passes(agent: QPolicy, seed: number): boolean {
  const rng = new Rng(seed)
  const act = (observation: Float32Array) =>
    rng.uniform() < plan.VALIDATION_NOISE ? rng.integer(agent.numActions) : agent.act(observation)
  return evaluatePolicy({ act }, makeEnv, { episodes: plan.EVALUATION_EPISODES, seed }).mean >= plan.TEACHER_THRESHOLD
}

function recentMean(returns: readonly number[]): number {
  const recent = returns.slice(-10)
  return recent.length === 0 ? 0 : meanOf(recent)
}

/** Plays the teacher and labels some of the states that it visits. */
function labelStates(agent: QPolicy, seed: number): LabelledDataset {
  return finish(distill(makeEnv(), agent, { ...plan.collection, labels: plan.LABELS, seed, updates: 0 })).dataset
}

/** Trains the networks of one method. Yields the number of updates so far, over all of them. */
function* distilAll(
  method: plan.Method,
  dataset: LabelledDataset,
  seed: number,
  teacher: TeacherResult,
  random: Evaluation,
): Generator<number, MethodResult, void> {
  const objective: Objective<unknown> = prepareObjective<Target | TargetName>(
    method.target,
    dataset,
    method.options as never,
  )
  const trained: Trained[] = []
  for (let i = 0; i < plan.STUDENTS; i++) {
    const networkSeed = plan.STUDENTS * seed + i
    const network = new MLP([dataset.observationSize, ...plan.STUDENT_HIDDEN, objective.outputs], new Rng(networkSeed))
    const training = fitStudent(network, dataset, objective, { seed: networkSeed, updates: plan.UPDATES })
    let loss = Number.NaN
    let next = training.next()
    for (; next.done !== true; next = training.next()) {
      loss = next.value.loss
      yield i * plan.UPDATES + next.value.update
    }
    const policy = policyOf(next.value)
    trained.push({
      network,
      student: next.value,
      policy,
      loss,
      evaluation: evaluatePolicy(policy, makeEnv, evaluation),
    })
  }
  const means = trained.map((each) => each.evaluation.mean)
  const mean = meanOf(means)
  return {
    ...method,
    trained,
    parameters: countParameters(trained[0]!.network),
    labels: method.target === monteCarloReturns ? 0 : dataset.labels,
    teacherEvaluations: dataset.cost.teacherEvaluations - (method.target === monteCarloReturns ? dataset.labels : 0),
    environmentSteps: dataset.environmentSteps,
    updates: plan.UPDATES,
    metrics: objective.metrics,
    mean,
    interval: bootstrapInterval(means, new Rng(seed)),
    score: (mean - random.mean) / (teacher.evaluation.mean - random.mean),
  }
}

/** A student of state values acts by looking one step ahead in the environment. */
function policyOf(student: unknown): PolicyLike {
  return student instanceof ValueFunction ? new Lookahead(student, makeEnv()) : (student as DiscretePolicy)
}

function randomPolicy(seed: number): Agent {
  const rng = new Rng(seed)
  const { actionSpace } = makeEnv()
  return { act: () => actionSpace.sample(rng) }
}
