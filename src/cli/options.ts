// Flags with validated values. An error names the given value, the allowed ones and the nearest match.

import { Option } from 'commander'
import { unknownName } from '../tensor/errors.ts'
import { UsageError } from './failures.ts'

/** Bounds of a number, both included. */
export interface Range {
  readonly min?: number
  readonly max?: number
}

export function integerOption(flags: string, description: string, range: Range = {}): Option {
  return numberLike(flags, description, 'a whole number', range, Number.isSafeInteger)
}

export function numberOption(flags: string, description: string, range: Range = {}): Option {
  return numberLike(flags, description, 'a number', range, Number.isFinite)
}

export function choiceOption(flags: string, description: string, choices: readonly string[]): Option {
  return new Option(flags, `${description} (${choices.join(', ')})`).argParser((given: string) => {
    if (choices.includes(given)) return given
    throw new UsageError(`${longFlag(flags)}: ${unknownName('value', given, choices)}`)
  })
}

/** `--seed <n>` of every seeded command: 0 to 4,294,967,295. */
export function seedOption(): Option {
  const range = { min: 0, max: 0xffff_ffff }
  return integerOption('--seed <n>', 'the seed: the same one gives the same run, bit for bit', range).default(1)
}

function numberLike(
  flags: string,
  description: string,
  kind: string,
  range: Range,
  accepts: (value: number) => boolean,
): Option {
  return new Option(flags, description).argParser((given: string) => {
    const value = /^\s*$|^\s*0[xob]/i.test(given) ? Number.NaN : Number(given)
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = range
    if (accepts(value) && value >= min && value <= max) return value
    throw new UsageError(`${longFlag(flags)}: expected ${kind}${formatRange(range)}, given "${given}"`)
  })
}

function formatRange({ min, max }: Range): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`
  if (min !== undefined) return ` of at least ${min}`
  return max === undefined ? '' : ` of at most ${max}`
}

function longFlag(flags: string): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags
}
