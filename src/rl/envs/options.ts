// Reads one option of an environment: the default where it is left out, a `ValueError` that names it where it does not fit.

import { nearestMatch, ValueError } from '../../tensor/errors.ts'
import { describeValue } from '../env.ts'

/** Throws a `ValueError` naming the first option that is not among `known`. */
export function requireKnownOptions(where: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    const near = nearestMatch(name, known)
    const hint = near === undefined ? '' : ` Did you mean "${near}"?`
    throw new ValueError(`${where}: unknown option "${name}"; known are ${known.join(', ') || 'none'}.${hint}`)
  }
}

/** A yes or no. */
export function readFlag(id: string, name: string, given: unknown, fallback: boolean): boolean {
  if (given === undefined) return fallback
  if (typeof given === 'boolean') return given
  throw new ValueError(`${id}: ${name} is ${describeValue(given)}; expected true or false`)
}

/** A finite number within bounds, both included. */
export function readNumber(
  id: string,
  name: string,
  given: unknown,
  fallback: number,
  low = -Infinity,
  high = Infinity,
): number {
  const value = given === undefined ? fallback : given
  if (typeof value === 'number' && Number.isFinite(value) && value >= low && value <= high) return value
  throw new ValueError(`${id}: ${name} is ${describeValue(value)}; expected a number${range(low, high)}`)
}

/** A whole number within bounds, both included. */
export function readCount(
  id: string,
  name: string,
  given: unknown,
  fallback: number,
  low: number,
  high: number,
): number {
  const value = given === undefined ? fallback : given
  if (Number.isInteger(value) && (value as number) >= low && (value as number) <= high) return value as number
  throw new ValueError(`${id}: ${name} is ${describeValue(value)}; expected a whole number${range(low, high)}`)
}

/** A list of finite numbers, of the given length if there is one. */
export function readNumbers(id: string, name: string, given: unknown, length?: number): readonly number[] {
  const fits = Array.isArray(given) && given.length > 0 && (length ?? given.length) === given.length
  if (fits && given.every(Number.isFinite)) return given
  throw new ValueError(`${id}: ${name} is ${describeValue(given)}; expected a list of ${length ?? 'finite'} numbers`)
}

function range(low: number, high: number): string {
  if (high < Infinity) return ` from ${low} to ${high}`
  return low > -Infinity ? ` from ${low} on` : ''
}
