// Mirror symmetries: which environments have one, what wrappers do to it, and that checkEnv finds a wrong one.

import { describe, expect, it } from 'vitest'
import { Box, Discrete, MultiBinary, type Space } from '../../../src/data/spaces.ts'
import type { AnyEnv, Env } from '../../../src/rl/envs/env.ts'
import { type MirrorSymmetry, mirroredAction, mirrorFault } from '../../../src/rl/envs/mirror-symmetry.ts'
import { MountainCarContinuous } from '../../../src/rl/envs/tasks/mountain-car-continuous.ts'
import { ClipAction, DiscretizeAction, RescaleAction } from '../../../src/rl/envs/wrappers/action.ts'
import { RecordEpisodeStatistics } from '../../../src/rl/envs/wrappers/episode.ts'
import { FrameStackObservation, NormalizeObservation } from '../../../src/rl/envs/wrappers/observation.ts'
import { NormalizeReward, PotentialShaping, TransformReward } from '../../../src/rl/envs/wrappers/reward.ts'
import { Acrobot, CartPole, checkEnv, MountainCar, make, makeVec, Pendulum } from '../../../src/rl/index.ts'
import { builtInIds } from '../../support/built-in-ids.ts'
import { Walk } from '../broken-envs.ts'

/** The environment with another symmetry. */
function declaring<E extends object>(env: E, mirror: MirrorSymmetry): E {
  return Object.defineProperty(env, 'mirror', { value: mirror })
}

const rulesOf = (env: object, steps = 60) => checkEnv(env as AnyEnv, { steps }).map(({ rule }) => rule)

/** All vectors of `length` signs. */
const signsOf = (length: number) =>
  Array.from({ length: 2 ** length }, (_, bits) => Array.from({ length }, (_, k) => ((bits >> k) & 1 ? -1 : 1)))

describe('the mirror symmetry of an environment', () => {
  it('is known of CartPole, Acrobot and Pendulum, and of no other', () => {
    const known = builtInIds.filter((id) => make(id).mirror !== undefined)
    expect(known).toEqual(['CartPole-v0', 'CartPole-v1', 'Pendulum-v1', 'PendulumDiscrete-v1', 'Acrobot-v1'])
    expect(make('CartPole-v1').mirror).toEqual({ observationSigns: [-1, -1, -1, -1], actionPermutation: [1, 0] })
    expect(make('Acrobot-v1').mirror).toMatchObject({
      observationSigns: [1, -1, 1, -1, -1, -1],
      actionPermutation: [2, 1, 0],
    })
    expect(make('Pendulum-v1').mirror).toMatchObject({ observationSigns: [1, -1, -1], actionSigns: [-1] })
    expect(make('PendulumDiscrete-v1').mirror).toEqual({
      observationSigns: [1, -1, -1],
      stateSigns: [-1, -1],
      actionPermutation: [4, 3, 2, 1, 0],
    })
  })

  it.each(builtInIds)('is the same in vector environments, batched or not: %s', (id) => {
    const { mirror } = make(id)
    expect(makeVec(id, 2).mirror).toEqual(mirror)
    expect(makeVec(id, 2, { wrap: (env) => env }).mirror).toEqual(mirror)
  })

  it('holds under every option of the environment', () => {
    const envs = [
      new CartPole({ suttonBartoReward: true, kinematicsIntegrator: 'semi-implicit' }),
      new Acrobot({ bookOrNips: 'nips', timeStep: 0.05 }),
      new Pendulum({ gravity: -3 }),
      ...[2, 4, 7, 1001].map((torques) => make('PendulumDiscrete-v1', { torques })),
    ]
    for (const env of envs) {
      expect((env as AnyEnv).mirror).toBeDefined()
      expect(rulesOf(env, 200)).toEqual([])
    }
  })
})

