// Values as numbers. Packed: the fewest numbers that hold a value, as buffers, checkpoints and vector environments store it; a choice is one
// number. Flattened: the vector that a network reads; a choice is a one-hot vector, which implies no order among its values, as `flatten`
// and `flatten_space` of Gymnasium 1.4 have it (Towers et al. 2024, arXiv:2407.17032).

import { ValueError } from '../tensor/errors.ts'
import { Box, Discrete, isComposite, MultiBinary, MultiDiscrete, type Space } from './spaces.ts'

const LONGEST_LOOP = 32 // numbers: a loop over fewer is faster than `set`, which costs about 10 ns

/** The count of numbers of a packed value: 1 for a choice, one an entry of a vector, the sum over the parts of a tuple or dict. */
export function packedSize(space: Space<unknown>): number {
  if (isComposite(space)) return space.parts.reduce((sum, [, part]) => sum + packedSize(part), 0)
  if (space instanceof Box) return space.low.length
  if (space instanceof MultiDiscrete) return space.nvec.length
  return space instanceof MultiBinary ? space.n : 1
}

/** Writes the packed value into `out` from index `at`. Returns the index that follows it. */
export function pack(space: Space<unknown>, value: unknown, out: Float32Array, at: number): number {
  if (isComposite(space)) {
    const values = value as Readonly<Record<string, unknown>>
    return space.parts.reduce((next, [key, part]) => pack(part, values[key], out, next), at)
  }
  if (typeof value === 'number') out[at] = value
  else {
    const numbers = value as ArrayLike<number>
    if (numbers.length > LONGEST_LOOP) out.set(numbers, at)
    else for (let i = 0; i < numbers.length; i++) out[at + i] = numbers[i]!
  }
  return at + packedSize(space)
}

/** Reads the value packed in `numbers` at index `at`. It may lie outside the space. */
export function unpack(space: Space<unknown>, numbers: ArrayLike<number>, at: number): unknown {
  if (space instanceof Box) return Float32Array.from(space.low, (_, i) => numbers[at + i]!)
  if (space instanceof MultiDiscrete || space instanceof MultiBinary) {
    const entries = Array.from({ length: packedSize(space) }, (_, i) => numbers[at + i]!)
    const typed = space.kind === 'multi-binary' ? Int8Array.from(entries) : Int32Array.from(entries)
    return entries.every((x, i) => x === typed[i]) ? typed : entries
  }
  if (!isComposite(space)) return numbers[at]
  let next = at
  const values = space.parts.map(([key, part]) => {
    const value = unpack(part, numbers, next)
    next += packedSize(part)
    return [key, value] as const
  })
  return space.kind === 'tuple' ? values.map(([, value]) => value) : Object.fromEntries(values)
}

/** The space of flattened values, a Box with one axis. Throws a `ValueError` on a space that is none of spaces.ts. */
export function flattenSpace(space: Space<unknown>): Box {
  const bounds = boundsOf(space)
  return new Box(
    bounds.map(([low]) => low),
    bounds.map(([, high]) => high),
  )
}

function boundsOf(space: Space<unknown>): (readonly [low: number, high: number])[] {
  if (isComposite(space)) return space.parts.flatMap(([, part]) => boundsOf(part))
  if (space instanceof Box) return Array.from(space.low, (low, i) => [low, space.high[i]!])
  if (space instanceof MultiDiscrete) return space.nvec.flatMap((n) => boundsOf(new Discrete(n)))
  if (space instanceof Discrete || space instanceof MultiBinary) return new Array(space.n).fill([0, 1])
  throw new ValueError(`flattenSpace: ${space}; expected a Box, Discrete, MultiDiscrete, MultiBinary, Tuple or Dict`)
}

/** Writes the flattened value into `out`, zeros so far, from index `at`. Returns the index that follows it. */
export function flattenInto(space: Space<unknown>, value: unknown, out: Float32Array, at = 0): number {
  if (isComposite(space)) {
    const values = value as Readonly<Record<string, unknown>>
    return space.parts.reduce((next, [key, part]) => flattenInto(part, values[key], out, next), at)
  }
  if (space instanceof Discrete) {
    out[at + (value as number) - space.start] = 1
    return at + space.n
  }
  const numbers = value as ArrayLike<number>
  if (space instanceof MultiDiscrete) {
    return space.nvec.reduce((next, n, i) => {
      out[next + numbers[i]!] = 1
      return next + n
    }, at)
  }
  out.set(numbers, at)
  return at + numbers.length
}
