import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RunningMoments } from '../../../src/data/running-moments.ts'
import { Box, Dict, Discrete } from '../../../src/data/spaces.ts'
import type { AnyEnv, Env } from '../../../src/rl/envs/env.ts'
import { MountainCarContinuous } from '../../../src/rl/envs/tasks/mountain-car-continuous.ts'
import { ClipAction, DiscretizeAction, RescaleAction } from '../../../src/rl/envs/wrappers/action.ts'
import { RecordEpisodeStatistics, TimeLimit } from '../../../src/rl/envs/wrappers/episode.ts'
import {
  FlattenObservation,
  FrameStackObservation,
  NormalizeObservation,
} from '../../../src/rl/envs/wrappers/observation.ts'
import { NormalizeReward, TransformReward } from '../../../src/rl/envs/wrappers/reward.ts'
import { restoreEnv, saveEnv } from '../../../src/rl/envs/wrappers/wrapper.ts'
import { CartPole, make, Pendulum } from '../../../src/rl/index.ts'
import { Rng, StateError, ValueError } from '../../../src/tensor/index.ts'
import { forAll, property } from '../../support/property.ts'
import { Repeat } from '../repeat-env.ts'

const torque = (x: number) => Float32Array.of(x)

describe('every wrapper', () => {
  const wrapped: [string, () => AnyEnv][] = [
    ['TimeLimit', () => new TimeLimit(new CartPole(), 9)],
    ['RecordEpisodeStatistics', () => new RecordEpisodeStatistics(new CartPole())],
    ['NormalizeObservation', () => new NormalizeObservation(new CartPole())],
    ['NormalizeReward', () => new NormalizeReward(new CartPole())],
    ['TransformReward', () => new TransformReward(new CartPole(), (reward) => reward / 2)],
    ['ClipAction', () => new ClipAction(new Pendulum())],
    ['RescaleAction', () => new RescaleAction(new Pendulum())],
    ['DiscretizeAction', () => new DiscretizeAction(new Pendulum(), 3)],
    ['FrameStackObservation', () => new FrameStackObservation(new CartPole(), 3)],
  ]

  it.each(wrapped)('%s forwards state, random numbers and what is inside', (_, create) => {
    const env = create()
    const { unwrapped } = env
    expect(unwrapped instanceof CartPole || unwrapped instanceof Pendulum).toBe(true)
    expect(env.id).toBe(unwrapped.id)
    env.reset({ seed: 3 })
    expect(env.rng).toBe(unwrapped.rng)
    env.rng = new Rng(8)
    expect(unwrapped.rng.state).toEqual(new Rng(8).state)
    const state = env.state.map((x) => x / 2)
    env.state = state
    expect(unwrapped.state).toEqual(state)
  })

  it.each(wrapped)('%s goes on from where it was saved, with the same bits', (_, create) => {
    const env = create()
    const other = create()
    const rng = new Rng(5)
    env.reset({ seed: 4 })
    for (let t = 0; t < 5; t++) env.step(env.actionSpace.sample(rng))
    restoreEnv(other, JSON.parse(JSON.stringify(saveEnv(env))))
    for (let t = 0; t < 3; t++) {
      const action = env.actionSpace.sample(rng)
      expect(other.step(action)).toEqual(env.step(action))
    }
  })

  it('is counted when a saved environment is put back', () => {
    expect(() => restoreEnv(new CartPole(), saveEnv(make('CartPole-v1')))).toThrow(/saved with 1 wrappers/)
  })
})

describe('TimeLimit', () => {
  it('truncates on its last step, beside what the task says, and refuses to go on', () => {
    const env = new TimeLimit(new CartPole(), 3)
    expect(() => env.step(0)).toThrow(/before the first reset/)
    env.reset({ seed: 1 })
    expect([env.step(0), env.step(1), env.step(0)].map(({ truncated }) => truncated)).toEqual([false, false, true])
    expect(() => env.step(0)).toThrow(StateError)
    env.reset()
    env.step(0)
    env.step(0)
    env.state = [0, 0, 0.2094, 3]
    expect(env.step(0)).toMatchObject({ terminated: true, truncated: true })
  })

  it('takes whole numbers from 1 on', () => {
    for (const limit of [0, -1, 1.5, Number.NaN]) expect(() => new TimeLimit(new CartPole(), limit)).toThrow(ValueError)
  })
})

