// The flattened form of a value: the vector that a network reads. A choice becomes a one-hot vector, which implies no order among its
// values. Equal to `flatten` and `flatten_space` of Gymnasium 1.4 (Towers et al. 2024, arXiv:2407.17032).
// Read next: ../rl/envs/wrappers/observation.ts, packing.ts.

import { ValueError } from '../tensor/errors.ts'
import { Box, Discrete, isComposite, MultiBinary, MultiDiscrete, type Space } from './spaces.ts'

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
