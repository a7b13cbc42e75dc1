import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Env, FlattenObservation, make, RecordEpisodeStatistics, TimeLimit } from '../../../src/rl/index.ts'
import { Lookahead, type StateValued } from '../../../src/rl/policies/lookahead.ts'
import { type Tensor, tensor } from '../../../src/tensor/index.ts'
import { forAll } from '../../support/property.ts'

/** V = -|pole angle|: upright is best. */
const upright: StateValued = {
  observationSize: 4,
  numActions: 2,
  stateValues(observations: Tensor) {
    const [rows] = observations.shape
    const values = observations.view()
    return tensor(Float32Array.from({ length: rows! }, (_, i) => -Math.abs(values[4 * i + 2]!)))
  },
}

describe('Lookahead', () => {
  it('pushes the cart under the falling pole', () => {
    const env = make('CartPole-v1')
    env.reset({ seed: 1 })
    const planner = new Lookahead(upright, make('CartPole-v1'), { depth: 2 })
    env.unwrapped.state = [0, 0, 0.1, 0.3]
    expect(planner.plan(env)).toBe(1)
    env.unwrapped.state = [0, 0, -0.1, -0.3]
    expect(planner.plan(env)).toBe(0)
  })

  it('prefers a longer life to a terminal state, whose value is nothing', () => {
    const env = make('CartPole-v1')
    env.reset({ seed: 1 })
    const planner = new Lookahead(
      { ...upright, stateValues: ({ shape }) => tensor(new Float32Array(shape[0]!).fill(50)) },
      make('CartPole-v1'),
      { depth: 2 },
    )
    // The pole passes 12 degrees (0.209) in two steps unless the cart is pushed to the right.
    env.unwrapped.state = [0, 0, 0.2, 0.3]
    expect(planner.plan(env)).toBe(1)
  })

  it('chooses what an exhaustive search by hand would, and leaves the environment as it was', () => {
    const small = fc.double({ min: -0.15, max: 0.15, noNaN: true })
    forAll([fc.tuple(small, small, small, small), fc.integer({ min: 1, max: 3 })], { numRuns: 30 }, (state, depth) => {
      const env = make('CartPole-v1')
      env.reset({ seed: 0 })
      env.unwrapped.state = state
      const score = (from: readonly number[], left: number): number => {
        const model = make('CartPole-v1').unwrapped
        const after = [0, 1].map((action) => {
          model.reset()
          model.state = from
          const step = model.step(action)
          if (step.terminated) return step.reward
          const behind = left === 1 ? -Math.abs((step.observation as Float32Array)[2]!) : score(model.state, left - 1)
          return step.reward + 0.99 * behind
        })
        if (left === depth) chosen = after[1]! > after[0]! ? 1 : 0
        return Math.max(...after)
      }
      let chosen = -1
      score(state, depth)
      const planner = new Lookahead(upright, make('CartPole-v1'), { depth })
      expect(planner.plan(env)).toBe(chosen)
      expect(env.unwrapped.state).toEqual(state)
    })
  })

  it('plans with the choices of a wrapper, past any time limit', () => {
    const fast: StateValued = {
      observationSize: 3,
      numActions: 5,
      stateValues: (observations) => {
        const values = observations.view()
        return tensor(Float32Array.from({ length: observations.shape[0]! }, (_, i) => 100 * values[3 * i + 2]!))
      },
    }
    const planner = new Lookahead(fast, make('PendulumDiscrete-v1'))
    const env = make('PendulumDiscrete-v1')
    for (let step = 0; step < 400; step++) {
      if (step % 200 === 0) env.reset({ seed: 1 })
      env.unwrapped.state = [0.1, 0]
      expect(planner.plan(env)).toBe(4) // the largest torque to the left speeds up the most
      env.step(4)
    }
  })

  it('plans past time limits that lie inside other wrappers', () => {
    const lake = () => make<number>('FrozenLake-v1', { isSlippery: false }).unwrapped as Env<number, number>
    const near: StateValued = {
      observationSize: 16,
      numActions: 4,
      stateValues: (observations) => {
        const oneHot = observations.view()
        return tensor(
          Float32Array.from({ length: observations.shape[0]! }, (_, i) => (oneHot[16 * i + 14]! === 1 ? 1 : 0)),
        )
      },
    }
    forAll([fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 3 })], { numRuns: 20 }, (limit, depth) => {
      const limits = [
        new TimeLimit(new TimeLimit(lake(), limit), limit + 1),
        new RecordEpisodeStatistics(new TimeLimit(lake(), limit)),
      ]
      const env = lake()
      env.reset({ seed: 1 })
      const free = new Lookahead(near, new FlattenObservation(lake()), { depth })
      for (const limited of limits) {
        const planner = new Lookahead(near, new FlattenObservation(limited), { depth })
        for (const place of [0, 4, 8, 9, 13, 14, 13, 10, 6]) {
          env.state = [place]
          expect(planner.plan(env)).toBe(free.plan(env))
        }
        env.state = [14]
        expect(planner.plan(env)).toBe(2) // right, onto the goal in place 15
      }
    })
  })

  it('refuses a depth that no machine could search', () => {
    expect(() => new Lookahead(upright, make('CartPole-v1'), { depth: 17 })).toThrow(/at most 65536 leaves/)
    expect(() => new Lookahead(upright, make('CartPole-v1'), { depth: 0 })).toThrow(/depth 0/)
  })

  it('takes as many leaves as 65,536', () => {
    expect(() => new Lookahead(upright, make('CartPole-v1'), { depth: 16 })).not.toThrow()
  })

  it('scores each first action by its best sequence: Σ γ^k r_k + γ^depth V, with V = 0 after a termination', () => {
    const valued = (value: (leaf: number) => number): StateValued => ({
      ...upright,
      stateValues: ({ shape }) => tensor(Float32Array.from({ length: shape[0]! }, (_, leaf) => value(leaf))),
    })
    const env = make('CartPole-v1')
    env.reset({ seed: 1 })
    const options = { depth: 2, gamma: 0.5 }
    const scores = (values: StateValued) => [...new Lookahead(values, make('CartPole-v1'), options).scores(env)]
    env.unwrapped.state = [0, 0, 0, 0]
    expect(scores(valued((leaf) => [8, 4, -4, -8][leaf]!))).toEqual([1 + 0.5 + 0.25 * 8, 1 + 0.5 - 0.25 * 4])
    env.unwrapped.state = [2.39, 3, 0, 0] // beyond 2.4, the end of the track, after any action
    expect(scores(valued(() => Infinity))).toEqual([1, 1])
    const { observations, rewards, discounts } = new Lookahead(upright, make('CartPole-v1'), options).successors(env)
    expect([[...rewards], [...discounts]]).toEqual([
      [1, 1, 1, 1],
      [0, 0, 0, 0],
    ])
    expect(observations[0]).toBeCloseTo(2.45, 6)
  })
})
