// Command-line options whose values are checked while they are parsed, before any work. A wrong value is a `ValueError`.

import { unknownName, ValueError } from 'alambic/tensor'
import { Option } from 'commander'

/** `--seeds <n>`: a whole number from `min` to `max`, both included. */
export function wholeNumberOption(flag: string, description: string, [min, max]: readonly [number, number]): Option {
  return new Option(`${flag} <n>`, description).argParser((given: string) => {
    const value = /^\d{1,10}$/.test(given) ? Number(given) : Number.NaN
    if (value >= min && value <= max) return value
    throw new ValueError(`${flag}: expected a whole number from ${min} to ${max}, given "${given}"`)
  })
}

/** `--methods hard-iid,soft-iid`: names out of `choices`, separated by commas. The option may be repeated. */
export function namesOption(flag: string, description: string, choices: readonly string[]): Option {
  const parse = (given: string, before: readonly string[] = []) => [
    ...before,
    ...split(given).map((name) => {
      if (choices.includes(name)) return name
      throw new ValueError(`${flag}: ${unknownName('name', name, choices)}`)
    }),
  ]
  return new Option(`${flag} <names>`, `${description} (${choices.join(', ')})`).argParser(parse)
}

/** `--seeds 0-9,15`: whole numbers from `min` to `max` and ranges of them, separated by commas. */
export function numbersOption(flag: string, description: string, [min, max]: readonly [number, number]): Option {
  return new Option(`${flag} <numbers>`, `${description}, such as 3 or 1-4,7`).argParser((given: string) => {
    const numbers = split(given).flatMap((part) => {
      const [, from, to = from] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part) ?? []
      const [first, last] = [Number(from), Number(to)]
      if (!(first >= min && last >= first && last <= max)) {
        throw new ValueError(
          `${flag}: expected whole numbers from ${min} to ${max} and ranges such as 1-4, given "${given}"`,
        )
      }
      return Array.from({ length: last - first + 1 }, (_, i) => first + i)
    })
    return [...new Set(numbers)]
  })
}

/** `--out <folder>`. */
export function outOption(folder: string): Option {
  return new Option('--out <folder>', 'the folder to write into').default(folder)
}

/** Part `index` of `count`, from 1. */
export interface Shard {
  readonly index: number
  readonly count: number
}

/** `--shard 2/8`. Default: everything. */
export function shardOption(items: string): Option {
  return new Option('--shard <i/n>', `do part i of n of the ${items}`)
    .argParser(parseShard)
    .default({ index: 1, count: 1 }, 'all')
}

/** Parses `2/8`. Throws a `ValueError` on anything else. */
export function parseShard(text: string): Shard {
  const [, index = 0, count = 0] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number)
  if (index >= 1 && index <= count) return { index, count }
  throw new ValueError(`--shard: expected i/n with i from 1 to n, such as 2/8, given "${text}"`)
}

function split(text: string): string[] {
  return text.split(',').map((part) => part.trim())
}
