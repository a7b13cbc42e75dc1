import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pack, packedSize, unpack } from '../../../../src/data/packing.ts'
import type { AnyEnv, ResetOptions, Step } from '../../../../src/rl/envs/env.ts'
import { BatchedVectorEnv } from '../../../../src/rl/envs/vector/batched-vector-env.ts'
import { SyncVectorEnv } from '../../../../src/rl/envs/vector/sync-vector-env.ts'
import {
  type AutoresetMode,
  requireCopies,
  requireSameStep,
  type VectorEnv,
} from '../../../../src/rl/envs/vector/vector-env.ts'
import { FlattenObservation } from '../../../../src/rl/envs/wrappers/observation.ts'
import { a2c, finish, make, makeVec, ppo, Rollout, reinforce, TimeLimit } from '../../../../src/rl/index.ts'
import { CheckpointError, Rng, ShapeError, StateError, ValueError } from '../../../../src/tensor/index.ts'
import { forAll } from '../../../support/property.ts'
import { Walk } from '../../broken-envs.ts'
import { everySpace, Repeat } from '../../repeat-env.ts'

const classic = [
  ...'CartPole-v1 MountainCar-v0 MountainCarContinuous-v0 Pendulum-v1 PendulumDiscrete-v1'.split(' '),
  'Acrobot-v1',
]
const all = [...classic, 'FrozenLake-v1', 'Taxi-v3', 'Blackjack-v1', 'Corridor-v0']
const modes: AutoresetMode[] = ['same-step', 'next-step']

const setups = fc.record({
  id: fc.constantFrom(...all),
  numEnvs: fc.integer({ min: 1, max: 5 }),
  seed: fc.nat(),
  steps: fc.integer({ min: 1, max: 300 }),
})

/** One step's actions, flat, and as the single environments take them. */
function sampleActions(space: AnyEnv['actionSpace'], numEnvs: number, rng: Rng) {
  const each = Array.from({ length: numEnvs }, () => space.sample(rng))
  const flat = new Float32Array(numEnvs * packedSize(space))
  for (const [i, action] of each.entries()) pack(space, action, flat, i * packedSize(space))
  return { each, flat }
}

/** Keeps the pole up for long. */
function balance([x, velocity, angle, angularVelocity]: Float32Array): number {
  return Number(0.05 * x! + 0.1 * velocity! + angle! + 0.3 * angularVelocity! > 0)
}

/** Single environments with their bookkeeping done by hand, to compare with. */
function singles(id: string, numEnvs: number, seed: number) {
  const envs = Array.from({ length: numEnvs }, () => make<unknown, unknown>(id))
  const size = packedSize(envs[0]!.observationSpace)
  const flat = (env: AnyEnv, value: unknown) => {
    const out = new Float32Array(size)
    pack(env.observationSpace, value, out, 0)
    return [...out]
  }
  const copies = envs.map((env, i) => ({
    env,
    observation: flat(env, env.reset({ seed: seed + i }).observation),
    final: [] as number[],
    dones: false,
    running: { return: 0, length: 0 },
    finished: { return: 0, length: 0 },
    reward: 0,
    terminated: false,
    truncated: false,
    autoresetSteps: false,
  }))
  const step = (actions: unknown[], autoreset: AutoresetMode) => {
    copies.forEach((copy, i) => {
      copy.autoresetSteps = copy.dones && autoreset === 'next-step'
      if (copy.autoresetSteps) {
        copy.observation = flat(copy.env, copy.env.reset().observation)
        Object.assign(copy, { dones: false, reward: 0, terminated: false, truncated: false })
      } else {
        const { observation, reward, terminated, truncated } = copy.env.step(actions[i])
        Object.assign(copy, { reward, terminated, truncated, dones: terminated || truncated })
        copy.observation = flat(copy.env, observation)
        copy.running = { return: copy.running.return + reward, length: copy.running.length + 1 }
        if (copy.dones) {
          copy.finished = copy.running
          copy.running = { return: 0, length: 0 }
        }
      }
      copy.final = copy.observation
      if (copy.dones && autoreset === 'same-step') copy.observation = flat(copy.env, copy.env.reset().observation)
    })
  }
  return { copies, step, actionSpace: envs[0]!.actionSpace }
}

