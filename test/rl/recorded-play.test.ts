import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MLP } from '../../src/nn/layers/mlp.ts'
import { SyncVectorEnv } from '../../src/rl/envs/vector/sync-vector-env.ts'
import { Box, CartPole, type Env, EpisodicEnv, make, makeVec, Rollout } from '../../src/rl/index.ts'
import { DiscreteAgent, QPolicy } from '../../src/rl/policies/discrete-policies.ts'
import type { Player } from '../../src/rl/policies/policy.ts'
import { Rng, tensor } from '../../src/tensor/index.ts'
import { forAll } from '../support/property.ts'
import { Masked } from './masked-env.ts'

const cartPole = (): Env => make('CartPole-v1')
const agent = new QPolicy(new MLP([4, 16, 2], new Rng(1)), 4, 2)
const playerOf = (policy: DiscreteAgent): Player => ({ actBatch: (states, masks) => policy.actBatch(states, masks) })
const player = playerOf(agent)
const settings = (steps: number, seed: number) => {
  const rng = new Rng(seed)
  return { steps, seed, gamma: 0.9, epsilon: () => rng.uniform(), rng }
}

/** All states, actions and returns, in order. */
function rowsOf(rollout: Rollout) {
  const rows = Array.from({ length: rollout.size }, (_, i) => rollout.row(i))
  return rows.map(({ observation, action, return: following }) => ({
    observation: Array.from(observation),
    action: Array.from(action ?? []),
    following,
  }))
}
const returnsOf = (rollout: Rollout) => rowsOf(rollout).map(({ following }) => following!)

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

describe('a rollout', () => {
  it('is whole episodes one after the other, each step leading to the next state', () => {
    const rows = rowsOf(Rollout.play(player, cartPole(), settings(300, 4)))
    const env = new CartPole()
    let starts = 0
    for (let i = 0; i + 1 < rows.length; i++) {
      const [here, next] = [rows[i]!, rows[i + 1]!]
      if (Math.abs(here.following! - (1 + 0.9 * next.following!)) > 1e-5) {
        expect(here.following).toBe(1) // the last step of an episode
        starts++
        continue
      }
      env.reset()
      env.state = here.observation
      for (const [k, x] of env.step(here.action[0]!).observation.entries())
        expect(x).toBeCloseTo(next.observation[k]!, 5)
    }
    expect(starts).toBeGreaterThan(3)
  })

  it('of a vector environment of one copy is that of the environment itself', () => {
    const [vector, single] = [makeVec('CartPole-v1', 1), cartPole()].map((envs) =>
      Rollout.play(player, envs, settings(150, 2)),
    )
    expect(rowsOf(vector!)).toEqual(rowsOf(single!))
    expect(vector!.environmentSteps).toBe(single!.environmentSteps)
  })

  it('shares no start state with that of the next seed, though copies are seeded one after the other', () => {
    const starts = (seed: number) => {
      const envs = makeVec('CartPole-v1', 8)
      const rollout = Rollout.play(playerOf(steady), envs, { ...settings(4000, seed), epsilon: () => 0 })
      return Array.from({ length: 8 }, (_, i) => rollout.observation(500 * i).join())
    }
    const [one, next] = [starts(5), starts(6)]
    expect(new Set(one).size).toBe(8)
    expect(one.filter((start) => next!.includes(start))).toEqual([])
  })

  it('has the returns to the end of each episode, however many copies are played at once', () => {
    forAll([fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 200 })], { numRuns: 20 }, (copies, steps) => {
      const rollout = Rollout.play(player, makeVec('CartPole-v1', copies), settings(steps, 1))
      const returns = returnsOf(rollout)
      expect([rollout.size, returns.length]).toEqual([steps, steps])
      expect(rollout.environmentSteps).toBeGreaterThanOrEqual(steps)
      expect(rollout.environmentSteps % copies).toBe(0)
      // Σ γ^k over what is left of an episode; within one each is 1 + γ times the next, at its end it is 1.
      for (let i = 0; i + 1 < steps; i++) {
        const rest = returns[i] === 1 ? 0 : returns[i + 1]!
        expect(returns[i]).toBeCloseTo(1 + 0.9 * rest, 5)
      }
    })
  })

  it('keeps episodes in the order of their starts, so that long ones are not left out', () => {
    // Eight copies, of which each plays 500 steps: the first states are one episode and the start of the next.
    const envs = makeVec('CartPole-v1', 8)
    const rollout = Rollout.play(playerOf(steady), envs, { ...settings(600, 0), gamma: 1, epsilon: () => 0 })
    const returns = returnsOf(rollout)
    expect(returns.slice(0, 500)).toEqual(Array.from({ length: 500 }, (_, t) => 500 - t))
    expect(returns[500]).toBe(500)
    expect(rollout.environmentSteps).toBe(8 * 500)
  })

  it('asks for the share of random actions as each episode starts', () => {
    for (const copies of [1, 3]) {
      const shares: number[] = []
      const epsilon = () => {
        shares.push(shares.length % 2) // greedy and at random, in turn
        return shares.at(-1)!
      }
      const rollout = Rollout.play(player, makeVec('CartPole-v1', copies), { ...settings(400, 6), epsilon })
      const differing: number[] = [0]
      let episode = 0
      for (const { observation, action, following } of rowsOf(rollout)) {
        if (action[0] !== agent.act(Float32Array.from(observation))) differing[episode]!++
        if (following === 1) differing[++episode] = 0
      }
      expect(episode).toBeGreaterThan(5)
      expect(shares.length).toBeGreaterThanOrEqual(episode)
      differing.slice(0, episode).forEach((count, e) => {
        if (e % 2 === 0) expect(count).toBe(0)
        else expect(count).toBeGreaterThan(0)
      })
    }
  })

  it('gives the masks of allowed actions to the player', () => {
    const masks: number[][] = []
    const noting: Player = {
      actBatch(_, given) {
        masks.push(Array.from(given ?? []))
        return Int32Array.of(given!.indexOf(1))
      },
    }
    const env = new Masked()
    Rollout.play(noting, env, { ...settings(10, 0), epsilon: () => 0 })
    expect(masks.length).toBeGreaterThanOrEqual(10)
    expect(masks.every((mask) => mask.length === 3 && mask.includes(1))).toBe(true)
  })

  it('draws random actions among the allowed ones', () => {
    const rows = rowsOf(Rollout.play(player, new Masked(), { ...settings(100, 0), epsilon: () => 1 })) // or Masked throws
    expect(new Set(rows.flatMap(({ action }) => action))).toEqual(new Set([0, 1, 2]))
  })

  it('may have continuous actions: the random ones within the bounds, the others as they are played', () => {
    const half: Player = { actBatch: (observations) => new Float32Array(observations.length / 3).fill(0.5) }
    const actions = (share: number, copies: number) =>
      rowsOf(Rollout.play(half, makeVec('Pendulum-v1', copies), { ...settings(300, 0), epsilon: () => share })).flatMap(
        ({ action }) => action,
      )
    for (const copies of [1, 2]) {
      expect(new Set(actions(0, copies))).toEqual(new Set([0.5]))
      const random = actions(1, copies)
      expect(Math.min(...random)).toBeLessThan(-1.8)
      expect(Math.max(...random)).toBeGreaterThan(1.8)
      expect(random.every((action) => Math.abs(action) <= 2)).toBe(true)
    }
    const returns = returnsOf(Rollout.play(half, make('Pendulum-v1'), { ...settings(400, 0), epsilon: () => 0 }))
    expect(returns[199]).toBeGreaterThan(-17) // the last step of an episode: one reward alone
    expect(returns[0]).toBeLessThan(returns[199]!)
  })
})

