import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collect, playPool, poolModes } from '../../src/distill/collect.ts'
import { play } from '../../src/distill/collection/pool.ts'
import { Teacher } from '../../src/distill/teacher.ts'
import { functionAgent } from '../../src/distill/teachers/function-agent.ts'
import { DiscreteAgent } from '../../src/rl/discrete-policies.ts'
import { CartPole } from '../../src/rl/envs/cart-pole.ts'
import { Corridor } from '../../src/rl/envs/corridor.ts'
import { make } from '../../src/rl/registry.ts'
import { makeVector } from '../../src/rl/vector/make-vector.ts'
import { TimeLimit } from '../../src/rl/wrappers/episode.ts'
import { Rng, tensor } from '../../src/tensor/index.ts'
import { cartPole, someTeacher } from './support.ts'

const { agent } = someTeacher()
const settings = (steps: number, seed: number) => {
  const rng = new Rng(seed)
  return { steps, seed, gamma: 0.9, exploration: () => rng.uniform(), rng }
}

/** Pushes towards where the pole falls, so that episodes last: an upright pole for long, from either side. */
const steady = new DiscreteAgent(4, 2, {
  logits: (x) => {
    const flat = x.view()
    const lean = Array.from({ length: x.shape[0]! }, (_, i) => flat[4 * i + 2]! + flat[4 * i + 3]!)
    return tensor(
      lean.flatMap((each) => [-each, each]),
      [lean.length, 2],
    )
  },
})

describe('a pool', () => {
  it('is whole episodes one after the other, each step leading to the next state', () => {
    const pool = play(agent, cartPole(), settings(300, 4))
    const env = new CartPole()
    let starts = 0
    for (let i = 0; i + 1 < pool.size; i++) {
      const [here, next] = [0, 4].map((offset) => pool.observations.slice(4 * i + offset, 4 * i + offset + 4))
      if (Math.abs(pool.returns[i]! - (1 + 0.9 * pool.returns[i + 1]!)) > 1e-5) {
        expect(pool.returns[i]).toBe(1) // the last step of an episode
        starts++
        continue
      }
      env.reset()
      env.state = Array.from(here!)
      env.step(pool.actions[i]!).observation.forEach((x, k) => {
        expect(x).toBeCloseTo(next![k]!, 5)
      })
    }
    expect(starts).toBeGreaterThan(3)
  })

  it('of a vector environment of one copy is that of the environment itself', () => {
    expect(play(agent, makeVector('CartPole-v1', 1), settings(150, 2))).toEqual(
      play(agent, cartPole(), settings(150, 2)),
    )
  })

  it('shares no start state with that of the next seed, though copies are seeded one after the other', () => {
    const starts = (seed: number) => {
      const { observations } = play(steady, makeVector('CartPole-v1', 8), {
        ...settings(4000, seed),
        exploration: () => 0,
      })
      return Array.from({ length: 8 }, (_, i) => observations.slice(2000 * i, 2000 * i + 4).join())
    }
    const [one, next] = [starts(5), starts(6)]
    expect(new Set(one).size).toBe(8)
    expect(one.filter((start) => next!.includes(start))).toEqual([])
  })

  it('has the returns to the end of each episode, however many copies are played at once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 200 }), (copies, steps) => {
        const pool = play(agent, makeVector('CartPole-v1', copies), settings(steps, 1))
        expect([pool.size, pool.actions.length, pool.returns.length]).toEqual([steps, steps, steps])
        expect(pool.environmentSteps).toBeGreaterThanOrEqual(steps)
        expect(pool.environmentSteps % copies).toBe(0)
        // Σ γ^k over what is left of an episode; within one each is 1 + γ times the next, at its end it is 1.
        for (let i = 0; i + 1 < steps; i++) {
          const rest = pool.returns[i] === 1 ? 0 : pool.returns[i + 1]!
          expect(pool.returns[i]).toBeCloseTo(1 + 0.9 * rest, 5)
        }
      }),
      { numRuns: 20 },
    )
  })

  it('keeps episodes in the order of their starts, so that long ones are not left out', () => {
    // Eight copies, of which each plays 500 steps: the first states asked for are one episode and the start of the next.
    const pool = play(steady, makeVector('CartPole-v1', 8), { ...settings(600, 0), gamma: 1, exploration: () => 0 })
    expect(pool.returns[0]).toBe(500)
    expect(Array.from(pool.returns.slice(0, 500))).toEqual(Array.from({ length: 500 }, (_, t) => 500 - t))
    expect(pool.returns[500]).toBe(500)
    expect(pool.environmentSteps).toBe(8 * 500)
  })

  it('asks for the share of random actions as each episode starts', () => {
    for (const copies of [1, 3]) {
      const shares: number[] = []
      const exploration = () => {
        shares.push(shares.length % 2) // the teacher's own way, then at random, in turn
        return shares.at(-1)!
      }
      const envs = makeVector('CartPole-v1', copies)
      const { actions, observations, returns } = play(agent, envs, { ...settings(400, 6), exploration })
      const greedy = agent.actBatch(observations)
      let episode = 0
      const differing: number[] = [0]
      for (let i = 0; i < 400; i++) {
        if (actions[i] !== greedy[i]) differing[episode]!++
        if (returns[i] === 1) differing[++episode] = 0
      }
      expect(episode).toBeGreaterThan(5)
      expect(shares.length).toBeGreaterThanOrEqual(episode)
      differing.slice(0, episode).forEach((count, e) => {
        if (e % 2 === 0) expect(count).toBe(0)
        else expect(count).toBeGreaterThan(0)
      })
    }
  })

  it.each(poolModes)('of %s serves many sets: nothing more is played, and another seed picks others', (mode) => {
    const pool = playPool(someTeacher(), cartPole(), { mode, seed: 8, poolSize: 200 })
    const still = () => {
      throw new Error('nothing may be played')
    }
    const forbidden = Object.assign(cartPole(), { step: still, reset: still })
    const set = (seed: number) => collect(someTeacher(), forbidden, { pool, labels: 50, seed })
    expect(set(1)).toEqual(set(1))
    expect([set(1).environmentSteps, set(1).provenance.mode]).toEqual([pool.environmentSteps, mode])
    if (mode !== 'teacherContiguous') expect(set(1).observations).not.toEqual(set(2).observations)
    else expect(set(1).observations).toEqual(pool.observations.slice(0, 200))
  })
})