function expectSame(envs: VectorEnv, { copies }: ReturnType<typeof singles>): void {
  expectNumbers(
    envs.observations,
    copies.flatMap(({ observation }) => observation),
  )
  expectNumbers(
    envs.finalObservations,
    copies.flatMap(({ final }) => final),
  )
  expectNumbers(
    envs.rewards,
    copies.map(({ reward }) => reward),
  )
  expectNumbers(
    envs.terminated,
    copies.map(({ terminated }) => Number(terminated)),
  )
  expectNumbers(
    envs.truncated,
    copies.map(({ truncated }) => Number(truncated)),
  )
  expectNumbers(
    envs.dones,
    copies.map(({ dones }) => Number(dones)),
  )
  expectNumbers(
    envs.autoresetSteps,
    copies.map(({ autoresetSteps }) => Number(autoresetSteps)),
  )
  expectNumbers(
    envs.episodeReturns,
    copies.map(({ finished }) => finished.return),
  )
  expectNumbers(
    envs.episodeLengths,
    copies.map(({ finished }) => finished.length),
  )
}

// Called some hundred thousand times: the matcher, which is slow, only words a failure.
function expectNumbers(got: ArrayLike<number>, wanted: readonly number[]): void {
  if (got.length !== wanted.length || wanted.some((x, i) => !Object.is(x, got[i])))
    expect(Array.from(got)).toEqual(wanted)
}

