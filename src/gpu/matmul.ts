// Which kernel computes a matrix product.

import type { MatmulSpec } from '../tensor/backends/backend.ts'
import type { Storage } from '../tensor/storage.ts'
import {
  blockOfFour,
  blockOfFourFromBias,
  dotProduct,
  dotProductFromBias,
  dotProductOfBatch,
  unblock,
  unblockTexels,
} from './kernels/matmul.ts'
import { constant } from './kernels/movement.ts'
import { EXACT, program } from './program.ts'
import type { Runner } from './runner.ts'
import { zip } from './zips.ts'

/** Products of this many multiplications and more are computed in squares; see `npm run bench:kernels`. */
const BLOCK_FROM = 64 ** 3

export function matmul(on: Runner, spec: MatmulSpec, a: Storage, b: Storage, bias: Storage | null): Storage {
  const { batch, m, k, n } = spec
  if (k === 0) {
    const zeros = on.run(program(constant, {}, n, batch * m), [], [0])
    return bias === null ? zeros : zip(on, 'add', zeros, [batch * m, n], bias, [n], [batch * m, n], 0, 0)
  }
  if (batch === 1) return inBlocks(spec) ? blocked(on, spec, a, b, bias) : plain(on, spec, a, b, bias)
  const sizes = { ...stridesOf(spec), m, aSize: m * k, bSize: k * n }
  const product = on.run(program(dotProductOfBatch, sizes, n, batch * m), [a, b])
  return bias === null ? product : zip(on, 'add', product, [batch * m, n], bias, [n], [batch * m, n], 0, 0)
}

/** One thread a number. */
export function plain(on: Runner, spec: MatmulSpec, a: Storage, b: Storage, bias: Storage | null): Storage {
  const { m, n } = spec
  if (bias === null) return on.run(program(dotProduct, stridesOf(spec), n, m), [a, b])
  return on.run(program(dotProductFromBias, stridesOf(spec), n, m), [a, b, bias])
}

/** One thread a square of 2 by 2 numbers; m and n must be even. */
export function blocked(on: Runner, spec: MatmulSpec, a: Storage, b: Storage, bias: Storage | null): Storage {
  const { m, n } = spec
  const strides = stridesOf(spec)
  const squares =
    bias === null
      ? on.run(program(blockOfFour, strides, n / 2, m / 2, {}, 4), [a, b])
      : on.run(program(blockOfFourFromBias, strides, n / 2, m / 2, {}, 4), [a, b, bias])
  const isTexture = on.engine.where.mode === 'webgl2' || on.engine.where.mode === 'headlessgl'
  const put = isTexture ? program(unblockTexels, {}, n, m) : program(unblock, { blocks: n / 2 }, n, m)
  const product = on.run(put, [squares])
  squares.release()
  return product
}

function inBlocks({ m, k, n }: MatmulSpec): boolean {
  return m % 2 === 0 && n % 2 === 0 && m * k * n >= BLOCK_FROM && m * n <= EXACT
}

function stridesOf({ m, k, n, transposeA, transposeB }: MatmulSpec): Record<string, number> {
  return {
    k,
    aRow: transposeA ? 1 : k,
    aInner: transposeA ? m : 1,
    bInner: transposeB ? 1 : n,
    bColumn: transposeB ? k : 1,
  }
}
