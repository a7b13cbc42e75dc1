// The demo's work: teacher, labels, students, evaluation. A generator that prints and writes nothing; report.ts turns its result into a
// page.

import { type Distilled, type DistillOptions, distill } from 'alambic/distill'
import { countParameters, type HasParameters } from 'alambic/nn'
import {
  type Agent,
  bootstrapInterval,
  type CategoricalActorCritic,
  type Evaluation,
  evaluatePolicy,
  finish,
  type Interval,
  Lookahead,
  make,
  makeVec,
  meanOf,
  type PolicyLike,
  ppo,
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
  readonly unit: 'steps' | 'students'
  /** A short status: `return -92`. */
  readonly note: string
  /** The last report of this stage. */
  readonly ended?: true
}

export interface Curve {
  readonly steps: number[]
  readonly returns: number[]
}

export interface TeacherResult {
  readonly agent: CategoricalActorCritic
  readonly parameters: number
  /** Environment steps of its training. */
  readonly steps: number
  readonly curve: Curve
  readonly evaluation: Evaluation
}

/** One trained student. */
export interface Trained extends Distilled<HasParameters> {
  readonly policy: PolicyLike
  readonly evaluation: Evaluation
}

/** A method: several students, each with labels and a seed of its own. */
export interface MethodResult extends plan.Method {
  readonly trained: readonly Trained[]
  readonly parameters: number
  readonly labels: number
  /** Means over the students: states in which the teacher was evaluated, to play and to label. */
  readonly teacherEvaluations: number
  readonly environmentSteps: number
  readonly updates: number
  /** Mean over the students of the mean return, with its 95 % interval. */
  readonly mean: number
  readonly interval: Interval
  /** (mean - random) / (teacher - random) */
  readonly score: number
}

export interface DemoResult {
  readonly seed: number
  readonly teacher: TeacherResult
  readonly random: Evaluation
  readonly methods: readonly MethodResult[]
}

const makeEnv = () => make(plan.ENV_ID)
const evaluation = { episodes: plan.EVALUATION_EPISODES, seed: plan.EVALUATION_SEED }

/** Runs the whole demo. Throws a `DivergenceError` if the teacher does not reach its threshold. */
export function* runDemo(seed: number): Generator<DemoProgress, DemoResult, void> {
  const teacher = yield* trainTeacher(seed)
  const random = evaluatePolicy(randomPolicy(seed), makeEnv, evaluation)
  const methods: MethodResult[] = []
  const total = plan.methods.length * plan.STUDENTS
  const progress = { stage: 'students', total, unit: 'students' } as const
  for (const method of plan.methods) {
    const trained: Trained[] = []
    for (let i = 0; i < plan.STUDENTS; i++) {
      yield { ...progress, done: methods.length * plan.STUDENTS + i, note: method.name }
      trained.push(distilled(method, teacher.agent, plan.STUDENTS * seed + i))
    }
    methods.push(resultOf(method, trained, seed, teacher.evaluation.mean, random.mean))
  }
  yield { ...progress, done: total, note: `${plan.methods.length} methods`, ended: true }
  return { seed, teacher, random, methods }
}

function* trainTeacher(seed: number): Generator<DemoProgress, TeacherResult, void> {
  const curve: Curve = { steps: [], returns: [] }
  const total = plan.teacher.options.totalTimesteps as number
  const progress = { stage: 'teacher', total, unit: 'steps' } as const
  const training = ppo(makeVec(plan.ENV_ID, plan.teacher.numEnvs), { ...plan.teacher.options, seed })
  let next = training.next()
  for (; next.done !== true; next = training.next()) {
    for (const episode of next.value.episodes) {
      curve.steps.push(episode.step)
      curve.returns.push(episode.return)
    }
    const recent = curve.returns.slice(-10)
    const note = recent.length === 0 ? 'no episode yet' : `return ${meanOf(recent).toFixed(0)}`
    yield { ...progress, done: next.value.step, note }
  }
  const agent = next.value as CategoricalActorCritic // Acrobot’s actions are choices
  const judged = evaluatePolicy(agent, makeEnv, evaluation)
  if (judged.mean < plan.TEACHER_THRESHOLD) {
    throw new DivergenceError(
      `the teacher averages ${judged.mean.toFixed(0)} after ${total} steps with seed ${seed}; expected ${plan.TEACHER_THRESHOLD}: try another --seed`,
    )
  }
  yield { ...progress, done: total, note: `greedy return ${judged.mean.toFixed(1)}`, ended: true }
  return { agent, parameters: countParameters(agent), steps: total, curve, evaluation: judged }
}

/** Collects the labels of one student and trains it. */
function distilled({ target, options }: plan.Method, teacher: CategoricalActorCritic, seed: number): Trained {
  const result = finish(
    distill(makeEnv(), teacher, { ...plan.studentOptions, ...options, target, seed } as DistillOptions),
  )
  const student: unknown = result.student
  // Students of state values act by looking one step ahead in the environment.
  const policy = student instanceof ValueFunction ? new Lookahead(student, makeEnv()) : (student as PolicyLike)
  return { ...result, policy, evaluation: evaluatePolicy(policy, makeEnv, evaluation) }
}

function resultOf(method: plan.Method, trained: readonly Trained[], seed: number, teacher: number, random: number) {
  const means = trained.map((each) => each.evaluation.mean)
  const mean = meanOf(means)
  const average = (of: (cost: Trained['cost']) => number) => Math.round(meanOf(trained.map(({ cost }) => of(cost))))
  const asked = method.target === monteCarloReturns ? 0 : 1 // the control uses no labels
  return {
    ...method,
    trained,
    parameters: countParameters(trained[0]!.student),
    labels: asked * average(({ labels }) => labels),
    teacherEvaluations: average(({ teacherEvaluations, labels }) => teacherEvaluations - (1 - asked) * labels),
    environmentSteps: average(
      ({ environmentSteps: { firstRound, laterRounds, choice } }) => firstRound + laterRounds + choice,
    ),
    updates: average(({ updates }) => updates),
    mean,
    interval: bootstrapInterval(means, new Rng(seed)),
    score: (mean - random) / (teacher - random),
  }
}

function randomPolicy(seed: number): Agent {
  const rng = new Rng(seed)
  const { actionSpace } = makeEnv()
  return { act: () => actionSpace.sample(rng) }
}