describe('vectors of two actions', () => {
  const plane = new Box([-1, 10], [1, 99])

  /** Observes [copy, t] and ends after `length` steps, with reward t. */
  class Plane extends EpisodicEnv<Float32Array, Float32Array> {
    readonly id = 'Plane-v0'
    readonly observationSpace = new Box([0, 0], [9, 99])
    readonly actionSpace = plane
    readonly taken: number[][] = []
    private t = 0
    constructor(
      readonly copy: number,
      readonly length: number,
    ) {
      super()
    }
    protected start() {
      this.t = 0
    }
    protected advance(action: Float32Array) {
      this.taken.push([...action])
      return { reward: ++this.t, terminated: this.t === this.length }
    }
    protected observe() {
      return Float32Array.of(this.copy, this.t)
    }
    protected saveState() {
      return [this.t]
    }
    protected restoreState() {}
  }

  /** Acts [copy, t + 10]. */
  const echo: Player = { actBatch: (observations) => observations.map((x, i) => (i % 2 === 0 ? x : x + 10)) }
  const played = (copies: Plane[], steps: number, shares: number[]) => {
    let next = 0
    const epsilon = () => shares[next++ % shares.length]!
    const rng = new Rng(3)
    return Rollout.play(echo, new SyncVectorEnv(copies, 'same-step'), { steps, seed: 0, gamma: 0.5, epsilon, rng })
  }

  it('are those of the player, in the order of the episodes', () => {
    const rollout = played([new Plane(0, 3), new Plane(1, 2)], 7, [0])
    const rows = rowsOf(rollout).map(({ observation, action, following }) => [...observation, ...action, following])
    expect(rows).toEqual([
      [0, 0, 0, 10, 1 + 0.5 * 2 + 0.25 * 3],
      [0, 1, 0, 11, 2 + 0.5 * 3],
      [0, 2, 0, 12, 3],
      [1, 0, 1, 10, 1 + 0.5 * 2],
      [1, 1, 1, 11, 2],
      [1, 0, 1, 10, 2], // copy 1 begins again before copy 0 does
      [1, 1, 1, 11, 2],
    ])
    expect([rollout.size, rollout.environmentSteps, rollout.evaluations]).toEqual([7, 8, 8])
  })

  it('are random in the copies that explore, within the bounds of each number', () => {
    const copies = [new Plane(0, 50), new Plane(1, 50)]
    const rollout = played(copies, 100, [0, 1])
    expect(copies[0]!.taken).toEqual(Array.from({ length: 50 }, (_, t) => [0, 10 + t]))
    const [, random] = copies
    for (const action of random!.taken) expect(plane.contains(Float32Array.from(action))).toBe(true)
    expect(new Set(random!.taken.map(([, y]) => y)).size).toBe(50)
    expect(rowsOf(rollout).map(({ action }) => action)).toEqual([...copies[0]!.taken, ...random!.taken])
    expect(rollout.evaluations).toBe(100)
  })

  it('of a single environment begin from the seed itself', () => {
    const states = (envs: Env) => rowsOf(Rollout.play(player, envs, { ...settings(1, 7), epsilon: () => 0 }))
    const expected = cartPole().reset({ seed: 7 }).observation
    expect(states(cartPole())[0]!.observation).toEqual([...expected])
  })

  it('stop with the step that completes the last state', () => {
    expect(played([new Plane(0, 3)], 3, [0]).environmentSteps).toBe(3)
    expect(played([new Plane(0, 3)], 4, [0]).environmentSteps).toBe(6)
    expect(played([new Plane(0, 3), new Plane(1, 3)], 6, [0]).environmentSteps).toBe(6)
  })
})

