// Options that hold several values: `--methods hard-iid,soft-iid`, `--seeds 0-9,15`.

import { Option } from 'commander'
import { UsageError } from '../../src/cli/failures.ts'
import { unknownName } from '../../src/tensor/errors.ts'

/** Names with commas between them, out of `choices`. */
export function namesOption(flag: string, description: string, choices: readonly string[]): Option {
  return new Option(`${flag} <names>`, `${description} (${choices.join(', ')})`).argParser((given: string) =>
    split(given).map((name) => {
      if (choices.includes(name)) return name
      throw new UsageError(`${flag}: ${unknownName('name', name, choices)}`)
    }),
  )
}

/** Whole numbers and ranges of them with commas between: `0-9,15`. */
export function numbersOption(flag: string, description: string, [least, most]: readonly [number, number]): Option {
  return new Option(`${flag} <numbers>`, `${description}, such as 3 or 1-4,7`).argParser((given: string) => {
    const numbers = split(given).flatMap((part) => {
      const [, from, to = from] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part) ?? []
      const [first, last] = [Number(from), Number(to)]
      if (!(first >= least && last >= first && last <= most)) {
        throw new UsageError(
          `${flag}: expected whole numbers from ${least} to ${most} and ranges such as 1-4, given "${given}"`,
        )
      }
      return Array.from({ length: last - first + 1 }, (_, i) => first + i)
    })
    return [...new Set(numbers)]
  })
}

function split(text: string): string[] {
  return text.split(',').map((part) => part.trim())
}
