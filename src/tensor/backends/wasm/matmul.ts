// Splits a product into calls of the kernels in matmul-kernels.ts:
//
//   one row           matmulRow, or matmulDots for a transposed B; one column is one row of the transposed product
//   small matrices    4×8 tiles directly on A and B; a transposed B is first packed to panels of eight columns
//   large matrices    blocks of A and B that fit the caches, both packed (Goto and van de Geijn 2008)
//
// Read next: matmul-kernels.ts.

import { allocate } from '../../arena.ts'
import { memory } from '../../memory.ts'
import type { Storage } from '../../storage.ts'
import type { MatmulSpec, Products } from '../backend.ts'
import { matmulKernels } from './matmul-kernels.ts'
import { type Calls, instantiate } from './module.ts'
import { inParts, mostParts, TERM } from './parts.ts'
import { address, allocateOutput, finish, scratch } from './staging.ts'

// A block of B, BLOCK_K × BLOCK_N, fits the second-level cache; one of its panels, BLOCK_K × 8, the first.
const BLOCK_M = 64
const BLOCK_K = 256
const BLOCK_N = 512
const UNPACKED = 128 * 128 // numbers of B up to which it is read without packing
const LARGE = 100 ** 3 // m·n·k above which packing both operands pays (bench/raw-kernels.ts)
const WIDE = 64 // columns from which threads divide those of a packed B, so that each packs its own

/** C = start + op(A)·op(B), with addresses and strides in bytes. Start values: see matmul-kernels.ts. */
interface Product {
  readonly m: number
  readonly n: number
  readonly k: number
  readonly a: number
  readonly aRow: number
  readonly aStep: number
  readonly b: number
  readonly bRow: number
  /** B is stored [n, k]. */
  readonly bTransposed: boolean
  readonly c: number
  readonly cRow: number
  readonly start: number
  readonly startRow: number
  readonly startStep: number
}

/** B for the tile kernels: panels of eight columns, then one or two narrow ones, which are always packed. */
interface Panels {
  readonly at: number
  readonly row: number
  readonly panel: number
  readonly narrow: number
}

type Kernels = Calls<typeof matmulKernels>

export function compileProducts(relaxed: boolean): Products {
  const kernels = instantiate(matmulKernels, relaxed)
  const zeros = oneValue(memory.takeBlock(16), 0)
  const onlyBias = memory.takeBlock(16)

  function matmul(spec: MatmulSpec, a: Storage, b: Storage, bias: Storage | null): Storage {
    const { batch, m, k, n } = spec
    const out = allocate('float32', batch * m * n)
    const to = allocateOutput(out)
    const aAt = address(a)
    const bAt = address(b)
    const biasAt = bias === null ? zeros : address(bias)
    const startOf = (at: number) => (bias === null || n > 1 ? at : oneValue(onlyBias, numberAt(at)))
    const product: { -readonly [Name in keyof Product]: Product[Name] } = {
      m,
      n,
      k,
      a: aAt,
      aRow: spec.transposeA ? 4 : 4 * k,
      aStep: spec.transposeA ? 4 * m : 4,
      b: bAt,
      bRow: spec.transposeB ? 4 * k : 4 * n,
      bTransposed: spec.transposeB,
      c: to,
      cRow: 4 * n,
      start: startOf(biasAt),
      startRow: 0,
      startStep: bias === null || n === 1 ? 0 : 16,
    }
    const biasStep = bias !== null && bias.length > n ? 4 * n : 0
    for (let i = 0; i < batch; i++) {
      if (biasStep > 0) product.start = startOf(biasAt + i * biasStep)
      multiply(product)
      product.a += 4 * m * k
      product.b += 4 * k * n
      product.c += 4 * m * n
    }
    return finish(out, to)
  }

  function multiply(p: Product): void {
    const { m, n, k } = p
    if (m === 0 || n === 0) return
    if (k === 0) emptySums(p)
    else if (m === 1) row(p, 0)
    else if (n === 1) column(p)
    else {
      if (m >= 4) tileRows(p, m - (m % 4))
      for (let i = m - (m % 4); i < m; i++) row(p, i)
    }
  }

  /** Row i of C. */
  function row(p: Product, i: number): void {
    const { n, k, aStep, b, bRow, startStep } = p
    const a = p.a + i * p.aRow
    const c = p.c + i * p.cRow
    if (p.bTransposed) kernels.matmulDots(contiguous(a, aStep, k), b, bRow, c, n, k, p.start, startStep)
    else kernels.matmulRow(a, aStep, b, bRow, c, n, k, p.start, startStep)
  }

  /** C of one column: the row Cᵀ = Bᵀ·Aᵀ. B and C are contiguous in either layout. */
  function column(p: Product): void {
    const { a, aRow, aStep, b, c, m, k, start } = p
    if (aStep === 4) kernels.matmulDots(b, a, aRow, c, m, k, start, 0)
    else kernels.matmulRow(b, 4, a, aStep, c, m, k, start, 0)
  }

  /** The first m rows of C, a multiple of four, in tiles. Threads divide the rows or the columns, never k. */
  function tileRows(p: Product, m: number): void {
    const { n, k } = p
    const isLarge = p.m * n * k > LARGE && n >= 8
    const isPacked = p.bTransposed || p.aStep !== 4 || n * k > UNPACKED
    const byColumns = isLarge ? n >= m : isPacked && n >= WIDE
    const bytes = isLarge ? panelBytes(BLOCK_N, BLOCK_K) + panelBytes(BLOCK_M, BLOCK_K) : panelBytes(n, k)
    const packed = scratch(mostParts() * bytes)
    inParts(kernels, TERM * m * n * k, byColumns ? n : m, byColumns ? 8 : 4, (on, from, to, part) => {
      const own = byColumns ? columnsOf(p, m, from, to) : rowsOf(p, from, to)
      if (isLarge) large(on, own, packed + part * bytes)
      else small(on, own, packed + part * bytes, isPacked)
    })
  }

  return { matmul }
}

