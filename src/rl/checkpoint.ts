// Stop, save, resume. Whatever changes while an algorithm trains is a part of its `TrainingState`: networks, optimizers, buffers,
// environments, random numbers, counters. At a yield all parts can be saved as plain values, and a new training of the same
// algorithm and options goes on from them with the same bits to follow.
// Read next: checkpoint-file.ts for the file they travel in, algorithms/ppo.ts for a use.

import { type HasParameters, namedParameters } from '../nn/module.ts'
import type { OptimizerState } from '../nn/optimizers/optimizer.ts'
import { AlambicError, CheckpointError, excerpt, ValueError } from '../tensor/errors.ts'
import { isRecord } from '../tensor/json.ts'
import { Rng, type RngState } from '../tensor/random.ts'
import type { TypedArray } from '../tensor/storage.ts'

/** Numbers, texts, flags, typed arrays, and lists and records of them. */
export type SavedValue =
  | number
  | string
  | boolean
  | null
  | TypedArray
  | readonly SavedValue[]
  | { readonly [name: string]: SavedValue }

/** A training at a yield. */
export interface Checkpoint {
  readonly algorithm: string
  readonly options: { readonly [name: string]: SavedValue }
  readonly parts: { readonly [name: string]: SavedValue }
}

/** The option of every algorithm that can be resumed. */
export interface Resumable {
  /** The saved training to go on from, with the same options; the result has the same bits as a training never stopped. */
  readonly resume?: Checkpoint | undefined
}

/** Anything that can be saved by itself: vector environments, buffers, moments. */
export interface Saveable {
  save(): unknown
  restore(saved: never): void
}

interface SaveableOptimizer {
  saveState(): OptimizerState
  loadState(state: OptimizerState): void
}

/** Counters and other small things that an algorithm keeps in one record of its own. */
export type Counters = Record<string, unknown>

export type SaveablePart = Saveable | SaveableOptimizer | HasParameters | Rng | Counters

export class TrainingState {
  /**
   * @param options as read by `readOptions`; a training with others cannot go on from what this one saves
   * @param parts everything that the rest of the training depends on and that changes
   */
  constructor(
    private readonly algorithm: string,
    private readonly options: object,
    private readonly parts: Readonly<Record<string, SaveablePart>>,
  ) {}

  /** Everything as it is now, copied. Call it between two yields, while the training stands still. */
  readonly save = (): Checkpoint => {
    const parts = Object.entries(this.parts).map(([name, part]) => [name, savePart(part)])
    return {
      algorithm: this.algorithm,
      options: copy({ ...this.options }) as Checkpoint['options'],
      parts: Object.fromEntries(parts) as Checkpoint['parts'],
    }
  }

  /** Restores what `resume` holds or, without it, resets the environments with the seed to begin. */
  start(envs: { reset(options: { seed: number }): unknown }, seed: number, resume: Checkpoint | undefined): void {
    if (resume === undefined) envs.reset({ seed })
    else this.restore(resume)
  }

  /** Puts every part where it was. Throws a `ValueError` if it is of another algorithm, or was started with other options. */
  restore(saved: Checkpoint): void {
    const { algorithm } = this
    if (!isSavedTraining(saved)) {
      throw new CheckpointError(
        `${algorithm}: resume is ${excerpt(saved)}; expected what save() or readCheckpoint gave`,
      )
    }
    if (saved.algorithm !== algorithm) {
      throw new ValueError(
        `${algorithm}: the saved training is of ${saved.algorithm}; resume it with ${saved.algorithm}`,
      )
    }
    this.requireSameOptions(saved.options)
    for (const [name, part] of Object.entries(this.parts)) {
      if (!Object.hasOwn(saved.parts, name)) {
        throw new CheckpointError(`${algorithm}: the saved training has no "${name}"; was it saved by another version?`)
      }
      if (isCounters(part)) requireCounters(`${algorithm}: the saved "${name}"`, part, saved.parts[name])
    }
    for (const [name, part] of Object.entries(this.parts)) restorePart(algorithm, name, part, saved.parts[name]!)
  }

