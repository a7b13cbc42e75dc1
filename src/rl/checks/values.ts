// What is wrong with one value that an environment gave, in words. Read next: step-values.ts.

import { describeValue } from '../env.ts'
import type { Box, Discrete, MultiDiscrete, Space, Tuple } from '../spaces.ts'

/** Why a value is not in its space, or `undefined` if it is. */
export function faultOf(space: Space<unknown>, value: unknown): string | undefined {
  if (space.kind === 'box') return boxFault(space as Box, value)
  if (space.kind === 'discrete') return discreteFault(space as Discrete, value)
  if (space.kind === 'tuple') return tupleFault(space as Tuple<unknown[]>, value)
  if (space.kind === 'multi-discrete') return multiDiscreteFault(space as MultiDiscrete, value)
  return space.contains(value) ? undefined : `is ${describeValue(value)}; allowed is ${space}`
}

function boxFault(box: Box, value: unknown): string | undefined {
  if (!(value instanceof Float32Array))
    return `has the wrong type: ${describeValue(value)} where a Float32Array belongs`
  if (value.length !== box.low.length) return `has ${value.length} numbers where its space has ${box.low.length}`
  const nan = value.findIndex(Number.isNaN)
  if (nan >= 0) return `is not a number (NaN) at index ${nan}`
  const outside = value.findIndex((x, i) => x < box.low[i]! || x > box.high[i]!)
  if (outside < 0) return undefined
  const range = `${box.low[outside]} … ${box.high[outside]}`
  return `is outside its space: number ${outside} is ${value[outside]}, allowed is ${range}`
}

function discreteFault(space: Discrete, value: unknown): string | undefined {
  if (space.contains(value)) return undefined
  if (typeof value !== 'number') return `has the wrong type: ${describeValue(value)} where a whole number belongs`
  if (Number.isNaN(value)) return 'is not a number (NaN)'
  if (!Number.isInteger(value)) return `is ${value}, which is not a whole number`
  return `is outside its space: ${value}, allowed is ${space}`
}

function tupleFault(space: Tuple<unknown[]>, value: unknown): string | undefined {
  if (!Array.isArray(value)) return `has the wrong type: ${describeValue(value)} where an array belongs`
  if (value.length !== space.spaces.length) {
    return `has ${value.length} entries where its space has ${space.spaces.length}`
  }
  for (const [i, part] of space.spaces.entries()) {
    const fault = faultOf(part, value[i])
    if (fault !== undefined) return `${fault} (entry ${i})`
  }
  return undefined
}

function multiDiscreteFault(space: MultiDiscrete, value: unknown): string | undefined {
  if (!(value instanceof Int32Array)) return `has the wrong type: ${describeValue(value)} where an Int32Array belongs`
  return space.contains(value) ? undefined : `is outside its space: ${describeValue(value)}, allowed is ${space}`
}

/** What is wrong with a reward, or `undefined`. */
export function rewardFault(reward: unknown): string | undefined {
  if (typeof reward !== 'number') return `is ${describeValue(reward)}; expected a number`
  return Number.isFinite(reward) ? undefined : `is ${reward}; expected a finite number`
}

/** What is wrong with the mask of a space's actions, or `undefined`. */
export function maskFault(mask: unknown, space: Space<unknown>): string | undefined {
  if (space.kind !== 'discrete') return `is given, but the actions are no single choice: ${space}`
  const { n } = space as Discrete
  const entries = ArrayBuffer.isView(mask) || Array.isArray(mask) ? Array.from(mask as ArrayLike<number>) : []
  if (entries.length !== n) return `is ${describeValue(mask)}; expected ${n} entries, one an action`
  if (!entries.every((entry) => entry === 0 || entry === 1)) return `is ${describeValue(mask)}; expected only 0 and 1`
  return entries.includes(1) ? undefined : 'allows no action at all'
}

/** Equal to the last bit: numbers, strings, and arrays of them. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  const lists = [a, b].map((value) => (ArrayBuffer.isView(value) || Array.isArray(value) ? value : undefined))
  const [first, second] = lists as (ArrayLike<unknown> | undefined)[]
  if (first === undefined || second === undefined || first.length !== second.length) return false
  if (first.constructor !== second.constructor) return false
  return Array.from(first).every((entry, i) => sameValue(entry, second[i]))
}

/** A copy that later writes cannot reach. */
export function copyValue<T>(value: T): T {
  if (ArrayBuffer.isView(value) && 'slice' in value) return (value as unknown as Float32Array).slice() as unknown as T
  return Array.isArray(value) ? (value.map(copyValue) as unknown as T) : value
}
