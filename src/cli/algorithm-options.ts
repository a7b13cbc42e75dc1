// The options of an algorithm or of distillation as flags: one for each entry of their table, with that entry's help, range and
// default; and `--set name=value` for the same by the name it has in code.

import { Option } from 'commander'
import type { Option as AlgorithmOption, OptionTable } from '../rl/options.ts'
import { unknownName } from '../tensor/errors.ts'
import { UsageError } from './failures.ts'

/** Values by option name. */
export type Settings = Readonly<Record<string, unknown>>

type WithOptions = { readonly options: OptionTable }

/** `--clip-range <value>` and so on, one an option; totalTimesteps is called `--steps`. */
export function flagsOf({ options }: WithOptions): Option[] {
  return Object.entries(options).map(([name, option]) => {
    const { about, allowed, value } = option
    return new Option(`${flagOf(name)} <value>`, `${about} (${allowed}; default ${shown(value)})`).argParser((text) =>
      parsed(flagOf(name), option, text),
    )
  })
}

/** `--set name=value`, as often as wanted. */
export function setOption({ options }: WithOptions): Option {
  return new Option('--set <name=value>', 'set an option by its name in code; may be repeated').argParser(
    (text: string, before: Settings = {}) => {
      const setting = parseSetting(options, text)
      const [twice] = Object.keys(setting).filter((name) => Object.hasOwn(before, name))
      if (twice !== undefined) throw new UsageError(`--set: ${twice} is given twice; give it once`)
      return { ...before, ...setting }
    },
  )
}

/** The settings among parsed flags, under their names in code; those by `--set` last. */
export function settingsOf({ options }: WithOptions, flags: Readonly<Record<string, unknown>>): Settings {
  const given = Object.keys(options).flatMap((name) => {
    const value = flags[name === 'totalTimesteps' ? 'steps' : name]
    return value === undefined ? [] : [[name, value]]
  })
  return { ...Object.fromEntries(given), ...(flags.set as Settings | undefined) }
}

/** `clipRange=0.1` → `{ clipRange: 0.1 }`. Throws a `UsageError` on an unknown name or a value out of range. */
export function parseSetting(options: OptionTable, text: string): Settings {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError(`--set: expected name=value, given "${text}"`)
  const name = text.slice(0, at)
  const option = Object.hasOwn(options, name) ? options[name] : undefined
  if (option === undefined) throw new UsageError(`--set: ${unknownName('option', name, Object.keys(options))}`)
  return { [name]: parsed(`--set ${name}`, option, text.slice(at + 1)) }
}

function parsed(where: string, option: AlgorithmOption<unknown>, text: string): unknown {
  const value = option.parse(text)
  if (option.accepts(value)) return value
  throw new UsageError(`${where}: expected ${option.allowed}, given "${text}"`)
}

/** The flag of an option. */
export function flagOf(name: string): string {
  if (name === 'totalTimesteps') return '--steps'
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

// Lists with commas; of { relative: 1 } the number.
function shown(value: unknown): string {
  return value !== null && typeof value === 'object' ? Object.values(value).join(',') : String(value)
}