/** The rows `from` to `to` of a product. */
function rowsOf(p: Product, from: number, to: number): Product {
  if (to - from === p.m) return p // a copy costs as much as a small product
  return { ...p, m: to - from, a: p.a + from * p.aRow, c: p.c + from * p.cRow }
}

/** The columns `from` to `to` of its first m rows. */
function columnsOf(p: Product, m: number, from: number, to: number): Product {
  if (to - from === p.n && m === p.m) return p
  const b = p.b + from * (p.bTransposed ? p.bRow : 4)
  return { ...p, m, n: to - from, b, c: p.c + 4 * from, start: p.start + (from / 4) * p.startStep }
}

function small(kernels: Kernels, p: Product, packed: number, isPacked: boolean): void {
  const n8 = p.n - (p.n % 8)
  const panels = isPacked
    ? pack(kernels, p, 0, 0, p.n, p.k, packed)
    : { at: p.b, row: p.bRow, panel: 32, narrow: packNarrow(kernels, p, 0, n8, p.n, p.k, packed) }
  tiles(kernels, p, p.m, 4 * p.aRow, panels)
}

/** `small` by blocks. Later blocks of k start from the sums in C. */
function large(kernels: Kernels, p: Product, packedB: number): void {
  const { m } = p
  const packedA = packedB + panelBytes(BLOCK_N, BLOCK_K)
  for (let j = 0; j < p.n; j += BLOCK_N) {
    for (let l = 0; l < p.k; l += BLOCK_K) {
      const n = Math.min(BLOCK_N, p.n - j)
      const k = Math.min(BLOCK_K, p.k - l)
      const panels = pack(kernels, p, l, j, n, k, packedB)
      for (let i = 0; i < m; i += BLOCK_M) {
        const rows = Math.min(BLOCK_M, m - i)
        packA(kernels, p, i, l, rows, k, packedA)
        const c = p.c + i * p.cRow + 4 * j
        const begin =
          l === 0
            ? { start: p.start + (j / 4) * p.startStep, startRow: 0, startStep: p.startStep }
            : { start: c, startRow: p.cRow, startStep: 16 }
        tiles(kernels, { ...p, n, k, a: packedA, aRow: 4, aStep: 16, c, ...begin }, rows, 16 * k, panels)
      }
    }
  }
}

