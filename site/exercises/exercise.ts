// What an exercise is: a stub to complete, and a property that fast-check searches for a counterexample.

import fc from 'fast-check'

/** The function that a reader wrote: it may return anything. */
export type Answer = (...inputs: unknown[]) => unknown

export interface Exercise {
  readonly title: string
  /** The function that an answer exports. */
  readonly name: string
  /** What the editor begins with. */
  readonly stub: string
  readonly solution: string
  /** Answers that look right and are not; the tests show that each is rejected. */
  readonly wrong: readonly string[]
  /** Compares the answer with the truth in random cases, by `compare`. */
  property(answer: Answer): fc.IProperty<unknown>
}

/** A case in which an answer is wrong. Its message is for the reader. */
export class Mismatch extends Error {}

/** Tenths from `low` to `high`: short to read, and far enough apart that wrong answers differ. */
export function tenths(low: number, high: number): fc.Arbitrary<number> {
  return fc.integer({ min: Math.round(10 * low), max: Math.round(10 * high) }).map((n) => n / 10)
}

/** `length` tenths. */
export function tenthsList(length: number, low = -2, high = 2): fc.Arbitrary<number[]> {
  return fc.array(tenths(low, high), { minLength: length, maxLength: length })
}

type Numbers = number | readonly Numbers[]

/**
 * Throws a `Mismatch` unless `answer()` returns the numbers `wanted`, but for rounding.
 *
 * @param given the case in words, such as `y = 0.5 and dy = 1`
 */
export function compare(given: string, answer: () => unknown, wanted: Numbers): void {
  let got: unknown
  try {
    got = answer()
  } catch (error) {
    throw new Mismatch(`For ${given}: your function threw ${String(error)}`)
  }
  if (!agree(got, wanted))
    throw new Mismatch(`For ${given}: expected ${shown(wanted)}, your function returned ${shown(got)}.`)
}

const TOLERANCE = 1e-6

function agree(got: unknown, wanted: Numbers): boolean {
  if (typeof wanted === 'number') {
    return typeof got === 'number' && Math.abs(got - wanted) <= TOLERANCE * Math.max(1, Math.abs(wanted))
  }
  return Array.isArray(got) && got.length === wanted.length && wanted.every((each, i) => agree(got[i], each))
}

/** Numbers with at most four decimals, lists in brackets. */
export function shown(value: unknown): string {
  if (typeof value === 'number') return Number.isFinite(value) ? String(Number(value.toFixed(4))) : String(value)
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`
  if (value === undefined) return 'nothing'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
