import { describe, expect, it } from 'vitest'
import { meanOf, standardDeviationOf } from '../../src/data/statistics.ts'
import { MLP } from '../../src/nn/layers/mlp.ts'
import { make } from '../../src/rl/envs/tasks/make.ts'
import { TimeLimit } from '../../src/rl/envs/wrappers/episode.ts'
import { evaluatePolicy } from '../../src/rl/evaluate.ts'
import {
  a2c,
  algorithm,
  c51,
  ddpg,
  dqn,
  finish,
  munchausenDqn,
  ppo,
  qrDqn,
  rainbow,
  reinforce,
  SquashedGaussianPolicy,
  sac,
  td3,
  trpo,
  ValueFunction,
} from '../../src/rl/index.ts'
import { actionPreferences, CategoricalPolicy, DiscreteAgent } from '../../src/rl/policies/discrete-policies.ts'
import { Lookahead } from '../../src/rl/policies/lookahead.ts'
import { qLearning } from '../../src/tabular/td-control.ts'
import { Rng, tensor, ValueError } from '../../src/tensor/index.ts'
import { Masked } from './masked-env.ts'

const makeEnv = () => make('CartPole-v1')
const agent = new CategoricalPolicy(new MLP([4, 16, 2], new Rng(3)), 4, 2)

describe('evaluatePolicy', () => {
  it('plays each episode from its own seed, whether in a batch or one by one', () => {
    const together = evaluatePolicy(agent, makeEnv, { episodes: 12, seed: 40 })
    const inTurn = evaluatePolicy({ act: (observation) => agent.act(observation as Float32Array) }, makeEnv, {
      episodes: 12,
      seed: 40,
    })
    expect(together.returns).toEqual(inTurn.returns)
    expect(together.steps).toBe(together.returns.reduce((sum, each) => sum + each))
    expect(evaluatePolicy(agent, makeEnv, { episodes: 1, seed: 45 }).returns[0]).toBe(together.returns[5])
  })

  it('gives the mean, its spread and an interval around it', () => {
    const { returns, mean, standardDeviation, interval } = evaluatePolicy(agent, makeEnv, { episodes: 20 })
    expect(mean).toBe(meanOf(returns))
    expect(standardDeviation).toBe(standardDeviationOf(returns))
    expect(interval.low).toBeLessThanOrEqual(mean)
    expect(interval.high).toBeGreaterThanOrEqual(mean)
  })

  it('plays batches and single observations of policies with vector actions alike', () => {
    const bounds = { low: Float32Array.of(-2), high: Float32Array.of(2) }
    const gaussian = new SquashedGaussianPolicy(new MLP([3, 16, 2], new Rng(5)), 3, bounds)
    const pendulum = () => make<Float32Array, Float32Array>('Pendulum-v1')
    const options = { episodes: 4, seed: 9 }
    const together = evaluatePolicy(gaussian, pendulum, options)
    expect(evaluatePolicy((observation) => gaussian.act(observation), pendulum, options)).toEqual(together)
    expect(evaluatePolicy(gaussian, pendulum(), options)).toEqual(together)
  })

  it('takes any agent, function or planner, of any algorithm, on environments of its kind', () => {
    const short = { totalTimesteps: 64, hidden: [4] }
    const once = { episodes: 2 }
    const balance = make('CartPole-v1')
    const swing = make<Float32Array, Float32Array>('Pendulum-v1')
    const lake = make<number>('FrozenLake-v1')
    const values = new ValueFunction(new MLP([4, 4, 1], new Rng(0)), 4, 2)
    const off = { ...short, learningStarts: 8, trainInterval: 8, gradientSteps: 1, batchSize: 8 }
    const evaluations = [
      evaluatePolicy(finish(ppo(balance, short)), balance, once),
      evaluatePolicy(finish(ppo(balance, short)), () => make('CartPole-v1'), once),
      evaluatePolicy(finish(ppo(swing, short)), swing, once),
      evaluatePolicy(finish(ppo(swing, short)), () => make<Float32Array, Float32Array>('Pendulum-v1'), once),
      evaluatePolicy(finish(a2c(balance, short)), balance, once),
      evaluatePolicy(finish(trpo(balance, { ...short, numSteps: 64 })), balance, once),
      evaluatePolicy(finish(reinforce(balance, short)), balance, once),
      evaluatePolicy(finish(dqn(balance, off)), balance, once),
      evaluatePolicy(finish(c51(balance, off)), balance, once),
      evaluatePolicy(finish(qrDqn(balance, off)), balance, once),
      evaluatePolicy(finish(munchausenDqn(balance, off)), balance, once),
      evaluatePolicy(finish(rainbow(balance, off)), balance, once),
      evaluatePolicy(finish(sac(swing, off)), swing, once),
      evaluatePolicy(finish(td3(swing, off)), () => make<Float32Array, Float32Array>('Pendulum-v1'), once),
      evaluatePolicy(finish(ddpg(swing, off)), swing, once),
      evaluatePolicy(finish(qLearning(lake, { totalTimesteps: 64 })), lake, once),
      evaluatePolicy(
        finish(algorithm('ppo').train(balance, short)),
        () => make<Float32Array, unknown>('CartPole-v1'),
        once,
      ),
      evaluatePolicy(new Lookahead(values, make('CartPole-v1')), balance, once),
      evaluatePolicy(([, , angle]) => Number(angle! > 0), balance, once),
      evaluatePolicy({ act: () => Float32Array.of(0) }, swing, once),
      evaluatePolicy(() => 1, lake, once),
    ]
    for (const { steps } of evaluations) expect(steps).toBeGreaterThan(0)
    // @ts-expect-error choices are no torques
    expect(() => evaluatePolicy(agent, swing, once)).toThrow()
    // @ts-expect-error a table takes state numbers, not vectors
    expect(() => evaluatePolicy(finish(qLearning(lake, { totalTimesteps: 64 })), swing, once)).toThrow()
  })

  it('refuses to play no episode, and a network that cannot choose', () => {
    expect(() => evaluatePolicy(agent, makeEnv, { episodes: 0 })).toThrow(ValueError)
    expect(() => actionPreferences({}, tensor([[0, 0, 0, 0]]))).toThrow(/neither logits nor action values/)
  })
})

