// Options as a literal: name, default, range and meaning of each in one line. Checks, types and command-line flags are derived from it.
// Read next: ../rl/on-policy/ppo.ts for such a literal.

import { requireKnown, ValueError } from '../tensor/errors.ts'
import { areNumbers, isCount } from '../tensor/json.ts'

export interface Option<Value> {
  readonly value: Value
  /** One line of help, with the unit. */
  readonly about: string
  /** `a number above 0`, as shown in messages. */
  readonly allowed: string
  /** All values, if they are few. */
  readonly values?: readonly Value[]
  /** The least and the greatest number, if both are bounded. */
  readonly range?: readonly [number, number]
  accepts(value: unknown): boolean
  /** Parses a command-line text. Invalid texts give a value that `accepts` rejects. */
  parse(text: string): unknown
}

/** The options of one algorithm by name. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>

/** `{ clipRange: number, … }` */
export type OptionValues<Table extends OptionTable> = { readonly [Name in keyof Table]: Table[Name]['value'] }

/** The options as a caller gives them, all optional. */
export type GivenOptions<Table extends OptionTable> = Partial<OptionValues<Table>>

/** An option whose value is a number in a range. */
type NumberOption = (value: number, about: string) => Option<number>

function numeric(allowed: string, inRange: (x: number) => boolean): NumberOption {
  const accepts = (given: unknown) => typeof given === 'number' && inRange(given)
  return (value, about) => ({ value, about, allowed, accepts, parse: toNumber })
}

export const count = numeric('a whole number from 1 on', (x) => isCount(x, 1))
export const whole = numeric('a whole number from 0 on', (x) => isCount(x))
export const positive = numeric('a number above 0', (x) => x > 0 && x < Infinity)
export const nonNegative = numeric('a number from 0 on', (x) => x >= 0 && x < Infinity)
export const finite = numeric('a finite number', Number.isFinite)
/** An upper bound; `Infinity` for none. */
export const limit = numeric('a number above 0, or Infinity', (x) => x > 0)

/** A number from `low` to `high`. */
export function between(value: number, low: number, high: number, about: string): Option<number> {
  const option = numeric(`a number from ${low} to ${high}`, (x) => x >= low && x <= high)
  return { ...option(value, about), range: [low, high] }
}

/** A whole number from `low` to `high`. */
export function wholeBetween(value: number, low: number, high: number, about: string): Option<number> {
  const option = numeric(`a whole number from ${low} to ${high}`, (x) => Number.isInteger(x) && x >= low && x <= high)
  return { ...option(value, about), range: [low, high] }
}

/** A number from 0 to 1: a fraction, discount or probability. */
export const fraction: NumberOption = (value, about) => between(value, 0, 1, about)

/** True or false. */
export function flag(value: boolean, about: string): Option<boolean> {
  const parse = (text: string) => (text === 'true' ? true : text === 'false' ? false : text)
  const accepts = (given: unknown) => typeof given === 'boolean'
  return { value, about, allowed: 'true or false', values: [false, true], accepts, parse }
}

/** One of a few names. */
export function choice<Name extends string>(value: Name, about: string, names: readonly Name[]): Option<Name> {
  const accepts = (given: unknown) => names.includes(given as Name)
  return { value, about, allowed: `one of ${names.join(', ')}`, values: names, accepts, parse: (text) => text }
}

/** Widths of layers; on the command line separated by commas: `64,64`. */
export function sizes(value: readonly number[], about: string): Option<readonly number[]> {
  const accepts = (given: unknown) => Array.isArray(given) && given.every((size) => isCount(size, 1))
  const parse = (text: string) => (text.trim() === '' ? [] : text.split(',').map(toNumber))
  return { value, about, allowed: 'whole numbers from 1 on', accepts, parse }
}

/** A list of finite numbers; on the command line separated by commas. */
export function numbers<List extends readonly number[]>(value: List, about: string): Option<List> {
  const accepts = (given: unknown) => areNumbers(given) && given.length === value.length
  const parse = (text: string) => text.split(',').map(toNumber)
  return { value, about, allowed: `a list of ${value.length} numbers`, accepts, parse }
}

/** A copy of the table with other defaults. */
export function withDefaults<Table extends OptionTable>(table: Table, values: GivenOptions<Table>): Table {
  const changed = Object.entries(values).map(([name, value]) => [name, { ...table[name], value }])
  return { ...table, ...Object.fromEntries(changed) }
}

/** The defaults by name, without those that are undefined. */
export function defaultsOf<Table extends OptionTable>(table: Table): OptionValues<Table> {
  const set = Object.entries(table).filter(([, { value }]) => value !== undefined)
  return Object.fromEntries(set.map(([name, { value }]) => [name, value])) as OptionValues<Table>
}

/**
 * Merges the defaults with the options `given`. Throws a `ValueError` on an unknown name or a value that is not allowed.
 *
 * @param objects names whose values may be modules or functions; these are neither checked nor returned
 */
export function readOptions<Table extends OptionTable>(
  algorithm: string,
  table: Table,
  given: GivenOptions<Table>,
  objects: readonly string[] = [],
): OptionValues<Table> {
  requireKnown(algorithm, given, [...Object.keys(table), ...objects])
  const values: Record<string, unknown> = defaultsOf(table)
  for (const [name, value] of Object.entries(given)) {
    const option = table[name]
    if (objects.includes(name) && (option === undefined || isObject(value))) continue
    if (!option!.accepts(value)) {
      const shown = typeof value === 'number' ? value : (JSON.stringify(value) ?? value)
      throw new ValueError(`${algorithm}: ${name} is ${String(shown)}; expected ${option!.allowed}`)
    }
    values[name] = value
  }
  return values as OptionValues<Table>
}

const isObject = (value: unknown) => typeof value === 'function' || (typeof value === 'object' && value !== null)

function toNumber(text: string): unknown {
  const number = /^\s*$|^\s*0[xob]/i.test(text) ? Number.NaN : Number(text)
  return Number.isNaN(number) ? text : number
}
