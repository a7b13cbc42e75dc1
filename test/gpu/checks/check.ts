// The checks of the GPU backend run in three places: under vitest with gpu.js's `cpu` mode, under vitest on a real adapter, and
// inside a page of a browser, where there is no vitest. So a check is a function that throws, and knows neither.

import type { OpenDevice } from '../../../src/gpu/device.ts'
import type { TypedArray } from '../../../src/tensor/storage.ts'

export interface Check {
  readonly name: string
  readonly run: (device: OpenDevice) => void | Promise<void>
}

export interface Outcome {
  readonly name: string
  /** null if it held. */
  readonly failure: string | null
}

export async function outcomesOf(checks: readonly Check[], device: OpenDevice): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const { name, run } of checks) {
    try {
      await run(device)
      outcomes.push({ name, failure: null })
    } catch (error) {
      outcomes.push({ name, failure: explanation(error) })
    }
  }
  return outcomes
}

function explanation(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error ? `\n${error.cause.message}` : ''
  return `${error.stack ?? error.message}${cause}`
}

export function require(condition: boolean, message: string): void {
  if (!condition) throw new Error(message)
}

/** |got - want| <= atol + rtol |want|; NaN for NaN, infinities with their sign. */
export function requireClose(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  what: string,
  rtol = 1e-5,
  atol = 4e-6,
): void {
  require(got.length === want.length, `${what}: ${got.length} numbers instead of ${want.length}`)
  for (let i = 0; i < want.length; i++) {
    const [have, expected] = [got[i]!, want[i]!]
    const fits = Number.isFinite(expected)
      ? Math.abs(have - expected) <= atol + rtol * Math.abs(expected)
      : Object.is(have, expected)
    require(fits, `${what}: element ${i} is ${have}, expected ${expected} (rtol ${rtol}, atol ${atol})`)
  }
}

/** Runs `body`, which must throw an error of this name that mentions `words`. */
export async function requireError(body: () => unknown, name: string, ...words: string[]): Promise<void> {
  let error: unknown
  try {
    await body()
  } catch (caught) {
    error = caught
  }
  require(error instanceof Error, `expected a ${name}, but nothing was thrown`)
  const { name: got, message } = error as Error
  require(got === name, `expected a ${name}, got ${got}: ${message}`)
  for (const word of words) require(message.includes(word), `expected "${word}" in: ${message}`)
}

/** Uniform in [-1, 1), by a little generator of its own. */
export function numbers(length: number, seed = 1): Float32Array {
  let state = seed
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}

export function toNumbers(values: TypedArray): number[] {
  return Array.from(values)
}
