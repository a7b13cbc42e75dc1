// Checks a gradient against central differences, element by element. Use a random cotangent: ones hide errors such as a
// transpose whose gradient is not transposed.

import { GradientError } from '../errors.ts'
import { tensor } from '../ops/create.ts'
import type { Tensor } from './tensor.ts'

export interface GradientCheck {
  /** Half the distance between the two evaluations. Default 1e-5. */
  readonly step?: number
  /** Tolerance relative to max(1, |numeric|). Default 1e-6. */
  readonly tolerance?: number
}

/**
 * Throws a GradientError if the gradient of ⟨cotangent, f(x)⟩ with respect to `x` differs from its central difference. `x`
 * must be float64. `cotangent` is repeated or truncated to the size of f(x).
 */
export function gradcheck(
  f: (x: Tensor) => Tensor,
  x: Tensor,
  cotangent: ArrayLike<number>,
  { step = 1e-5, tolerance = 1e-6 }: GradientCheck = {},
): void {
  if (x.dtype !== 'float64') throw new GradientError(`gradcheck: x is ${x.dtype}; expected float64`)
  const values = x.toArray()
  const leaf = tensor(values, x.dims, { dtype: 'float64', requiresGrad: true })
  const y = f(leaf)
  const weights = Float64Array.from({ length: y.size }, (_, i) => cotangent[i % Math.max(1, cotangent.length)] ?? 1)
  if (y.requiresGrad) y.backward(tensor(weights, y.dims))
  const analytic = leaf.grad === null ? new Float64Array(values.length) : leaf.grad.toArray()
  const project = (i: number, value: number): number => {
    const moved = values.slice()
    moved[i] = value
    const out = f(tensor(moved, x.dims, { dtype: 'float64' })).view()
    let sum = 0
    for (let j = 0; j < out.length; j++) sum += weights[j]! * out[j]!
    return sum
  }
  for (let i = 0; i < values.length; i++) {
    const numeric = (project(i, values[i]! + step) - project(i, values[i]! - step)) / (2 * step)
    const difference = Math.abs(numeric - analytic[i]!)
    if (!(difference <= tolerance * Math.max(1, Math.abs(numeric)))) {
      throw new GradientError(
        `gradcheck: element ${i} at [${Array.from(values).join(', ')}]: backward() gives ${analytic[i]}, ` +
          `the central difference is ${numeric}; cotangent [${Array.from(weights).join(', ')}]`,
      )
    }
  }
}