  private requireSameOptions(saved: Checkpoint['options']): void {
    const own = this.options as Readonly<Record<string, unknown>>
    for (const name of new Set([...Object.keys(own), ...Object.keys(saved)])) {
      const [before, now] = [shown(saved[name]), shown(own[name])]
      if (before === now) continue
      throw new ValueError(
        `${this.algorithm}: the saved training has ${name} = ${before}, this one ${now}; a training goes on with its own options`,
      )
    }
  }
}

/** Whether a value has the records of a saved training. */
export function isSavedTraining(saved: unknown): saved is Checkpoint {
  return isRecord(saved) && typeof saved.algorithm === 'string' && isRecord(saved.options) && isRecord(saved.parts)
}

function savePart(part: SaveablePart): unknown {
  if (part instanceof Rng) return part.state
  if (isOptimizer(part)) return part.saveState()
  if (isSaveable(part)) return copy(part.save())
  if (!hasParameters(part)) return copy(part)
  return Object.fromEntries(Object.entries(namedParameters(part)).map(([name, tensor]) => [name, tensor.toArray()]))
}

function restorePart(algorithm: string, name: string, part: SaveablePart, saved: SavedValue): void {
  try {
    putBack(name, part, saved)
  } catch (error) {
    if (error instanceof AlambicError) throw error
    throw new CheckpointError(`${algorithm}: the saved "${name}" does not fit: ${(error as Error).message}`)
  }
}

function putBack(name: string, part: SaveablePart, saved: SavedValue): void {
  if (part instanceof Rng) part.state = saved as unknown as RngState
  else if (isOptimizer(part)) part.loadState(saved as unknown as OptimizerState)
  else if (isSaveable(part)) part.restore(saved as never)
  else if (hasParameters(part)) restoreParameters(name, part, saved as Readonly<Record<string, TypedArray>>)
  else Object.assign(part, copy(saved))
}

function restoreParameters(part: string, source: HasParameters, saved: Readonly<Record<string, TypedArray>>): void {
  const parameters = Object.entries(namedParameters(source))
  for (const [name, { size }] of parameters) {
    const values = saved[name]
    if (!ArrayBuffer.isView(values) || values.length !== size || !values.every(Number.isFinite)) {
      throw new CheckpointError(
        `the saved "${part}" has ${values?.length ?? 'no'} numbers as "${name}"; expected ${size}, all finite`,
      )
    }
  }
  for (const [name, tensor] of parameters) tensor.view().set(saved[name]!)
}

function isCounters(part: SaveablePart): part is Counters {
  return !(part instanceof Rng || isOptimizer(part) || isSaveable(part) || hasParameters(part))
}

/** Counters start from whole numbers and never fall below 0; one that starts as NaN may become any number. */
function requireCounters(what: string, own: Counters, saved: unknown): void {
  for (const [name, value] of Object.entries(own)) {
    const given = isRecord(saved) ? saved[name] : undefined
    const isCount = Number.isSafeInteger(given) && Number(given) >= 0
    const isList = Array.isArray(given) && given.every((each) => typeof each === 'number')
    const fits =
      typeof value === 'number'
        ? isCount || (Number.isNaN(value) && typeof given === 'number')
        : Array.isArray(value)
          ? isList
          : given === null || isRecord(given)
    if (!fits) throw new CheckpointError(`${what} has ${excerpt(given)} as "${name}"; was the file changed by hand?`)
  }
}

function isOptimizer(part: SaveablePart): part is SaveableOptimizer {
  return typeof (part as Partial<SaveableOptimizer>).saveState === 'function'
}

function isSaveable(part: SaveablePart): part is Saveable {
  return typeof (part as Partial<Saveable>).save === 'function'
}

function hasParameters(part: SaveablePart): part is HasParameters {
  return typeof (part as Partial<HasParameters>).parameters === 'function'
}

/** Of plain values and typed arrays, as deep as they go. */
function copy(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return (value as TypedArray).slice()
  if (Array.isArray(value)) return value.map(copy)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, copy(each)]))
}

function shown(option: unknown): string {
  return typeof option === 'number' ? String(option) : (JSON.stringify(option) ?? 'none')
}
