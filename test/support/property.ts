// Properties without nesting: `property` is a test of one, `forAll` checks one within a test.

import fc from 'fast-check'
import { it } from 'vitest'

type Values = [unknown, ...unknown[]]
type Arbitraries<T extends Values> = { [K in keyof T]: fc.Arbitrary<T[K]> }
// biome-ignore lint/suspicious/noConfusingVoidType: a check returns nothing, or whether the property holds.
type Check<T extends Values> = (...values: T) => boolean | void
type Rest<T extends Values> = [check: Check<T>] | [settings: fc.Parameters<T>, check: Check<T>]

/** Checks a property of values drawn from the arbitraries. Settings, such as `{ numRuns: 20 }`, come before the check. */
export function forAll<T extends Values>(arbitraries: Arbitraries<T>, ...rest: Rest<T>): void {
  const [settings, check] = rest.length === 2 ? rest : [undefined, ...rest]
  fc.assert(fc.property<T>(...arbitraries, check), settings)
}

/** A test of one property: `property('is symmetric', [fc.float(), fc.float()], (a, b) => f(a, b) === f(b, a))`. */
export function property<T extends Values>(name: string, arbitraries: Arbitraries<T>, ...rest: Rest<T>): void {
  it(name, () => forAll(arbitraries, ...rest))
}
