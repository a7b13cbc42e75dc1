import { describe, expect, it } from 'vitest'
import { make } from '../../src/rl/envs/tasks/make.ts'
import { DiscreteAgent } from '../../src/rl/policies/discrete-policies.ts'
import { Lookahead, type StateValued } from '../../src/rl/policies/lookahead.ts'
import { type SuccessorRanking, successorRanking } from '../../src/rl/successor-ranking.ts'
import { concat, reshape, sub, type Tensor, tensor } from '../../src/tensor/index.ts'

/** A value of each CartPole state, by where the pole leans and goes: [batch, 4] → [batch]. */
const valued = (value: (lean: number) => number): DiscreteAgent & StateValued =>
  new DiscreteAgent(4, 2, {
    stateValues(observations: Tensor) {
      const x = observations.view()
      return tensor(
        Float32Array.from({ length: observations.shape[0]! }, (_, i) => value(x[4 * i + 2]! + x[4 * i + 3]!)),
      )
    },
  }) as unknown as DiscreteAgent & StateValued

const upright = valued((lean) => -Math.abs(lean))

describe('the ranking of successors', () => {
  it('is perfect where the student has the values of the teacher, up to a constant and a scale', () => {
    const ranking = successorRanking(make('CartPole-v1'), upright, upright, { states: 50 })
    expect(ranking).toEqual<SuccessorRanking>({
      agreement: 1,
      regret: 0,
      states: 50,
      evaluations: 100,
      environmentSteps: 250,
    })
  })

  it('is poor where values fit well but their differences between successors do not', () => {
    // Off by at most 0.5, while the values of two successors differ by 0.6 at the most.
    const wrong = valued((lean) => -Math.abs(lean) + 0.5 * Math.sin(1e4 * lean))
    const { agreement, regret } = successorRanking(make('CartPole-v1'), upright, wrong)
    expect(agreement).toBeLessThan(0.9)
    expect(regret).toBeGreaterThan(0.1)
    const reversed = successorRanking(make('CartPole-v1'), upright, valued(Math.abs))
    expect(reversed.regret).toBeGreaterThan(0.8)
  })

  it('takes the states that the student meets in play by its look-ahead', () => {
    const env = make('CartPole-v1')
    successorRanking(env, upright, upright, { states: 30, seed: 4 })
    const played = make('CartPole-v1')
    played.reset({ seed: 4 })
    const planner = new Lookahead(upright, make('CartPole-v1'))
    for (let i = 0; i < 30; i++) {
      const { terminated } = played.step(planner.plan(played))
      if (terminated) played.reset()
    }
    expect(env.state).toEqual(played.state)
  })

  it('takes a teacher of action values, V = max Q, and refuses one without values', () => {
    const q = new DiscreteAgent(4, 2, {
      actionValues: (x) =>
        concat(
          [upright.stateValues(x), sub(upright.stateValues(x), 1)].map((v) => reshape(v, [-1, 1])),
          1,
        ),
    })
    expect(successorRanking(make('CartPole-v1'), q, upright, { states: 20 }).agreement).toBe(1)
    const policy = new DiscreteAgent(4, 2, { logits: (x) => x })
    expect(() => successorRanking(make('CartPole-v1'), policy, upright)).toThrow('the teacher has no values')
  })

  it('has a regret of 1 in each state where the student orders two successors the other way round, 0 in a tie', () => {
    const contrary = valued((lean) => Math.abs(lean))
    const { regret, agreement } = successorRanking(make('CartPole-v1'), upright, contrary, { states: 20 })
    expect(regret).toBeCloseTo(1 - agreement, 12) // both successors are terminal in a tie
    expect(regret).toBeGreaterThan(0.5)
    expect(agreement).toBeGreaterThan(0)
  })

  it('refuses a misspelt option', () => {
    expect(() => successorRanking(make('CartPole-v1'), upright, upright, { state: 3 } as never)).toThrow(
      'successorRanking: unknown option "state"; known are states, gamma, seed. Did you mean "states"?',
    )
  })
})