it('states that were not played have neither actions nor returns', () => {
  const states = Rollout.ofStates('Plane-v0', 2, Float32Array.of(1, 2, 3, 4), 9, 5)
  expect(states).toMatchObject({ envId: 'Plane-v0', size: 2, environmentSteps: 9, evaluations: 5 })
  expect(states.row(1)).toEqual({ observation: Float32Array.of(3, 4) })
  expect(Rollout.ofStates('Plane-v0', 2, new Float32Array(2), 9).evaluations).toBe(0)
})

it('random choices are among those that the mask of their copy allows', () => {
  const copies = [new Masked(), new Masked(), new Masked()] // which throw on others
  const envs = new SyncVectorEnv(copies, 'same-step')
  const rollout = Rollout.play(player, envs, { ...settings(90, 0), epsilon: () => 1 })
  expect(rollout.size).toBe(90)
})

describe('bad input', () => {
  it('copies that restart in a step of their own', () => {
    const envs = makeVec('CartPole-v1', 2, { autoreset: 'next-step' })
    expect(() => Rollout.play(player, envs, settings(5, 0))).toThrow(/autoreset of CartPole-v1 is next-step/)
  })

  it('an episode that never ends', () => {
    let steps = 0
    const still: Player = {
      actBatch: () => {
        steps++
        return Int32Array.of(1)
      },
    }
    const endless = make('MountainCar-v0').unwrapped as Env
    expect(() => Rollout.play(still, endless, { ...settings(1, 0), epsilon: () => 0 })).toThrow(
      /an episode of MountainCar-v0 has more than 200000 steps; wrap it in a TimeLimit/,
    )
    expect(steps).toBe(200_001)
  })

  it('observations that are not finite', () => {
    const env = cartPole()
    const step = env.step.bind(env)
    const broken: Env['step'] = (action) => ({ ...step(action), observation: new Float32Array(4).fill(Number.NaN) })
    expect(() => Rollout.play(player, Object.assign(env, { step: broken }), settings(5, 0))).toThrow(
      /observation of step 1 has NaN at index 0/,
    )
  })
})

describe('several rollouts as one', () => {
  const right = { actBatch: (x: Float32Array) => new Float32Array(x.length / 4).fill(1) }
  const play = (seed: number, epsilon: number, copies = 1) =>
    Rollout.play(right, makeVec('CartPole-v1', copies), {
      ...{ steps: 30, seed, gamma: 0.9, epsilon: () => epsilon, rng: new Rng(seed) },
    })

  it('have their rows one after the other, and their costs added up', () => {
    const parts = [play(1, 0), play(2, 0.5, 3)]
    const whole = Rollout.concat(parts)
    const rows = (rollout: Rollout) => Array.from({ length: rollout.size }, (_, i) => structuredClone(rollout.row(i)))
    expect(rows(whole)).toEqual(parts.flatMap(rows))
    expect(whole.size).toBe(60)
    for (const cost of ['environmentSteps', 'evaluations'] as const) {
      expect(whole[cost]).toBe(parts[0]![cost] + parts[1]![cost])
    }
    expect(Rollout.concat([parts[0]!])).toBe(parts[0])
  })

  it('count the observations that the player acted on: none where all actions are random', () => {
    expect(play(1, 0).evaluations).toBe(play(1, 0).environmentSteps)
    expect(play(1, 1).evaluations).toBe(0)
    const half = play(3, 0.5)
    expect(half.evaluations).toBeGreaterThan(0.2 * half.environmentSteps)
    expect(half.evaluations).toBeLessThan(0.8 * half.environmentSteps)
  })
})
