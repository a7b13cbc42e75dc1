// Flags with validated values: single ones, one per entry of an option table, and those that all trainings share. An error names the
// given value, the allowed ones and the nearest match.

import { type Command, Option } from 'commander'
import { nonNegative, type OptionTable, type Option as ValueOption, wholeBetween } from '../../data/options.ts'
import { MOST_PARTS } from '../../tensor/backends/wasm/parts.ts'
import { unknownName } from '../../tensor/errors.ts'
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

/** A flag that may be repeated for other names. Its value is the record of all. */
function recordOption<Value>(
  flags: string,
  about: string,
  parse: (text: string) => Readonly<Record<string, Value>>,
): Option {
  return new Option(flags, about).argParser((text: string, before: Readonly<Record<string, Value>> = {}) => {
    const given = parse(text)
    const twice = Object.keys(given).find((name) => Object.hasOwn(before, name))
    if (twice !== undefined) throw new UsageError(`${longFlag(flags)}: ${twice} is given twice; give it once`)
    return { ...before, ...given }
  })
}

/** `--seed <n>` of every seeded command: 0 to 4,294,967,295. */
export function seedOption(): Option {
  const about = 'the seed: the same one gives the same run, bit for bit'
  return valueOption('--seed <n>', wholeBetween(1, 0, 0xffff_ffff, about))
}

function longFlag(flags: string): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags
}

/** Values by option name. */
export type Settings = Readonly<Record<string, unknown>>

type WithOptions = { readonly options: OptionTable }

/** One flag per option, such as `--clip-range <value>`; totalTimesteps is `--steps`. */
export function flagsOf({ options }: WithOptions): Option[] {
  return Object.entries(options).map(([name, option]) => {
    const flag = flagOf(name)
    const about = `${option.about} (${option.allowed}; default ${flagText(option.value ?? 'none')})`
    return new Option(`${flag} <value>`, about).argParser((text) => parsed(flag, option, text))
  })
}

/** `--set name=value` sets an option by its name in code. */
export function setOption({ options }: WithOptions): Option {
  const about = 'set an option by its name in code; may be repeated'
  return recordOption('--set <name=value>', about, (text) => parseSetting(options, text))
}

/** Option values of parsed flags by their names in code. `--set` overrides other flags. */
export function settingsOf({ options }: WithOptions, flags: Settings): Settings {
  const given = Object.keys(options).flatMap((name) => {
    const value = flags[name] ?? (name === 'totalTimesteps' ? flags.steps : undefined)
    return value === undefined ? [] : [[name, value]]
  })
  return { ...Object.fromEntries(given), ...(flags.set as Settings | undefined) }
}

/** `clipRange=0.1` → `{ clipRange: 0.1 }`. Throws a `UsageError` on an unknown name or a value out of range. */
function parseSetting(options: OptionTable, text: string): Settings {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError(`--set: expected name=value, given "${text}"`)
  const name = text.slice(0, at)
  const option = Object.hasOwn(options, name) ? options[name] : undefined
  if (option === undefined) throw new UsageError(`--set: ${unknownName('option', name, Object.keys(options))}`)
  return { [name]: parsed(`--set ${name}`, option, text.slice(at + 1)) }
}

export function flagOf(name: string): string {
  if (name === 'totalTimesteps') return '--steps'
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** A value as its flag takes it: lists are joined by commas; { relative: 1 } is 1, { absolute: 2 } is absolute:2. */
export function flagText(value: unknown): string {
  if (value === null || typeof value !== 'object') return String(value)
  const part = ([name, each]: [string, unknown]) => (name === 'absolute' ? `${name}:${each}` : String(each))
  return Object.entries(value).map(part).join(',')
}

/** What every training is told besides its options. */
export interface RunFlags extends Settings {
  readonly import?: readonly string[]
  readonly name?: string
  readonly out: string
  readonly checkpointSeconds: number
}

/** The flags of every training: where its folder is, and the options of the algorithm. */
export function addRunOptions(command: Command, algorithm: WithOptions, name: string): Command {
  command
    .option('--name <name>', `of the run; its folder is <out>/<name> (default: ${name})`)
    .option('--out <folder>', 'the folder of all runs', 'runs')
    .addOption(checkpointOption())
    .addOption(threadsOption())
    .addOption(setOption(algorithm))
  for (const flag of flagsOf(algorithm)) command.addOption(flag)
  return command
}

/** Seconds between checkpoints: a killed run loses at most this much work. */
export function checkpointOption(): Option {
  return valueOption('--checkpoint-seconds <x>', nonNegative(10, 'seconds between checkpoints; 0: after each report'))
}

/** `--threads <n>`; ../program.ts sets them. */
export function threadsOption(): Option {
  const about = 'threads of the kernels, or auto; the results are the same, and with --seeds each run has one'
  return new Option('--threads <n>', about)
    .env('ALAMBIC_THREADS')
    .default('auto')
    .argParser((text) => (text === 'auto' ? text : parsed('--threads', wholeBetween(1, 1, MOST_PARTS, about), text)))
}

/** Throws a `UsageError` unless it is the name of a folder. */
export function nameOf(given: string): string {
  if (/^[^/\\\p{Cc}]+$/u.test(given) && given !== '.' && given !== '..') return given
  throw new UsageError(`--name: expected the name of a folder inside --out, given "${given}"`)
}
