import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { vTrace } from '../../../src/rl/on-policy/v-trace.ts'
import { gae, returnsOf } from '../../../src/rl/training/returns.ts'
import { expectNumbers, expectOutput, goldenArrays } from '../../support/arrays.ts'
import { goldenCases } from '../../support/golden.ts'

const golden = goldenCases('rl.json').filter(({ op }) => op === 'vtrace')

describe('vTrace', () => {
  it.each(golden.map((each) => [each.name, each] as const))('golden figures: %s', (_, each) => {
    const { log_rhos, rewards, discounts, values, last_value } = goldenArrays(each)
    const { rho_bar, c_bar, pg_rho_bar, lambda } = each.attrs as Record<string, number>
    const got = vTrace(
      {
        logRatios: log_rhos!,
        rewards: rewards!,
        discounts: discounts!,
        values: values!,
        lastValues: last_value!,
        truncated: new Uint8Array(21),
        finalValues: new Float64Array(21),
      },
      { rhoBar: rho_bar!, cBar: c_bar!, policyRhoBar: pg_rho_bar!, lambda: lambda! },
    )
    expectOutput(each, 'vs', got.targets)
    expectOutput(each, 'pg_advantages', got.advantages)
  })

  it('by hand: vₜ - V(sₜ) = δₜ + γₜ cₜ (vₜ₊₁ - V(sₜ₊₁)), with ratios cut off', () => {
    // γ = 0.5, ρ = 4 and 0.5, ρ̄ = 2, c̄ = 1, V = 8, 16, then 64
    const { targets, advantages } = vTrace(
      {
        logRatios: [Math.log(4), Math.log(0.5)],
        rewards: [1, 2],
        discounts: [0.5, 0.5],
        values: [8, 16],
        lastValues: [64],
        truncated: [0, 0],
        finalValues: [0, 0],
      },
      { rhoBar: 2, cBar: 1, policyRhoBar: 3 },
    )
    // δ₁ = 0.5 (2 + 32 - 16) = 9, v₁ = 16 + 9 = 25. δ₀ = 2 (1 + 8 - 8) = 2, v₀ = 8 + 2 + 0.5 · 1 (25 - 16) = 14.5
    expectNumbers(targets, [14.5, 25], 1e-12, 1e-12)
    // 3 (1 + 0.5 · 25 - 8) and 0.5 (2 + 0.5 · 64 - 16)
    expectNumbers(advantages, [16.5, 9], 1e-12, 1e-12)
  })

  it('takes the final value of a cut-off episode and does not look beyond', () => {
    const { targets, advantages } = vTrace({
      logRatios: [0, 0],
      rewards: [1, 1],
      discounts: [1, 1],
      values: [10, 20],
      lastValues: [30],
      truncated: [1, 0],
      finalValues: [500, 0],
    })
    expect([...targets]).toEqual([501, 31])
    expect([...advantages]).toEqual([491, 11])
  })

  it('on policy, its targets are the λ-returns', () => {
    const number = fc.double({ min: -10, max: 10, noNaN: true })
    const step = fc.record({ reward: number, value: number, final: number, end: fc.integer({ min: 0, max: 5 }) })
    const gammas = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 10 }),
        number,
        gammas,
        gammas,
        (steps, last, gamma, lambda) => {
          const segment = {
            rewards: steps.map(({ reward }) => reward),
            values: steps.map(({ value }) => value),
            lastValues: [last],
            finalValues: steps.map(({ final }) => final),
            terminated: steps.map(({ end }) => (end === 0 ? 1 : 0)),
            truncated: steps.map(({ end }) => (end === 1 ? 1 : 0)),
          }
          const discounts = segment.terminated.map((each) => (each ? 0 : gamma))
          const { targets } = vTrace({ ...segment, discounts, logRatios: steps.map(() => 0) }, { lambda })
          const returns = returnsOf(gae(segment, gamma, lambda), segment.values)
          expectNumbers(targets, returns, 1e-9, 1e-9)
        },
      ),
    )
  })
})