describe('a wrapper', () => {
  const values = {
    observationSize: 4,
    stateValues: () => {
      throw new Error('not needed')
    },
  }

  it.each<[string, Env]>([
    ['RecordEpisodeStatistics', new RecordEpisodeStatistics(new CartPole())],
    ['TransformReward', new TransformReward(new CartPole(), (reward) => reward ** 2)],
    ['NormalizeReward', new NormalizeReward(new CartPole())],
  ])('that keeps observations and actions keeps the symmetry: %s', (_, env) => {
    expect(env.mirror).toBe(env.unwrapped.mirror)
    expect(rulesOf(env)).not.toContain('mirror')
  })

  it.each<[string, Env]>([
    ['NormalizeObservation', new NormalizeObservation(new CartPole())],
    ['FrameStackObservation', new FrameStackObservation(new CartPole(), 2)],
    ['PotentialShaping', new PotentialShaping(new CartPole(), values)],
  ])('that may break the symmetry has none: %s', (_, env) => expect(env.mirror).toBeUndefined())

  it('of actions keeps the symmetry where its own actions have it', () => {
    expect(new ClipAction(new Pendulum()).mirror).toBe(new Pendulum().mirror)
    expect(new RescaleAction(new Pendulum()).mirror).toBe(new Pendulum().mirror)
    expect(new RescaleAction(new Pendulum(), 0, 1).mirror).toBeUndefined()
    expect(new DiscretizeAction(new Pendulum(), [[-1], [0.5], [1]]).mirror).toBeUndefined()
    expect(new DiscretizeAction(new Pendulum(), [[1], [0], [-1]]).mirror?.actionPermutation).toEqual([2, 1, 0])
    expect(new DiscretizeAction(new MountainCarContinuous(), 3).mirror).toBeUndefined()
    for (const Kind of [ClipAction, RescaleAction]) expect(rulesOf(new Kind(new Pendulum()))).toEqual([])
  })
})

describe('checkEnv', () => {
  it('tells the symmetry of CartPole from all other signs and permutations', () => {
    const sound = [
      [0, 1],
      [1, 0],
    ].flatMap((actionPermutation) =>
      signsOf(4)
        .map((observationSigns) => ({ observationSigns, actionPermutation }))
        .filter((mirror) => rulesOf(declaring(new CartPole(), mirror)).length === 0),
    )
    const identity = { observationSigns: [1, 1, 1, 1], actionPermutation: [0, 1] }
    expect(sound).toEqual([identity, new CartPole().mirror])
  })

  it.each<[string, () => AnyEnv]>([
    ['Acrobot', () => new Acrobot() as AnyEnv],
    ['Pendulum', () => new Pendulum() as AnyEnv],
  ])('tells the observation signs of %s from all others', (_, create) => {
    const mirror = create().mirror!
    const sound = signsOf(mirror.observationSigns.length).filter(
      (observationSigns) => rulesOf(declaring(create(), { ...mirror, observationSigns })).length === 0,
    )
    expect(sound).toEqual([mirror.observationSigns])
  })

  it('shows the state, the action and both sides', () => {
    const wrong = { observationSigns: [-1, -1, -1, -1], actionPermutation: [0, 1] }
    const [violation] = checkEnv(declaring(new CartPole(), wrong) as AnyEnv)
    expect(violation?.rule).toBe('mirror')
    expect(violation?.message).toMatch(
      /^CartPole-v1: mirror does not hold from the state Array \[.*\] with action [01]: the mirrored step has observation Float32Array \[.*\]; expected Float32Array/,
    )
  })

  it('finds symmetries that the goal, the reward or the end of episodes breaks', () => {
    const reflection = { observationSigns: [-1, -1], actionPermutation: [2, 1, 0] }
    expect(rulesOf(declaring(new MountainCar(), reflection))).toEqual(['mirror'])
    class Leaning extends CartPole {
      constructor(private readonly part: 'reward' | 'terminated') {
        super()
      }
      override step(action: number) {
        const step = super.step(action)
        const leansLeft = step.observation[2]! < 0
        return this.part === 'reward'
          ? { ...step, reward: leansLeft ? 1 : 0 }
          : { ...step, terminated: step.terminated || leansLeft }
      }
    }
    for (const part of ['reward', 'terminated'] as const) {
      const found = checkEnv(new Leaning(part) as AnyEnv).filter(({ rule }) => rule === 'mirror')
      expect(found.map(({ message }) => message)).toEqual([expect.stringContaining(`the mirrored step has ${part}`)])
    }
  })

  it('finds a symmetry that does not fit the spaces', () => {
    const faultOf = (env: object, mirror: MirrorSymmetry) => checkEnv(declaring(env, mirror) as AnyEnv)[0]?.message
    const four = [-1, -1, -1, -1]
    expect(faultOf(new CartPole(), { observationSigns: [1], actionPermutation: [1, 0] })).toMatch(/1 observationSigns/)
    expect(faultOf(new CartPole(), { observationSigns: four, actionSigns: [1] })).toMatch(/actionPermutation undefined/)
    expect(faultOf(new CartPole(), { observationSigns: four, actionPermutation: [1, 1] })).toMatch(/mirrored twice/)
    expect(faultOf(new Pendulum(), { observationSigns: [1, -1, 2], actionSigns: [-1] })).toMatch(/has the sign 2/)
    const lopsided = new RescaleAction(new Pendulum(), 0, 1)
    expect(faultOf(lopsided, { observationSigns: [1, -1, -1], actionSigns: [-1] })).toMatch(/bounds are 0 … 1/)
    expect(faultOf(make('FrozenLake-v1'), { observationSigns: [1] })).toMatch(/observations are Discrete/)
    expect(faultOf(make('Blackjack-v1'), { observationSigns: [1] })).toMatch(/expected a Box/)
  })

  it('reports a symmetry that it cannot verify', () => {
    const unverified = (env: object, mirror: MirrorSymmetry) =>
      checkEnv(declaring(env, mirror) as AnyEnv).map(({ rule, message }) => [rule, message])
    const { stateSigns: _, ...unsigned } = new Pendulum().mirror!
    expect(unverified(new Pendulum(), unsigned)).toEqual([
      [
        'mirror unverified',
        'Pendulum-v1: mirror has 3 stateSigns, the state has 2 numbers; give one sign for each, or the symmetry cannot be verified',
      ],
    ])
    expect(unverified(new Walk(), { observationSigns: [-1], actionPermutation: [1, 0] })).toEqual([
      ['mirror unverified', 'Walk-v0: mirror cannot be verified by single steps: step() draws random numbers'],
    ])
  })
})

