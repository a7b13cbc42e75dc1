// The error of an elementary function's kernel over the float32 numbers, against double precision.

import { scope } from '../../../../src/tensor/autograd/scope.ts'
import { Block, memory } from '../../../../src/tensor/memory.ts'
import { expm1, gelu, sigmoid, softplus } from '../../../../src/tensor/special-math.ts'
import { CpuStorage } from '../../../../src/tensor/storage.ts'
import { wasm } from '../../../support/backends.ts'

const AT_ONCE = 1 << 16
const FLOATS = 2 ** 32

/** The functions in double precision. Math.exp and its kin are within a few units of the double's last place. */
export const exactly = {
  exp: Math.exp,
  log: Math.log,
  tanh: Math.tanh,
  sigmoid,
  softplus,
  elu: (x: number) => (x > 0 ? x : expm1(x)),
  silu: (x: number) => x * sigmoid(x),
  gelu,
  geluTanh: (x: number) => x * sigmoid(2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)),
}

export type ElementaryName = keyof typeof exactly

export interface LargestErrors {
  /** In units of the last place of the exact result as a float; a denormal result counts in the smallest float. */
  ulps: number
  ulpsAt: number
  /** |error| / max(1, |exact|). */
  error: number
  errorAt: number
}

/**
 * Over every `stride`-th float in the order of their bits, from one pattern of bits up to another. A NaN or infinity that is
 * out of place is an infinite error.
 */
export function largestErrors(name: ElementaryName, stride: number, from = 0, to = FLOATS): LargestErrors {
  const block = new Block(4 * AT_ONCE)
  const x = CpuStorage.inMemory('float32', AT_ONCE, block.offset, block)
  const largest: LargestErrors = { ulps: 0, ulpsAt: 0, error: 0, errorAt: 0 }
  for (let first = from; first < to; first += stride * AT_ONCE) {
    const bits = new Uint32Array(memory.buffer, x.offset, AT_ONCE)
    for (let i = 0; i < AT_ONCE; i++) bits[i] = Math.min(first + i * stride, to - 1)
    scope(() => {
      const y = (wasm.map(name, x, 1, 0) as CpuStorage).view()
      collect(largest, x.view(), y, exactly[name])
    })
  }
  return largest
}

function collect(
  largest: LargestErrors,
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  exact: (x: number) => number,
): void {
  for (let i = 0; i < x.length; i++) {
    const want = exact(x[i]!)
    const have = y[i]!
    const float = Math.fround(want)
    const difference = Number.isFinite(float) ? Math.abs(have - want) : Object.is(have, float) ? 0 : Infinity
    const ulps = difference / lastPlace(float)
    if (!(ulps <= largest.ulps)) [largest.ulps, largest.ulpsAt] = [ulps, x[i]!]
    const error = difference / Math.max(1, Math.abs(Number.isFinite(want) ? want : 1))
    if (!(error <= largest.error)) [largest.error, largest.errorAt] = [error, x[i]!]
  }
}

const float = new Float32Array(1)
const floatBits = new Uint32Array(float.buffer)

/** The distance from a float to the next larger one of its binade. */
function lastPlace(value: number): number {
  float[0] = value
  const exponent = (floatBits[0]! >>> 23) & 0xff
  return 2 ** (Math.max(exponent, 1) - 150)
}
