import { describe, expect, it } from 'vitest'
import { saveParameters } from '../../../src/nn/files/parameters.ts'
import { newContinuousAgent } from '../../../src/rl/actor-critic/continuous.ts'
import { ddpg, ddpgAlgorithm, smoothedActions, td3, td3Algorithm } from '../../../src/rl/actor-critic/td3.ts'
import { toVectorEnv } from '../../../src/rl/envs/vector/sync-vector-env.ts'
import { type AnyEnv, Box, defaultsOf, finish, make, ReplayBuffer, sac } from '../../../src/rl/index.ts'
import { bootstrapped, heldRandomVectors, noisyVectors } from '../../../src/rl/replay/off-policy.ts'
import { minimum, Rng, tensor } from '../../../src/tensor/index.ts'
import { goldenArrays } from '../../support/arrays.ts'
import { expectClose, fromGolden } from '../../support/golden.ts'
import { Echo } from '../algorithms/echo-env.ts'
import { casesOf, onEveryEngine } from '../algorithms/golden-loss.ts'
import { numbersOf, rngWithNoise, setNumbers } from '../algorithms/hand-worked.ts'

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

describe('an update by hand', () => {
  // Fujimoto et al. 2018, arXiv:1802.09477, algorithm 1, with linear networks and γ = 0.5:
  //   policy   π(s) = tanh 0 = 0; its target π′(s) = tanh(s ln 2), so that π′(1) = 0.6
  //   critics  Q₁ = 2 + a, Q₂ = 1 + 2a; their targets Q₁′ = 5 + s + 2a, Q₂′ = 3 + s + 3a
  const transition = { s: 0, a: 0.25, r: 1, next: 1 }
  const step = 1e-3 // Adam's first steps move every parameter with a gradient by the learning rate
  const shared = { hidden: [], gamma: 0.5, tau: 0.1, learningRate: step }

  const learners = {
    td3: (noise: number) => {
      return td3Algorithm.learner(
        toVectorEnv(new Echo()),
        { ...defaultsOf(td3Algorithm.options), ...shared },
        rngWithNoise(noise),
      )
    },
    ddpg: (noise: number) => {
      return ddpgAlgorithm.learner(
        toVectorEnv(new Echo()),
        { ...defaultsOf(ddpgAlgorithm.options), ...shared },
        rngWithNoise(noise),
      )
    },
  }

  function learnerOf(name: keyof typeof learners, noise: number) {
    const learner = learners[name](noise)
    const { agent, targetAgent, critics, targetCritics } = learner.parts
    setNumbers(agent, { 'actor.0.weight': [0], 'actor.0.bias': [0] })
    setNumbers(targetAgent, { 'actor.0.weight': [Math.LN2], 'actor.0.bias': [0] })
    setNumbers(critics, { '0.0.weight': [0, 1], '0.0.bias': [2] })
    setNumbers(targetCritics, { '0.0.weight': [1, 2], '0.0.bias': [5] })
    if (name === 'td3') {
      setNumbers(critics, { '1.0.weight': [0, 2], '1.0.bias': [1] })
      setNumbers(targetCritics, { '1.0.weight': [1, 3], '1.0.bias': [3] })
    }
    const buffer = new ReplayBuffer({ capacity: 1, observationSize: 1, actionSize: 1 })
    buffer.add([transition.s], [transition.a], transition.r, [transition.next], false)
    const { parts } = learner
    return { update: () => learner.update(buffer.gather(Int32Array.of(0))), parts, learner }
  }

  // ã = clip(π′(s′) + clip(0.2 ε, ±0.5), ±1); y = 1 + 0.5 min(6 + 2 ã, 4 + 3 ã); loss (2.25 - y)² + (1.5 - y)²
  it.each([
    [0, 0.6, 1 + 0.5 * 5.8, 2.7225 + 5.76], // y = 3.9
    [1, 0.8, 1 + 0.5 * 6.4, 3.8025 + 7.29], // y = 4.2
    [-4, 0.1, 1 + 0.5 * 4.3, 0.81 + 2.7225], // y = 3.15: the noise of -0.8 is clipped to -0.5
    [5, 1, 1 + 0.5 * 7, 5.0625 + 9], // y = 4.5: 0.6 + 0.5 is clipped to 1
  ])('of the critics goes towards r + γ min Q′(s′, ã) with smoothed actions: noise %f', (noise, action, y, loss) => {
    expect(1 + 0.5 * (4 + 3 * action)).toBeCloseTo(y, 12)
    expect(learnerOf('td3', noise).update().criticLoss).toBeCloseTo(loss, 4)
  })

  it('of the policy and the targets waits for every second update of the critics', () => {
    const { update, parts } = learnerOf('td3', 0)
    const before = [parts.agent, parts.targetAgent, parts.targetCritics].map(numbersOf)
    expect(update().actorLoss).toBeUndefined()
    expect([parts.agent, parts.targetAgent, parts.targetCritics].map(numbersOf)).toEqual(before)
    // -Q₁(0, π(0)), whose bias two steps have moved: -2.002
    expect(update().actorLoss).toBeCloseTo(-2.002, 5)
    // Uphill on Q₁ = 2 + a: the bias rises by one step. The weight of s = 0 stays.
    expect(numbersOf(parts.agent)['actor.0.bias']![0]).toBeCloseTo(step, 6)
    // 0.9 of what the targets were, 0.1 of what is learned
    expect(numbersOf(parts.targetCritics)['0.0.bias']![0]).toBeCloseTo(0.9 * 5 + 0.1 * 2.002, 5)
    expect(numbersOf(parts.targetCritics)['1.0.bias']![0]).toBeCloseTo(0.9 * 3 + 0.1 * 1.002, 5)
    expect(numbersOf(parts.targetAgent)['actor.0.weight']![0]).toBeCloseTo(0.9 * Math.LN2, 6)
    expect(numbersOf(parts.targetAgent)['actor.0.bias']![0]).toBeCloseTo(0.1 * step, 7)
  })

  it('of ddpg has one critic, no noise in the target, and moves the policy each time', () => {
    // y = 1 + 0.5 (6 + 2 · 0.6) = 4.6; (2.25 - 4.6)² = 5.5225
    const { criticLoss, actorLoss } = learnerOf('ddpg', 1).update()
    expect(criticLoss).toBeCloseTo(5.5225, 5)
    expect(actorLoss).toBeCloseTo(-2.001, 5)
  })

  it('follows play with noise of 0.1 on the actions', () => {
    expect(learnerOf('td3', 1).learner.explore(Float32Array.of(0))[0]).toBeCloseTo(0.1, 6)
    expect(learnerOf('td3', -20).learner.explore(Float32Array.of(0))[0]).toBe(-1)
  })
})