describe('makeVec', () => {
  it('chooses the array form for classic control and single environments for the rest', () => {
    for (const id of classic) expect(makeVec(id, 2)).toBeInstanceOf(BatchedVectorEnv)
    expect(makeVec('FrozenLake-v1', 2)).toBeInstanceOf(SyncVectorEnv)
    expect(makeVec('CartPole-v1', 2, { wrap: (env) => new TimeLimit(env, 9) })).toBeInstanceOf(SyncVectorEnv)
  })

  it('steps copies into arrays; an ended copy starts anew in the same step', () => {
    const envs = makeVec('CartPole-v1', 3)
    envs.reset({ seed: 0 })
    const before = envs.observations
    while (!envs.dones.includes(1)) envs.step([0, 0, 0])
    const i = envs.dones.indexOf(1)
    const row = (array: Float32Array) => array.subarray(4 * i, 4 * i + 4)
    expect(envs.terminated[i]).toBe(1)
    expect(Math.abs(row(envs.finalObservations)[2]!)).toBeGreaterThan(0.2)
    expect(Math.abs(row(envs.observations)[2]!)).toBeLessThanOrEqual(0.05)
    expect(envs.episodeReturns[i]).toBe(envs.episodeLengths[i])
    expect(envs.observations).toBe(before)
  })

  it.each(modes)('gives what single environments give with the same seeds, %s', (autoreset) => {
    forAll([setups], { numRuns: 25 }, ({ id, numEnvs, seed, steps }) => {
      const envs = makeVec(id, numEnvs, { autoreset })
      const wanted = singles(id, numEnvs, seed)
      envs.reset({ seed: seed % 2 === 0 ? seed : Array.from({ length: numEnvs }, (_, i) => seed + i) })
      expect([...envs.observations]).toEqual(wanted.copies.flatMap(({ observation }) => observation))
      const rng = new Rng(seed)
      for (let t = 0; t < steps; t++) {
        const { each, flat } = sampleActions(wanted.actionSpace, numEnvs, rng)
        envs.step(flat)
        wanted.step(each, autoreset)
        expectSame(envs, wanted)
      }
    })
  })

  it.each(classic)('reaches the time limit of %s as single environments do', (id) => {
    const envs = makeVec(id, 2, { autoreset: 'next-step' })
    const wanted = singles(id, 2, 5)
    envs.reset({ seed: 5 })
    // Balance the pole; leave everything else alone.
    const idle = wanted.actionSpace.kind === 'box' ? 0 : 1
    let truncations = 0
    for (let t = 0; t < 1002; t++) {
      const flat = [0, 1].map((i) => (id === 'CartPole-v1' ? balance(envs.observations.subarray(4 * i)) : idle))
      envs.step(flat)
      wanted.step(
        flat.map((_, i) => unpack(wanted.actionSpace, flat, i)),
        'next-step',
      )
      expectSame(envs, wanted)
      truncations += envs.truncated[0]!
    }
    expect(truncations).toBeGreaterThan(0)
  })

  it.each(modes)('goes on from a saved state with the same bits, %s', (autoreset) => {
    forAll([setups, fc.nat(50)], { numRuns: 25 }, ({ id, numEnvs, seed, steps }, more) => {
      const envs = makeVec(id, numEnvs, { autoreset })
      const other = makeVec(id, numEnvs, { autoreset })
      envs.reset({ seed })
      const rng = new Rng(seed)
      const next = () => sampleActions(envs.actionSpace, numEnvs, rng).flat
      for (let t = 0; t < steps; t++) envs.step(next())
      other.restore(JSON.parse(JSON.stringify(envs.save())))
      expect(other.observations).toEqual(envs.observations)
      for (let t = 0; t < more; t++) {
        const actions = next()
        envs.step(actions)
        other.step(actions)
        expect(other.observations).toEqual(envs.observations)
        expect(other.rewards).toEqual(envs.rewards)
        expect(other.dones).toEqual(envs.dones)
        const finished = (of: VectorEnv) => of.episodeReturns.filter((_, i) => of.dones[i] === 1)
        expect(finished(other)).toEqual(finished(envs))
      }
    })
  })

  it('cuts copies off that started at different times, each at its own limit', () => {
    const envs = makeVec('CartPole-v1', 2)
    envs.reset({ seed: 2 })
    let clock = 0
    const starts = [0, 0]
    const cuts: number[][] = [[], []]
    while (clock < 1600) {
      const fall = clock < 30 && starts[0] === 0 // the first copy falls once
      envs.step([fall ? 1 : balance(envs.observations.subarray(0, 4)), balance(envs.observations.subarray(4))])
      clock++
      for (const i of [0, 1]) {
        if (envs.truncated[i] === 1) cuts[i]!.push(clock - starts[i]!)
        if (envs.dones[i] === 1) starts[i] = clock
      }
    }
    expect(starts[0]).not.toBe(starts[1])
    expect(cuts).toEqual([
      [500, 500, 500],
      [500, 500, 500],
    ])
  })

  it('remembers over a save how far each episode is', () => {
    const envs = makeVec('Pendulum-v1', 1)
    envs.reset({ seed: 1 })
    for (let t = 0; t < 199; t++) envs.step([0])
    const other = makeVec('Pendulum-v1', 1)
    other.restore(envs.save())
    other.step([0])
    expect([other.truncated[0], other.episodeLengths[0]]).toEqual([1, 200])
  })

  it('forgets all of the episodes before a reset', () => {
    const envs = makeVec('CartPole-v1', 3)
    envs.reset({ seed: 1 })
    while (!envs.dones.includes(1)) envs.step([0, 0, 0])
    envs.reset({ seed: 1 })
    for (const array of [envs.rewards, envs.terminated, envs.dones, envs.episodeReturns, envs.episodeLengths]) {
      expectNumbers(array, [0, 0, 0])
    }
    expect(envs.finalObservations).toEqual(envs.observations)
    while (!envs.dones.includes(1)) envs.step([0, 0, 0])
    const i = envs.dones.indexOf(1)
    expect(envs.episodeReturns[i]).toBe(envs.episodeLengths[i])
    expect(envs.episodeLengths[i]).toBeLessThan(15)
  })

  it('gives each copy random numbers of its own when there is no seed', () => {
    for (const id of ['CartPole-v1', 'Taxi-v3']) {
      const envs = makeVec(id, 8)
      envs.reset()
      const rows = Array.from({ length: 8 }, (_, i) => {
        const { observationSize: size } = envs
        return envs.observations.subarray(i * size, (i + 1) * size).join()
      })
      expect(new Set(rows).size).toBeGreaterThan(4)
    }
  })

  it('takes forces in double precision from an array of doubles', () => {
    const envs = makeVec('Pendulum-v1', 1)
    const single = make<Float32Array, Float32Array | Float64Array>('Pendulum-v1')
    envs.reset({ seed: 3 })
    single.reset({ seed: 3 })
    for (const force of [Float64Array.of(0.3), Float32Array.of(0.3), Float64Array.of(-1.7)]) {
      envs.step(force)
      expect(envs.rewards[0]).toBe(single.step(force).reward)
    }
  })

  it('passes reset options on, to the first start and to those that follow', () => {
    for (const wrap of [undefined, (env: AnyEnv) => env]) {
      const envs = makeVec('CartPole-v1', 2, wrap === undefined ? {} : { wrap })
      envs.reset({ seed: 1, options: { low: 0, high: 0 } })
      expect([...envs.observations]).toEqual(new Array(8).fill(0))
      while (!envs.dones.includes(1)) envs.step([1, 1])
      expect([...envs.observations]).toEqual(new Array(8).fill(0))
    }
  })

  it.each(['CartPole-v1', 'FrozenLake-v1'])('returns the arrays that step writes, in %s', (id) => {
    const envs = makeVec(id, 2)
    const { observations, infos } = envs.reset({ seed: 1 })
    expect(observations).toBe(envs.observations)
    expect(infos.finalObservations).toEqual(observations)
    let step = envs.step([1, 1])
    for (let t = 0; t < 200 && !step.infos.dones.includes(1); t++) step = envs.step([1, 1])
    expect(step).toBe(envs.step([1, 1])) // one object, made once
    const { rewards, terminations, truncations } = step
    expect([rewards, terminations, truncations]).toEqual([envs.rewards, envs.terminated, envs.truncated])
    expect(step.observations).toBe(observations)
    expect(step.infos.episodeReturns).toBe(envs.episodeReturns)
    expect(step.infos.episodeLengths.some((length) => length > 0)).toBe(true)
  })

  it.each(everySpace.map((space) => [String(space), space] as const))(
    'packs observations and actions of %s',
    (_, space) => {
      const envs = new SyncVectorEnv([new Repeat(space), new Repeat(space)], 'same-step')
      const single = new Repeat(space)
      const packed = (value: unknown) => {
        const numbers = new Float32Array(packedSize(space))
        pack(space, value, numbers, 0)
        return [...numbers]
      }
      const second = () => [...envs.observations.subarray(packedSize(space))]
      envs.reset({ seed: 4 })
      expect(second()).toEqual(packed(single.reset({ seed: 5 }).observation))
      const action = space.sample(new Rng(1))
      envs.step([...packed(action), ...packed(action)])
      const { observation, reward } = single.step(action)
      expect([second(), envs.rewards[1]]).toEqual([packed(observation), reward])
      const outside = packed(action).map(() => Number.NaN)
      expect(() => envs.step([...packed(action), ...outside])).toThrow(
        /sub-environment 1: the action is .*NaN.*; allowed is/,
      )
    },
  )

  it('a network is told to flatten observations that are no vectors', () => {
    const train = () => ppo(makeVec('FrozenLake-v1', 2)).next()
    expect(train).toThrow('ppo: FrozenLake-v1 shows Discrete(0 … 15); networks need vectors: use FlattenObservation')
    const wrap = (env: AnyEnv) => new FlattenObservation(env) as AnyEnv
    expect(makeVec('FrozenLake-v1', 2, { wrap }).observationSize).toBe(16)
  })

  it('shows action masks of environments that have them', () => {
    const envs = makeVec('Taxi-v3', 2) as SyncVectorEnv
    envs.reset({ seed: 3 })
    const single = make<number>('Taxi-v3')
    const first = [...(single.reset({ seed: 3 }).info.actionMask as ArrayLike<number> as number[])]
    expect([...envs.actionMasks!.subarray(0, 6)]).toEqual(first)
    expect(envs.step([0, 0]).infos.actionMasks).toBe(envs.actionMasks)
  })

  it('refuses foreign calls and actions in words', () => {
    const envs = makeVec('CartPole-v1', 2)
    expect(() => envs.step([0, 0])).toThrow(StateError)
    envs.reset()
    expect(() => envs.step([0])).toThrow(ShapeError)
    expect(() => envs.step([0, 2])).toThrow(
      /CartPole-v1, sub-environment 1: the action is 2; allowed is Discrete\(0 … 1\)/,
    )
    for (const bad of [0.5, -1, Number.NaN, Infinity]) expect(() => envs.step([0, bad])).toThrow(ValueError)
    const pendulums = makeVec('Pendulum-v1', 1)
    pendulums.reset()
    expect(() => pendulums.step([Number.NaN])).toThrow(/the action is NaN/)
    const lakes = makeVec('FrozenLake-v1', 1)
    lakes.reset()
    expect(() => lakes.step([4])).toThrow(/FrozenLake-v1, sub-environment 0: the action is 4/)
    expect(() => makeVec('CartPole-v1', 0)).toThrow(/0 sub-environments/)
    expect(() => makeVec('CartPole-v1', 1, { autoreset: 'never' as AutoresetMode })).toThrow(/same-step or next-step/)
    expect(() => envs.restore({ copies: [] })).toThrow(/0 sub-environments, not 2/)
  })
})