it('RecordEpisodeStatistics: reports return and length on the last step, of each episode afresh', () => {
  const env = new RecordEpisodeStatistics(new TimeLimit(new TransformReward(new CartPole(), () => 0.5), 4))
  for (let episode = 0; episode < 2; episode++) {
    env.reset()
    for (let t = 0; t < 3; t++) expect(env.step(t % 2).info.episode).toBeUndefined()
    expect(env.step(1).info.episode).toEqual({ return: 2, length: 4 })
  }
})

describe('RunningMoments', () => {
  const rows = fc.array(fc.tuple(fc.double({ min: -1e3, max: 1e3, noNaN: true }), fc.integer({ min: -9, max: 9 })), {
    minLength: 1,
    maxLength: 40,
  })

  property('are the mean and the variance of all rows added', [rows, fc.nat(40)], (data, cut) => {
    const moments = new RunningMoments(2)
    moments.add(data.slice(0, cut).flat())
    for (const row of data.slice(cut)) moments.add(row)
    for (const k of [0, 1] as const) {
      const mean = data.reduce((sum, row) => sum + row[k], 0) / data.length
      const variance = data.reduce((sum, row) => sum + (row[k] - mean) ** 2, 0) / data.length
      expect(moments.mean[k]).toBeCloseTo(mean, 8)
      expect(moments.variance(k)).toBeCloseTo(variance, 4)
    }
    expect(moments.count).toBe(data.length)
  })

  it('refuse rows of another size', () => {
    expect(() => new RunningMoments(2).add([1, 2, 3])).toThrow(/rows of 2/)
    expect(() => new RunningMoments(2).restore(new RunningMoments(3).save())).toThrow(/expected 2/)
    expect(new RunningMoments(2).variance(0)).toBe(1)
  })
})

describe('NormalizeObservation', () => {
  it('brings observations to mean 0 and variance 1', () => {
    const env = new NormalizeObservation(new Pendulum())
    const seen = new RunningMoments(3)
    const rng = new Rng(2)
    env.reset({ seed: 1 })
    for (let t = 0; t < 2000; t++) env.step(env.actionSpace.sample(rng))
    for (let t = 0; t < 4000; t++) seen.add(env.step(env.actionSpace.sample(rng)).observation)
    for (let k = 0; k < 3; k++) {
      expect(Math.abs(seen.mean[k]!)).toBeLessThan(0.3)
      expect(seen.variance(k)).toBeGreaterThan(0.7)
      expect(seen.variance(k)).toBeLessThan(1.4)
    }
  })

  it('is the plain formula, and leaves moments that are frozen alone', () => {
    const moments = new RunningMoments(4)
    moments.add([0, 1, 2, 3, 2, 1, 0, 5])
    const env = new NormalizeObservation(new CartPole(), { moments, frozen: true, epsilon: 1e-6 })
    const raw = new CartPole().reset({ seed: 7 }).observation
    const { observation } = env.reset({ seed: 7 })
    const means = [1, 1, 1, 4]
    const variances = [1, 0, 1, 1]
    for (const [k, x] of raw.entries())
      expect(observation[k]).toBe(Math.fround((x - means[k]!) / Math.sqrt(variances[k]! + 1e-6)))
    expect(moments.count).toBe(2)
    env.frozen = false
    env.step(0)
    expect(moments.count).toBe(3)
  })

  it('needs vectors', () => {
    const lake = make<Float32Array>('FrozenLake-v1')
    expect(() => new NormalizeObservation(lake)).toThrow(/FrozenLake-v1 observes Discrete/)
    expect(() => new FrameStackObservation(lake, 2)).toThrow(/FrozenLake-v1 observes Discrete/)
  })
})

