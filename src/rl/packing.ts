// The packed form of a value: the fewest numbers that hold it, as buffers, checkpoints and vector environments store it. A choice is
// one number. Read next: flatten.ts, where a choice is a one-hot vector.

import { Box, isComposite, MultiBinary, MultiDiscrete, type Space } from './spaces.ts'

/** The count of numbers of a packed value: 1 for a choice, one an entry of a vector, the sum over the parts of a tuple or dict. */
export function packedSize(space: Space<unknown>): number {
  if (space instanceof Box) return space.low.length
  if (space instanceof MultiDiscrete) return space.counts.length
  if (space instanceof MultiBinary) return space.n
  return isComposite(space) ? space.parts.reduce((sum, [, part]) => sum + packedSize(part), 0) : 1
}

/** Writes the packed value into `out` from index `at`. */
export function pack(space: Space<unknown>, value: unknown, out: Float32Array, at: number): void {
  if (typeof value === 'number') out[at] = value
  else if (!isComposite(space)) out.set(value as ArrayLike<number>, at)
  else {
    let next = at
    for (const [key, part] of space.parts) {
      pack(part, (value as Readonly<Record<string, unknown>>)[key], out, next)
      next += packedSize(part)
    }
  }
}

/** Reads the value packed in `numbers` at index `at`. It may lie outside the space. */
export function unpack(space: Space<unknown>, numbers: ArrayLike<number>, at: number): unknown {
  if (isComposite(space)) {
    let next = at
    const values = space.parts.map(([key, part]) => {
      const value = unpack(part, numbers, next)
      next += packedSize(part)
      return [key, value] as const
    })
    return space.kind === 'tuple' ? values.map(([, value]) => value) : Object.fromEntries(values)
  }
  if (space instanceof Box) return Float32Array.from(space.low, (_, i) => numbers[at + i]!)
  if (space instanceof MultiDiscrete)
    return exactly(
      Int32Array,
      space.counts.map((_, i) => numbers[at + i]!),
    )
  if (space instanceof MultiBinary)
    return exactly(
      Int8Array,
      Array.from({ length: space.n }, (_, i) => numbers[at + i]!),
    )
  return numbers[at]
}

/** The numbers as a typed array, or unchanged if it cannot hold them. */
function exactly(Type: typeof Int32Array | typeof Int8Array, numbers: number[]): unknown {
  const typed = Type.from(numbers)
  return numbers.every((x, i) => x === typed[i]) ? typed : numbers
}