/** The first m rows of C, a multiple of 4, in tiles. */
function tiles(kernels: Kernels, p: Product, m: number, aTile: number, panels: Panels): void {
  const { n, k, a, aRow, aStep, c, cRow, start, startRow, startStep } = p
  const n8 = n - (n % 8)
  const { at, row, panel } = panels
  if (n8 > 0) {
    if (aStep === 4) kernels.matmul(a, aRow, at, row, panel, c, cRow, m, n8, k, start, startRow, startStep)
    else kernels.matmulColumns(a, aStep, aTile, at, panel, c, cRow, m, n8, k, start, startRow, startStep)
  }
  let { narrow } = panels
  for (let j = n8; j < n; j += 4) {
    const s = start + (j / 4) * startStep
    kernels.matmulNarrow(a, aRow, aStep, aTile, narrow, c + 4 * j, cRow, m, Math.min(4, n - j), k, s, startRow)
    narrow += 16 * k
  }
}

/** Packs the block of B from row l and column j, k × n, to panels at `to`. */
function pack(kernels: Kernels, p: Product, l: number, j: number, n: number, k: number, to: number): Panels {
  const n8 = n - (n % 8)
  if (n8 > 0) {
    if (p.bTransposed) kernels.packRows(p.b + j * p.bRow + 4 * l, p.bRow, to, n8 / 8, k)
    else kernels.packColumns(p.b + l * p.bRow + 4 * j, p.bRow, to, n8 / 8, k)
  }
  return { at: to, row: 32, panel: 32 * k, narrow: packNarrow(kernels, p, l, j + n8, j + n, k, to + 4 * n8 * k) }
}

/** Packs B's columns j … end - 1, fewer than eight, to panels of four. */
function packNarrow(kernels: Kernels, p: Product, l: number, j: number, end: number, k: number, to: number): number {
  for (let from = j, at = to; from < end; from += 4, at += 16 * k) {
    const columns = Math.min(4, end - from)
    if (p.bTransposed) kernels.packNarrowRows(p.b + from * p.bRow + 4 * l, p.bRow, at, columns, k)
    else kernels.packNarrow(p.b + l * p.bRow + 4 * from, p.bRow, at, columns, k)
  }
  return to
}

/** Packs A's rows i … i + m - 1 from column l to panels of four rows, which are panels of Aᵀ's columns. */
function packA(kernels: Kernels, p: Product, i: number, l: number, m: number, k: number, to: number): void {
  const { a, aRow, aStep } = p
  for (let r = 0; r < m; r += 4) {
    const from = a + (i + r) * aRow + l * aStep
    if (aStep === 4) kernels.packNarrowRows(from, aRow, to + 4 * r * k, 4, k)
    else kernels.packNarrow(from, aStep, to + 4 * r * k, 4, k)
  }
}

/** Fills a vector with one number, a start value for all columns. */
function oneValue(at: number, value: number): number {
  for (let lane = 0; lane < 4; lane++) memory.f32[(at >>> 2) + lane] = value
  return at
}

/** Bytes for k × n numbers in panels: columns padded to four, and three lines of 32 bytes that packing writes beyond. */
function panelBytes(n: number, k: number): number {
  return 16 * Math.ceil(n / 4) * k + 96
}

/** The product for k = 0: the start values. */
function emptySums(p: Product): void {
  for (let i = 0; i < p.m; i++) {
    for (let j = 0; j < p.n; j++) {
      const lane = p.startStep === 0 ? 0 : 4 * j
      memory.f32[(p.c + i * p.cRow + 4 * j) >>> 2] = numberAt(p.start + lane)
    }
  }
}

function numberAt(at: number): number {
  return memory.f32[at >>> 2]!
}

/** A contiguous copy of a strided vector (a column of A). */
function contiguous(at: number, step: number, length: number): number {
  if (step === 4) return at
  const to = scratch(4 * length)
  for (let i = 0; i < length; i++) memory.f32[(to >>> 2) + i] = numberAt(at + i * step)
  return to
}
