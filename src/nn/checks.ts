// Range checks of options, all of which throw a ValueError.

import { ValueError } from '../tensor/errors.ts'
import { requireRoom } from '../tensor/memory.ts'
import { Rng } from '../tensor/random.ts'

export function requirePositive(what: string, value: number): void {
  if (!(value > 0 && value < Infinity)) throw new ValueError(`${what} is ${value}; expected a positive, finite number`)
}

export function requireFraction(what: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new ValueError(`${what} is ${value}; expected a number from 0 to 1`)
}

export function requireSize(what: string, size: number, least = 1): void {
  if (Number.isSafeInteger(size) && size >= least) return
  throw new ValueError(`${what} is ${size}; expected a whole number from ${least} on`)
}

/** Throws a ValueError if the random numbers `of` something, such as a layer's first weights, are missing. */
export function requireRng(op: string, rng: unknown, of = 'its first weights'): void {
  if (rng instanceof Rng) return
  throw new ValueError(`${op}: the random numbers of ${of} are missing; give a generator: new Rng(seed)`)
}

/** Throws a ValueError unless both are whole numbers from 1 on and the weights can be trained within memory. */
export function requireMatrix(layer: string, inputs: number, outputs: number): void {
  requireSize(`${layer}: inputs`, inputs)
  requireSize(`${layer}: outputs`, outputs)
  requireTrainable(`${layer}: ${inputs} to ${outputs}`, inputs * outputs)
}

/** Counts float32 parameters, their gradients and the two moments of Adam. */
export function requireTrainable(what: string, parameters: number): void {
  requireRoom(what, 16 * parameters)
}
