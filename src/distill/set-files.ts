// A labelled set as a safetensors file or as JSON, with its provenance. Read next: csv.ts for tables of other origin.

import { numbersOf, readSafetensors, type StoredTensor, storedTensor, writeSafetensors } from '../nn/safetensors.ts'
import { CheckpointError } from '../tensor/errors.ts'
import { type LabelledSet, type Provenance, requireUsable } from './labelled-set.ts'

/** All but the numbers. */
type About = Pick<LabelledSet, 'envId' | 'actionCount' | 'labels' | 'environmentSteps' | 'provenance'>

type Column = 'observations' | 'actions' | 'returns' | 'logits' | 'actionValues' | 'stateValues'

const columns: readonly Column[] = ['observations', 'actions', 'returns', 'logits', 'actionValues', 'stateValues']

/** As a safetensors file, with the provenance in its metadata. */
export function saveLabelledSet(set: LabelledSet): Uint8Array {
  const tensors = new Map<string, StoredTensor>()
  for (const name of columns) {
    const values = set[name]
    if (values === undefined || values.length === 0) continue
    const width = widthOf(name, set)
    const flat = width === 1 && name !== 'observations'
    tensors.set(name, storedTensor(values, flat ? [set.size] : [set.size, width]))
  }
  return writeSafetensors({ metadata: { labelledSet: JSON.stringify(aboutOf(set)) }, tensors })
}

/** Reads what `saveLabelledSet` wrote. Throws a CheckpointError on any other file. */
export function loadLabelledSet(file: Uint8Array): LabelledSet {
  const read = readSafetensors(file)
  const about = read.metadata.labelledSet
  const shape = read.tensors.get('observations')?.shape
  if (about === undefined || shape === undefined || shape.length !== 2) {
    throw new CheckpointError('the file is no labelled set: it has no "labelledSet" in its metadata or no observations')
  }
  return assemble('loadLabelledSet', readAbout(parse('loadLabelledSet', about)), shape[0]!, shape[1]!, (name) =>
    read.tensors.has(name) ? numbersOf(read, name) : undefined,
  )
}

/** As JSON text, in which every number keeps all its bits. */
export function labelledSetToJson(set: LabelledSet): string {
  const numbers = columns.flatMap((name) => {
    const values = set[name]
    return values === undefined || values.length === 0 ? [] : [[name, Array.from(values)]]
  })
  const { size, observationSize } = set
  return JSON.stringify({ ...aboutOf(set), size, observationSize, ...Object.fromEntries(numbers) })
}

/** Reads what `labelledSetToJson` wrote. Throws a CheckpointError on any other text. */
export function labelledSetFromJson(text: string): LabelledSet {
  const op = 'labelledSetFromJson'
  const read = parse(op, text)
  const { size, observationSize } = read
  if (!isCount(size) || !isCount(observationSize)) {
    throw new CheckpointError(`${op}: the text is no labelled set: it has no "size" and "observationSize" from 1`)
  }
  return assemble(op, readAbout(read), size, observationSize, (name) => {
    const values = read[name]
    if (values === undefined) return undefined
    if (Array.isArray(values) && values.every((each) => typeof each === 'number')) return values
    throw new CheckpointError(`${op}: "${name}" is no list of numbers`)
  })
}

function assemble(
  op: string,
  about: About,
  size: number,
  observationSize: number,
  numbers: (name: Column) => ArrayLike<number> | undefined,
): LabelledSet {
  const { envId, actionCount, labels, environmentSteps, provenance } = about
  const optional = (name: Column) => {
    const values = numbers(name)
    return values === undefined ? {} : { [name]: Float32Array.from(values) }
  }
  const set: LabelledSet = {
    envId,
    observationSize,
    actionCount,
    size,
    observations: Float32Array.from(numbers('observations') ?? []),
    actions: Int32Array.from(numbers('actions') ?? []),
    returns: Float32Array.from(numbers('returns') ?? []),
    ...optional('logits'),
    ...optional('actionValues'),
    ...optional('stateValues'),
    provenance,
    labels,
    environmentSteps,
  }
  requireUsable(op, set)
  return set
}

function aboutOf({ envId, actionCount, labels, environmentSteps, provenance }: LabelledSet): About {
  return { envId, actionCount, labels, environmentSteps, provenance }
}

function readAbout(read: Readonly<Record<string, unknown>>): About {
  const { envId, actionCount, labels, environmentSteps, provenance } = read
  if (typeof envId === 'string' && isCount(actionCount) && isSteps(labels) && isSteps(environmentSteps)) {
    if (isProvenance(provenance)) return { envId, actionCount, labels, environmentSteps, provenance }
  }
  throw new CheckpointError(
    'this is no labelled set: it must name its envId, actionCount, labels, environmentSteps and provenance',
  )
}

function isProvenance(value: unknown): value is Provenance {
  if (value === null || typeof value !== 'object') return false
  const { mode, seed, teacher } = value as Partial<Provenance>
  return typeof mode === 'string' && typeof seed === 'number' && typeof teacher === 'string'
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1
}

function isSteps(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0
}

function parse(op: string, text: string): Readonly<Record<string, unknown>> {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch (error) {
    throw new CheckpointError(`${op}: the text is no JSON: ${(error as Error).message}`)
  }
  if (read === null || typeof read !== 'object') throw new CheckpointError(`${op}: the JSON is no labelled set`)
  return read as Readonly<Record<string, unknown>>
}

function widthOf(name: Column, { observationSize, actionCount }: LabelledSet): number {
  if (name === 'observations') return observationSize
  return name === 'logits' || name === 'actionValues' ? actionCount : 1
}
