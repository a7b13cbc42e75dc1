import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ClassicControl } from '../../../src/rl/envs/tasks/classic-control.ts'
import { FrozenLake, lakeMaps, randomLakeMap } from '../../../src/rl/envs/tasks/frozen-lake.ts'
import { GridWorld, jumpingGrid } from '../../../src/rl/envs/tasks/grid-world.ts'
import { builtInEnvs, make, spec } from '../../../src/rl/envs/tasks/make.ts'
import type { TabularEnv } from '../../../src/rl/envs/tasks/tabular.ts'
import { Bandit, Blackjack, CliffWalking, Corridor, Taxi } from '../../../src/rl/index.ts'
import { Rng, StateError, ValueError } from '../../../src/tensor/index.ts'
import { forAll } from '../../support/property.ts'
import { readGolden } from './toy-text-golden.ts'

const toyTextEnvs = builtInEnvs.filter(({ create, id }) => !(create({}, id).unwrapped instanceof ClassicControl))

const seeds = fc.integer({ min: 0, max: 0xffff_ffff })
const tables: TabularEnv<unknown>[] = [
  new FrozenLake(),
  new FrozenLake({ mapName: '8x8', successRate: 0.409 }),
  new CliffWalking(),
  new CliffWalking({ isSlippery: true }),
  new Taxi(),
  new Taxi({ isRainy: true, rainyProbability: 0.45 }),
  new Corridor(),
  new GridWorld(),
  new GridWorld(jumpingGrid),
]

interface Spec {
  readonly id: string
  readonly max_episode_steps: number | null
  readonly reward_threshold: number | null
}

describe('the registered toy texts', () => {
  it('have the limits and thresholds of specs.json', () => {
    const wanted = readGolden<{ envs: Spec[] }>('specs').envs.filter(({ id }) =>
      toyTextEnvs.some((env) => env.id === id),
    )
    expect(wanted).toHaveLength(8)
    for (const { id, max_episode_steps, reward_threshold } of wanted) {
      const { maxEpisodeSteps = null, rewardThreshold = null } = spec(id)
      expect([maxEpisodeSteps, rewardThreshold], id).toEqual([max_episode_steps, reward_threshold])
    }
    expect(String(make('Blackjack-v1').observationSpace)).toBe(
      'Tuple(Discrete(0 … 31), Discrete(0 … 10), Discrete(0 … 1))',
    )
  })

  it.each(toyTextEnvs)('$id reads and sets its state', ({ id }) => {
    const env = make<unknown>(id)
    env.reset({ seed: 3 })
    const state = env.state
    const generator = env.rng.state
    const ahead = env.step(1)
    env.state = state
    expect(env.state).toEqual(state)
    env.rng.state = generator
    expect(env.step(1)).toEqual(ahead)
    for (const wrong of [[], [1.5, 2], [Number.NaN]]) {
      expect(() => Object.assign(env, { state: wrong }), String(wrong)).toThrow(ValueError)
    }
  })

  it.each(toyTextEnvs)('$id refuses steps and actions that make no sense', ({ id }) => {
    const env = make<unknown, unknown>(id)
    expect(() => env.step(0)).toThrow(/before the first reset/)
    env.reset({ seed: 1 })
    for (const action of [-1, 99, 0.5, Number.NaN, '1', undefined, null, [0]])
      expect(() => env.step(action)).toThrow(ValueError)
    expect(() => make(id, { slippery: true })).toThrow(/unknown option "slippery"/)
  })
})

