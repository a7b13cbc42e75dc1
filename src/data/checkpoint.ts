// Saving and resuming. A `TrainingState` lists every part that training changes: networks, optimizers, buffers, environments, random numbers,
// counters. At a yield all parts can be saved as plain values; a training with the same algorithm and options resumes from them, bit
// for bit. Read next: checkpoint-file.ts for the file format, ../rl/on-policy/on-policy.ts for a use.

import { type HasParameters, namedParameters } from '../nn/module.ts'
import type { OptimizerState } from '../nn/optimizers/optimizer.ts'
import type { Tensor } from '../tensor/autograd/tensor.ts'
import { AlambicError, CheckpointError, excerpt, ValueError } from '../tensor/errors.ts'
import { isCount, isRecord } from '../tensor/json.ts'
import { Rng, type RngState } from '../tensor/random.ts'
import type { TypedArray } from '../tensor/storage.ts'
import type { SavedArrays } from './columns.ts'
import { copyValue } from './values.ts'

export type SavedValue =
  | number
  | string
  | boolean
  | null
  | TypedArray
  | Uint8Array
  | readonly SavedValue[]
  | { readonly [name: string]: SavedValue }

/** The state of a training at a yield. */
export interface Checkpoint {
  readonly algorithm: string
  readonly options: { readonly [name: string]: SavedValue }
  readonly parts: { readonly [name: string]: SavedValue }
}

/** The option of every algorithm that can be resumed. */
export interface Resumable {
  /** Resumes this training, which must have the same options; the result equals that of an uninterrupted training, bit for bit. */
  readonly resume?: Checkpoint | undefined
}

/** An object that saves itself: a vector environment, a buffer, moments. */
export interface Saveable {
  save(): unknown
  restore(saved: never): void
}

interface SaveableOptimizer {
  saveState(): OptimizerState
  loadState(state: OptimizerState): void
}

export type SaveablePart = Saveable | SaveableOptimizer | HasParameters | Rng | Record<string, unknown>

/** All parts that a training changes and depends on. Its reports have the method `save`; `start` begins or resumes it. */
export class TrainingState {
  /**
   * @param options as returned by `readOptions`; resuming requires equal ones
   * @param parts everything that training changes and depends on
   */
  constructor(
    private readonly algorithm: string,
    private readonly options: object,
    private readonly parts: Readonly<Record<string, SaveablePart>>,
  ) {}

  /** Copies all parts. Call it at a yield. */
  readonly save = (): Checkpoint => {
    const parts = Object.entries(this.parts).map(([name, part]) => [name, copyValue(saveable(name, part).save())])
    return {
      algorithm: this.algorithm,
      options: copyValue({ ...this.options }) as Checkpoint['options'],
      parts: Object.fromEntries(parts) as Checkpoint['parts'],
    }
  }

  /** Restores `resume` if given; otherwise resets the environments with the seed. */
  start(envs: { reset(options: { seed: number }): unknown }, seed: number, resume: Checkpoint | undefined): void {
    if (resume === undefined) envs.reset({ seed })
    else this.restore(resume)
  }

  /** Restores all parts. Throws a `ValueError` if the algorithm or the options differ, a `CheckpointError` on a missing part. */
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
    for (const [name, part] of Object.entries(this.parts)) {
      try {
        saveable(name, part).restore(saved.parts[name] as never)
      } catch (error) {
        if (error instanceof AlambicError) throw error
        throw new CheckpointError(`${algorithm}: the saved "${name}" does not fit: ${(error as Error).message}`)
      }
    }
  }

  private requireSameOptions(saved: Checkpoint['options']): void {
    const own = this.options as Readonly<Record<string, unknown>>
    for (const name of new Set([...Object.keys(own), ...Object.keys(saved)])) {
      const [before, now] = [shown(saved[name]), shown(own[name])]
      if (before === now) continue
      throw new ValueError(
        `${this.algorithm}: the saved training has ${name} = ${before}, this one ${now}; resume with the same options`,
      )
    }
  }
}

/** Whether a value has the records of a saved training. */
export function isSavedTraining(saved: unknown): saved is Checkpoint {
  return isRecord(saved) && typeof saved.algorithm === 'string' && isRecord(saved.options) && isRecord(saved.parts)
}

/** How a part is saved and restored. */
function saveable(name: string, part: SaveablePart): Saveable {
  if (part instanceof Rng) {
    return { save: () => part.state, restore: (state: RngState) => Object.assign(part, { state }) }
  }
  if (has(part, 'saveState')) {
    const optimizer = part as SaveableOptimizer
    return { save: () => optimizer.saveState(), restore: (state: OptimizerState) => optimizer.loadState(state) }
  }
  if (has(part, 'save')) return part as Saveable
  if (isCounters(part)) return { save: () => part, restore: (saved) => Object.assign(part, copyValue(saved)) }
  const parameters = Object.entries(namedParameters(part as HasParameters))
  return {
    save: () => Object.fromEntries(parameters.map(([key, tensor]) => [key, tensor.view()])),
    restore: (saved: SavedArrays) => restoreParameters(name, parameters, saved),
  }
}

function restoreParameters(part: string, parameters: readonly [string, Tensor][], saved: SavedArrays): void {
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

function isCounters(part: SaveablePart): part is Record<string, unknown> {
  return !(part instanceof Rng || ['saveState', 'save', 'parameters'].some((method) => has(part, method)))
}

/** Counters start from whole numbers and never fall below 0; one that starts as NaN may become any number. */
function requireCounters(what: string, own: Record<string, unknown>, saved: unknown): void {
  for (const [name, value] of Object.entries(own)) {
    const given = isRecord(saved) ? saved[name] : undefined
    const isList = Array.isArray(given) && given.every((each) => typeof each === 'number')
    const fits =
      typeof value === 'number'
        ? isCount(given) || (Number.isNaN(value) && typeof given === 'number')
        : Array.isArray(value)
          ? isList
          : given === null || isRecord(given)
    if (!fits) throw new CheckpointError(`${what} has ${excerpt(given)} as "${name}"; was the file changed by hand?`)
  }
}

function has(part: SaveablePart, method: string): boolean {
  return typeof (part as Record<string, unknown>)[method] === 'function'
}

function shown(option: unknown): string {
  return typeof option === 'number' ? String(option) : (JSON.stringify(option) ?? 'none')
}
