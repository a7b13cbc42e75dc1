import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FiniteProblem } from '../../../../examples/tabular/problems/finite-problem.ts'
import { deterministic, TabularEnv, type Transition, transitionTable } from '../../../../src/rl/envs/tasks/tabular.ts'
import { restoreEnv, saveEnv } from '../../../../src/rl/envs/wrappers/wrapper.ts'
import { Box, type Env, finish, make, PotentialShaping, TimeLimit } from '../../../../src/rl/index.ts'
import { valueIteration } from '../../../../src/tabular/planning.ts'
import { Rng, ShapeError, StateError, type Tensor, tensor, ValueError } from '../../../../src/tensor/index.ts'

const STATES = 6
const ACTIONS = 3

/** Moves and rewards at random between six states, of which the last ends the episode; a state is observed as its number. */
class RandomTask extends TabularEnv<Float32Array> {
  readonly observationSpace = new Box([0], [STATES - 1])

  constructor(rng: Rng) {
    const outcomes = transitionTable(STATES, ACTIONS, () => {
      const next = rng.integer(STATES)
      return deterministic(next, rng.uniform(-1, 1), next === STATES - 1)
    })
    super({ id: 'RandomTask-v0', actionNames: ['a', 'b', 'c'], outcomes, starts: [0, 1, 2, 3, 4] })
  }

  protected override observe(): Float32Array {
    return Float32Array.of(this.current)
  }
}

/** A value for each state number. */
const table = (values: readonly number[]) => ({
  observationSize: 1,
  numActions: ACTIONS,
  stateValues: (x: Tensor) => tensor(Array.from(x.view(), (state) => values[state]!)),
})

/** An environment as a table, by trying every action in every state. */
function tableOf(env: Env): FiniteProblem {
  const outcomes: (readonly Transition[])[] = Array.from({ length: STATES * ACTIONS }, () =>
    deterministic(STATES - 1, 0, true),
  )
  env.reset({ seed: 0 })
  for (let state = 0; state < STATES - 1; state++) {
    for (let action = 0; action < ACTIONS; action++) {
      while (env.reset().observation[0] !== state);
      const { observation, reward, terminated } = env.step(action)
      outcomes[state * ACTIONS + action] = deterministic(observation[0]!, reward, terminated)
    }
  }
  return new FiniteProblem({ id: 'table', actionNames: ['a', 'b', 'c'], outcomes, starts: [0] })
}

describe('rewards shaped by a potential', () => {
  it('are r + γ V(s′) - V(s), with V = 0 at terminal states but not where an episode is truncated', () => {
    const corridor = () => make('Corridor-v0', { length: 4 }) // shows 0, ⅓, ⅔, 1
    const thirds = {
      observationSize: 1,
      numActions: 2,
      stateValues: (x: Tensor) => tensor(Array.from(x.view(), (v) => 30 * v)),
    }
    const rewardsOf = (env: Env) => [0, 1, 2].map(() => env.step(1).reward)
    const shaped = new PotentialShaping(corridor(), thirds, { gamma: 0.5 })
    shaped.reset({ seed: 0 })
    const [first, second, last] = rewardsOf(shaped)
    expect(first).toBeCloseTo(-1 + 0.5 * 10 - 0, 4)
    expect(second).toBeCloseTo(-1 + 0.5 * 20 - 10, 4)
    expect(last).toBeCloseTo(-1 - 20, 4)
    const cut = new PotentialShaping(new TimeLimit(corridor().unwrapped as Env, 1), thirds, { gamma: 0.5 })
    cut.reset({ seed: 0 })
    expect(cut.step(1)).toMatchObject({ truncated: true, terminated: false })
    cut.reset()
    expect(cut.step(1).reward).toBeCloseTo(4, 4)
  })

  it('keep the optimal policy and lower its values by V, for any V', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10_000 }),
        fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: STATES, maxLength: STATES }),
        (seed, potential) => {
          const gamma = 0.9
          const task = new RandomTask(new Rng(seed))
          const plain = finish(valueIteration(tableOf(task), { gamma, theta: 1e-10 }))
          const shaped = finish(
            valueIteration(tableOf(new PotentialShaping(task, table(potential), { gamma })), { gamma, theta: 1e-10 }),
          )
          for (let state = 0; state < STATES - 1; state++) {
            expect(shaped.values[state]).toBeCloseTo(plain.values[state]! - potential[state]!, 4)
            expect(shaped.actions[state]).toEqual(plain.actions[state])
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('lower the discounted return of an episode by V of its first state, for any actions', () => {
    const values = [3, 1, 4, 1, 5, 9]
    const rng = new Rng(3)
    for (let episode = 0; episode < 20; episode++) {
      const task = () => new RandomTask(new Rng(11))
      const [plain, shaped] = [task(), new PotentialShaping(task(), table(values), { gamma: 0.8 })]
      const start = plain.reset({ seed: episode }).observation[0]!
      shaped.reset({ seed: episode })
      let [difference, discount, ended] = [0, 1, false]
      for (let t = 0; t < 200 && !ended; t++) {
        const action = rng.integer(ACTIONS)
        const [a, b] = [plain.step(action), shaped.step(action)]
        difference += discount * (b.reward - a.reward)
        discount *= 0.8
        ended = a.terminated
      }
      expect(difference).toBeCloseTo(-values[start]!, 4)
    }
  })

  it('are the same after a restore in mid-episode', () => {
    const make_ = () => new PotentialShaping(new RandomTask(new Rng(5)), table([1, 2, 3, 4, 5, 6]))
    const [env, other] = [make_(), make_()]
    env.reset({ seed: 1 })
    restoreEnv(other, saveEnv(env))
    expect(other.step(0).reward).toBe(env.step(0).reward)
  })

  it('throw after the state was set from outside', () => {
    const env = new PotentialShaping(new RandomTask(new Rng(5)), table([1, 2, 3, 4, 5, 6]))
    expect(() => env.step(0)).toThrow(/step\(\) before the first reset/)
    env.reset({ seed: 1 })
    env.state = [2]
    expect(() => env.step(0)).toThrow(StateError)
  })

  it('throw on values of other observations and on a discount above 1', () => {
    expect(() => new PotentialShaping(make('CartPole-v1'), table([]))).toThrow(ShapeError)
    expect(() => new PotentialShaping(make('CartPole-v1'), table([]))).toThrow(
      /the values take 1 numbers per state; CartPole-v1 has Box/,
    )
    expect(() => new PotentialShaping(new RandomTask(new Rng(0)), table([]), { gamma: 1.1 })).toThrow(ValueError)
  })
})
