// What the worker computes, by the library's public names: a student by its configuration, its figures, its files, and the maps of
// value and policy over a plane of states. Read next: program.ts, which writes the same calls down as a program.

import {
  type Distilled,
  type DistillReport,
  datasetFromCsv,
  datasetToCsv,
  distill,
  type LabelledDataset,
  labelStates,
  labelsBy,
} from 'alambic/distill'
import { agentLayers, toC, toJavaScript, toOnnx } from 'alambic/export'
import { countParameters, type HasParameters } from 'alambic/nn'
import {
  type Box,
  type Discrete,
  type Env,
  evaluatePolicy,
  Lookahead,
  type PolicyLike,
  ValueFunction,
} from 'alambic/rl'
import { noGrad, scope, softmax, tensor } from 'alambic/tensor'
import type { Config } from './config.ts'
import { optionsOf } from './options.ts'
import { taskOf } from './tasks.ts'
import { makeEnv, type Shown, type Teaching } from './teachers.ts'

export const EPISODES = 20

export interface Result extends Distilled<unknown> {
  readonly student: Shown
}

/**
 * The student of a configuration. States added by hand are labelled after those of play, and a student is trained on all of them.
 *
 * @param before the labels of play, if they are the same as before
 */
export function* distillation(
  config: Config,
  teaching: Teaching | undefined,
  given: LabelledDataset | undefined,
  before?: Result,
): Generator<DistillReport, Result, void> {
  const { learning, collecting } = optionsOf(config)
  const env = makeEnv(config.env)
  if (given !== undefined) return (yield* distill(env, null, { ...learning, dataset: given } as never)) as Result
  const { source } = teaching!
  const { labels, clicks } = config
  let played = before
  if (labels > 0 && played === undefined) {
    played = (yield* distill(env, source, { ...learning, ...collecting } as never)) as Result
  }
  if (clicks.length === 0) return played!
  const dataset = labelStates(env, source, observationsOf(config.env, clicks), played?.dataset)
  return (yield* distill(env, null, {
    ...learning,
    dataset,
    finalStudents: learning.target.startsWith('value') ? 1 : 4,
  } as never)) as Result
}

/** The observations of full states, [states, observationSize], flat. */
export function observationsOf(id: string, states: readonly (readonly number[])[]): Float32Array {
  if (id === 'GridWorld-v0') return oneHot(states.map(([column, row]) => cellOf(column!, row!)))
  const env = makeEnv(id).unwrapped as unknown as { state: readonly number[]; observe(): Float32Array }
  return Float32Array.from(
    states.flatMap((state) => {
      env.state = state
      return [...env.observe()]
    }),
  )
}

const SIDE = 8
const cellOf = (column: number, row: number) => Math.floor(row) * SIDE + Math.floor(column)

function oneHot(cells: readonly number[]): Float32Array {
  const all = new Float32Array(cells.length * SIDE * SIDE)
  cells.forEach((cell, i) => {
    all[i * SIDE * SIDE + cell] = 1
  })
  return all
}

/** The full states behind observations, [states, dimensions] as a list. */
export function statesOf(id: string, observations: Float32Array, width: number): number[][] {
  return Array.from({ length: observations.length / width }, (_, i) => {
    const x = Array.from(observations.subarray(i * width, (i + 1) * width))
    if (id === 'GridWorld-v0') return [(x.indexOf(1) % SIDE) + 0.5, Math.floor(x.indexOf(1) / SIDE) + 0.5]
    if (id === 'Acrobot-v1') return [Math.atan2(x[1]!, x[0]!), Math.atan2(x[3]!, x[2]!), x[4]!, x[5]!]
    return id === 'Pendulum-v1' ? [Math.atan2(x[1]!, x[0]!), x[2]!] : x
  })
}

/** Greedy actions of an agent: by a look-ahead if it has state values alone. */
export function playerOf(agent: Shown, id: string): (env: Env, observation: Float32Array) => unknown {
  if (agent instanceof ValueFunction) {
    const planner = new Lookahead(agent, makeEnv(id), { gamma: taskOf(id).gamma })
    return (env) => planner.plan(env as never)
  }
  return (_, observation) => {
    const actions = agent.actBatch!(observation)
    return agent.bounds === undefined ? actions[0] : (agent.toEnvironment?.(actions) ?? actions)
  }
}

/** Mean return of greedy play from the same starts for everyone. */
export function meanReturn(agent: Shown, id: string): number {
  const policy = agent instanceof ValueFunction ? new Lookahead(agent, makeEnv(id), { gamma: taskOf(id).gamma }) : agent
  return evaluatePolicy(policy as PolicyLike, () => makeEnv(id), { episodes: EPISODES }).mean
}

