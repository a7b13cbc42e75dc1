// Faults of observations, rewards and action masks; comparison and copies of values.

import { isRecord } from '../tensor/json.ts'
import { Box, type Dict, Discrete, isComposite, MultiBinary, MultiDiscrete, type Space, type Tuple } from './spaces.ts'

/** The fault of a value outside its space, or `undefined`. */
export function faultOf(space: Space<unknown>, value: unknown): string | undefined {
  const isInside: boolean = space.contains(value)
  if (isInside) return undefined
  if (space instanceof Discrete) return discreteFault(space, value)
  if (isComposite(space)) return partsFault(space, value, faultOf)
  const limits = limitsOf(space)
  if (limits !== undefined) return vectorFault(limits, value)
  return `is outside its space: ${describeValue(value)}, allowed is ${space}`
}

/** The fault of a value that cannot be packed, or `undefined`. Unlike `faultOf`, ignores the bounds and array type of vectors. */
export function shapeFault(space: Space<unknown>, value: unknown): string | undefined {
  if (space instanceof Discrete) return space.contains(value) ? undefined : discreteFault(space, value)
  if (isComposite(space)) return partsFault(space, value, shapeFault)
  if (!(space instanceof Box)) return faultOf(space, value)
  if (value instanceof Float32Array && value.length === space.low.length && !value.includes(Number.NaN))
    return undefined
  if (!ArrayBuffer.isView(value) && !Array.isArray(value)) return wrongType(value, 'a Float32Array')
  const numbers = Array.from(value as ArrayLike<unknown>)
  const { length } = space.low
  if (numbers.length !== length) return `has ${numbers.length} numbers where its space has ${length}`
  const at = numbers.findIndex((x) => typeof x !== 'number' || Number.isNaN(x))
  return at < 0 ? undefined : `has ${describeValue(numbers[at])} at index ${at}; expected a number`
}

type VectorType = typeof Float32Array | typeof Int32Array | typeof Int8Array

/** The array type and the bounds of a space of vectors; undefined for other spaces. */
export function limitsOf(space: Space<unknown>) {
  if (space instanceof Box) return { Type: Float32Array as VectorType, low: space.low, high: space.high }
  if (!(space instanceof MultiDiscrete || space instanceof MultiBinary)) return undefined
  const isBinary = space instanceof MultiBinary
  const high = isBinary ? new Array<number>(space.n).fill(1) : space.nvec.map((n) => n - 1)
  return { Type: (isBinary ? Int8Array : Int32Array) as VectorType, low: high.map(() => 0), high }
}

function vectorFault({ Type, low, high }: NonNullable<ReturnType<typeof limitsOf>>, value: unknown): string {
  if (!(value instanceof Type)) return wrongType(value, `${Type === Float32Array ? 'a' : 'an'} ${Type.name}`)
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

function partsFault(
  { parts, kind }: Tuple<readonly unknown[]> | Dict<object>,
  value: unknown,
  faultOfPart: typeof faultOf,
): string | undefined {
  const isTuple = kind === 'tuple'
  const isOfKind = isTuple ? Array.isArray(value) : isRecord(value) && !ArrayBuffer.isView(value)
  if (!isOfKind) return wrongType(value, isTuple ? 'an array' : 'an object')
  const nameOf = (key: string) => (isTuple ? `entry ${key}` : `key "${key}"`)
  const values = value as Readonly<Record<string, unknown>>
  const foreign = Object.keys(values).find((key) => !parts.some(([own]) => own === key))
  if (foreign !== undefined) return `has the ${nameOf(foreign)}, which its space lacks`
  for (const [key, part] of parts) {
    if (!Object.hasOwn(values, key)) return `lacks the ${nameOf(key)} of its space`
    const fault = faultOfPart(part, values[key])
    if (fault !== undefined) return `${fault} (${nameOf(key)})`
  }
  return undefined
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

/** Whether two values are equal to the last bit: numbers, strings, and arrays and plain objects of them. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a.constructor !== b.constructor) return false
  const [first, second] = [a, b] as Readonly<Record<string, unknown>>[]
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && sameValue(first![key], second![key]))
}

/** A deep copy of numbers, strings, and arrays and plain objects of them. */
export function copyValue<T>(value: T): T {
  if (ArrayBuffer.isView(value) && 'slice' in value) return (value as unknown as Float32Array).slice() as unknown as T
  if (Array.isArray(value)) return value.map(copyValue) as unknown as T
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copyValue(each)])) as T
}

/** A value as shown in messages: `Float32Array [0.5, NaN]`, `"left"`, `2`, `{ gear: 2 }`. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (ArrayBuffer.isView(value) || Array.isArray(value)) {
    const items = Array.from(value as unknown as ArrayLike<unknown>)
    const shown = items.slice(0, 8).map(describeValue).join(', ')
    return `${value.constructor.name} [${shown}${items.length > 8 ? ', …' : ''}]`
  }
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (isRecord(value) && value.constructor === Object) {
    return `{${Object.entries(value).map(([key, each]) => ` ${key}: ${describeValue(each)}`)} }`
  }
  if (typeof value === 'object' && value !== null) return `a ${value.constructor?.name ?? 'object'}`
  return String(value)
}
