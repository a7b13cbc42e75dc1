// The demo's work, from nothing to numbers: teacher, labelled set, students, evaluation. It prints and writes nothing;
// report.ts makes pictures of what it returns.

import { collect } from '../../distill/collect.ts'
import type { LabelledSet } from '../../distill/labelled-set.ts'
import { type PreparedTarget, prepareTarget, type Student } from '../../distill/targets.ts'
import { Teacher } from '../../distill/teacher.ts'
import { trainStudent, trainStudentDefaults } from '../../distill/train-student.ts'
import { MLP } from '../../nn/mlp.ts'
import { countParameters, type HasParameters } from '../../nn/module.ts'
import { dqn } from '../../rl/algorithms/dqn.ts'
import { type ActionValueAgent, StateValueAgent } from '../../rl/discrete-policies.ts'
import { type Evaluation, evaluatePolicy } from '../../rl/evaluate.ts'
import { Lookahead } from '../../rl/lookahead.ts'
import type { Agent, DiscretePolicy, PolicyLike } from '../../rl/policy.ts'
import { make } from '../../rl/registry.ts'
import { bootstrapInterval, type Interval, meanOf } from '../../rl/statistics.ts'
import { DivergenceError } from '../../tensor/errors.ts'
import { Rng } from '../../tensor/random.ts'
import { breathe, drive } from '../interrupt.ts'
import * as plan from './plan.ts'

/** Told of progress: how much of a piece of work is done. */
export interface Watcher {
  start(title: string, total: number, unit: string): void
  update(done: number, note?: string): void
  finish(note?: string): void
}

export interface Curve {
  readonly steps: number[]
  readonly returns: number[]
}

export interface TeacherResult {
  readonly agent: ActionValueAgent
  readonly parameters: number
  /** Environment steps of its training. */
  readonly steps: number
  readonly curve: Curve
  readonly evaluation: Evaluation
}

/** One trained network. */
export interface Trained {
  readonly network: HasParameters
  readonly student: Student
  readonly policy: PolicyLike
  /** Loss of its last minibatch. */
  readonly loss: number
  readonly evaluation: Evaluation
}

/** A method: several networks that differ in their seed alone. */
export interface MethodResult extends plan.Method {
  readonly trained: readonly Trained[]
  readonly parameters: number
  readonly labels: number
  readonly environmentSteps: number
  /** Of each network. */
  readonly updates: number
  readonly settings: Readonly<Record<string, number>>
  /** Over the networks, each judged by its mean return. */
  readonly mean: number
  readonly interval: Interval
  /** (mean - random) / (teacher - random) */
  readonly score: number
}

export interface DemoResult {
  readonly seed: number
  readonly teacher: TeacherResult
  readonly random: Evaluation
  readonly set: LabelledSet
  readonly methods: readonly MethodResult[]
}

const makeEnv = () => make(plan.ENV_ID)

export async function runDemo(seed: number, watcher: Watcher): Promise<DemoResult> {
  const teacher = await trainTeacher(seed, watcher)
  const random = evaluatePolicy(randomPolicy(seed), makeEnv, evaluation)
  const set = labelStates(teacher.agent, seed)
  const methods: MethodResult[] = []
  const perMethod = plan.STUDENTS * trainStudentDefaults.updates
  watcher.start('students', plan.methods.length * perMethod, 'updates')
  for (const [i, method] of plan.methods.entries()) {
    const onUpdate = (update: number) => watcher.update(i * perMethod + update, method.name)
    methods.push(await distilAll(method, set, seed, teacher, random, onUpdate))
  }
  watcher.finish(`${plan.methods.length * plan.STUDENTS} networks`)
  return { seed, teacher, random, set, methods }
}

const evaluation = { episodes: plan.EVALUATION_EPISODES, seed: plan.EVALUATION_SEED }

