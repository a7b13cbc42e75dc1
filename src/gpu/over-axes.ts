// Reductions and running sums over one axis; softmax and standardisation of rows, in two kernels each: statistics of each
// row, then the elements.

import type {
  ArgReductions,
  AxisView,
  ReduceOp,
  Reductions,
  RunningSums,
  Softmaxes,
  Standardization,
} from '../tensor/backends/backend.ts'
import type { Storage } from '../tensor/storage.ts'
import type { GpuStorage } from './gpu-storage.ts'
import * as kernels from './kernels/over-axes.ts'
import { type KernelSource, program } from './program.ts'
import type { Runner } from './runner.ts'

/** Length from which a full sum is computed in parts. */
const IN_PARTS_FROM = 1024

const empty: Record<ReduceOp, number> = { sum: 0, max: -Infinity, min: Infinity }

export function overAxes(on: Runner): Reductions & ArgReductions & RunningSums & Softmaxes & Standardization {
  function reduce(op: ReduceOp, x: Storage, view: AxisView): GpuStorage {
    const { outer, size, inner } = view
    if (size === 0) return on.fill(outer * inner, empty[op])
    if (op === 'sum' && outer * inner === 1 && size >= IN_PARTS_FROM) return sumInParts(x)
    const { sizes, width, height } = along(view)
    if (op === 'sum') return on.run(program(kernels.sum, sizes, width, height), [x])
    return on.run(program(kernels.extreme, { ...sizes, sign: op === 'max' ? 1 : -1 }, width, height), [x])
  }

  function sumInParts(x: Storage): GpuStorage {
    const parts = Math.ceil(Math.sqrt(x.length))
    const rounds = Math.ceil(x.length / parts)
    const sums = on.run(program(kernels.sumOfPart, { length: x.length, rounds, parts }, parts, 1), [x])
    const total = on.run(program(kernels.sum, { size: parts, x: parts, y: 0, step: 1 }, 1, 1), [sums])
    sums.release()
    return total
  }

  /** Two numbers per row. */
  const pairs = (kernel: KernelSource, inputs: Storage[], rows: number, columns: number) =>
    on.run(program(kernel, { columns }, columns === 0 ? 0 : 2, rows), inputs)

  /** One number per element. `statistics` are the rows' and are released. */
  function ofElements(
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

  const softmax = (kernel: KernelSource) => (x: Storage, rows: number, columns: number) =>
    ofElements(kernel, [x], [pairs(kernels.exponentials, [x], rows, columns)], rows, columns)

  return {
    reduce,
    argReduce(op, x, view) {
      const { sizes, width, height } = along(view)
      const sign = op === 'argmax' ? 1 : -1
      return on.run(program(kernels.argExtreme, { ...sizes, sign }, width, height), [x], [], 'int32')
    },
    cumsum(x, { outer, size, inner }, reverse) {
      const sizes = { size, inner, first: reverse ? size - 1 : 0, step: reverse ? -1 : 1 }
      return on.run(program(kernels.cumsum, sizes, inner, outer * size), [x])
    },
    softmax: softmax(kernels.softmax),
    logSoftmax: softmax(kernels.logSoftmax),
    softmaxGrad(dy, y, rows, columns) {
      if (columns === 0) return on.fill(0, 0)
      const dots = on.run(program(kernels.dots, { columns }, rows, 1), [dy, y])
      return ofElements(kernels.softmaxGrad, [dy, y], [dots], rows, columns)
    },
    logSoftmaxGrad(dy, y, rows, columns) {
      const sums = reduce('sum', dy, { outer: rows, size: columns, inner: 1 })
      return ofElements(kernels.logSoftmaxGrad, [dy, y], [sums], rows, columns)
    },
    standardize(x, rows, columns, epsilon) {
      const moments = pairs(kernels.moments, [x], rows, columns)
      return ofElements(kernels.standardize, [x], [moments], rows, columns, epsilon)
    },
    standardizeGrad(dy, x, rows, columns, epsilon) {
      const moments = pairs(kernels.moments, [x], rows, columns)
      const slopes = pairs(kernels.slopes, [dy, x, moments], rows, columns)
      return ofElements(kernels.standardizeGrad, [dy, x], [moments, slopes], rows, columns, epsilon)
    },
  }
}

// The last axis is reduced by a list of threads, any other by a table of threads.
function along({ outer, size, inner }: AxisView) {
  if (inner === 1) return { sizes: { size, x: size, y: 0, step: 1 }, width: outer, height: 1 }
  return { sizes: { size, x: 1, y: size * inner, step: inner }, width: inner, height: outer }
}