describe('SyncVectorEnv', () => {
  /** Changes what an environment of the tests returns from its third step on; a reset is step 0. */
  const changed = (change: (step: Step<Float32Array>) => object, from = 3): AnyEnv =>
    new (class extends Walk {
      steps = 0
      override reset(options?: ResetOptions) {
        this.steps = 0
        const reset = super.reset(options)
        return from > 0 ? reset : (change({ ...reset, reward: 0, terminated: false, truncated: false }) as typeof reset)
      }
      override step(action: number) {
        const step = super.step(action)
        return ++this.steps < from ? step : (change(step) as typeof step)
      }
    })()
  const observing = (observation: unknown) => changed((step) => ({ ...step, observation }))
  const rewarding = (reward: unknown) => changed((step) => ({ ...step, reward }))

  const play = (env: AnyEnv) => () => {
    const envs = new SyncVectorEnv([new Walk(), env], 'same-step')
    envs.reset({ seed: 1 })
    for (let t = 0; t < 4; t++) envs.step([t % 2, t % 2])
  }

  it.each([
    ['too short', new Float32Array(0), /has 0 numbers where its space has 1/],
    ['too long', new Float32Array(2), /has 2 numbers where its space has 1/],
    ['missing', undefined, /undefined where a Float32Array belongs/],
    ['null', null, /null where a Float32Array belongs/],
    ['a number', 0.5, /0.5 where a Float32Array belongs/],
  ])('throws on an observation that is %s, whenever it comes', (_, observation, fault) => {
    expect(play(observing(observation))).toThrow(ShapeError)
    expect(play(observing(observation))).toThrow(fault)
    expect(play(observing(observation))).toThrow(
      /^Walk-v0, sub-environment 1: the observation of step 3 .*; checkEnv\(env\) lists what is wrong$/,
    )
    expect(play(changed((step) => ({ ...step, observation }), 0))).toThrow(/the observation of reset\(\)/)
  })

  it.each([undefined, null, Number.NaN, Infinity, '1'])('throws on a reward of %s', (reward) => {
    expect(play(rewarding(reward))).toThrow(ValueError)
    expect(play(rewarding(reward))).toThrow(
      /^Walk-v0, sub-environment 1: the reward of step 3 is .*; expected a (finite )?number; checkEnv\(env\)/,
    )
  })

  it('throws on NaN in the first observations of an episode, and on a mask of another length', () => {
    expect(play(changed((step) => ({ ...step, observation: Float32Array.of(Number.NaN) }), 1))).toThrow(
      /the observation of step 1 has NaN at index 0; expected a number/,
    )
    expect(play(changed((step) => ({ ...step, info: { actionMask: [1, 1, 1] } })))).toThrow(
      /the action mask of step 3 is Array \[1, 1, 1\]; expected 2 entries/,
    )
  })

  it('throws on a state number where a vector is expected, and the other way round', () => {
    const lake = make<number>('FrozenLake-v1')
    const wrong = Object.assign(Object.create(lake), { step: () => ({ ...lake.step(0), observation: [0] }) }) as AnyEnv
    const envs = new SyncVectorEnv([wrong], 'same-step')
    envs.reset({ seed: 1 })
    expect(() => envs.step([0])).toThrow(
      /the observation of step 1 has the wrong type: Array \[0\] where a whole number/,
    )
  })

  it('takes vectors of any array type, and values outside the bounds of the space', () => {
    const envs = new SyncVectorEnv([observing([7])], 'same-step')
    envs.reset({ seed: 1 })
    for (let t = 0; t < 4; t++) envs.step([1])
    expect([...envs.observations]).toEqual([7])
  })
})

