// On-policy distillation: proximal policy distillation against student-driven distillation, kickstarting and PPO without a
// teacher; a small version of Spigler 2025 (arXiv:2407.15134, section 4). All students are PPO networks of a quarter of the
// teacher's size and train for the same number of environment steps. The question is whether a student matches a good teacher,
// and whether it surpasses a weak one, which takes rewards. Read next: command.ts.

import { Kickstart, ProximalDistillation, studentDriven } from 'alambic/distill'
import {
  type ActorCritic,
  type CategoricalActorCritic,
  evaluatePolicy,
  make,
  makeVector,
  type PpoOptions,
  ppo,
  type TrainingReport,
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
  readonly learning: PpoOptions & Pick<Required<PpoOptions>, 'numSteps' | 'epochs' | 'learningRate'>
  readonly numEnvs: number
  /** Environment steps of every student. */
  readonly steps: number
}

const cartPole = { numSteps: 32, epochs: 6, learningRate: 3e-3, gamma: 0.98, gaeLambda: 0.8, entropyCoef: 0 }

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
      epochs: 8,
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

/** Trains with PPO until a check passes. Throws a `DivergenceError` if none does. */
export function* onPolicyTeacher(
  task: OnPolicyTask,
  kind: TeacherKind,
  seed: number,
): Generator<TrainingReport<ActorCritic>, OnPolicyTeacherFound, void> {
  const options = { ...task.learning, hidden: TEACHER_HIDDEN, totalTimesteps: TEACHER_STEPS, seed }
  for (const report of ppo(makeVector(task.env, task.numEnvs), options)) {
    const agent = report.agent as CategoricalActorCritic
    if (scoreOf(task, judged(agent, task, startSeeds.validation, 20)) >= enough[kind]) {
      return { agent, steps: report.step, mean: judged(agent, task, startSeeds.evaluation, 100) }
    }
    yield report
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
): Generator<TrainingReport<ActorCritic>, OnPolicyOutcome, void> {
  const scores: number[] = []
  for (const report of studentTraining(task, method, teacher, seed)) {
    if (report.step >= ((scores.length + 1) * task.steps) / 4) {
      scores.push(scoreOf(task, judged(report.agent as CategoricalActorCritic, task, startSeeds.evaluation, 100)))
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
): Generator<TrainingReport<ActorCritic>, unknown, void> {
  const envs = makeVector(task.env, task.numEnvs)
  const options = { ...task.learning, hidden: STUDENT_HIDDEN, totalTimesteps: task.steps, seed }
  switch (method) {
    case 'proximal':
      return ppo(envs, { ...options, guide: new ProximalDistillation(agent) })
    case 'kickstart':
      return ppo(envs, { ...options, guide: new Kickstart(agent, { returns: { random: task.random, teacher: mean } }) })
    case 'no teacher':
      return ppo(envs, options)
    case 'student-driven': {
      const { numSteps, epochs, learningRate } = task.learning
      const { hidden, totalTimesteps } = options
      return studentDriven(envs, agent, { hidden, totalTimesteps, seed, numSteps, epochs, learningRate })
    }
  }
}

/** 0 for random play, 1 for a good policy of the task. */
export function scoreOf({ random, good }: OnPolicyTask, mean: number): number {
  return (mean - random) / (good - random)
}

function judged(agent: CategoricalActorCritic, task: OnPolicyTask, seed: number, episodes: number): number {
  return evaluatePolicy(agent, () => make<Float32Array, number>(task.env), { episodes, seed }).mean
}
