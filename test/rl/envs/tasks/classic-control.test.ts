import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ANGLE_LIMIT, CartPole, X_LIMIT } from '../../../../src/rl/envs/tasks/cart-pole.ts'
import type { ClassicControl } from '../../../../src/rl/envs/tasks/classic-control.ts'
import { make, spec } from '../../../../src/rl/envs/tasks/make.ts'
import { Acrobot, MountainCar, MountainCarContinuous, Pendulum } from '../../../../src/rl/index.ts'
import { Rng, StateError, ValueError } from '../../../../src/tensor/index.ts'
import { forAll } from '../../../support/property.ts'

interface Specification {
  readonly id: string
  readonly max_episode_steps: number
  readonly reward_threshold: number | null
  readonly observation_space: Record<string, unknown>
  readonly action_space: Record<string, unknown>
  readonly reset: { readonly low: readonly number[]; readonly high: readonly number[] }
}

const ids = [
  ...['CartPole-v0', 'CartPole-v1', 'MountainCar-v0', 'MountainCarContinuous-v0'],
  ...['Pendulum-v1', 'PendulumDiscrete-v1', 'Acrobot-v1'],
]

const { envs: specifications } = JSON.parse(
  readFileSync(new URL('../../../golden/envs/specs.json', import.meta.url), 'utf8'),
) as { envs: readonly Specification[] }

/** A space in the words of specs.json. */
function describeSpace(space: unknown): Record<string, unknown> {
  const { kind, n, start, shape, low, high } = space as Record<string, number & number[]>
  if ((kind as unknown) === 'discrete') return { type: 'Discrete', n, start, dtype: 'int64' }
  const bounds = (numbers: ArrayLike<number>) =>
    Array.from(numbers, (x) => (Number.isFinite(x) ? x : x > 0 ? 'Infinity' : '-Infinity'))
  return { type: 'Box', shape, dtype: 'float32', low: bounds(low!), high: bounds(high!) }
}

const bareOf = (id: string) => make(id).unwrapped as ClassicControl<unknown>
const small = (size: number) => fc.double({ min: -size, max: size, noNaN: true })

describe.each(ids.filter((id) => id !== 'PendulumDiscrete-v1'))('%s is specified as Gymnasium has it', (id) => {
  const wanted = specifications.find((specification) => specification.id === id)!

  it('spaces, time limit and reward threshold', () => {
    const env = make(id)
    expect(describeSpace(env.observationSpace)).toEqual(wanted.observation_space)
    expect(describeSpace(env.actionSpace)).toEqual(wanted.action_space)
    expect(spec(id).maxEpisodeSteps).toBe(wanted.max_episode_steps)
    expect(spec(id).rewardThreshold ?? null).toBe(wanted.reward_threshold)
  })

  it('start states, spread over their whole range', () => {
    const env = bareOf(id)
    const { low, high } = env.startBounds({})
    expect({ low: [...low], high: [...high] }).toEqual({ low: wanted.reset.low, high: wanted.reset.high })
    const starts = Array.from({ length: 400 }, (_, seed) => {
      env.reset({ seed })
      return env.state
    })
    wanted.reset.low.forEach((low, k) => {
      const values = starts.map((state) => state[k]!)
      const width = wanted.reset.high[k]! - low
      expect(Math.min(...values)).toBeGreaterThanOrEqual(Math.fround(low))
      expect(Math.min(...values)).toBeLessThanOrEqual(low + 0.05 * width)
      expect(Math.max(...values)).toBeLessThanOrEqual(Math.fround(wanted.reset.high[k]!))
      expect(Math.max(...values)).toBeGreaterThanOrEqual(wanted.reset.high[k]! - 0.05 * width)
    })
  })
})

it('CartPole ends at the limits that Gymnasium states', () => {
  const { constants } = specifications[1] as unknown as { constants: Record<string, number> }
  expect({ x_threshold: X_LIMIT, theta_threshold_radians: ANGLE_LIMIT }).toEqual(constants)
})