it('noise in play: has the deviation asked for and stays within [-1, 1]', () => {
  const rng = new Rng(1)
  const noisy = noisyVectors(new Float32Array(20_000), 0.1, rng)
  const deviation = Math.sqrt(noisy.reduce((total, x) => total + x * x, 0) / noisy.length)
  expect(deviation).toBeGreaterThan(0.09)
  expect(deviation).toBeLessThan(0.11)
  expect(noisyVectors(new Float32Array(100).fill(0.9), 5, rng).every((x) => x >= -1 && x <= 1)).toBe(true)
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
    const forces: string[] = []
    class Plane extends Echo {
      override readonly actionSpace = new Box([-1, -1], [1, 1])
      override step(action: Float32Array) {
        expect(new Set(action).size).toBe(2) // a draw for each number
        forces.push(action.join())
        return super.step(action)
      }
    }
    finish(
      train(new Plane() as AnyEnv, {
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
  ...{ totalTimesteps: 150, learningStarts: 40, trainInterval: 4, hidden: [16], batchSize: 16, logInterval: 40 },
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
    const flat = Object.assign(new Echo(), { actionSpace: new Box([-1, 2], [1, 2]) })
    expect(() => train(flat as AnyEnv).next()).toThrow('this algorithm needs finite bounds, the lower below the upper')
  })
})

it('td3: gives the same action for the same observation, within the bounds', () => {
  const agent = newContinuousAgent(td3Algorithm, make('Pendulum-v1'), { hidden: [4] })
  const [torque] = agent.act(Float32Array.of(30, -20, 90))
  expect(agent.act(Float32Array.of(30, -20, 90))).toEqual(Float32Array.of(torque!))
  expect(Math.abs(torque!)).toBeLessThanOrEqual(2)
})