describe('bad input', () => {
  const pool = playPool(someTeacher(), cartPole(), { seed: 0, poolSize: 20 })
  const ask = (options: object, env = cartPole()) =>
    collect(someTeacher(), env, { labels: 5, seed: 0, pool, ...options })

  it('a pool too small, of another mode, of another environment', () => {
    expect(() => ask({ labels: 21 })).toThrow(/21 labels from a pool of 20 states/)
    expect(() => ask({ mode: 'teacherIid' })).toThrow(/played as mixedEpsilon, asked for is teacherIid/)
    expect(() => ask({ mode: 'student', firstRound: 'teacherIid' })).toThrow(/asked for is teacherIid/)
    expect(() => ask({ pool: { ...pool, envId: 'Acrobot-v1' } })).toThrow(
      /the pool is of Acrobot-v1 .* not of CartPole-v1/,
    )
  })

  it('copies that restart in a step of their own', () => {
    expect(() => play(agent, makeVector('CartPole-v1', 2, { autoreset: 'next-step' }), settings(5, 0))).toThrow(
      /autoreset of CartPole-v1 is next-step/,
    )
  })

  it('an episode that never ends', () => {
    const still = new DiscreteAgent(2, 3, {
      logits: (x) =>
        tensor(
          Array.from({ length: 3 * x.shape[0]! }, (_, i) => (i % 3 === 1 ? 1 : 0)),
          [x.shape[0]!, 3],
        ),
    })
    const endless = make('MountainCar-v0').unwrapped as ReturnType<typeof make>
    expect(() =>
      collect(new Teacher(still, 'still'), endless, { mode: 'teacherIid', epsilon: 0, labels: 1, seed: 0 }),
    ).toThrow(/an episode of MountainCar-v0 goes on after 200000 steps; wrap it in a TimeLimit/)
  })
})

describe('the first states of the teacher’s play', () => {
  const corridor = () => new TimeLimit(new Corridor({ length: 10 }), 30)
  const right = functionAgent(() => ({ logits: [0, 1] }), { actionCount: 2, example: new Float32Array(1) })
  const first = (labels: number) =>
    collect(new Teacher(right, 'right', labels), corridor(), {
      ...{ mode: 'teacherContiguous', labels, epsilon: 0.5, seed: 0 },
    } as const)

  it('are all different, however often play comes back to some', () => {
    const { observations, environmentSteps } = first(9)
    expect(new Set(observations).size).toBe(9)
    expect(environmentSteps).toBeGreaterThan(9)
    expect(first(4).observations).toEqual(observations.slice(0, 4))
  })

  it('are not looked for without end where there are fewer', () => {
    expect(() => first(30)).toThrow(/only (9|10) different states in \d{3} steps of play; 30 were asked for/)
  })
})