describe.each(ids)('%s', (id) => {
  it('never shows an observation outside its space, whatever pushes it', () => {
    const pushes = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 60 })))
    forAll([fc.nat(), pushes], { numRuns: 30 }, (seed, pushes) => {
      const env = make<Float32Array, unknown>(id)
      const extremes = env.actionSpace.kind === 'box' ? [-1e3, 1e3].map((x) => Float32Array.of(x)) : [0, 1]
      env.reset({ seed })
      let ended = false
      for (const [right, times] of pushes) {
        for (let t = 0; t < times && !ended; t++) {
          const step = env.step(extremes[Number(right)])
          expect(env.observationSpace.contains(step.observation)).toBe(true)
          ended = step.terminated || step.truncated
        }
      }
    })
  })

  it('refuses actions that it does not know, naming them and what is allowed', () => {
    const env = make<Float32Array, unknown>(id)
    env.reset({ seed: 1 })
    const choices = env.actionSpace.kind === 'discrete'
    const foreign = choices
      ? [-1, 5, 0.5, Number.NaN, '1', true, null, undefined, [1], Float32Array.of(1)]
      : [0, '1', null, undefined, [0.5], Float32Array.of(), torque(0, 0), torque(Number.NaN), torque(Infinity)]
    for (const action of foreign) expect(() => env.step(action)).toThrow(ValueError)
    expect(() => env.step(choices ? 7 : torque(Number.NaN))).toThrow(
      choices
        ? /the action is 7; allowed is Discrete\(0 … /
        : /the action is Float32Array \[NaN\]; expected a Float32Array of one number/,
    )
  })

  it('refuses steps outside an episode, states, seeds and options that it cannot take', () => {
    const env = bareOf(id)
    const action = env.actionSpace.sample(new Rng(1))
    expect(() => env.step(action)).toThrow(/before the first reset/)
    expect(() => env.step(action)).toThrow(StateError)
    for (const state of [[], [0], [0, 0, 0], [Number.NaN, 0], [0, Infinity], [0, 1e9, 0, 0]]) {
      expect(() => Object.assign(env, { state })).toThrow(/a state is \d numbers/)
    }
    for (const seed of [-1, 0.5, Number.NaN]) expect(() => env.reset({ seed })).toThrow(ValueError)
    expect(() => env.reset({ options: { lowest: 0 } })).toThrow(/unknown option "lowest"/)
    expect(() => make(id, { colour: 'red' })).toThrow(/unknown option "colour"/)
  })
})

function torque(...numbers: number[]): Float32Array {
  return Float32Array.from(numbers)
}

it('reset options: bound the start state', () => {
  const cart = new CartPole()
  cart.reset({ seed: 1, options: { low: 0.01, high: 0.02 } })
  expect(cart.state.every((x) => x >= 0.01 && x <= 0.02)).toBe(true)
  const car = new MountainCar()
  car.reset({ options: { low: 0.3, high: 0.3 } })
  expect(car.state).toEqual([0.3, 0])
  const pendulum = new Pendulum()
  pendulum.reset({ options: { maxAngle: 0, maxVelocity: 0 } })
  expect(pendulum.state).toEqual([0, 0])
  expect(() => cart.reset({ options: { low: 0.1, high: 0 } })).toThrow(/low must not exceed high/)
  expect(() => cart.reset({ options: { low: 'a' } })).toThrow(/low is "a"/)
  expect(() => new Acrobot().reset({ options: { high: Infinity } })).toThrow(/high is Infinity/)
  expect(() => pendulum.reset({ options: { maxAngle: -1 } })).toThrow(/maxAngle is -1/)
})

it.each<[string, Record<string, unknown>]>([
  ['CartPole-v1', { kinematicsIntegrator: 'leapfrog' }],
  ['CartPole-v1', { suttonBartoReward: 'yes' }],
  ['MountainCar-v0', { goalVelocity: 1 }],
  ['MountainCarContinuous-v0', { goalVelocity: Number.NaN }],
  ['Pendulum-v1', { gravity: '10' }],
  ['Acrobot-v1', { bookOrNips: 'paper' }],
  ['Acrobot-v1', { timeStep: 0 }],
])('%s refuses the options %o', (id, options) => expect(() => make(id, options)).toThrow(ValueError))

it('MountainCarContinuous lets a speed that was cut to its limit pass a goal that asks for the limit', () => {
  const car = new MountainCarContinuous({ goalVelocity: 0.07 })
  car.state = [Math.fround(0.42), Math.fround(0.0699)]
  expect(car.step(torque(1))).toMatchObject({ terminated: true })
})

it('Acrobot starts from single precision', () => {
  const env = new Acrobot()
  env.reset({ seed: 4 })
  expect(env.state).toEqual(env.state.map(Math.fround))
})

