// Numbers brought to mean 0 and standard deviation 1, as advantages are before a policy learns from them.

import { ValueError } from '../tensor/errors.ts'

/**
 * x := (x - mean) / (deviation + 1e-8), in place; the deviation is the sample's, divided by n - 1. Throws a `ValueError`
 * on fewer than two numbers, whose deviation says nothing.
 */
export function normalize(numbers: Float32Array | Float64Array): void {
  const n = numbers.length
  if (n < 2) throw new ValueError(`normalize: ${n} numbers have no spread; give at least 2, or larger batches`)
  let sum = 0
  for (let i = 0; i < n; i++) sum += numbers[i]!
  const mean = sum / n
  let squares = 0
  for (let i = 0; i < n; i++) squares += (numbers[i]! - mean) ** 2
  const deviation = Math.sqrt(squares / (n - 1)) + 1e-8
  for (let i = 0; i < n; i++) numbers[i] = (numbers[i]! - mean) / deviation
}
