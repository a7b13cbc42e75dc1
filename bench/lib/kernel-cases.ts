// The kernels that are timed on every backend: square products, the products of networks in reinforcement learning, and a
// few kernels limited by memory bandwidth.

import type { AdamSettings, Backend, MatmulSpec } from '../../src/tensor/backends/backend.ts'
import type { Storage } from '../../src/tensor/storage.ts'

export interface KernelCase {
  readonly kernel: string
  readonly shape: string
  /** Floating-point operations a call. */
  readonly flops: number
  /** Least number of bytes read and written. */
  readonly bytes: number
  /** Lengths of the operands. */
  readonly operands: readonly number[]
  readonly product?: MatmulSpec
  /** Returns the storage that is ready last. */
  readonly run: (backend: Backend, operands: readonly Storage[]) => Storage
}

export function productCase(m: number, k: number, n: number, transposeA = false, transposeB = false): KernelCase {
  const spec = { batch: 1, m, k, n, transposeA, transposeB }
  const left = transposeA ? `(${k}×${m})ᵀ` : `${m}×${k}`
  const right = transposeB ? `(${n}×${k})ᵀ` : `${k}×${n}`
  return {
    kernel: 'matmul',
    shape: `${left} · ${right}`,
    flops: 2 * m * k * n,
    bytes: 4 * (m * k + k * n + m * n),
    operands: [m * k, k * n],
    product: spec,
    run: (backend, [a, b]) => backend.matmul(spec, a!, b!, null),
  }
}

export const squareCases = (sides: readonly number[]): KernelCase[] => sides.map((n) => productCase(n, n, n))

/** Layers of 4-64-64-2 and of 256 units wide: forward, and the gradients of the input and of the weights. */
export const networkCases: readonly KernelCase[] = [
  productCase(1, 64, 64, false, true),
  productCase(64, 4, 64, false, true),
  productCase(64, 64, 64, false, true),
  productCase(64, 64, 2, false, true),
  productCase(64, 64, 64),
  productCase(64, 64, 64, true),
  productCase(256, 64, 64, false, true),
  productCase(1024, 256, 256, false, true),
  productCase(256, 1024, 256, true),
]

const adamSettings: AdamSettings = {
  ...{ learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, decoupled: false },
  ...{ beta1Power: 0.9 ** 100, beta2Power: 0.999 ** 100 },
}

/** Kernels limited by memory bandwidth. A call of exp or tanh counts as ten operations. */
export function memoryCases(length: number): KernelCase[] {
  const columns = 64
  const rows = length / columns
  return [
    {
      kernel: 'add',
      shape: `${length}`,
      flops: length,
      bytes: 12 * length,
      operands: [length, length],
      run: (backend, [a, b]) => backend.zip('add', a!, [length], b!, [length], [length], 0, 0),
    },
    {
      kernel: 'tanh',
      shape: `${length}`,
      flops: 10 * length,
      bytes: 8 * length,
      operands: [length],
      run: (backend, [x]) => backend.map('tanh', x!, 0, 0),
    },
    {
      kernel: 'sum',
      shape: `${length}`,
      flops: length,
      bytes: 4 * length,
      operands: [length],
      run: (backend, [x]) => backend.reduce('sum', x!, { outer: 1, size: length, inner: 1 }),
    },
    {
      kernel: 'softmax',
      shape: `${rows}×${columns}`,
      flops: 13 * length,
      bytes: 8 * length,
      operands: [length],
      run: (backend, [x]) => backend.softmax(x!, rows, columns),
    },
    {
      kernel: 'adam',
      shape: `${length}`,
      flops: 14 * length,
      bytes: 28 * length,
      operands: [length, length, length, length],
      run(backend, [p, g, m, v]) {
        backend.adam(p!, g!, m!, v!, null, adamSettings)
        return p!
      },
    },
  ]
}
