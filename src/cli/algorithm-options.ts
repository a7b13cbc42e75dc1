// Options of algorithms and of distillation as flags: one flag per entry of an option table, with its help, range and default.
// `--set name=value` sets an option by its name in code.

import { Option } from 'commander'
import type { OptionTable } from '../rl/options.ts'
import { unknownName } from '../tensor/errors.ts'
import { UsageError } from './failures.ts'
import { parsed } from './options.ts'

/** Values by option name. */
export type Settings = Readonly<Record<string, unknown>>

type WithOptions = { readonly options: OptionTable }

/** One flag per option, such as `--clip-range <value>`; totalTimesteps is `--steps`, and `--total-timesteps` too. */
export function flagsOf({ options }: WithOptions): Option[] {
  return Object.entries(options).flatMap(([name, option]) => {
    const { about, allowed, value } = option
    const flagNamed = (flag: string) =>
      new Option(`${flag} <value>`, `${about} (${allowed}; default ${shown(value)})`).argParser((text) =>
        parsed(flag, option, text),
      )
    const flag = flagNamed(flagOf(name))
    return name === 'totalTimesteps' ? [flag, flagNamed('--total-timesteps').hideHelp().conflicts('steps')] : [flag]
  })
}

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

/** Option values of parsed flags by their names in code. `--set` overrides other flags. */
export function settingsOf({ options }: WithOptions, flags: Readonly<Record<string, unknown>>): Settings {
  const given = Object.keys(options).flatMap((name) => {
    const value = flags[name] ?? (name === 'totalTimesteps' ? flags.steps : undefined)
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

export function flagOf(name: string): string {
  if (name === 'totalTimesteps') return '--steps'
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

// Lists are joined by commas; { relative: 1 } is shown as 1.
function shown(value: unknown): string {
  return value !== null && typeof value === 'object' ? Object.values(value).join(',') : String(value)
}