describe('tables', () => {
  it('hold probabilities that sum to one and states that exist', () => {
    for (const env of tables) {
      for (let state = 0; state < env.numStates; state++) {
        for (let action = 0; action < env.numActions; action++) {
          const outcomes = env.transitions(state, action)
          const total = outcomes.reduce((sum, { probability }) => sum + probability, 0)
          expect(total).toBeCloseTo(1, 14)
          for (const { nextState, probability } of outcomes) {
            expect(nextState >= 0 && nextState < env.numStates && probability > 0).toBe(true)
          }
        }
      }
      expect(env.startDistribution().reduce((sum, chance) => sum + chance)).toBeCloseTo(1, 12)
    }
  })

  it('are what a walk does: each outcome comes about as often as it says', () => {
    const env = new FrozenLake({ successRate: 0.5 })
    env.reset({ seed: 8 })
    const counts = new Float64Array(env.numStates)
    for (let i = 0; i < 4000; i++) {
      env.state = [9]
      counts[env.step(2).observation]! += 1 / 4000
    }
    expect(counts[10]).toBeCloseTo(0.5, 1)
    expect(counts[13]).toBeCloseTo(0.25, 1)
    expect(counts[5]).toBeCloseTo(0.25, 1)
  })

  it('refuse states outside', () => {
    for (const state of [-1, 500, 0.5]) {
      expect(() => {
        new Taxi().state = [state]
      }).toThrow(/states are 0 to 499/)
    }
    expect(() => new Taxi().transitions(500, 0)).toThrow(/the state is 500; states are 0 to 499/)
    expect(() => new Taxi().transitions(0, 6)).toThrow(/the action is 6; the actions are 0 south.*5 drop off/)
  })

  it('are not changed by writing into what they show', () => {
    const env = new Corridor()
    env.startDistribution().fill(0)
    expect(env.startDistribution()[0]).toBe(1)
  })

  it('end an episode for good', () => {
    const env = new Corridor({ length: 2 })
    env.reset()
    expect(env.step(1)).toMatchObject({ terminated: true, reward: -1, observation: Float32Array.of(1) })
    expect(() => env.step(1)).toThrow(StateError)
    env.state = [0]
    expect(env.step(0).terminated).toBe(false)
  })
})

describe('a fickle passenger', () => {
  // The taxi on Y, the passenger aboard, bound for R: a wall to the east, a street to the north.
  const aboard = (taxi: number, destination: number) => (taxi * 5 + 4) * 4 + destination
  const env = new Taxi({ ficklePassenger: true })

  it('changes their mind on the first move, not before a wall', () => {
    env.reset({ seed: 1 })
    env.state = [aboard(20, 0), 1]
    expect(env.step(2).observation).toBe(aboard(20, 0))
    expect(env.state).toEqual([aboard(20, 0), 1])
    const destination = env.step(1).observation % 4
    expect(destination).not.toBe(0)
    expect(env.state).toEqual([aboard(15, destination), 0])
    expect(env.step(1).observation).toBe(aboard(10, destination))
  })

  it('does not when the state says so', () => {
    env.reset({ seed: 1 })
    for (const state of [[aboard(20, 0)], [aboard(20, 0), 0]]) {
      env.state = state
      expect(env.step(1).observation).toBe(aboard(15, 0))
    }
    for (const wrong of ['12', '100'].map((digits) => [...digits].map(Number))) {
      expect(() => Object.assign(env, { state: wrong })).toThrow(/its number, and 1 or 0 for a fickle passenger/)
    }
  })
})

