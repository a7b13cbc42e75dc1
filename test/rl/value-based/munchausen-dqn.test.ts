import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chosenRows } from '../../../src/rl/replay/off-policy.ts'
import { dqnTargets } from '../../../src/rl/value-based/dqn.ts'
import { munchausenTargets } from '../../../src/rl/value-based/munchausen-dqn.ts'
import { type Tensor, tensor } from '../../../src/tensor/index.ts'
import { forAll, property } from '../../support/property.ts'

interface Transition {
  /** Of the target network, in the state and in the next one. */
  readonly values: readonly number[]
  readonly nextValues: readonly number[]
  readonly action: number
  readonly reward: number
  readonly discount: number
}

interface Settings {
  readonly munchausenAlpha: number
  readonly munchausenTau: number
  readonly munchausenClip: number
}

const float64 = (numbers: readonly number[], shape = [numbers.length]) => tensor(Float64Array.from(numbers), shape)

/** The targets by the algorithm; the observations are the action values themselves. */
function targetsOf(transitions: readonly Transition[], settings: Settings): number[] {
  const rows = (of: (each: Transition) => readonly number[]) =>
    float64(transitions.flatMap(of), [transitions.length, 3])
  const actions = tensor(
    Int32Array.from(transitions, ({ action }) => action),
    [transitions.length, 1],
  )
  const batch = {
    observations: rows(({ values }) => values),
    nextObservations: rows(({ nextValues }) => nextValues),
    rewards: float64(transitions.map(({ reward }) => reward)),
    discounts: float64(transitions.map(({ discount }) => discount)),
    target: (states: Tensor) => states,
    chosen: (outputs: Tensor) => chosenRows(outputs, actions),
  }
  return [...munchausenTargets(batch, settings).toArray()]
}

const paper = { munchausenAlpha: 0.9, munchausenTau: 0.03, munchausenClip: -1 }

describe('the targets', () => {
  it('are those of the paper, by hand', () => {
    // τ = 1: q(s) = ln 1, ln 2, ln 5, so π = 1/8, 2/8, 5/8. q(s′) = ln 2, ln 4, ln 10, so Σ π (q - ln π) = Σ π ln 16 = ln 16 = 2.772589.
    // action 0: 2 + 0.9 max(ln 1/8 = -2.079442, -1) + 0.5 · 2.772589 = 2 - 0.9 + 1.386294 = 2.486294
    // action 2: 2 + 0.9 ln 5/8 + 1.386294 = 2 - 0.423003 + 1.386294 = 2.963291; at the end of the task 2 - 0.423003 = 1.576997
    const [one, two] = [[1, 2, 5].map(Math.log), [2, 4, 10].map(Math.log)]
    const of = (action: number, discount: number) => ({ values: one, nextValues: two, action, reward: 2, discount })
    const targets = targetsOf([of(0, 0.5), of(2, 0.5), of(2, 0)], { ...paper, munchausenTau: 1 })
    for (const [i, expected] of [2.486294, 2.963291, 1.576997].entries()) expect(targets[i]).toBeCloseTo(expected, 6)
    // τ = 0.03: as values of a thirtieth of the size, of which no logarithm reaches the clip: 2 + 0.9 · 0.03 · (-2.079442) + 0.5 · 0.03 · 2.772589
    const small = { ...of(0, 0.5), values: one.map((q) => 0.03 * q), nextValues: two.map((q) => 0.03 * q) }
    expect(targetsOf([small], paper)[0]).toBeCloseTo(1.985444, 6)
  })

  const number = fc.double({ min: -20, max: 20, noNaN: true })
  const transition = fc.record({
    values: fc.array(number, { minLength: 3, maxLength: 3 }),
    nextValues: fc.array(number, { minLength: 3, maxLength: 3 }),
    action: fc.nat({ max: 2 }),
    reward: number,
    discount: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  const batches = fc.array(transition, { minLength: 1, maxLength: 6 })

  it('are those of plain numbers', () => {
    const settings = fc.record({
      munchausenAlpha: fc.double({ min: 0, max: 1, noNaN: true }),
      munchausenTau: fc.double({ min: 0.01, max: 10, noNaN: true }),
      munchausenClip: fc.constantFrom(-1, -0.1, Number.NEGATIVE_INFINITY),
    })
    forAll([batches, settings], (batch, o) => {
      const tau = o.munchausenTau
      const scaledLog = (q: readonly number[]) => {
        const most = Math.max(...q)
        const total = q.reduce((sum, each) => sum + Math.exp((each - most) / tau), 0)
        return q.map((each) => each - most - tau * Math.log(total))
      }
      const targets = targetsOf(batch, o)
      batch.forEach(({ values, nextValues, action, reward, discount }, i) => {
        const bonus = Math.min(0, Math.max(o.munchausenClip, scaledLog(values)[action]!))
        const logs = scaledLog(nextValues)
        const next = logs.reduce((sum, log, a) => sum + Math.exp(log / tau) * (nextValues[a]! - log), 0)
        expect(targets[i]).toBeCloseTo(reward + o.munchausenAlpha * bonus + discount * next, 6)
      })
    })
  })

  property('become those of DQN without the bonus, as the temperature falls to 0', [batches], (batch) => {
    const next = float64(
      batch.flatMap(({ nextValues }) => nextValues),
      [batch.length, 3],
    )
    const [rewards, discounts] = [batch.map(({ reward }) => reward), batch.map(({ discount }) => discount)]
    const given = { rewards: float64(rewards), discounts: float64(discounts), nextObservations: next }
    const same = (x: Tensor) => x
    const dqn = dqnTargets({ ...given, network: same, target: same }, false).toArray()
    const cold = targetsOf(batch, { munchausenAlpha: 0, munchausenTau: 1e-9, munchausenClip: -1 })
    for (const [i, target] of cold.entries()) expect(target).toBeCloseTo(dqn[i]!, 6)
  })
})
