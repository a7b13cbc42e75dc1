// What the buffers of this folder share: columns of rows in flat arrays, the gathering of rows, and the form in which a
// buffer is saved. Read next: replay.ts.

import { CheckpointError, ShapeError, ValueError } from '../../tensor/errors.ts'
import type { TypedArray } from '../../tensor/storage.ts'

/** Rows of equal width, one after the other. Whole numbers are the choices of a discrete action space. */
export type Column = Float32Array | Int32Array

/** A choice, or a vector of controls. */
export type Action = number | ArrayLike<number>

/** What one step of N environments side by side led to, as a vector environment gives it. */
export interface Outcomes {
  readonly rewards: ArrayLike<number> // [N]
  /** Before any reset: [N, observationSize]. */
  readonly finalObservations: Float32Array
  readonly terminated: ArrayLike<number> // [N]
  readonly truncated: ArrayLike<number> // [N]
  /** 1 where the step only began a new episode, so that it is no transition: [N]. */
  readonly autoresetSteps: ArrayLike<number>
}

/** What remembers the steps of environments side by side: a buffer, or an n-step writer in front of one. */
export interface StepMemory {
  /** Remembers one step of each environment. Observations [N, observationSize], actions [N] or [N, actionSize]. */
  addSteps(observations: Float32Array, actions: Column, outcomes: Outcomes): void
}

/** One of these steps. */
export type AddStep = (
  observation: Float32Array,
  action: number | Column,
  reward: number,
  nextObservation: Float32Array,
  terminated: number,
  truncated: number,
  env: number,
) => void

/** Calls `add` for each environment whose step was a transition. `actionSize` is 0 for choices. */
export function forEachStep(
  observations: Float32Array,
  actions: Column,
  { rewards, finalObservations, terminated, truncated, autoresetSteps }: Outcomes,
  actionSize: number,
  add: AddStep,
): void {
  const width = observations.length / rewards.length
  for (let i = 0; i < rewards.length; i++) {
    if (autoresetSteps[i] === 1) continue
    const observation = observations.subarray(i * width, (i + 1) * width)
    const nextObservation = finalObservations.subarray(i * width, (i + 1) * width)
    const action = actionSize === 0 ? actions[i]! : actions.subarray(i * actionSize, (i + 1) * actionSize)
    add(observation, action, rewards[i]!, nextObservation, terminated[i]!, truncated[i]!, i)
  }
}

/** A buffer's contents by name, for checkpoints; every entry is a copy. */
export type SavedArrays = Readonly<Record<string, TypedArray>>

/** to[i] = from[rows[i]] for `count` rows. */
export function gatherRows(from: Column, rows: Int32Array, count: number, width: number, to: Column): void {
  // Two loops that each see one type of array are faster than one that sees both.
  if (from instanceof Float32Array && to instanceof Float32Array) gatherFloats(from, rows, count, width, to)
  else gatherNumbers(from, rows, count, width, to)
}

function gatherFloats(from: Float32Array, rows: Int32Array, count: number, width: number, to: Float32Array): void {
  if (width === 1) {
    for (let i = 0; i < count; i++) to[i] = from[rows[i]!]!
    return
  }
  for (let i = 0, at = 0; i < count; i++) {
    const start = rows[i]! * width
    for (let j = 0; j < width; j++) to[at++] = from[start + j]!
  }
}

function gatherNumbers(from: Column, rows: Int32Array, count: number, width: number, to: Column): void {
  for (let i = 0, at = 0; i < count; i++) {
    const start = rows[i]! * width
    for (let j = 0; j < width; j++) to[at++] = from[start + j]!
  }
}

/** Row `row` of a column := `values`. Throws a `ShapeError` unless they are as wide as it, a `ValueError` on NaN and infinity. */
export function putRow(column: Column, row: number, width: number, values: ArrayLike<number>, what: string): void {
  if (values.length !== width) {
    throw new ShapeError(`${what} has ${values.length} numbers; this buffer was made for ${width}`)
  }
  const start = row * width
  let zero = 0
  for (let j = 0; j < width; j++) {
    column[start + j] = values[j]!
    zero += column[start + j]! * 0
  }
  if (zero !== 0) throw new ValueError(`${what} is [${Array.from(values).join(', ')}]; expected finite numbers`)
}

/** Row `row` of a column of actions := a choice (width 0 stands for discrete actions) or a vector. */
export function putAction(actions: Column, row: number, actionSize: number, action: Action): void {
  if (typeof action === 'number') {
    if (actionSize > 1) throw new ShapeError(`the action is one number; this buffer was made for ${actionSize}`)
    if (!Number.isFinite(action)) throw new ValueError(`the action is ${action}; expected a finite number`)
    actions[row] = action
  } else putRow(actions, row, Math.max(1, actionSize), action, 'the action')
}

/** Throws a `ValueError` on a reward that is NaN or infinite. */
export function requireReward(reward: number): void {
  if (!Number.isFinite(reward)) throw new ValueError(`the reward is ${reward}; expected a finite number`)
}

/** Int32 for choices, float32 for vectors. */
export function actionColumn(rows: number, actionSize: number): Column {
  return actionSize === 0 ? new Int32Array(rows) : new Float32Array(rows * actionSize)
}

/** Throws a `ValueError` unless `value` is a whole number from `least` on. */
export function requireWhole(owner: string, name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new ValueError(`${owner}: ${name} is ${value}; expected a whole number from ${least} on`)
}

/** The saved array of a name. Throws a `CheckpointError` if it is absent or not of the length expected. */
export function savedArray(owner: string, saved: SavedArrays, name: string, length?: number): TypedArray {
  const array = saved[name]
  if (array === undefined) {
    throw new CheckpointError(`${owner}: the saved state has no "${name}"; it has ${Object.keys(saved).join(', ')}`)
  }
  if (length !== undefined && array.length !== length) {
    throw new CheckpointError(
      `${owner}: the saved "${name}" has ${array.length} numbers, this buffer needs ${length}; was it saved with other sizes?`,
    )
  }
  return array
}
