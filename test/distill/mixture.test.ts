// Play in which teacher and student take turns.

import { describe, expect, it } from 'vitest'
import { MLP } from '../../src/nn/layers/mlp.ts'
import { type AnyEnv, type Env, NO_INFO, type Reset, type Step } from '../../src/rl/envs/env.ts'
import { Box, CategoricalPolicy, makeVec } from '../../src/rl/index.ts'
import type { TeachingPolicy } from '../../src/rl/policies/policy.ts'
import { Rng, tensor } from '../../src/tensor/index.ts'
import { Masked } from '../rl/masked-env.ts'
import { type Changes, someAgent, someDataset, studentsAre } from './support.ts'

const outputs = someAgent()
const someOutputs = { observationSize: 4, numActions: 2, actionValues: outputs.actionValues.bind(outputs) }

/** Every observation is another number; two numbers are an action. Ten steps per episode. */
class Plane implements Env<Float32Array, Float32Array> {
  readonly id = 'Plane-v0'
  readonly observationSpace = new Box([0], [Infinity])
  readonly actionSpace = new Box([-1, -1], [1, 1])
  rng = new Rng()
  state: readonly number[] = [0]

  get unwrapped(): AnyEnv {
    return this
  }

  reset(): Reset<Float32Array> {
    return { observation: Float32Array.of(this.state[0]!), info: NO_INFO }
  }

  step(): Step<Float32Array> {
    const steps = this.state[0]! + 1
    this.state = [steps]
    return {
      observation: Float32Array.of(steps),
      reward: 1,
      terminated: steps % 10 === 0,
      truncated: false,
      info: NO_INFO,
    }
  }
}

/** An agent that always takes one action and counts the steps that it is asked for. */
function counting(action: number) {
  const calls = { count: 0 }
  const actBatch = (states: Float32Array) => {
    calls.count++
    return new Int32Array(states.length / 4).fill(action)
  }
  return { calls, agent: { ...someOutputs, actBatch } as TeachingPolicy }
}
describe('the teacher acts with probability β per step, else the student', () => {
  const greedy = { exploration: 'fixed', epsilon: 0, studentEpsilon: 0 } as const
  // The teacher pushes left, the student right.
  const mixed = ({ rounds = 3, ...changes }: Changes & { readonly rounds?: number }) => {
    const [teacher, student] = [counting(0), counting(1)]
    const options = { ...greedy, selection: 'sequential', rounds, labels: 300, roundSteps: 150, ...changes } as const
    const dataset = someDataset({ ...options, teacher: teacher.agent, target: studentsAre(student.agent) as never })
    const size = dataset.size / rounds
    const actions = Array.from({ length: rounds }, (_, r) => dataset.column('actions').slice(r * size, (r + 1) * size))
    const shares = actions.map((each) => each.filter((action) => action === 0).length / size)
    return { shares, first: actions[0]!, asked: [teacher.calls.count > 0, student.calls.count > 0] }
  }

  it('firstBeta 1: the teacher alone; 0: the student alone, before and after the first round', () => {
    expect(mixed({ rounds: 1 })).toMatchObject({ shares: [1], asked: [true, false] })
    expect(mixed({ rounds: 1, firstBeta: 0 })).toMatchObject({ shares: [0], asked: [false, true] })
    expect(mixed({ firstBeta: 0, betaDecay: 1 })).toMatchObject({ shares: [0, 0, 0], asked: [false, true] })
  })

  it('firstBeta 0.5: both by turns within an episode', () => {
    const { shares, first, asked } = mixed({ rounds: 1, firstBeta: 0.5 })
    expect(Math.abs(shares[0]! - 0.5)).toBeLessThan(0.1)
    expect(asked).toEqual([true, true])
    const changes = first.filter((action, i) => i > 0 && action !== first[i - 1]).length
    expect(Math.abs(changes / first.length - 0.5)).toBeLessThan(0.1)
  })

  it('betaDecay is a factor per round', () => {
    expect(mixed({}).shares).toEqual([1, 0, 0])
    expect(mixed({ betaDecay: 1 })).toMatchObject({ shares: [1, 1, 1], asked: [true, false] })
    for (const [round, share] of mixed({ betaDecay: 0.5 }).shares.entries())
      expect(Math.abs(share - 0.5 ** round)).toBeLessThan(0.15)
    for (const [round, share] of mixed({ firstBeta: 0.5, betaDecay: 0.5 }).shares.entries())
      expect(Math.abs(share - 0.5 ** (round + 1))).toBeLessThan(0.15)
  })

  it('each sub-environment has a draw of its own', () => {
    const envs = makeVec('CartPole-v1', 4)
    const steps: number[][] = []
    const step = envs.step.bind(envs)
    const noted: typeof envs.step = (actions) => {
      steps.push(Array.from(actions as ArrayLike<number>))
      return step(actions)
    }
    mixed({ env: Object.assign(envs, { step: noted }), rounds: 1, firstBeta: 0.5 })
    const both = steps.filter((actions) => new Set(actions).size === 2)
    expect(both.length / steps.length).toBeGreaterThan(0.7) // 1 - 2 / 16 on average
  })

  it('a vector action is taken whole', () => {
    const agent = (x: number): TeachingPolicy => ({
      ...{
        observationSize: 1,
        bounds: new Plane().actionSpace,
        actBatch: (states) => new Float32Array(2 * states.length).fill(x),
      },
      gaussian: (states) => ({ mean: tensor(new Float32Array(2 * states.shape[0]!).fill(x), [states.shape[0]!, 2]) }),
    })
    const options = { ...greedy, selection: 'sequential', labels: 40, firstBeta: 0.5 } as const
    const target = studentsAre(agent(1)) as never
    const actions = someDataset({ ...options, env: new Plane(), teacher: agent(-1), target }).column('actions')
    const pairs = Array.from({ length: 40 }, (_, i) => `${actions.subarray(2 * i, 2 * i + 2)}`)
    expect(new Set(pairs)).toEqual(new Set(['-1,-1', '1,1']))
  })

  it('both know which actions are allowed', () => {
    const teacher = new CategoricalPolicy(new MLP([1, 4, 3], new Rng(0)), 1, 3)
    const options = { rounds: 2, labels: 8, firstBeta: 0.5, betaDecay: 1, env: new Masked(), rolloutSteps: 60 }
    expect(someDataset({ ...options, teacher }).size).toBe(8) // Masked throws on a forbidden action
  })
})
