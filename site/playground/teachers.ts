// The trained networks that the page brings along, from the study of few labels, and teachers of every other origin: trained here,
// uploaded, a table.

import { labelStates, type TeacherFunction, type TeachingPolicy } from 'alambic/distill'
import { loadAgent } from 'alambic/export'
import { countParameters, type HasParameters, loadParameters } from 'alambic/nn'
import {
  algorithm,
  type Env,
  evaluatePolicy,
  type FinishedEpisode,
  FlattenObservation,
  make,
  makeVec,
  presets,
} from 'alambic/rl'
import { type QTable, qLearning } from 'alambic/tabular'
import { type Tensor, tensor } from 'alambic/tensor'
import acrobotA2c from '../../studies/few-labels/teachers/acrobot-a2c.safetensors' with { type: 'bytes' }
import acrobotDqn from '../../studies/few-labels/teachers/acrobot-tuning-dqn.safetensors' with { type: 'bytes' }
import cartpoleA2c from '../../studies/few-labels/teachers/cartpole-a2c.safetensors' with { type: 'bytes' }
import cartpoleDqn from '../../studies/few-labels/teachers/cartpole-dqn.safetensors' with { type: 'bytes' }
import mountainCarContinuousSac from '../../studies/few-labels/teachers/mountaincar-continuous-sac.safetensors' with {
  type: 'bytes',
}
import mountainCarDqn from '../../studies/few-labels/teachers/mountaincar-dqn.safetensors' with { type: 'bytes' }
import mountainCarPpo from '../../studies/few-labels/teachers/mountaincar-ppo.safetensors' with { type: 'bytes' }
import pendulumSac from '../../studies/few-labels/teachers/pendulum-sac.safetensors' with { type: 'bytes' }
import type { Config } from './config.ts'
import { gridMap, shapes, taskOf } from './tasks.ts'

/** An agent that can be shown, as all of the library's are. */
export interface Shown extends TeachingPolicy {
  parameters?(): ReturnType<HasParameters['parameters']>
}

/** Who teaches: for `distill`, and as an agent to be shown. */
export interface Teaching {
  readonly source: TeachingPolicy | TeacherFunction
  readonly agent: Shown
  readonly parameters: number
  /** Its file, to load in a program of one's own. */
  readonly file?: Uint8Array
}

const files: Readonly<Record<string, Uint8Array>> = {
  'cartpole-a2c': cartpoleA2c,
  'cartpole-dqn': cartpoleDqn,
  'mountaincar-dqn': mountainCarDqn,
  'mountaincar-ppo': mountainCarPpo,
  'acrobot-a2c': acrobotA2c,
  'acrobot-tuning-dqn': acrobotDqn,
  'mountaincar-continuous-sac': mountainCarContinuousSac,
  'pendulum-sac': pendulumSac,
}

/** The environment of a task. The cells of the grid world are one-hot vectors, so that a network can observe them. */
export function makeEnv(id: string): Env {
  if (id === 'GridWorld-v0') return new FlattenObservation(make<number, number>(id, { map: gridMap }))
  return make(id)
}

/** A trained network of the page. */
export function trainedTeacher(name: string, env: string): Teaching {
  const file = files[name]!
  const { algorithm: made, options } = shapes[name]!
  const agent = algorithm(made).newAgent(makeEnv(env), options)
  loadParameters(agent, file)
  return teachingOf(agent as unknown as Shown, file)
}

/** A policy of a file from elsewhere. Throws the library's errors on a file that is none, or is of another task. */
export function uploadedTeacher(bytes: Uint8Array, id: string): Teaching {
  const agent = loadAgent(bytes) as unknown as Shown
  const env = makeEnv(id)
  labelStates(env, agent, env.reset({ seed: 0 }).observation)
  return teachingOf(agent, bytes)
}

function teachingOf(agent: Shown, file?: Uint8Array): Teaching {
  return { source: agent, agent, parameters: countParameters(agent as HasParameters), ...(file && { file }) }
}

export interface TrainingMoment {
  readonly step: number
  readonly total: number
  readonly episodes: readonly FinishedEpisode[]
  readonly teaching: Teaching
}

/** Greedy episodes after which a training stops if their mean reaches the threshold of the task. */
const TRIAL_EPISODES = 20
/** Trials in a training. */
const TRIALS = 40

/** Trains the teacher of a configuration. Yields after each update, stops at `teacherSteps` or, without, when the task is solved. */
export function* training(config: Config, isStopping: () => boolean): Generator<TrainingMoment, void, void> {
  const { threshold } = taskOf(config.env)
  let next = 0
  for (const report of reports(config)) {
    yield report
    const { step, total, teaching } = report
    if (config.teacherSteps > 0 ? step >= config.teacherSteps : isStopping() && step >= next && isSolved(teaching))
      return
    if (step >= next) next += total / TRIALS
  }

  function isSolved({ agent }: Teaching): boolean {
    const { mean } = evaluatePolicy(agent as never, () => makeEnv(config.env), { episodes: TRIAL_EPISODES })
    return mean >= threshold
  }
}

function* reports({ env, teacher, teacherHidden, seed }: Config): Generator<TrainingMoment, void, void> {
  if (teacher === 'q-learning') {
    const total = 20_000
    const grid = make<number, number>(env, { map: gridMap })
    for (const { step, episodes, agent } of qLearning(grid, { totalTimesteps: total, learningRate: 0.5, seed })) {
      yield { step, total, episodes, teaching: tableTeacher(agent, gridMap.length * gridMap[0]!.length) }
    }
    return
  }
  const { numEnvs, options } = presets.find(({ name }) => name === taskOf(env).algorithms[teacher])!
  const total = options.totalTimesteps as number
  const training = algorithm(teacher).train(makeVec(env, numEnvs), { ...options, hidden: teacherHidden, seed })
  let teaching: Teaching | undefined
  for (const { step, episodes, agent } of training) {
    teaching ??= teachingOf(agent as unknown as Shown)
    yield { step, total, episodes, teaching }
  }
}

/** A table as teacher: a function of the one-hot observation that returns the row of action values. */
function tableTeacher(table: QTable, numStates: number): Teaching {
  const row = (state: number) => [0, 1, 2, 3].map((action) => table.get(state, action))
  const statesOf = (x: ArrayLike<number>) =>
    Array.from({ length: x.length / numStates }, (_, i) =>
      Array.from(x)
        .slice(i * numStates, (i + 1) * numStates)
        .indexOf(1),
    )
  const agent: Shown = {
    observationSize: numStates,
    numActions: 4,
    actionValues: (x: Tensor) => tensor(statesOf(x.view()).flatMap(row), [x.dims[0]!, 4]),
    actBatch: (x) => Int32Array.from(statesOf(x), (state) => table.act(state)),
  }
  const act = (x: Float32Array) => table.act(x.indexOf(1))
  return {
    source: (x) => ({ actionValues: row(x.indexOf(1)) }),
    agent: Object.assign(agent, { act }),
    parameters: 4 * numStates,
  }
}
