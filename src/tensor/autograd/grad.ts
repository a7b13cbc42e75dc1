// Gradients of functions, which are functions again. The names are those of JAX.

import { DTypeError, described, formatShape, GradientError, requireMethods, ShapeError } from '../errors.ts'
import { tensor } from '../ops/create.ts'
import { mul } from '../ops/elementwise.ts'
import { constant } from '../ops/primitives.ts'
import { sum } from '../ops/reduce.ts'
import { sameShape } from '../shape.ts'
import { customOp, detach } from './autograd.ts'
import { isReached, isRecording, newestFirst, withRecording } from './graph.ts'
import { flow, orderOfNextStep, requireLive, Tensor } from './tensor.ts'

/** One gradient for one input, a list for several. */
type Gradients<Inputs extends readonly Tensor[]> = Inputs extends readonly [Tensor]
  ? Tensor
  : { readonly [Place in keyof Inputs]: Tensor }

/**
 * The gradient of a scalar function of one or more tensors, as a function of them: one tensor in the shape of the input, or a list in
 * the order of the inputs; zeros for an input without influence. No `grad` changes. The result has a history where the inputs or the
 * tensors that `f` holds have requiresGrad, so it can be differentiated again: `grad(grad(f))`, or a loss of gradients. Under `noGrad`
 * it has none. Throws a GradientError unless `f` gives a tensor with one element.
 */
export function grad<Inputs extends readonly Tensor[]>(
  f: (...inputs: Inputs) => Tensor,
): (...inputs: Inputs) => Gradients<Inputs> {
  requireMethods('grad: the function', f, ['call'], 'a function of tensors: grad((x) => sum(square(x)))')
  return (...inputs) => {
    const variables = inputs.map(variable)
    const targets = {
      gradients: new Map<Tensor, Tensor | null>(variables.map((x) => [x, null])),
      since: orderOfNextStep(),
    }
    const y = withRecording(true, () => f(...(variables as readonly Tensor[] as Inputs)))
    if (!(y instanceof Tensor) || y.size !== 1) {
      const given = y instanceof Tensor ? y : described(y)
      throw new GradientError(`grad: the function gave ${given}; expected a scalar: reduce it (sum, mean)`)
    }
    // Without a tensor to differentiate it by, the gradient needs no history.
    const isOuter = (x: Tensor) => x.requiresGrad && (variables.includes(x) ? x.step !== null : !isReached(x, targets))
    const inside = newestFirst(y, targets.since)
    const createGraph = isRecording() && inside.some(({ step }) => step!.inputs.some(isOuter))
    flow(y, undefined, { createGraph }, targets)
    const gradients = Array.from(targets.gradients, ([x, gradient]) => gradient ?? constant(x, 0))
    return (gradients.length === 1 ? gradients[0] : gradients) as Gradients<Inputs>
  }
}

/**
 * H v, where H is the second derivative of a scalar function of one tensor at `x`, and `v` has the shape of `x`: the gradient of
 * ⟨∇f(x), v⟩, two backward passes and no matrix. Pearlmutter 1994, doi:10.1162/neco.1994.6.1.147. Throws a ShapeError if the shapes differ.
 */
export function hessianVectorProduct(f: (x: Tensor) => Tensor, x: Tensor, v: Tensor): Tensor {
  if (!sameShape(x.dims, v.dims)) {
    const given = `x is ${formatShape(x.dims)}, v is ${formatShape(v.dims)}`
    throw new ShapeError(`hessianVectorProduct: ${given}; expected the same shape`)
  }
  return grad((z: Tensor) => sum(mul(grad(f)(z), v)))(x)
}

// A tensor with requiresGrad and the values of `x`, through which an outer gradient passes to `x`.
function variable(x: Tensor): Tensor {
  requireLive('grad', x)
  if (x.dtype === 'int32')
    throw new DTypeError(`grad: ${x} has no gradient; expected a float: cast(x, 'float32') first`)
  const own = customOp(detach(x), [x], [(dy) => dy])
  own.requiresGrad = true
  return own
}

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