it.each([
  ['a2c', (envs: VectorEnv) => finish(a2c(envs, { totalTimesteps: 10 }))],
  ['reinforce', (envs: VectorEnv) => finish(reinforce(envs, { totalTimesteps: 10 }))],
  [
    'rollout',
    (envs: VectorEnv) => {
      const player = { actBatch: () => new Int32Array(envs.numEnvs) }
      return Rollout.play(player, envs, { steps: 10, seed: 0, gamma: 0.99, epsilon: () => 0, rng: new Rng(0) })
    },
  ],
])('%s refuses next-step autoreset, whose resets are no transitions', (_, train) => {
  expect(() => train(makeVec('CartPole-v1', 1, { autoreset: 'next-step' }))).toThrow(
    /autoreset of CartPole-v1 is next-step; expected same-step/,
  )
})

describe('what a vector environment is given', () => {
  const carts = (numEnvs = 2) => {
    const envs = makeVec('CartPole-v1', numEnvs)
    envs.reset({ seed: 1 })
    return envs
  }

  it.each<[changed: object]>([
    [{ length: 1.5 }],
    [{ length: -1 }],
    [{ length: Number.NaN }],
    [{ dones: 1 }],
    [{ observation: [0, 0, 0] }],
    [{ observation: [0, 0, 0, Infinity] }],
    [{ return: Number.NaN }],
    [{ return: Infinity }],
  ])('restore refuses a sub-environment with %o', (changed) => {
    const [first, second] = carts().save().copies
    const restore = () => carts().restore({ copies: [first!, { ...second!, ...changed }] })
    expect(restore).toThrow(CheckpointError)
    expect(restore).toThrow('CartPole-v1: the saved sub-environment 1 has a broken observation, return or length')
  })

  it('restore refuses another number of sub-environments', () => {
    const message = 'CartPole-v1: the saved state has 3 sub-environments, not 2'
    expect(() => carts().restore(carts(3).save())).toThrow(message)
  })

  it('reset takes a seed for each, or one that counts up', () => {
    const [listed, counted] = [carts(), carts()]
    listed.reset({ seed: [8, 9] })
    counted.reset({ seed: 8 })
    expect(listed.observations).toEqual(counted.observations)
    expect(() => carts().reset({ seed: [5] })).toThrow('CartPole-v1: reset with 1 seeds; expected one, or 2')
    expect(() => carts().reset({ seed: [1, 2, 3] })).toThrow(ShapeError)
  })

  it('an algorithm of transitions needs same-step autoreset', () => {
    const [same, next] = (['same-step', 'next-step'] as const).map(
      (autoreset) => ({ id: 'Cart', autoreset }) as VectorEnv,
    )
    expect(() => requireSameStep('learn', same!)).not.toThrow()
    expect(() => requireSameStep('learn', next!)).toThrow(
      'learn: autoreset of Cart is next-step; expected same-step: every step is a transition',
    )
  })

  it('the number of sub-environments is whole, from 1 on, and fits the memory with their observations', () => {
    expect(() => requireCopies('Cart', 1, 4)).not.toThrow()
    for (const numEnvs of [0, -1, 1.5, Number.NaN]) {
      expect(() => requireCopies('Cart', numEnvs)).toThrow(
        `Cart: ${numEnvs} sub-environments; expected a whole number from 1 on`,
      )
    }
    expect(() => requireCopies('Cart', 1e12)).toThrow(/^Cart: 1000000000000 sub-environments/)
    expect(() => requireCopies('Cart', 1000, 1e12)).toThrow(/^Cart: 1000 sub-environments/)
  })

  it('no step of same-step autoreset is one that only resets', () => {
    const envs = makeVec('CartPole-v1', 3)
    envs.reset({ seed: 1 })
    let ended = 0
    for (let t = 0; t < 40; t++) {
      const { infos } = envs.step([1, 1, 1])
      expect([...infos.autoresetSteps]).toEqual([0, 0, 0])
      ended += infos.dones.filter((each) => each === 1).length
    }
    expect(ended).toBeGreaterThan(5)
  })
})
