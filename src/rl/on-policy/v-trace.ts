// V-trace: targets of the value function and the policy gradient from steps of another policy, with truncated importance ratios that
// bound the variance (Espeholt et al. 2018, arXiv:1802.01561, section 4.1).

import { requireFraction } from '../../nn/checks.ts'
import { exp } from '../../tensor/portable-math.ts'
import { requireRows, type Segment, zerosLike } from '../training/returns.ts'

/** T steps of N sub-environments. Arrays are [T, N] unless noted. */
interface OffPolicySegment extends Omit<Segment, 'terminated'> {
  /** ln π(a|s) - ln μ(a|s): log-probability of the learner minus that of the actor. */
  readonly logRatios: ArrayLike<number>
  /** γ, or 0 where the step terminated. */
  readonly discounts: ArrayLike<number>
}

const vTraceDefaults = {
  lambda: 1,
  /** ρ̄, upper bound of the ratio in δ; it determines whose values are learned. */
  rhoBar: 1,
  /** c̄, upper bound of the trace; it determines how far corrections propagate. */
  cBar: 1,
  /** Upper bound of the ratio in the policy gradient. */
  policyRhoBar: 1,
}

/**
 * vₜ - V(sₜ) = δₜ + γₜ cₜ (vₜ₊₁ - V(sₜ₊₁)), remark 1 of the paper, with δₜ = min(ρ̄, ρₜ) (rₜ + γₜ V(sₜ₊₁) - V(sₜ)).
 *
 * @returns `targets` vₜ for the value function, and `advantages` ρₜ (rₜ + γ vₜ₊₁ - V(sₜ)) for the policy gradient: [T, N]
 */
export function vTrace(segment: OffPolicySegment, options: Partial<typeof vTraceDefaults> = {}) {
  const { lambda, rhoBar, cBar, policyRhoBar } = { ...vTraceDefaults, ...options }
  const { logRatios, rewards, discounts, values, lastValues, truncated, finalValues } = segment
  const columns = { logRatios, rewards, discounts, values, truncated, finalValues }
  const numEnvs = requireRows('vTrace', lastValues.length, columns)
  requireFraction('vTrace: lambda', lambda)
  const inside = rewards.length - numEnvs
  const targets = zerosLike(values)
  const advantages = zerosLike(values)
  for (let row = rewards.length - 1; row >= 0; row--) {
    const rho = exp(logRatios[row]!)
    const cut = truncated[row] ? finalValues[row] : undefined
    const nextValue = cut ?? (row < inside ? values[row + numEnvs]! : lastValues[row - inside]!)
    const nextTarget = cut ?? (row < inside ? targets[row + numEnvs]! : nextValue)
    const delta = Math.min(rhoBar, rho) * (rewards[row]! + discounts[row]! * nextValue - values[row]!)
    const trace = lambda * Math.min(cBar, rho)
    targets[row] = values[row]! + delta + discounts[row]! * trace * (nextTarget - nextValue)
    advantages[row] = Math.min(policyRhoBar, rho) * (rewards[row]! + discounts[row]! * nextTarget - values[row]!)
  }
  return { targets, advantages }
}
