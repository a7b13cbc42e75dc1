// Options that the benches share.

import { InvalidArgumentError } from 'commander'
import { unknownName } from '../../src/tensor/errors.ts'

/** `--json [file]`: the JSON of bench-file.ts instead of a table. */
export const JSON_OPTION = ['--json [file]', 'print JSON instead of the table, or write it to a file'] as const

/** Parses `matmul,add` into names of `known`. An unknown name is an error with the nearest match. */
export function namesOf<Name extends string>(kind: string, known: readonly Name[]): (text: string) => Name[] {
  return (text) =>
    text.split(',').map((given) => {
      const name = known.find((each) => each === given.trim())
      if (name === undefined) throw new InvalidArgumentError(unknownName(kind, given.trim(), known))
      return name
    })
}

/** Parses `64,256` into positive integers. */
export function positiveIntegers(text: string): number[] {
  return text.split(',').map((given) => {
    const value = Number(given)
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new InvalidArgumentError(`got "${given}"; expected positive integers with commas between them`)
    }
    return value
  })
}