export function parametersOf(agent: Shown): number {
  return 'parameters' in agent ? countParameters(agent as HasParameters) : 0
}

/** What an agent gives in some states: probabilities or actions to show, values if it has them. */
export interface Outputs {
  /** [states, actions], or [states, 1] from -1 to 1 for continuous actions. */
  readonly policy?: Float32Array
  /** [states] */
  readonly values?: Float32Array
}

/**
 * The outputs of an agent.
 *
 * @param temperature of the softmax over its scores, in their unit; 0: the best action alone
 */
export function outputsOf(agent: Shown, observations: Float32Array, temperature: number): Outputs {
  const count = observations.length / agent.observationSize
  const { logits, actionValues, stateValues: values } = labelsBy(agent, observations, count)
  const scores = logits ?? actionValues
  if (agent.bounds !== undefined) {
    const actions = agent.actBatch!(observations)
    const { high } = agent.bounds
    const inUnits = agent.toEnvironment?.(actions) ?? actions
    return { policy: Float32Array.from(inUnits, (x) => x / high[0]!), ...(values && { values }) }
  }
  if (scores === undefined) return { ...(values && { values }) }
  const width = agent.numActions!
  const policy = temperature > 0 ? softened(scores, width, temperature) : oneBest(scores, width)
  return { policy, ...(values && { values }) }
}

function softened(scores: Float32Array, width: number, temperature: number): Float32Array {
  const scaled = scores.map((each) => each / temperature)
  return scope(() => noGrad(() => Float32Array.from(softmax(tensor(scaled, [scores.length / width, width])).view())))
}

function oneBest(scores: Float32Array, width: number): Float32Array {
  const best = new Float32Array(scores.length)
  for (let at = 0; at < scores.length; at += width) {
    const row = scores.subarray(at, at + width)
    best[at + row.indexOf(row.reduce((a, b) => Math.max(a, b)))] = 1
  }
  return best
}

/** Targets whose students' values can be compared with the teacher's, each in standard deviations over the map. */
export function hasValues(config: Config): boolean {
  return config.target.startsWith('value') || config.target === 'q-mse'
}

/** The observations of a plane of states, row by row from the upper left: `side` columns and rows. */
export function planeOf({ env, axes, held }: Config, side: number): Float32Array {
  const { dimensions } = taskOf(env)
  const at = (axis: number, part: number) => {
    const { low, high } = dimensions[axis]!
    return low + part * (high - low)
  }
  const isGrid = env === 'GridWorld-v0'
  const states = Array.from({ length: side * side }, (_, i) => {
    const state = [...held]
    const [column, row] = [((i % side) + 0.5) / side, (Math.floor(i / side) + 0.5) / side]
    state[axes[0]] = at(axes[0], column)
    state[axes[1]] = at(axes[1], isGrid ? row : 1 - row)
    return state
  })
  return observationsOf(env, states)
}

export type FileKind = 'js' | 'onnx' | 'c' | 'csv' | 'teacher'

/** The student, or its labels, as a file. */
export function fileOf({ student, dataset }: Result, kind: Exclude<FileKind, 'teacher'>) {
  if (kind === 'csv') return { name: 'labels.csv', content: datasetToCsv(dataset) }
  const { layers, ...outputs } = agentLayers(student)
  const title = 'A student of the playground'
  const content =
    kind === 'onnx'
      ? toOnnx(layers, outputs.meaning, outputs.bounds)
      : kind === 'c'
        ? toC(layers, { ...outputs, title, name: 'student' })
        : toJavaScript(layers, { ...outputs, title }).code
  return { name: `student.${kind === 'c' ? 'h' : kind}`, content }
}

/** Labels from a table. Throws the library's error, which names line and column, on a broken one, and on one of another task. */
export function readLabels(text: string, id: string): LabelledDataset {
  const { actionSpace, observationSpace } = makeEnv(id)
  const dataset = datasetFromCsv(text, { envId: id, actionSpace: actionSpace as Discrete | Box, teacher: 'upload' })
  const expected = (observationSpace as Box).low.length
  if (dataset.observationSize === expected) return dataset
  throw new RangeError(`the table has observations of ${dataset.observationSize} numbers; ${id} has ${expected}`)
}

/** FNV-1a over the bits of an agent's parameters: equal digests, equal students. */
export function digestOf(agent: Shown): string {
  let hash = 0x811c9dc5
  for (const each of Object.values(agent.parameters?.() ?? {})) {
    const { buffer } = Float32Array.from(each.view())
    for (const byte of new Uint8Array(buffer)) hash = Math.imul(hash ^ byte, 0x01000193)
  }
  return (hash >>> 0).toString(16).padStart(8, '0')
}
