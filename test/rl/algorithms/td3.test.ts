import { describe, expect, it } from 'vitest'
import { saveParameters } from '../../../src/nn/checkpoint.ts'
import { newContinuousAgent } from '../../../src/rl/algorithms/continuous.ts'
import { ddpg } from '../../../src/rl/algorithms/ddpg.ts'
import { bootstrapped, heldRandomVectors, noisyVectors } from '../../../src/rl/algorithms/off-policy.ts'
import { sac } from '../../../src/rl/algorithms/sac.ts'
import { smoothedActions, td3, td3Algorithm } from '../../../src/rl/algorithms/td3.ts'
import type { AnyEnv } from '../../../src/rl/env.ts'
import { make } from '../../../src/rl/registry.ts'
import { finish } from '../../../src/rl/training.ts'
import { minimum, Rng, tensor } from '../../../src/tensor/index.ts'
import { goldenArrays } from '../../support/arrays.ts'
import { expectClose, fromGolden } from '../../support/golden.ts'
import { casesOf, onEveryEngine } from './golden-loss.ts'

describe('the targets', () => {
  it.each(casesOf('td3_smoothing'))('have PyTorch’s smoothed actions: $name', (golden) => {
    const { sigma, noise_clip, action_limit } = golden.attrs as Record<string, number>
    onEveryEngine(golden, (dtype, tolerance) => {
      const x = (name: string) => fromGolden(golden.inputs[name]!, dtype)
      const smoothed = smoothedActions(x('target_action'), x('noise'), sigma!, noise_clip!, action_limit!)
      expectClose(smoothed, golden.outputs.out!, tolerance, golden.name)
    })
  })

  it.each(casesOf('td3_target'))('believe the lesser critic, as PyTorch: $name', (golden) => {
    const gamma = golden.attrs!.gamma as number
    const discounts = goldenArrays(golden).terminated!.map((flag) => (flag === 1 ? 0 : gamma))
    onEveryEngine(golden, (dtype, tolerance) => {
      const x = (name: string) => fromGolden(golden.inputs[name]!, dtype)
      const shares = tensor(discounts, undefined, { dtype })
      const targets = bootstrapped(x('rewards'), shares, minimum(x('next_q1'), x('next_q2')))
      expectClose(targets, golden.outputs.out!, tolerance, golden.name)
    })
  })
})

describe('noise in play', () => {
  it('has the deviation asked for and stays within [-1, 1]', () => {
    const rng = new Rng(1)
    const noisy = noisyVectors(new Float32Array(20_000), 0.1, rng)
    const deviation = Math.sqrt(noisy.reduce((total, x) => total + x * x, 0) / noisy.length)
    expect(deviation).toBeGreaterThan(0.09)
    expect(deviation).toBeLessThan(0.11)
    expect(noisyVectors(new Float32Array(100).fill(0.9), 5, rng).every((x) => x >= -1 && x <= 1)).toBe(true)
  })
})

describe('random play before learning', () => {
  it('holds each draw for as many steps as asked for, then draws anew', () => {
    const explore = heldRandomVectors(new Rng(1), 2, 3)
    const drawn = Array.from({ length: 9 }, () => Array.from(explore()))
    const changes = drawn.slice(1).map((each, i) => each[0] !== drawn[i]![0] && each[1] !== drawn[i]![1])
    expect(changes).toEqual([false, false, true, false, false, true, false, false])
    expect(drawn.flat().every((x) => x >= -1 && x < 1)).toBe(true)
  })

  it.each([
    ['td3', td3],
    ['ddpg', ddpg],
    ['sac', sac],
  ] as const)('is held by %s', (_, train) => {
    const forces: number[] = []
    const env = make<Float32Array, Float32Array>('MountainCarContinuous-v0')
    const step = env.step.bind(env)
    env.step = (action) => {
      forces.push(action[0]!)
      return step(action)
    }
    finish(
      train(env as AnyEnv, {
        totalTimesteps: 24,
        learningStarts: 16,
        randomActionRepeat: 8,
        hidden: [4],
        batchSize: 4,
      }),
    )
    expect(new Set(forces.slice(0, 8)).size).toBe(1)
    expect(new Set(forces.slice(8, 16)).size).toBe(1)
    expect(forces[8]).not.toBe(forces[0])
    expect(new Set(forces.slice(16)).size).toBeGreaterThan(1)
  })
})

const short = {
  totalTimesteps: 150,
  learningStarts: 40,
  trainInterval: 4,
  hidden: [16],
  batchSize: 16,
  logInterval: 40,
}

describe.each([
  ['td3', td3],
  ['ddpg', ddpg],
] as const)('%s', (_, train) => {
  it('reports as often as asked, once updates have begun, and at the end', () => {
    const reports = [...train(make('Pendulum-v1'), short)]
    expect(reports.map(({ step }) => step)).toEqual([40, 80, 120, 150])
    expect(reports.every(({ criticLoss }) => criticLoss > 0)).toBe(true)
    expect(Number.isFinite(reports.at(-1)!.actorLoss)).toBe(true)
  })

  it('is a function of its seed, bit for bit', () => {
    const bytes = (seed: number) => saveParameters(finish(train(make('Pendulum-v1'), { ...short, seed })))
    expect(bytes(1)).toEqual(bytes(1))
    expect(bytes(1)).not.toEqual(bytes(2))
  })

  it('moves the policy once in policyDelay updates of the critic', () => {
    const agents = Array.from(train(make('Pendulum-v1'), { ...short, policyDelay: 1000 }), ({ agent }) =>
      saveParameters(agent),
    )
    expect(agents.length).toBeGreaterThan(1)
    expect(agents.at(-1)).toEqual(agents[0])
    const moved = Array.from(train(make('Pendulum-v1'), { ...short, policyDelay: 2 }), ({ agent }) =>
      saveParameters(agent),
    )
    expect(moved.at(-1)).not.toEqual(moved[0])
  })

  it('says what it cannot act in', () => {
    expect(() => train(make('CartPole-v1')).next()).toThrow(/gives vectors/)
  })
})

describe('td3', () => {
  it('gives the same action for the same observation, within the bounds', () => {
    const agent = newContinuousAgent(td3Algorithm, make('Pendulum-v1'), { hidden: [4] })
    const [torque] = agent.act(Float32Array.of(30, -20, 90))
    expect(agent.act(Float32Array.of(30, -20, 90))).toEqual(Float32Array.of(torque!))
    expect(Math.abs(torque!)).toBeLessThanOrEqual(2)
  })
})
