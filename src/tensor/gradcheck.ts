// Is a gradient right? Compare it with central differences, element by element, under a random cotangent. A cotangent of
// ones would let whole classes of error pass: the gradient of a transpose that forgets to transpose, for one.

import { GradientError } from './errors.ts'
import { tensor } from './ops/create.ts'
import type { Tensor } from './tensor.ts'

export interface GradientCheck {
  /** Half the distance between the two evaluations. Default 1e-5. */
  readonly step?: number
  /** Allowed difference, relative to max(1, |numeric|). Default 1e-6. */
  readonly tolerance?: number
}

/**
 * Throws a GradientError if the gradient of ⟨cotangent, f(x)⟩ in `x` differs from its central difference anywhere. `x` must be
 * float64; `cotangent` is repeated or cut to the size of f(x).
 */
export function gradcheck(
  f: (x: Tensor) => Tensor,
  x: Tensor,
  cotangent: ArrayLike<number>,
  { step = 1e-5, tolerance = 1e-6 }: GradientCheck = {},
): void {
  if (x.dtype !== 'float64') throw new GradientError(`gradcheck: x is ${x.dtype}; central differences need float64`)
  const values = x.toArray()
  const leaf = tensor(values, x.shape, { dtype: 'float64', requiresGrad: true })
  const y = f(leaf)
  const weights = Float64Array.from({ length: y.size }, (_, i) => cotangent[i % Math.max(1, cotangent.length)] ?? 1)
  if (y.requiresGrad) y.backward(tensor(weights, y.shape))
  const analytic = leaf.grad === null ? new Float64Array(values.length) : leaf.grad.toArray()
  const project = (i: number, value: number): number => {
    const moved = values.slice()
    moved[i] = value
    const out = f(tensor(moved, x.shape, { dtype: 'float64' })).view()
    let sum = 0
    for (let j = 0; j < out.length; j++) sum += weights[j]! * out[j]!
    return sum
  }
  for (let i = 0; i < values.length; i++) {
    const numeric = (project(i, values[i]! + step) - project(i, values[i]! - step)) / (2 * step)
    const difference = Math.abs(numeric - analytic[i]!)
    if (!(difference <= tolerance * Math.max(1, Math.abs(numeric)))) {
      throw new GradientError(
        `gradient of element ${i} at [${Array.from(values).join(', ')}]: backward() gives ${analytic[i]}, ` +
          `the central difference ${numeric}; cotangent [${Array.from(weights).join(', ')}]`,
      )
    }
  }
}