describe('laws of motion', () => {
  /** The step of an action from a state, and the state after it. */
  const moved = (env: ClassicControl<unknown>, state: readonly number[], action: unknown) => {
    env.state = state
    return { ...env.step(action), state: env.state }
  }
  const cart = fc.constantFrom<'euler' | 'semi-implicit'>('euler', 'semi-implicit').map((kinematicsIntegrator) => {
    return new CartPole({ kinematicsIntegrator })
  })
  const force = small(3).map((push): [Float32Array, Float32Array] => [torque(push), torque(-push)])
  it.each<[string, fc.Arbitrary<ClassicControl<unknown>>, fc.Arbitrary<number[]>, fc.Arbitrary<[unknown, unknown]>]>([
    ['CartPole', cart, fc.tuple(small(2), small(3), small(0.2), small(3)), fc.constantFrom([0, 1], [1, 0])],
    ['Pendulum', fc.constant(new Pendulum()), fc.tuple(small(3), small(8)), force],
    [
      'Acrobot',
      fc.constant(new Acrobot()),
      fc.tuple(...[3, 3, 4, 9].map(small)),
      fc.constantFrom([0, 2], [1, 1], [2, 0]),
    ],
  ])('%s is its own mirror image, to the last bit, and its reward sees no difference', (_, envs, states, actions) => {
    forAll([envs, states, actions], (env, state, [action, mirrored]) => {
      const one = moved(env, state, action)
      const other = moved(
        env,
        state.map((x) => -x),
        mirrored,
      )
      for (const [k, x] of other.state.entries()) expect(x + one.state[k]!).toBe(0)
      expect(other.terminated).toBe(one.terminated)
      expect(other.reward).toBeCloseTo(one.reward, 12)
    })
  })

  it('Pendulum earns the same however many turns it has made, and folds the angle of its reward only', () => {
    forAll([small(3.1), fc.integer({ min: -40, max: 40 })], (angle, turns) => {
      const env = new Pendulum()
      const { reward } = moved(env, [angle, 1], torque(0))
      const turned = moved(env, [angle + turns * 2 * Math.PI, 1], torque(0))
      expect(turned.reward).toBeCloseTo(reward, 9)
      expect(Math.abs(turned.state[0]! - turns * 2 * Math.PI)).toBeLessThan(4)
    })
  })

  it('Pendulum left alone keeps its energy within the band of its integrator', () => {
    // Semi-implicit Euler is symplectic: the error of the energy is of the order of the time step, and does not grow.
    const energy = ([angle, velocity]: readonly number[]) => velocity! ** 2 / 6 + 5 * Math.cos(angle!)
    forAll([fc.double({ min: 1.6, max: 3, noNaN: true })], { numRuns: 5 }, (angle) => {
      const env = new Pendulum()
      env.state = [angle, 0]
      const before = energy(env.state)
      for (let t = 0; t < 2000; t++) {
        env.step(torque(0))
        expect(Math.abs(energy(env.state) - before)).toBeLessThan(0.6)
      }
    })
  })

  /** Moves the joints for `seconds` in steps of one length, the torque held. */
  function swing(start: readonly number[], action: number, seconds: number, timeStep: number): readonly number[] {
    const env = new Acrobot({ timeStep })
    env.state = start
    for (let t = 0; t < Math.round(seconds / timeStep); t++) {
      if (env.step(action).terminated) env.state = env.state as number[]
    }
    return env.state
  }

  it('Acrobot integrates with order four: half the step, a sixteenth of the error', () => {
    forAll([small(0.6), small(0.6), fc.constantFrom(0, 1, 2)], { numRuns: 20 }, (theta1, theta2, action) => {
      const start = [theta1, theta2, 0.5, -0.5]
      const exact = swing(start, action, 0.8, 0.8 / 512)
      const error = (timeStep: number) =>
        Math.hypot(...swing(start, action, 0.8, timeStep).map((x, k) => x - exact[k]!))
      const order = Math.log2(error(0.05) / error(0.025))
      expect(order).toBeGreaterThan(3.4)
      expect(order).toBeLessThan(4.8)
    })
  })

  it('Acrobot left alone keeps its energy, by the equations of the book', () => {
    const energy = ([theta1, theta2, v1, v2]: readonly number[]) => {
      const d1 = 3.5 + Math.cos(theta2!)
      const d2 = 1.25 + 0.5 * Math.cos(theta2!)
      const kinetic = 0.5 * d1 * v1! ** 2 + d2 * v1! * v2! + 0.5 * 1.25 * v2! ** 2
      return kinetic - 9.8 * (1.5 * Math.cos(theta1!) + 0.5 * Math.cos(theta1! + theta2!))
    }
    forAll([small(1), small(1), small(1), small(1)], { numRuns: 20 }, (...start) => {
      const after = swing(start, 1, 2, 0.01)
      expect(Math.abs(energy(after) - energy(start))).toBeLessThan(1e-4)
    })
  })

  it('MountainCar without a push never climbs above where it started', () => {
    forAll([fc.double({ min: -1, max: 0.4, noNaN: true })], { numRuns: 20 }, (position) => {
      const env = new MountainCar()
      const height = (x: number) => Math.sin(3 * x)
      env.state = [position, 0]
      for (let t = 0; t < 300; t++) {
        env.step(1)
        expect(height(env.state[0]!)).toBeLessThan(height(position) + 0.02)
      }
    })
  })

  it('MountainCarContinuous at full force is MountainCar with another motor', () => {
    const car = new MountainCarContinuous()
    car.state = [-0.5, 0]
    const { reward } = car.step(Float64Array.of(1))
    expect(reward).toBe(-0.1)
    expect(car.state[1]).toBe(Math.fround(0.0015 - 0.0025 * Math.cos(-1.5)))
  })
})