it('NormalizeReward: divides by the deviation of the discounted return, which starts from 0 in each episode', () => {
  const env = new NormalizeReward(new TimeLimit(new CartPole(), 2), { gamma: 0.5 })
  const returns = new RunningMoments(1)
  for (let episode = 0; episode < 3; episode++) {
    env.reset({ seed: episode })
    for (const discounted of [1, 1.5]) {
      returns.add([discounted])
      expect(env.step(0).reward).toBeCloseTo(1 / Math.sqrt(returns.variance(0) + 1e-8), 10)
    }
  }
  const before = env.moments.count
  env.frozen = true
  env.reset()
  env.step(0)
  expect(env.moments.count).toBe(before)
  expect(() => new NormalizeReward(new CartPole(), { gamma: 1.5 })).toThrow(/gamma is 1.5/)
})

describe('ClipAction and RescaleAction', () => {
  /** What the environment inside is given. */
  class Spy extends Pendulum {
    given: number | undefined
    override step(action: Float32Array | Float64Array) {
      this.given = action[0]
      return super.step(action)
    }
  }

  it('clip to the bounds', () => {
    const spy = new Spy()
    const env = new ClipAction(spy)
    env.reset()
    for (const [asked, given] of [
      [7, 2],
      [-7, -2],
      [1.5, 1.5],
    ] as const) {
      env.step(torque(asked))
      expect(spy.given).toBe(given)
    }
    expect(() => env.step(torque(Number.NaN))).toThrow(ValueError)
    expect(() => new ClipAction(make<Float32Array, Float32Array>('CartPole-v1'))).toThrow(/CartPole-v1 takes Discrete/)
  })

  it('stretch bounds to bounds, the ends exactly', () => {
    const spy = new Spy()
    forAll(
      [fc.double({ min: -100, max: 100, noNaN: true }), fc.double({ min: 1, max: 50, noNaN: true })],
      (low, width) => {
        const high = low + width
        const env = new RescaleAction(spy, low, high)
        env.reset()
        env.step(Float32Array.from(env.actionSpace.low))
        expect(spy.given).toBe(-2)
        env.step(Float32Array.from(env.actionSpace.high))
        expect(spy.given).toBe(2)
        env.step(torque(low + width / 4))
        expect(spy.given).toBeCloseTo(-1, 3)
      },
    )
    const env = new RescaleAction(spy)
    env.reset()
    env.step(torque(1))
    expect(spy.given).toBe(2)
    env.step(torque(-1))
    expect(spy.given).toBe(-2)
  })

  it('give bounds of unlike sizes exactly as well', () => {
    const spy = Object.assign(new Spy(), { actionSpace: new Box([-1e10], [0.1]) })
    const env = new RescaleAction(spy)
    env.reset()
    env.step(torque(1))
    expect(spy.given).toBe(Math.fround(0.1)) // -1e10 + (0.1 + 1e10) is not
    env.step(torque(-1))
    expect(spy.given).toBe(-1e10)
  })

  it('refuse what cannot be stretched', () => {
    const env = new RescaleAction(new Pendulum())
    env.reset()
    expect(() => env.step(torque(1.01))).toThrow(/Pendulum-v1: the action is Float32Array \[1.0099.*allowed is Box/)
    expect(() => new RescaleAction(new Pendulum(), 1, 1)).toThrow(/bounds 1 … 1/)
    expect(() => new RescaleAction(new ClipAction(new Pendulum()))).toThrow(/without bounds/)
    const both = new ClipAction(new RescaleAction(new Pendulum()))
    both.reset()
    both.step(torque(3))
  })
})

describe('DiscretizeAction', () => {
  it('gives Pendulum five torques, from -2 to 2, under an id of its own', () => {
    const env = make('PendulumDiscrete-v1')
    expect(env.id).toBe('PendulumDiscrete-v1')
    expect((env.actionSpace as Discrete).n).toBe(5)
    const plain = make<Float32Array, Float32Array>('Pendulum-v1')
    for (let choice = 0; choice < 5; choice++) {
      env.reset({ seed: choice })
      plain.reset({ seed: choice })
      expect(env.step(choice)).toEqual(plain.step(torque(choice - 2)))
    }
    expect(() => env.step(5)).toThrow(/PendulumDiscrete-v1: the action is 5; allowed is Discrete\(0 … 4\)/)
    expect(() => env.step(0.5)).toThrow(ValueError)
    expect((make('PendulumDiscrete-v1', { torques: 3, gravity: 9.81 }).actionSpace as Discrete).n).toBe(3)
    expect(() => make('PendulumDiscrete-v1', { torques: 1 })).toThrow(/torques is 1/)
  })

  it('takes any vectors of the action space as choices', () => {
    const env = new DiscretizeAction(new MountainCarContinuous(), [[-1], [0.25]])
    env.reset({ seed: 1 })
    expect(env.step(1).reward).toBeCloseTo(-0.1 / 16, 12)
    expect(() => new DiscretizeAction(new Pendulum(), [[3]])).toThrow(/allowed is Box/)
    expect(() => new DiscretizeAction(new Pendulum(), 1)).toThrow(/at least 2/)
  })
})

it('FrameStackObservation: shows the last observations, oldest first, the first one repeated', () => {
  const plain = new CartPole()
  const env = new FrameStackObservation(new CartPole(), 2)
  expect(env.observationSpace.shape).toEqual([2, 4])
  let previous = plain.reset({ seed: 2 }).observation
  const first = env.reset({ seed: 2 }).observation
  expect([...first]).toEqual([...previous, ...previous])
  for (const action of [0, 1, 1]) {
    const { observation } = plain.step(action)
    expect([...env.step(action).observation]).toEqual([...previous, ...observation])
    previous = observation
  }
  expect([...first.subarray(4)]).toEqual([...first.subarray(0, 4)])
  const kept = env.step(0).observation
  const copy = kept.slice()
  env.step(1)
  expect(kept).toEqual(copy)
  expect([...env.reset({ seed: 2 }).observation]).toEqual([...first])
  expect(() => new FrameStackObservation(new CartPole(), 0)).toThrow(/size is 0/)
})

describe('an observation of another shape', () => {
  const observing = (env: Env<never, number>, observation: unknown): Env<never, number> => {
    const step = env.step.bind(env)
    return Object.assign(env, { step: (action: number) => ({ ...step(action), observation: observation as never }) })
  }

  it.each([[new Float32Array(3)], [new Float32Array(5)], [undefined]])(
    'throws in FrameStackObservation: %s',
    (observation) => {
      const env = new FrameStackObservation(observing(new CartPole() as never, observation) as Env, 2)
      env.reset({ seed: 1 })
      expect(() => env.step(0)).toThrow(/FrameStackObservation: an observation of CartPole-v1 has .*; checkEnv\(env\)/)
    },
  )

  it('of FlattenObservation is the flattened one, from reset and step', () => {
    const dict = new Dict({ velocity: new Box([-1], [1]), gear: new Discrete(3) })
    const [plain, flat] = [new Repeat(dict), new FlattenObservation(new Repeat(dict))]
    const expected = (observation: unknown) => {
      const { gear, velocity } = observation as { gear: number; velocity: Float32Array }
      return Float32Array.of(...[0, 1, 2].map((each) => Number(each === gear)), ...velocity)
    }
    expect(String(flat.observationSpace)).toBe('Box([0, 0, 0, -1] … [1, 1, 1, 1])')
    expect(flat.reset({ seed: 3 }).observation).toEqual(expected(plain.reset({ seed: 3 }).observation))
    for (let i = 0; i < 8; i++) {
      const action = dict.sample(new Rng(i))
      expect(flat.step(action).observation).toEqual(expected(plain.step(action).observation))
    }
  })

  it('throws in FlattenObservation, as does a state outside the space', () => {
    for (const observation of [16, -1, 0.5, undefined]) {
      const env = new FlattenObservation(observing(make<never>('FrozenLake-v1'), observation) as Env<number>)
      env.reset({ seed: 1 })
      expect(() => env.step(0)).toThrow(
        /FlattenObservation: an observation of FrozenLake-v1 (is|has) .*checkEnv\(env\)/,
      )
    }
  })
})

describe('options', () => {
  it.each([
    ['NormalizeObservation', () => new NormalizeObservation(new CartPole(), { frozn: true } as never), /"frozen"/],
    ['NormalizeReward', () => new NormalizeReward(new CartPole(), { gama: 0.9 } as never), /"gamma"/],
  ])('%s throws on a misspelt option and suggests the name', (name, create, suggestion) => {
    expect(create).toThrow(ValueError)
    expect(create).toThrow(new RegExp(`^${name}: unknown option`))
    expect(create).toThrow(suggestion)
  })

  it('are checked against their ranges', () => {
    expect(() => new NormalizeReward(new CartPole(), { gamma: 1.5 })).toThrow(
      /gamma is 1.5; expected a number from 0 to 1/,
    )
    expect(() => new NormalizeObservation(new CartPole(), { epsilon: -1 })).toThrow(/epsilon is -1/)
  })
})

it('spaces of wrappers: say what goes in and what comes out', () => {
  expect(new ClipAction(new Pendulum()).actionSpace.contains(torque(100))).toBe(true)
  expect(new RescaleAction(new Pendulum(), 0, 1).actionSpace).toEqual(new Box([0], [1]))
  expect(new NormalizeObservation(new CartPole()).observationSpace.contains(new Float32Array(4).fill(9))).toBe(true)
  expect(new DiscretizeAction(new Pendulum(), 7).actionSpace).toEqual(new Discrete(7))
})

describe('wrappers of actions and a mirror symmetry', () => {
  const mirror = new Pendulum().mirror
  const choices = (...numbers: number[]) => new DiscretizeAction(new Pendulum(), numbers.map((each) => [each])).mirror // biome-ignore format: one line

  it('RescaleAction keeps it between equal bounds', () => {
    expect(new RescaleAction(new Pendulum()).mirror).toBe(mirror)
    expect(new RescaleAction(new Pendulum(), 0, 1).mirror).toBeUndefined()
  })

  it('DiscretizeAction keeps it if the image of each choice is a choice, to 1e-6 of its size', () => {
    expect(choices(2, 0.5, 0, -0.5, -2)?.actionPermutation).toEqual([4, 3, 2, 1, 0])
    expect(choices(1.999999, -2)?.actionPermutation).toEqual([1, 0])
    expect(choices(1.99, -2)).toBeUndefined()
    expect(choices(1, 1, -1)).toBeUndefined() // both would be the image of the third
    expect(choices(1, 0)).toBeUndefined()
    expect(choices(1, -1)).not.toHaveProperty('actionSigns')
    expect(new DiscretizeAction(new MountainCarContinuous(), 3).mirror).toBeUndefined()
  })

  it('RescaleAction refuses bounds that are not finite', () => {
    for (const [low, high] of [
      [-Infinity, 1],
      [0, Infinity],
      [-1e308, 1e308],
      [0, 1e39],
    ] as const) {
      // biome-ignore format: a pair each
      expect(() => new RescaleAction(new Pendulum(), low, high)).toThrow(
        `RescaleAction: bounds ${low} … ${high}; expected finite numbers, the lower one first`,
      )
    }
  })

  it('DiscretizeAction spaces at least two choices evenly, of one number', () => {
    expect(new DiscretizeAction(new Pendulum(), 2).choices).toEqual([Float32Array.of(-2), Float32Array.of(2)])
    const wide = Object.assign(new MountainCarContinuous(), { actionSpace: new Box([0, 0], [1, 1]) })
    expect(() => new DiscretizeAction(wide, 3)).toThrow(
      'DiscretizeAction: 3 even choices of 2 numbers; expected at least 2',
    )
    for (const count of [1, 2.5]) {
      expect(() => new DiscretizeAction(new Pendulum(), count)).toThrow(`DiscretizeAction: ${count} even choices of 1`)
    }
  })
})

describe('the memory of a wrapper', () => {
  it('of TimeLimit is a whole number of steps; after the last, the episode has ended', () => {
    const env = new TimeLimit(new CartPole(), 1)
    env.reset({ seed: 1 })
    env.step(0)
    expect(() => env.step(0)).toThrow(/after the end of the episode/)
    for (const saved of [-1, 0.5, Number.NaN]) {
      expect(() => env.restore(saved)).toThrow('expected a whole number')
    }
    env.restore(0)
    expect(env.step(0).truncated).toBe(true)
  })

  it('of NormalizeReward is the discounted return of the episode', () => {
    const env = new NormalizeReward(new CartPole(), { gamma: 0.5 })
    env.reset({ seed: 1 })
    for (let i = 0; i < 3; i++) env.step(i % 2)
    expect(env.save().discountedReturn).toBe(1 + 0.5 + 0.25)
    env.reset()
    expect(env.save().discountedReturn).toBe(0)
  })
})
