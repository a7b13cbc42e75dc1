// Returns and advantages, as pure functions of flat arrays. Time-major: step t of sub-environment i is at t N + i of [T, N].
//
// Bootstrapping follows three rules. No value follows a terminated step. The value after a truncated step is that of the observation
// before the reset (`finalValues`). Sums stop at both, since the next row belongs to another episode.

import { requireFraction } from '../../nn/checks.ts'
import { described, ShapeError, ValueError } from '../../tensor/errors.ts'

/** T steps of N sub-environments, such as a `Rollout`. Arrays are [T, N] unless noted. */
export interface Segment {
  readonly rewards: ArrayLike<number>
  /** V(sₜ) */
  readonly values: ArrayLike<number>
  /** V(s_T), after the last step: [N]. Ignored where that step ended an episode. */
  readonly lastValues: ArrayLike<number>
  /** Value of the last observation of a truncated episode. Ignored where `truncated` is 0. */
  readonly finalValues: ArrayLike<number>
  /** 1 where the task ended with this step. */
  readonly terminated: ArrayLike<number>
  /** 1 where the episode was cut off with this step. */
  readonly truncated: ArrayLike<number>
}

export type Numbers = Float32Array | Float64Array

/** V(sₜ₊₁) as it enters δₜ: 0 after a termination, the final value after a truncation, else the next row's value. */
export function bootstrapValues(segment: Segment, out: Numbers = zerosLike(segment?.rewards)): Numbers {
  const { values, lastValues, finalValues, terminated, truncated } = segment
  const numEnvs = requireSegment(segment)
  const inside = values.length - numEnvs // rows that another row follows
  for (let row = 0; row < values.length; row++) {
    if (terminated[row]) out[row] = 0
    else if (truncated[row]) out[row] = finalValues[row]!
    else out[row] = row < inside ? values[row + numEnvs]! : lastValues[row - inside]!
  }
  return out
}

/**
 * Discounted returns: Gₜ = rₜ + γ Gₜ₊₁, where Gₜ₊₁ is 0 if step t ended its episode, and `lastValues` [N] after the last step.
 * Sutton and Barto 2018, eq. 3.9.
 */
export function discountedReturns(
  rewards: ArrayLike<number>,
  dones: ArrayLike<number>,
  lastValues: ArrayLike<number>,
  gamma: number,
  out: Numbers = zerosLike(rewards),
): Numbers {
  const numEnvs = requireRows('discountedReturns', lastValues, { rewards, dones })
  requireFraction('discountedReturns: gamma', gamma)
  const inside = rewards.length - numEnvs
  for (let row = rewards.length - 1; row >= 0; row--) {
    const next = row < inside ? out[row + numEnvs]! : lastValues[row - inside]!
    out[row] = rewards[row]! + (dones[row] ? 0 : gamma * next)
  }
  return out
}

/**
 * Generalised advantage estimation: Âₜ = δₜ + γ λ Âₜ₊₁ with δₜ = rₜ + γ V(sₜ₊₁) - V(sₜ); the recursion stops at the end of an episode.
 * Schulman et al. 2016, arXiv:1506.02438, eq. 16.
 */
export function gae(segment: Segment, gamma: number, lambda: number, out: Numbers = zerosLike(segment?.rewards)) {
  const { rewards, values, terminated, truncated } = segment
  requireFraction('gae: gamma', gamma)
  requireFraction('gae: lambda', lambda)
  const numEnvs = requireSegment(segment)
  const inside = rewards.length - numEnvs
  bootstrapValues(segment, out) // each value is read before it is overwritten
  for (let row = rewards.length - 1; row >= 0; row--) {
    const delta = rewards[row]! + gamma * out[row]! - values[row]!
    const runsOn = row < inside && !terminated[row] && !truncated[row]
    out[row] = delta + (runsOn ? gamma * lambda * out[row + numEnvs]! : 0)
  }
  return out
}

/** λ-returns Âₜ + V(sₜ), the targets of the value function. */
export function returnsOf(advantages: ArrayLike<number>, values: ArrayLike<number>, out = zerosLike(values)): Numbers {
  for (let row = 0; row < values.length; row++) out[row] = advantages[row]! + values[row]!
  return out
}

/**
 * x := (x - mean) / (deviation + 1e-8), in place, with the sample deviation (n - 1); for advantages. Throws a `ValueError` on fewer than
 * 2 numbers.
 */
export function normalize(numbers: Numbers): void {
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

/** Zeros of the same length: float32 for a Float32Array, else float64. */
export function zerosLike(numbers: ArrayLike<number>): Numbers {
  const length = lengthOf('rewards', numbers)
  return numbers instanceof Float32Array ? new Float32Array(length) : new Float64Array(length)
}

function lengthOf(name: string, array: ArrayLike<number> | undefined): number {
  if (typeof array?.length === 'number') return array.length
  throw new ShapeError(`returns: ${name} are ${described(array)}; expected an array of numbers`)
}

/** Returns N. Throws a `ShapeError` unless all arrays are [T, N] with the same T. */
function requireRows(op: string, lastValues: ArrayLike<number>, arrays: Readonly<Record<string, ArrayLike<number>>>) {
  const numEnvs = lengthOf('lastValues', lastValues)
  const lengths = Object.entries(arrays).map(([name, array]) => [name, lengthOf(name, array)] as const)
  const [, first] = lengths[0]!
  const wrong = lengths.find(([, length]) => length !== first || numEnvs === 0 || length % numEnvs > 0)
  if (wrong === undefined) return numEnvs
  const given = lengths.map((each) => each.join(' ')).join(', ')
  throw new ShapeError(`${op}: ${wrong[0]} has ${wrong[1]} numbers; expected T rows of ${numEnvs} (given: ${given})`)
}

function requireSegment({ lastValues, rewards, values, finalValues, terminated, truncated }: Segment): number {
  return requireRows('returns', lastValues, { rewards, values, finalValues, terminated, truncated })
}
