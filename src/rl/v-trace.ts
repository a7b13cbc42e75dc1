// V-trace: what the value function and the policy should learn from steps that another policy took, with importance
// ratios cut off so that the variance stays bounded (Espeholt et al. 2018, arXiv:1802.01561, section 4.1).

import { exp } from '../tensor/portable-math.ts'
import { type Numbers, requireRows, requireShare, zerosLike } from './returns.ts'

/** T steps of N environments; arrays are [T, N], but for `lastValues`. */
export interface OffPolicySegment {
  /** ln π(a|s) - ln μ(a|s): the learner's log-probability less the actor's. */
  readonly logRatios: ArrayLike<number>
  readonly rewards: ArrayLike<number>
  /** γ, or 0 where the step terminated. */
  readonly discounts: ArrayLike<number>
  /** V(sₜ) */
  readonly values: ArrayLike<number>
  /** V(s_T), of what follows the last step: [N]. */
  readonly lastValues: ArrayLike<number>
  /** 1 where the episode was cut off with this step. */
  readonly truncated: ArrayLike<number>
  /** Where `truncated` is set: the value of the episode's last observation, before the reset. */
  readonly finalValues: ArrayLike<number>
}

export const vTraceDefaults = {
  lambda: 1,
  /** ρ̄, the cap on the ratio in δ: it sets which policy's values are learnt. */
  rhoBar: 1,
  /** c̄, the cap on the trace: it sets how far corrections travel. */
  cBar: 1,
  /** The cap on the ratio of the policy gradient. */
  policyRhoBar: 1,
}

export interface VTrace {
  /** vₜ, what the value function learns: [T, N]. */
  readonly targets: Numbers
  /** ρₜ (rₜ + γ vₜ₊₁ - V(sₜ)), what the policy gradient is weighted by: [T, N]. */
  readonly advantages: Numbers
}

/** vₜ - V(sₜ) = δₜ + γₜ cₜ (vₜ₊₁ - V(sₜ₊₁)), remark 1 of the paper, with δₜ = min(ρ̄, ρₜ) (rₜ + γₜ V(sₜ₊₁) - V(sₜ)). */
export function vTrace(segment: OffPolicySegment, options: Partial<typeof vTraceDefaults> = {}): VTrace {
  const { lambda, rhoBar, cBar, policyRhoBar } = { ...vTraceDefaults, ...options }
  const { logRatios, rewards, discounts, values, lastValues, truncated, finalValues } = segment
  const numEnvs = requireRows('vTrace', lastValues.length, {
    logRatios,
    rewards,
    discounts,
    values,
    truncated,
    finalValues,
  })
  requireShare('vTrace', 'lambda', lambda)
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
