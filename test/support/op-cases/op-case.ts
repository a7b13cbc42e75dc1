// One call of one operation, ready to be run: what the gradient properties, the float32 comparison and the scope
// properties all draw from.

import type fc from 'fast-check'
import type { Tensor } from '../../../src/tensor/index.ts'

export interface OpCase {
  /** The call as its author would write it, for messages. */
  readonly call: string
  readonly run: (...inputs: Tensor[]) => Tensor
  /** float64; every one of them gets a gradient. */
  readonly inputs: readonly Tensor[]
}

export type OpCases = Readonly<Record<string, fc.Arbitrary<OpCase>>>

/** `sum(x [2, 3], 1)`. */
export function shown(name: string, inputs: readonly Tensor[], ...rest: unknown[]): string {
  const parts = inputs.map((x) => `[${x.shape.join(', ')}]`)
  return `${name}(${[...parts, ...rest.map((each) => JSON.stringify(each))].join(', ')})`
}
