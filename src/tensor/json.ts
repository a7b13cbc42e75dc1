// JSON from files that others wrote.

import { CheckpointError } from './errors.ts'

/** Deepest nesting of lists and objects. Bounded because readers and JSON.stringify are recursive. */
const MAX_NESTING = 1200

/** Parses JSON. Throws a CheckpointError, which begins with `what`, on other text and on nesting deeper than 1,200. */
export function parseJson(what: string, text: string): unknown {
  requireShallow(what, text)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CheckpointError(`${what} is not JSON: ${(error as Error).message}`)
  }
}

/** An object, not a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** A whole number of at least `least`. */
export function isCount(value: unknown, least = 0): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least
}

/** A list of finite numbers. */
export function areNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(Number.isFinite)
}

function requireShallow(what: string, text: string): void {
  let depth = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (quoted) {
      if (code === 0x5c) i++
      else if (code === 0x22) quoted = false
    } else if (code === 0x22) quoted = true
    else if (code === 0x7b || code === 0x5b) depth++
    else if (code === 0x7d || code === 0x5d) depth--
    if (depth > MAX_NESTING) {
      throw new CheckpointError(`${what} has lists or objects nested deeper than ${MAX_NESTING}; expected fewer levels`)
    }
  }
}
