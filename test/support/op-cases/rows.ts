import fc from 'fast-check'
import * as t from '../../../src/tensor/index.ts'
import { distinct, oneAxis, shapes, tensorOf } from '../arbitraries.ts'
import { type GradientCall, type GradientCases, gradientCase, shown } from '../gradient-case.ts'

const alongAxis = (name: string, run: (x: t.Tensor, axis: number) => t.Tensor) =>
  shapes({ minAxes: 1 })
    .chain((shape) => fc.tuple(tensorOf(shape), oneAxis(shape.length)))
    .map(([x, axis]): GradientCall => ({ call: shown(name, [x], axis), run: (y) => run(y!, axis), inputs: [x] }))

export const softmaxCases: GradientCases = {
  softmax: gradientCase('y = softmax(x);  dx = y ⊙ (dy − Σ y ⊙ dy)', alongAxis('softmax', t.softmax)),
  logSoftmax: gradientCase('y = x − ln Σ e^x;  dx = dy − e^y Σ dy', alongAxis('logSoftmax', t.logSoftmax)),
}

// Rows of nearly equal numbers bend too sharply for a central difference: they are divided by almost nothing.
const normalised = shapes({ minAxes: 1, maxElements: 24 }).chain((shape) =>
  fc.tuple(distinct(shape), tensorOf([shape.at(-1)!]), tensorOf([shape.at(-1)!])),
)

const normalisedGradient =
  'y = x̂ ⊙ w + b, x̂ = (x − mean) / s, s = √(variance + ε);  g = dy ⊙ w, dx = (g − mean g − x̂ mean(g ⊙ x̂)) / s, ' +
  'dw = Σ dy ⊙ x̂, db = Σ dy'

export const layerNormCases: GradientCases = {
  'layerNorm (plain)': gradientCase(
    normalisedGradient,
    normalised.map(([x]) => ({ call: shown('layerNorm', [x]), run: (y) => t.layerNorm(y!), inputs: [x] })),
  ),
  'layerNorm (weight)': gradientCase(
    normalisedGradient,
    normalised.map(([x, weight]) => ({
      call: shown('layerNorm', [x, weight]),
      run: (y, w) => t.layerNorm(y!, w),
      inputs: [x, weight],
    })),
  ),
  'layerNorm (weight and bias)': gradientCase(
    normalisedGradient,
    normalised.map((inputs) => ({
      call: shown('layerNorm', inputs),
      run: (x, weight, bias) => t.layerNorm(x!, weight, bias),
      inputs,
    })),
  ),
}
