// Range checks of options, all of which throw a ValueError.

import { ValueError } from '../tensor/errors.ts'

export function requirePositive(what: string, value: number): void {
  if (!(value > 0 && value < Infinity)) throw new ValueError(`${what} is ${value}; expected a positive, finite number`)
}

export function requireFraction(what: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new ValueError(`${what} is ${value}; expected a number from 0 to 1`)
}

export function requireSize(what: string, size: number): void {
  if (!Number.isInteger(size) || size < 1) throw new ValueError(`${what} is ${size}; expected a whole number from 1 on`)
}
