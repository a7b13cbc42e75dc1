// Softmax, its logarithm and the standardisation of rows: statistics of each row, then the elements.

import type { Storage } from '../tensor/storage.ts'
import type { GpuStorage } from './gpu-storage.ts'
import * as kernels from './kernels/tables.ts'
import { type KernelSource, program } from './program.ts'
import { reduce } from './rows.ts'
import type { Runner } from './runner.ts'

export function softmax(on: Runner, x: Storage, rows: number, columns: number): Storage {
  return ofElements(on, kernels.softmax, [x], [inPairs(on, kernels.exponentials, [x], rows, columns)], rows, columns)
}

export function logSoftmax(on: Runner, x: Storage, rows: number, columns: number): Storage {
  return ofElements(on, kernels.logSoftmax, [x], [inPairs(on, kernels.exponentials, [x], rows, columns)], rows, columns)
}

export function softmaxGrad(on: Runner, dy: Storage, y: Storage, rows: number, columns: number): Storage {
  if (columns === 0) return on.fill(0, 0)
  const dots = on.run(program(kernels.dots, { columns }, rows, 1), [dy, y])
  return ofElements(on, kernels.softmaxGrad, [dy, y], [dots], rows, columns)
}

export function logSoftmaxGrad(on: Runner, dy: Storage, y: Storage, rows: number, columns: number): Storage {
  const sums = reduce(on, 'sum', dy, { outer: rows, size: columns, inner: 1 })
  return ofElements(on, kernels.logSoftmaxGrad, [dy, y], [sums], rows, columns)
}

export function standardize(on: Runner, x: Storage, rows: number, columns: number, epsilon: number): Storage {
  const moments = inPairs(on, kernels.moments, [x], rows, columns)
  return ofElements(on, kernels.standardize, [x], [moments], rows, columns, epsilon)
}

export function standardizeGrad(
  on: Runner,
  dy: Storage,
  x: Storage,
  rows: number,
  columns: number,
  epsilon: number,
): Storage {
  const moments = inPairs(on, kernels.moments, [x], rows, columns)
  const slopes = inPairs(on, kernels.slopes, [dy, x, moments], rows, columns)
  return ofElements(on, kernels.standardizeGrad, [dy, x], [moments, slopes], rows, columns, epsilon)
}

/** Two numbers a row. */
function inPairs(on: Runner, kernel: KernelSource, inputs: Storage[], rows: number, columns: number): GpuStorage {
  return on.run(program(kernel, { columns }, columns === 0 ? 0 : 2, rows), inputs)
}

/** One number an element, from those of its row, which are not needed afterwards. */
function ofElements(
  on: Runner,
  kernel: KernelSource,
  inputs: readonly Storage[],
  statistics: readonly GpuStorage[],
  rows: number,
  columns: number,
  ...settings: number[]
): Storage {
  const result = on.run(program(kernel, { columns }, columns, rows), [...inputs, ...statistics], settings)
  for (const each of statistics) each.release()
  return result
}