describe('the image of an action', () => {
  it('is a choice, counted from the start of the space, or the signed numbers of a vector', () => {
    const permuted = { observationSigns: [], actionPermutation: [2, 1, 0] }
    expect([-1, 0, 1].map((action) => mirroredAction(permuted, new Discrete(3, -1), action))).toEqual([1, 0, -1])
    const signed = { observationSigns: [], actionSigns: [-1, 1] }
    const image = mirroredAction(signed, new Box([-2, 0], [2, 1]), Float32Array.of(1.5, 0.5))
    expect(image).toEqual(Float32Array.of(-1.5, 0.5))
  })

  it.each<[mirror: MirrorSymmetry, space: Space<unknown>, fault: string | undefined]>([
    [{ observationSigns: [1, -1], actionPermutation: [1, 0] }, new Discrete(2), undefined],
    [{ observationSigns: [1, -1], actionSigns: [-1, 1] }, new Box([-1, 0], [1, 3]), undefined],
    [{ observationSigns: [1] }, new Discrete(2), 'has 1 observationSigns; expected 2'],
    [{ observationSigns: [1, 0.5] }, new Discrete(2), 'has the sign 0.5; expected 1 or -1'],
    [{ observationSigns: [1, 1], stateSigns: [2] }, new Discrete(2), 'has the sign 2; expected 1 or -1'],
    [{ observationSigns: [1, 1], actionSigns: [0] }, new Discrete(2), 'has the sign 0; expected 1 or -1'],
    [
      { observationSigns: [1, 1], actionPermutation: [1, 2, 0] },
      new Discrete(3),
      'has actionPermutation Array [1, 2, 0]; expected 3 actions, mirrored twice the same',
    ],
    [
      { observationSigns: [1, 1], actionPermutation: [1, 0] },
      new Discrete(3),
      'has actionPermutation Array [1, 0]; expected 3 actions, mirrored twice the same',
    ],
    [
      { observationSigns: [1, 1], actionSigns: [-1] },
      new Box([-1, -1], [1, 1]),
      'has actionSigns Array [-1]; expected 2',
    ],
    [
      { observationSigns: [1, 1], actionSigns: [1, -1] },
      new Box([-1, -1], [1, 2]),
      'changes the sign of action 1, whose bounds are -1 … 2; expected equal sizes',
    ],
    [
      { observationSigns: [1, 1] },
      new MultiBinary(2),
      'is given, but actions are MultiBinary(2); expected a Discrete or a Box',
    ],
  ])('the fault of %o in %s is: %s', (mirror, space, fault) => expect(mirrorFault(mirror, 2, space)).toBe(fault))
})