describe('lake maps', () => {
  it('are refused with the reason', () => {
    const lake =
      (...desc: string[]) =>
      () =>
        new FrozenLake({ desc })
    expect(lake('FFG')).toThrow(/no start/)
    expect(lake('SHG')).toThrow(/no path from the start at row 0, column 0/)
    expect(lake('SFG', 'HHS', 'HHH')).not.toThrow()
    expect(lake('SFF')).toThrow(/no path/)
    expect(lake('SFG', 'FX')).toThrow(/row 1 of the map has 2 cells, row 0 has 3/)
    expect(lake('SFG', 'FXF')).toThrow(/unknown letter "X" at row 1, column 1; known are S \(start\)/)
    expect(lake()).toThrow(/expected a list of strings/)
    expect(lake('')).toThrow(ValueError)
    expect(() => make('FrozenLake-v1', { desc: 5 })).toThrow(ValueError)
    expect(() => make('FrozenLake-v1', { desc: ['SG', null] })).toThrow(ValueError)
    expect(() => make('FrozenLake-v1', { mapName: '8X8' })).toThrow(/Did you mean "8x8"/)
    expect(() => make('FrozenLake-v1', { successRate: 1.1 })).toThrow(
      /successRate is 1.1; expected a number from 0 to 1/,
    )
    expect(() => make('FrozenLake-v1', { rewardSchedule: [1, 0] })).toThrow(/rewardSchedule/)
    expect(() => make('FrozenLake-v1', { isSlippery: 'no' })).toThrow(/isSlippery is "no"; expected true or false/)
  })

  it('of any size come out with a path, the same from the same seed', () => {
    forAll(
      [seeds, fc.integer({ min: 2, max: 9 }), fc.double({ min: 0.6, max: 1, noNaN: true })],
      (seed, size, frozen) => {
        const desc = randomLakeMap(new Rng(seed), size, frozen)
        expect(new FrozenLake({ desc }).numStates).toBe(size * size) // throws without a path
        expect(desc).toEqual(randomLakeMap(new Rng(seed), size, frozen))
      },
    )
    expect(randomLakeMap(new Rng(1), 3, 1)).toEqual(['SFF', 'FFF', 'FFG'])
  })

  it('that cannot be drawn are given up', () => {
    expect(() => randomLakeMap(new Rng(), 8, 0.01)).toThrow(/no path in 10,000 maps/)
    expect(() => randomLakeMap(new Rng(), 1)).toThrow(ValueError)
    expect(() => randomLakeMap(new Rng(), 4, Number.NaN)).toThrow(ValueError)
  })

  it('are Gymnasium’s by name', () => expect(lakeMaps['4x4']?.join('/')).toBe('SFFF/FHFH/FFFH/HFFG'))
})

describe('GridWorld', () => {
  it('is Example 4.1: under a random walk, the corner is 14 moves away on the average next to it', () => {
    expect(randomWalkValues(new GridWorld(), 1).slice(0, 4)).toEqual([0, -14, -20, -22])
  })

  it('is Example 3.5: Figure 3.2 to the digits printed there', () => {
    const values = randomWalkValues(new GridWorld(jumpingGrid), 0.9).map((value) => Math.round(value * 10) / 10)
    expect(values.slice(0, 5)).toEqual([3.3, 8.8, 4.4, 5.3, 1.5])
    expect(values.slice(20)).toEqual([-1.9, -1.3, -1.2, -1.4, -2.0])
  })

  it('stops at walls and at the edge alike', () => {
    const env = new GridWorld({ map: ['S#T', '...'], moveReward: -1, bumpReward: -5 })
    expect(env.transitions(0, 2)).toEqual([{ probability: 1, nextState: 0, reward: -5, terminated: false }])
    expect(env.transitions(0, 3)).toEqual(env.transitions(0, 2))
    expect(env.transitions(0, 1)).toEqual([{ probability: 1, nextState: 3, reward: -1, terminated: false }])
  })

  it('refuses maps and jumps that do not fit', () => {
    const grid = (options: object) => () => make('GridWorld-v0', options as Record<string, unknown>)
    expect(grid({ map: ['##'] })).toThrow(/no start/)
    expect(grid({ map: ['S#T'] })).toThrow(/no path from the start at row 0, column 0 to a terminal/)
    expect(grid({ map: ['S#T'], jumps: [{ from: 0, to: 2, reward: 1 }] })).not.toThrow()
    expect(grid({ jumps: [{ from: 5, to: 16, reward: 1 }] })).toThrow(/from cell 5 to cell 16; cells are 0 to 15/)
    expect(grid({ jumps: [{ from: 0, to: 5, reward: 1 }] })).toThrow(/a jump starts on floor/)
    expect(grid({ jumps: [null] })).toThrow(ValueError)
    expect(grid({ jumps: 3 })).toThrow(ValueError)
    expect(grid({ moveReward: Number.NaN })).toThrow(ValueError)
  })
})

