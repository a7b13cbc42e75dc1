// What a gradient check searches: calls of one operation, loss, layer or distribution, with the equation of its gradient. The unit
// tests and `npm run check` share these tables. Read next: gradients.ts, op-cases/rows.ts.

import type fc from 'fast-check'
import { cast, type Tensor } from '../../src/tensor/index.ts'
import { onDeviceOf } from '../../src/tensor/ops/create.ts'

/** One call, with its inputs. */
export interface GradientCall {
  /** `sum([2, 3], 1)`, for messages. */
  readonly call: string
  readonly run: (...inputs: Tensor[]) => Tensor
  /** float64. The gradient is checked in each of them. */
  readonly inputs: readonly Tensor[]
  /** Names of the inputs, in messages. Default: their places. */
  readonly names?: readonly string[]
}

/** A row of a table: every call that may be drawn, and the equation that all of them must satisfy. */
export interface GradientCase {
  /** The function and its gradient: `y = tanh x;  dx = dy (1 − y²)`. */
  readonly equation: string
  readonly calls: fc.Arbitrary<GradientCall>
  /** Where central differences do not exist. */
  readonly kinks?: readonly Kink[]
}

/** Points of a kink or a tie, where one-sided derivatives differ or a rule would divide by 0. */
export interface Kink {
  readonly run: (...inputs: Tensor[]) => Tensor
  /** Of one axis each. */
  readonly inputs: readonly (readonly number[])[]
  /** The gradient of Σ f in the first input. */
  readonly first: readonly number[]
  /** The gradient of Σ `first` in the first input. */
  readonly second: readonly number[]
}

/** By name. Several cases of one function have a suffix in parentheses: `max (axis)`, `max (all)`. */
export type GradientCases = Readonly<Record<string, GradientCase>>

export function gradientCase(
  equation: string,
  calls: fc.Arbitrary<GradientCall>,
  kinks: readonly Kink[] = [],
): GradientCase {
  return { equation, calls, kinks }
}

/** A kink of a function of one or two tensors. */
export function kink(
  run: (a: Tensor, b: Tensor) => Tensor,
  inputs: readonly (readonly number[])[],
  first: readonly number[],
  second: readonly number[],
): Kink {
  return { run: (a, b) => run(a!, b!), inputs, first, second }
}

/** `sum([2, 3], 1)`: shapes of the inputs, then the other arguments. */
export function shown(name: string, inputs: readonly Tensor[], ...rest: unknown[]): string {
  const parts = inputs.map((x) => `[${x.shape.join(', ')}]`)
  return `${name}(${[...parts, ...rest.map((each) => JSON.stringify(each))].join(', ')})`
}

/** A constant of the call, such as labels, with the element type and device of its input `x`. */
export function constantLike(x: Tensor, constant: Tensor): Tensor {
  return onDeviceOf(x, cast(constant, x.dtype))
}