/** Learns until the greedy policy passes on validation episodes and then on fresh ones. */
async function trainTeacher(seed: number, watcher: Watcher): Promise<TeacherResult> {
  const { totalTimesteps, hidden } = plan.teacherOptions
  const curve: Curve = { steps: [], returns: [] }
  watcher.start('teacher', totalTimesteps, 'steps')
  for (const report of dqn(makeEnv(), { ...plan.teacherOptions, seed })) {
    const { step, episodes, agent } = report
    for (const episode of episodes) {
      curve.steps.push(episode.step)
      curve.returns.push(episode.return)
    }
    watcher.update(step, `return ${recentMean(curve.returns).toFixed(0)}`)
    await breathe()
    if (recentMean(curve.returns) < plan.TEACHER_PROMISING || !passes(agent, plan.VALIDATION_SEED)) continue
    const judged = evaluatePolicy(agent, makeEnv, evaluation)
    if (judged.mean < plan.TEACHER_THRESHOLD) continue
    watcher.finish(`greedy return ${judged.mean.toFixed(1)} after ${step} steps`)
    return { agent, parameters: countParameters(agent), steps: step, curve, evaluation: judged }
  }
  throw new DivergenceError(
    `the teacher [${hidden.join(', ')}] did not reach ${plan.TEACHER_THRESHOLD} in ${totalTimesteps} steps with seed ${seed}; try another --seed`,
  )
}

function passes(agent: ActionValueAgent, seed: number): boolean {
  const rng = new Rng(seed)
  const act = (observation: Float32Array) =>
    rng.uniform() < plan.VALIDATION_NOISE ? rng.integer(agent.actionCount) : agent.act(observation)
  return evaluatePolicy({ act }, makeEnv, { episodes: plan.EVALUATION_EPISODES, seed }).mean >= plan.TEACHER_THRESHOLD
}

function recentMean(returns: readonly number[]): number {
  const recent = returns.slice(-10)
  return recent.length === 0 ? 0 : meanOf(recent)
}

/** Plays the teacher and labels some of the states it meets; the counter refuses a single one too many. */
function labelStates(agent: ActionValueAgent, seed: number): LabelledSet {
  const teacher = new Teacher(agent, 'DQN', plan.LABELS)
  return collect(teacher, makeEnv(), { ...plan.collection, labels: plan.LABELS, seed })
}

async function distilAll(
  method: plan.Method,
  set: LabelledSet,
  seed: number,
  teacher: TeacherResult,
  random: Evaluation,
  onUpdate: (update: number) => void,
): Promise<MethodResult> {
  const target = prepareTarget(method.target, set)
  const trained: Trained[] = []
  for (let i = 0; i < plan.STUDENTS; i++) {
    const before = i * trainStudentDefaults.updates
    trained.push(await distilOne(target, set, plan.STUDENTS * seed + i, (update) => onUpdate(before + update)))
  }
  const means = trained.map((each) => each.evaluation.mean)
  const mean = meanOf(means)
  return {
    ...method,
    trained,
    parameters: countParameters(trained[0]!.network),
    labels: method.target === 'returns' ? 0 : set.labels,
    environmentSteps: set.environmentSteps,
    updates: trainStudentDefaults.updates,
    settings: target.settings,
    mean,
    interval: bootstrapInterval(means, new Rng(seed)),
    score: (mean - random.mean) / (teacher.evaluation.mean - random.mean),
  }
}

async function distilOne(
  target: PreparedTarget,
  set: LabelledSet,
  seed: number,
  onUpdate: (update: number) => void,
): Promise<Trained> {
  const network = new MLP([set.observationSize, ...plan.STUDENT_HIDDEN, target.outputs], new Rng(seed))
  let loss = Number.NaN
  const student = await drive(trainStudent(network, set, target, { seed }), (report) => {
    loss = report.loss
    onUpdate(report.update)
  })
  const policy = policyOf(student)
  return { network, student, policy, loss, evaluation: evaluatePolicy(policy, makeEnv, evaluation) }
}

/** State values alone choose nothing: they are given the environment to look ahead in. */
function policyOf(student: Student): PolicyLike {
  return student instanceof StateValueAgent ? new Lookahead(student, makeEnv()) : (student as DiscretePolicy)
}

function randomPolicy(seed: number): Agent {
  const rng = new Rng(seed)
  const { actionSpace } = makeEnv()
  return { act: () => actionSpace.sample(rng) }
}