describe('Bandit', () => {
  it('pays the mean of each arm in the long run', () => {
    const env = new Bandit({ means: [-1, 0.5, 2] })
    env.reset({ seed: 5 })
    for (const [arm, mean] of [-1, 0.5, 2].entries()) {
      let sum = 0
      for (let pull = 0; pull < 4000; pull++) sum += env.step(arm).reward
      expect(sum / 4000).toBeCloseTo(mean, 1)
    }
    expect(env.step(0).info.bestAction).toBe(2)
  })

  it('has new arms every episode, and drifting ones on demand', () => {
    const env = new Bandit({ arms: 4, drift: 0.1 })
    env.reset({ seed: 1 })
    const first = env.state
    env.step(0)
    expect(env.state).not.toEqual(first)
    env.reset()
    expect(env.state).toHaveLength(4)
    expect(() => new Bandit({ arms: 3, means: [1, 2] })).toThrow(/expected a list of 3 numbers/)
    expect(() => new Bandit({ arms: 0 })).toThrow(/from 1 to 10000/)
    for (const means of [[], 'high', [1, Number.NaN]]) {
      expect(() => new Bandit({ means: means as number[] })).toThrow(/means is .*; expected a list of finite numbers/)
    }
  })
})

it('Blackjack: refuses hands that cannot be played on', () => {
  const env = new Blackjack()
  for (const state of [[], [10, 1, 5], [10, 11, 5, 5], [10, 5, 10, 10, 2], [10, 5, 0, 4]]) {
    expect(() => Object.assign(env, { state })).toThrow(/a state is two cards of the dealer/)
  }
})

/** v(s) of the policy that takes every action alike (Sutton and Barto 2018, eq. 4.5). */
function randomWalkValues(env: GridWorld, gamma: number): number[] {
  let values = new Array<number>(env.numStates).fill(0)
  for (let sweep = 0; sweep < 2000; sweep++) {
    values = values.map((_, state) => {
      let value = 0
      for (let action = 0; action < 4; action++) {
        for (const { probability, reward, nextState, terminated } of env.transitions(state, action)) {
          value += 0.25 * probability * (reward + (terminated ? 0 : gamma * values[nextState]!))
        }
      }
      return value
    })
  }
  return values.map((value) => Math.round(value * 1e6) / 1e6 + 0)
}

describe('what is drawn', () => {
  /** Every uniform number is the same. */
  class Constant extends Rng {
    constructor(readonly number: number) {
      super(1)
    }
    override uniform(): number {
      return this.number
    }
  }

  it('by a bandit without drift is the reward alone', () => {
    const env = new Bandit({ means: [-1, 2] })
    env.reset({ seed: 5 })
    const rng = new Rng(5)
    for (const arm of [1, 0, 1]) expect(env.step(arm).reward).toBe(rng.normal([-1, 2][arm]!, 1))
    expect(env.state).toEqual([-1, 2])
  })

  it('for a fickle passenger is below the probability, not equal to it', () => {
    const flagOf = (fickleProbability: number) => {
      const env = new Taxi({ ficklePassenger: true, fickleProbability })
      env.rng = new Constant(0.25)
      env.reset()
      return env.state[1]
    }
    expect([flagOf(0.25), flagOf(0.26)]).toEqual([0, 1])
  })
})

describe('GridWorld before and beside its paths', () => {
  it('has no state before the first reset', () => expect(new GridWorld().state).toEqual([-1]))

  it('pays for a bump what a move costs, unless it has a reward of its own', () => {
    const bump = (options: object) => new GridWorld({ map: ['ST'], ...options }).transitions(0, 0)[0]!.reward
    expect([bump({}), bump({ moveReward: -2 }), bump({ moveReward: -2, bumpReward: -5 })]).toEqual([-1, -2, -5])
  })

  it('takes a jump that leads nowhere, off the way of the start', () => {
    expect(() => new GridWorld({ map: ['TS.'], jumps: [{ from: 2, to: 2, reward: 0 }] })).not.toThrow()
    expect(() => new GridWorld({ map: ['TS.'], jumps: [{ from: 1, to: 1, reward: 0 }] })).toThrow(
      /no path from the start/,
    )
  })
})
