// On-policy distillation: proximal policy distillation against student-driven distillation, kickstarting and PPO without a
// teacher; a small version of Spigler 2025 (arXiv:2407.15134, section 4). All students are PPO networks of a quarter of the
// teacher's size and train for the same number of environment steps. The question is whether a student matches a good teacher,
// and whether it surpasses a weak one, which takes rewards. Read next: command.ts.

import { distill } from 'alambic/distill'
import {
  type CategoricalActorCritic,
  evaluatePolicy,
  finish,
  Kickstart,
  make,
  makeVec,
  type PolicyLike,
  type PPOOptions,
  ProximalDistillation,
  ppo,
} from 'alambic/rl'
import { DivergenceError } from 'alambic/tensor'
import { startSeeds } from '../small-data/tasks.ts'

export interface OnPolicyTask {
  readonly name: string
  readonly env: string
  /** Mean returns of random play and of a good policy: scores 0 and 1. */
  readonly random: number
  readonly good: number
  /** PPO's options, for teachers and students. */
  readonly learning: PPOOptions & Pick<Required<PPOOptions>, 'numSteps' | 'numEpochs' | 'learningRate'>
  readonly numEnvs: number
  /** Environment steps of every student. */
  readonly steps: number
}

const cartPole = { numSteps: 32, numEpochs: 6, learningRate: 3e-3, gamma: 0.98, gaeLambda: 0.8, entropyCoef: 0 }

export const onPolicyTasks: readonly OnPolicyTask[] = [
  { name: 'cartpole', env: 'CartPole-v1', random: 22, good: 500, numEnvs: 16, steps: 20_480, learning: cartPole },
  {
    name: 'acrobot',
    env: 'Acrobot-v1',
    random: -499,
    good: -85,
    numEnvs: 16,
    steps: 40_960,
    learning: {
      numSteps: 64,
      numEpochs: 8,
      learningRate: 1e-3,
      gamma: 0.99,
      gaeLambda: 0.95,
      entropyCoef: 0.01,
      clipValueLoss: false,
    },
  },
]

export const teacherKinds = ['good', 'weak'] as const
export type TeacherKind = (typeof teacherKinds)[number]

/** Training stops at the first check that reaches this score. */
const enough: Readonly<Record<TeacherKind, number>> = { good: 0.98, weak: 0.4 }
const TEACHER_STEPS = 300_000
const TEACHER_HIDDEN = [64, 64]
/** 1,142 parameters of an actor for CartPole-v1, a quarter of the teacher's 4,610. */
const STUDENT_HIDDEN = [30, 30]

export interface OnPolicyTeacherFound {
  readonly agent: CategoricalActorCritic
  readonly steps: number
  /** Mean greedy return over a hundred episodes. */
  readonly mean: number
}

/** What a student's training reports. */
interface Progress {
  /** Environment steps so far. */
  readonly step: number
  readonly agent: PolicyLike
}

/** Trains with PPO until a check passes. Throws a `DivergenceError` if none does. */
export function* onPolicyTeacher(
  task: OnPolicyTask,
  kind: TeacherKind,
  seed: number,
): Generator<Progress, OnPolicyTeacherFound, void> {
  const options = { ...task.learning, hidden: TEACHER_HIDDEN, totalTimesteps: TEACHER_STEPS, seed }
  for (const report of ppo(makeVec(task.env, task.numEnvs), options)) {
    const agent = report.agent as CategoricalActorCritic
    if (scoreOf(task, judged(agent, task, startSeeds.validation, 20)) >= enough[kind]) {
      return { agent, steps: report.step, mean: judged(agent, task, startSeeds.evaluation, 100) }
    }
    yield { step: report.step, agent }
  }
  throw new DivergenceError(
    `PPO with seed ${seed} did not become a ${kind} teacher of ${task.env} in ${TEACHER_STEPS} steps; try another seed`,
  )
}

export const onPolicyMethods = ['proximal', 'student-driven', 'kickstart', 'no teacher'] as const
export type OnPolicyMethod = (typeof onPolicyMethods)[number]

export interface OnPolicyOutcome {
  /** Greedy scores after each quarter of the steps: 0 is random play, 1 a good policy. */
  readonly scores: readonly number[]
}

/** Trains one student and evaluates it four times. Yields after each update. */
export function* onPolicyStudent(
  task: OnPolicyTask,
  method: OnPolicyMethod,
  teacher: OnPolicyTeacherFound,
  seed: number,
): Generator<Progress, OnPolicyOutcome, void> {
  const scores: number[] = []
  for (const report of studentTraining(task, method, teacher, seed)) {
    if (report.step >= ((scores.length + 1) * task.steps) / 4) {
      scores.push(scoreOf(task, judged(report.agent, task, startSeeds.evaluation, 100)))
    }
    yield report
  }
  return { scores }
}

function studentTraining(
  task: OnPolicyTask,
  method: OnPolicyMethod,
  { agent, mean }: OnPolicyTeacherFound,
  seed: number,
): Generator<Progress, unknown, void> {
  const envs = makeVec(task.env, task.numEnvs)
  const options = { ...task.learning, hidden: STUDENT_HIDDEN, totalTimesteps: task.steps, seed }
  switch (method) {
    case 'proximal':
      return ppo(envs, { ...options, auxiliaryLoss: new ProximalDistillation(agent) }) as Generator<
        Progress,
        unknown,
        void
      >
    case 'kickstart': {
      const auxiliaryLoss = new Kickstart(agent, { returnRange: { random: task.random, teacher: mean } })
      return ppo(envs, { ...options, auxiliaryLoss }) as Generator<Progress, unknown, void>
    }
    case 'no teacher':
      return ppo(envs, options) as Generator<Progress, unknown, void>
    case 'student-driven':
      return studentDriven(task, agent, seed)
  }
}

// On-policy distillation: in each round the student plays, the teacher labels every state, and the student is trained on those labels
// alone. A run of fewer rounds is the beginning of a longer one, so each quarter is a run of its own.
function* studentDriven(
  task: OnPolicyTask,
  teacher: CategoricalActorCritic,
  seed: number,
): Generator<Progress, void, void> {
  const { numSteps, numEpochs, learningRate } = task.learning
  const steps = numSteps * task.numEnvs
  const perQuarter = Math.max(1, Math.floor(task.steps / 4 / steps))
  for (let quarter = 1; quarter <= 4; quarter++) {
    const rounds = quarter * perQuarter
    const updates = 4 * numEpochs
    const { student } = finish(
      distill(makeVec(task.env, task.numEnvs), teacher, {
        ...{ firstBeta: 0, aggregate: false, warmStart: true, selection: 'sequential', exploration: 'fixed' },
        ...{ labels: rounds * steps, rounds, roundSteps: steps, updates, roundUpdates: updates },
        ...{ temperature: { relative: 1 }, batchSize: steps / 4, learningRate, hidden: STUDENT_HIDDEN, seed },
      }),
    )
    yield { step: (quarter * task.steps) / 4, agent: student as PolicyLike }
  }
}

/** 0 for random play, 1 for a good policy of the task. */
export function scoreOf({ random, good }: OnPolicyTask, mean: number): number {
  return (mean - random) / (good - random)
}

function judged(agent: PolicyLike, task: OnPolicyTask, seed: number, episodes: number): number {
  return evaluatePolicy(agent, () => make<Float32Array, number>(task.env), { episodes, seed }).mean
}
