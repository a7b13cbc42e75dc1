// Flags with validated values. An error names the given value, the allowed ones and the nearest match.

import { Option } from 'commander'
import { type Option as ValueOption, wholeBetween } from '../rl/options.ts'
import { unknownName } from '../tensor/errors.ts'
import { UsageError } from './failures.ts'

/** A flag with the meaning, the range and the default of an option: `--fps <x>`. */
export function valueOption(flags: string, option: ValueOption<number>): Option {
  return new Option(flags, option.about)
    .argParser((text) => parsed(longFlag(flags), option, text))
    .default(option.value)
}

/** The value of a text. Throws a `UsageError` that names `where` if the option does not accept it. */
export function parsed(where: string, option: ValueOption<unknown>, text: string): unknown {
  const value = option.parse(text)
  if (option.accepts(value)) return value
  throw new UsageError(`${where}: expected ${option.allowed}, given "${text}"`)
}

export function choiceOption(flags: string, description: string, choices: readonly string[]): Option {
  return new Option(flags, `${description} (${choices.join(', ')})`).argParser((given: string) => {
    if (choices.includes(given)) return given
    throw new UsageError(`${longFlag(flags)}: ${unknownName('value', given, choices)}`)
  })
}

/** A flag that may be repeated. Its value is the list of all. */
export function listOption(flags: string, about: string): Option {
  return new Option(flags, about).argParser((each: string, before: readonly string[] = []) => [...before, each])
}

/** `--seed <n>` of every seeded command: 0 to 4,294,967,295. */
export function seedOption(): Option {
  const about = 'the seed: the same one gives the same run, bit for bit'
  return valueOption('--seed <n>', wholeBetween(1, 0, 0xffff_ffff, about))
}

function longFlag(flags: string): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags
}
