import fc from 'fast-check'
import * as t from '../../../src/tensor/index.ts'
import { distinct, oneAxis, shapes, tensorOf } from '../arbitraries.ts'
import { type OpCase, type OpCases, shown } from './op-case.ts'

const alongAxis = (name: string, run: (x: t.Tensor, axis: number) => t.Tensor) =>
  shapes({ minAxes: 1 })
    .chain((shape) => fc.tuple(tensorOf(shape), oneAxis(shape.length)))
    .map(([x, axis]): OpCase => ({ call: shown(name, [x], axis), run: (y) => run(y!, axis), inputs: [x] }))

export const softmaxCases: OpCases = {
  softmax: alongAxis('softmax', t.softmax),
  logSoftmax: alongAxis('logSoftmax', t.logSoftmax),
}

// Rows of nearly equal numbers bend too sharply for a central difference: they are divided by almost nothing.
const normalised = shapes({ minAxes: 1, maxElements: 24 }).chain((shape) =>
  fc.tuple(distinct(shape), tensorOf([shape.at(-1)!]), tensorOf([shape.at(-1)!])),
)

export const layerNormCases: OpCases = {
  'layerNorm (plain)': normalised.map(([x]) => ({
    call: shown('layerNorm', [x]),
    run: (y) => t.layerNorm(y!),
    inputs: [x],
  })),
  'layerNorm (weight)': normalised.map(([x, weight]) => ({
    call: shown('layerNorm', [x, weight]),
    run: (y, w) => t.layerNorm(y!, w),
    inputs: [x, weight],
  })),
  'layerNorm (weight and bias)': normalised.map((inputs) => ({
    call: shown('layerNorm', inputs),
    run: (x, weight, bias) => t.layerNorm(x!, weight, bias),
    inputs,
  })),
}
