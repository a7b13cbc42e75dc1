// Normalisation to mean 0 and standard deviation 1, for advantages.

import { ValueError } from '../../tensor/errors.ts'

/** x := (x - mean) / (deviation + 1e-8), in place, with the sample deviation (n - 1). Throws a `ValueError` on fewer than 2 numbers. */
export function normalize(numbers: Float32Array | Float64Array): void {
  const n = numbers.length
  if (n < 2) throw new ValueError(`normalize: ${n} numbers; expected at least 2; use larger batches`)
  let sum = 0
  for (let i = 0; i < n; i++) sum += numbers[i]!
  const mean = sum / n
  let squares = 0
  for (let i = 0; i < n; i++) squares += (numbers[i]! - mean) ** 2
  const deviation = Math.sqrt(squares / (n - 1)) + 1e-8
  for (let i = 0; i < n; i++) numbers[i] = (numbers[i]! - mean) / deviation
}
