// Selects the kernel of a matrix product.

import type { MatmulSpec } from '../../tensor/backends/backend.ts'
import type { Storage } from '../../tensor/storage.ts'
import { zips } from '../kernels/elementwise.ts'
import { blockOfFour, dotProduct, dotProductOfBatch, unblock, unblockTexels } from '../kernels/matmul.ts'
import { EXACT, elements, program } from '../kernels/program.ts'
import type { Runner } from './runner.ts'

/** Multiplications (m · k · n) from which a product is computed in squares; measured by `npm run bench:kernels`. */
const BLOCK_FROM = 64 ** 3

export function matmul(on: Runner, spec: MatmulSpec, a: Storage, b: Storage, bias: Storage | null): Storage {
  const { batch, m, k, n } = spec
  if (k > 0 && batch === 1) return inBlocks(spec) ? blocked(on, spec, a, b, bias) : plain(on, spec, a, b, bias)
  const sizes = { ...stridesOf(spec), m, aSize: m * k, bSize: k * n }
  const product = k === 0 ? on.fill(batch * m * n, 0) : on.run(program(dotProductOfBatch, sizes, n, batch * m), [a, b])
  if (bias === null) return product
  const strides = [{ x: 1, y: n }, { x: 1, y: 0 }] // biome-ignore format: two operands
  return on.run(elements(zips.add, 2, product.length, { width: n, strides }), [product, bias])
}

/** One number of C per thread. */
export function plain(on: Runner, spec: MatmulSpec, a: Storage, b: Storage, bias: Storage | null): Storage {
  const sizes = { ...stridesOf(spec), biased: bias === null ? 0 : 1 }
  return on.run(program(dotProduct, sizes, spec.n, spec.m), [a, b, bias ?? b])
}

/** A square of 2 by 2 numbers of C per thread. m and n must be even. */
export function blocked(on: Runner, spec: MatmulSpec, a: Storage, b: Storage, bias: Storage | null): Storage {
  const { m, n } = spec
  const sizes = { ...stridesOf(spec), biased: bias === null ? 0 : 1 }
  const squares = on.run(program(blockOfFour, sizes, n / 2, m / 2, {}, 4), [a, b, bias ?? b])
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