describe('the episodes of a batch', () => {
  /** Allows what `Masked` allows, or says nothing of it in the first steps; ends after as many steps as it has made environments. */
  const masked = (silent = 0) => {
    let made = 0
    return () => {
      const env = new TimeLimit(new Masked(), 2 + (made++ % 3))
      let seen = 0
      const quiet = <Result extends { info: object }>(result: Result) =>
        seen++ < silent ? { ...result, info: {} } : result
      return {
        reset: (options: object) => quiet(env.reset(options)),
        step: (action: number) => quiet(env.step(action)),
      }
    }
  }
  const first = new DiscreteAgent(1, 3, {
    logits: ({ shape }) => tensor(new Float32Array(3 * shape[0]!), [shape[0]!, 3]),
  })

  it('have environments of their own, and masks', () => {
    const makeMasked = masked()
    const { returns, steps } = evaluatePolicy(first, makeMasked, { episodes: 6, seed: 3 })
    expect(steps).toBe(2 + 3 + 4 + 2 + 3 + 4)
    const alone = returns.map((_, i) => {
      const env = Array.from({ length: i + 1 }, masked())[i]! as ReturnType<typeof makeMasked>
      return evaluatePolicy((state, mask) => first.act(state, mask), env, { episodes: 1, seed: 3 + i }).returns[0]
    })
    expect(returns).toEqual(alone)
    expect(new Set(returns).size).toBeGreaterThan(1)
  })

  it('allow all actions in a row without a mask', () => {
    const masks: unknown[] = []
    const noting = Object.assign(new DiscreteAgent(1, 3), {
      actBatch: (observations: Float32Array, given?: Float32Array) => {
        masks.push(given && [...given])
        return new Int32Array(observations.length)
      },
    })
    const step = { reward: 1, terminated: false }
    let made = 0
    const env = () => {
      const number = made++
      let steps = 0
      return {
        reset: () => ({ observation: Float32Array.of(0), info: {} }),
        step: () => {
          const info = number === 1 ? { actionMask: [0, 1, 0] } : {}
          return { ...step, observation: Float32Array.of(0), info, truncated: ++steps > number }
        },
      }
    }
    expect(evaluatePolicy(noting, env, { episodes: 3 })).toMatchObject({ returns: [1, 2, 3], steps: 6, mean: 2 })
    expect(made).toBe(3)
    // Episode 0 ends with its first step; 1 and 2 move up. Then 2 alone is left.
    expect(masks).toEqual([undefined, [0, 1, 0, 1, 1, 1], [0, 1, 0]])
  })
})

it('evaluatePolicy refuses what is no policy and no environment', () => {
  expect(() => evaluatePolicy({} as never, makeEnv)).toThrow(
    /^evaluatePolicy: the policy is \{\}; expected an agent, a function or a Lookahead$/,
  )
  expect(() => evaluatePolicy(null as never, makeEnv)).toThrow(/^evaluatePolicy: the policy is null/)
  expect(() => evaluatePolicy(agent, {} as never)).toThrow(/^evaluatePolicy: /)
})
