// Teachers learned from a log of mixed quality, and students of their softened outputs on a hundred of its states. Read next: command.ts.

import { fitStudent, labelLog, prepareObjective, type TeachingPolicy } from 'alambic/distill'
import { MLP } from 'alambic/nn'
import {
  behaviourCloning,
  type CategoricalPolicy,
  cql,
  EpisodeLog,
  evaluatePolicy,
  finish,
  make,
  monteCarloQ,
  type PolicyLike,
  QPolicy,
  RecordLog,
} from 'alambic/rl'
import { div, noGrad, Rng, scope, softmax, tensor } from 'alambic/tensor'
import { readTeacher } from '../few-labels/teachers.ts'
import { stopwatch } from '../lib/stopwatch.ts'

export const LOG_STEPS = 100_000
const HELD_OUT_STEPS = 10_000
const LABELS = 100

export const tasks = { 'CartPole-v1': 'cartpole', 'MountainCar-v0': 'mountaincar' } as const
export type TaskId = keyof typeof tasks

export const methods = { cql, 'behaviour-cloning': behaviourCloning, 'monte-carlo-q': monteCarloQ } as const
export type Method = keyof typeof methods

/** Equal parts of random play, of a poor policy with 10 % and of a good one with 5 % random actions. */
export function mixedLog(id: TaskId, steps: number, seed: number): EpisodeLog {
  const log = new EpisodeLog(make(id))
  const players: readonly [PolicyLike | undefined, number][] = [
    [undefined, 1],
    [readTeacher(`${tasks[id]}-poor`).agent as PolicyLike, 0.1],
    [readTeacher(`${tasks[id]}-dqn`).agent as PolicyLike, 0.05],
  ]
  for (const [k, [player, epsilon]] of players.entries()) {
    const env = new RecordLog(make(id), log)
    const rng = new Rng(3 * seed + k)
    let { observation } = env.reset({ seed: 1000 * seed + k })
    for (let i = 0; i < steps / players.length; i++) {
      const isRandom = player === undefined || rng.uniform() < epsilon
      const action = isRandom ? env.actionSpace.sample(rng) : (player as QPolicy).act(observation)
      const step = env.step(action)
      observation = step.terminated || step.truncated ? env.reset().observation : step.observation
    }
  }
  return log
}

export interface Result {
  readonly task: TaskId
  readonly method: Method
  readonly seed: number
  /** Mean return of the episodes of the log. */
  readonly logReturn: number
  readonly teacherReturn: number
  readonly studentReturn: number
  /** Fraction of the actions of a held-out log that are the teacher's greedy ones, and the calibration error of its softened policy for them. */
  readonly teacherAgreement: number
  readonly teacherCalibrationError: number
  /** Fraction of these states in which the student's greedy action is the teacher's; and its calibration error for the log's actions. */
  readonly studentAgreement: number
  readonly studentCalibrationError: number
  readonly labels: number
  readonly teacherUpdates: number
  readonly studentUpdates: number
  readonly teacherSeconds: number
  readonly studentSeconds: number
}

export function measure(task: TaskId, method: Method, seed: number, steps = LOG_STEPS, options: object = {}): Result {
  const log = mixedLog(task, steps, seed)
  const heldOut = mixedLog(task, HELD_OUT_STEPS, seed + 100).columns(1)
  const teaching = stopwatch()
  const training = methods[method](log, { seed, ...options })
  let teacherUpdates = 0
  let next = training.next()
  for (; next.done !== true; next = training.next()) teacherUpdates = next.value.update
  const teacher = next.value as QPolicy | CategoricalPolicy
  const { cpuSeconds: teacherSeconds } = teaching()
  const learning = stopwatch()
  const dataset = labelLog(log, teacher as TeachingPolicy, { labels: LABELS, seed })
  // The logits of a classifier are a policy already; action values become one by a temperature.
  const temperature = method === 'behaviour-cloning' ? { absolute: 1 } : { relative: 0.5 }
  const objective = prepareObjective('policy', dataset, { temperature })
  const network = new MLP([log.observationSize, 12, 12, teacher.numActions], new Rng(seed), { activation: 'tanh' })
  const student = finish(fitStudent(network, dataset, objective, { seed })) as CategoricalPolicy
  const { cpuSeconds: studentSeconds } = learning()
  const play = (agent: PolicyLike) => evaluatePolicy(agent, () => make(task), { episodes: 100 }).mean
  const { observations, actions } = heldOut
  const { temperature: tau = 1 } = objective.metrics
  const chosen = Float32Array.from(teacher.actBatch(observations))
  const ofTeacher = calibration(teacher, observations, actions, tau)
  const ofStudent = calibration(student, observations, actions, 1)
  return {
    ...{ task, method, seed },
    logReturn: logReturnOf(log),
    teacherReturn: play(teacher),
    studentReturn: play(student),
    ...{ teacherAgreement: ofTeacher.agreement, teacherCalibrationError: ofTeacher.error },
    studentAgreement: calibration(student, observations, chosen, 1).agreement,
    studentCalibrationError: ofStudent.error,
    ...{ labels: dataset.labels, teacherUpdates, studentUpdates: 6000, teacherSeconds, studentSeconds },
  }
}

/** Mean return of the episodes. */
function logReturnOf(log: EpisodeLog): number {
  let total = 0
  log.replay({
    add: (_observation, _action, reward) => {
      total += reward
    },
  })
  return total / log.episodes
}

const BINS = 10

/**
 * How often the greedy action is the given one, and the expected calibration error of softmax(scores / τ): the mean distance between the
 * probability of the greedy action and that frequency, over ten bins of that probability (Guo et al. 2017, arXiv:1706.04599).
 */
function calibration(
  agent: QPolicy | CategoricalPolicy,
  observations: Float32Array,
  actions: Float32Array,
  temperature: number,
): { readonly agreement: number; readonly error: number } {
  const { observationSize, numActions } = agent
  const probabilities = scope(() =>
    noGrad(() => {
      const states = tensor(observations, [actions.length, observationSize])
      const scores = agent instanceof QPolicy ? agent.actionValues(states) : agent.logits(states)
      return Float32Array.from(softmax(div(scores, temperature)).view())
    }),
  )
  const gaps = new Float64Array(BINS) // Σ (confidence - hit)
  let hits = 0
  for (const [i, action] of actions.entries()) {
    const row = probabilities.subarray(i * numActions, (i + 1) * numActions)
    const confidence = Math.max(...row)
    const hit = row[action] === confidence ? 1 : 0
    hits += hit
    gaps[Math.min(BINS - 1, Math.floor(confidence * BINS))]! += confidence - hit
  }
  const error = gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / actions.length
  return { agreement: hits / actions.length, error }
}
