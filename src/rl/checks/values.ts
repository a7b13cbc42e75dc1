// Faults of observations, rewards and action masks; comparison and copies of values.

import { describeValue } from '../env.ts'
import { Box, Discrete, type Space, Tuple } from '../spaces.ts'

/** The fault of a value outside its space, or `undefined`. */
export function faultOf(space: Space<unknown>, value: unknown): string | undefined {
  const isInside: boolean = space.contains(value)
  if (isInside) return undefined
  if (space instanceof Box) return boxFault(space, value)
  if (space instanceof Discrete) return discreteFault(space, value)
  if (space instanceof Tuple) return tupleFault(space as Tuple<unknown[]>, value, faultOf)
  if (space.kind === 'multi-discrete' && !((value as unknown) instanceof Int32Array))
    return wrongType(value, 'an Int32Array')
  return `is outside its space: ${describeValue(value)}, allowed is ${space}`
}

/** The fault of a value that cannot be flattened, or `undefined`. Unlike `faultOf`, ignores the bounds and array type of vectors. */
export function shapeFault(space: Space<unknown>, value: unknown): string | undefined {
  if (space instanceof Discrete) return space.contains(value) ? undefined : discreteFault(space, value)
  if (space instanceof Tuple) return tupleFault(space as Tuple<unknown[]>, value, shapeFault)
  if (!(space instanceof Box)) return faultOf(space, value)
  if (value instanceof Float32Array && value.length === space.low.length && !hasNaN(value)) return undefined
  if (!ArrayBuffer.isView(value) && !Array.isArray(value)) return wrongType(value, 'a Float32Array')
  const numbers = Array.from(value as ArrayLike<unknown>)
  const { length } = space.low
  if (numbers.length !== length) return `has ${numbers.length} numbers where its space has ${length}`
  const at = numbers.findIndex((x) => typeof x !== 'number' || Number.isNaN(x))
  return at < 0 ? undefined : `has ${describeValue(numbers[at])} at index ${at}; expected a number`
}

// Fast: called twice per episode, which may be short.
function hasNaN(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) return true
  return false
}

function boxFault({ low, high }: Box, value: unknown): string {
  if (!(value instanceof Float32Array)) return wrongType(value, 'a Float32Array')
  if (value.length !== low.length) return `has ${value.length} numbers where its space has ${low.length}`
  const at = value.findIndex((x, i) => !(x >= low[i]! && x <= high[i]!))
  if (Number.isNaN(value[at])) return `is not a number (NaN) at index ${at}`
  return `is outside its space: number ${at} is ${value[at]}, allowed is ${low[at]} … ${high[at]}`
}

function discreteFault(space: Discrete, value: unknown): string {
  if (typeof value !== 'number') return wrongType(value, 'a whole number')
  if (Number.isNaN(value)) return 'is not a number (NaN)'
  if (!Number.isInteger(value)) return `is ${value}, which is not a whole number`
  return `is outside its space: ${value}, allowed is ${space}`
}

function tupleFault({ spaces }: Tuple<unknown[]>, value: unknown, faultOfPart: typeof faultOf): string | undefined {
  if (!Array.isArray(value)) return wrongType(value, 'an array')
  if (value.length !== spaces.length) return `has ${value.length} entries where its space has ${spaces.length}`
  const faults = spaces.map((part, i) => ({ fault: faultOfPart(part, value[i]), i }))
  const first = faults.find(({ fault }) => fault !== undefined)
  return first && `${first.fault} (entry ${first.i})`
}

function wrongType(value: unknown, expected: string): string {
  return `has the wrong type: ${describeValue(value)} where ${expected} belongs`
}

/** The message of a fault found outside `checkEnv`. `step` counts from the reset, which is step 0. */
export function violation(id: string, what: string, step: number, fault: string | undefined): string {
  const when = step === 0 ? 'reset()' : `step ${step}`
  return `${id}: the ${what} of ${when} ${fault}; checkEnv(env) lists what is wrong`
}

export function rewardFault(reward: unknown): string | undefined {
  if (typeof reward !== 'number') return `is ${describeValue(reward)}; expected a number`
  return Number.isFinite(reward) ? undefined : `is ${reward}; expected a finite number`
}

export function maskFault(mask: unknown, space: Space<unknown>): string | undefined {
  if (!(space instanceof Discrete)) return `is given, but the actions are no single choice: ${space}`
  const entries = ArrayBuffer.isView(mask) || Array.isArray(mask) ? Array.from(mask as ArrayLike<number>) : []
  if (entries.length !== space.n) return `is ${describeValue(mask)}; expected ${space.n} entries, one an action`
  if (!entries.every((entry) => entry === 0 || entry === 1)) return `is ${describeValue(mask)}; expected only 0 and 1`
  return entries.includes(1) ? undefined : 'allows no action at all'
}

/** Whether two values are equal to the last bit: numbers, strings, and arrays of them. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  const lists = [a, b].map((value) => (ArrayBuffer.isView(value) || Array.isArray(value) ? value : undefined))
  const [first, second] = lists as (ArrayLike<unknown> | undefined)[]
  if (first === undefined || second === undefined || first.length !== second.length) return false
  if (first.constructor !== second.constructor) return false
  return Array.from(first).every((entry, i) => sameValue(entry, second[i]))
}

/** A deep copy of numbers, strings and arrays of them. */
export function copyValue<T>(value: T): T {
  if (ArrayBuffer.isView(value) && 'slice' in value) return (value as unknown as Float32Array).slice() as unknown as T
  return Array.isArray(value) ? (value.map(copyValue) as unknown as T) : value
}
