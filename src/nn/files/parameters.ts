// Saves and loads parameters as .safetensors files that PyTorch can read and write: names as in its state dicts, weights
// [outputs, inputs]. Read next: safetensors.ts for the format.

import { scope } from '../../tensor/autograd/scope.ts'
import { transfers } from '../../tensor/dispatch/families.ts'
import { backendOf } from '../../tensor/dispatch/select.ts'
import { CheckpointError, excerpt, formatShape, nearestMatch } from '../../tensor/errors.ts'
import { sameShape } from '../../tensor/shape.ts'
import { newArray } from '../../tensor/storage.ts'
import { type NamedParameters, namedParameters, type ParameterSource } from '../module.ts'
import { numbersOf, readSafetensors, type SafetensorsFile, storedTensor, writeSafetensors } from './safetensors.ts'

/** The parameters as the bytes of a file. `readSafetensors` returns `metadata`. */
export function saveParameters(source: ParameterSource, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const parameters = Object.entries(namedParameters(source))
  const tensors = new Map(parameters.map(([name, tensor]) => [name, storedTensor(tensor.toArray(), tensor.dims)]))
  return writeSafetensors({ metadata, tensors })
}

/**
 * Fills the parameters from the bytes of a file, or from one already read. Throws a CheckpointError that lists the missing,
 * unexpected and misshapen tensors, before any change.
 */
export function loadParameters(into: ParameterSource, file: Uint8Array | SafetensorsFile): void {
  const read = file instanceof Uint8Array ? readSafetensors(file) : file
  const parameters = namedParameters(into)
  requireFit(parameters, read)
  const values = new Map(Object.keys(parameters).map((name) => [name, numbersOf(read, name)]))
  for (const [name, { storage, dtype }] of Object.entries(parameters)) {
    const numbers = newArray(dtype, storage.length)
    numbers.set(values.get(name)!)
    const backend = backendOf(storage, transfers)
    scope(() => backend.copyInto(storage, backend.upload(numbers)))
  }
}

const MOST_PROBLEMS = 100 // in one message

function requireFit(parameters: NamedParameters, file: SafetensorsFile): void {
  const unexpected = [...file.tensors.keys()].filter((name) => !Object.hasOwn(parameters, name))
  const problems: string[] = []
  for (const [name, { shape }] of Object.entries(parameters)) {
    const stored = file.tensors.get(name)
    if (stored === undefined) {
      const near = nearestMatch(name, unexpected)
      problems.push(`"${name}" is missing${near === undefined ? '' : ` (the file has "${near}")`}`)
    } else if (!sameShape(stored.shape, shape)) {
      problems.push(`"${name}" is ${formatShape(stored.shape)} in the file and ${formatShape(shape)} in the network`)
    }
  }
  for (const name of unexpected) problems.push(`"${excerpt(name)}" is in the file and not in the network`)
  if (problems.length === 0) return
  const more = problems.length > MOST_PROBLEMS ? `; and ${problems.length - MOST_PROBLEMS} more` : ''
  throw new CheckpointError(
    `the checkpoint does not fit the network: ${problems.slice(0, MOST_PROBLEMS).join('; ')}${more}`,
  )
}
