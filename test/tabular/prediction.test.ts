import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FiniteProblem } from '../../examples/tabular/problems/finite-problem.ts'
import { randomWalk, randomWalkValues } from '../../examples/tabular/problems/random-walk.ts'
import { deterministic } from '../../src/rl/envs/tasks/tabular.ts'
import { type Checkpoint, finish, type GivenOptions, GridWorld, TimeLimit } from '../../src/rl/index.ts'
import { deterministicPolicy, drawAction, policyEvaluation, uniformPolicy } from '../../src/tabular/planning.ts'
import { nStepTd, td, tdLambda, type tdOptions } from '../../src/tabular/td-prediction.ts'
import { CheckpointError, Rng, ValueError } from '../../src/tensor/index.ts'
import { expectNumbers } from '../support/arrays.ts'
import { forAll } from '../support/property.ts'

const walk = uniformPolicy(1)
const methods = { td, nStepTd, tdLambda }

/** Root mean square error over the 19 states, averaged over the first 10 episodes and over the seeds. */
function walkError(method: typeof td, options: GivenOptions<typeof tdOptions>, runs = 10): number {
  const truth = randomWalkValues()
  let total = 0
  for (let seed = 0; seed < runs; seed++) {
    for (const { agent } of method(randomWalk(), walk, { ...options, totalTimesteps: 1e9, totalEpisodes: 10, seed })) {
      let squares = 0
      for (let state = 1; state <= 19; state++) squares += (agent[state]! - truth[state]!) ** 2
      total += Math.sqrt(squares / 19)
    }
  }
  return total / (10 * runs)
}

describe.each(Object.entries(methods) as [string, typeof td][])('%s', (_, method) => {
  it('comes to the values of Example 4.1', () => {
    const options = { totalTimesteps: 400_000, learningRate: 0.005, seed: 1 }
    const values = finish(method(new GridWorld(), uniformPolicy(4), options))
    const truth = finish(policyEvaluation(new GridWorld(), uniformPolicy(4)))
    expectNumbers(values, truth, 0, 2.5)
  })

  it('lets a truncation be followed by a value and a termination not', () => {
    const options = { gamma: 0.5, totalTimesteps: 2000, learningRate: 0.2 }
    const cutOff = new TimeLimit(new GridWorld({ map: ['.'], moveReward: 1 }), 1)
    expectNumbers([finish(method(cutOff, uniformPolicy(4), options))[0]!], [2], 0, 1e-6)
    const toTheRight = deterministicPolicy([2, 2])
    const ended = new TimeLimit(new GridWorld({ map: ['ST'], moveReward: 1 }), 1)
    // The end itself is given a value, which must not be used.
    expectNumbers([finish(method(ended, toTheRight, { ...options, initialValue: 7 }))[0]!], [1], 0, 1e-6)
  })

  it('goes on from any saved episode with the same bits', () => {
    const options = { totalTimesteps: 1500, seed: 3 }
    const saved: Checkpoint[] = []
    const unbroken = method(randomWalk(), walk, options)
    let next = unbroken.next()
    for (; next.done !== true; next = unbroken.next()) saved.push(next.value.save())
    const resumed = finish(method(randomWalk(), walk, { ...options, resume: saved[7]! }))
    expect([...resumed]).toEqual([...next.value])
    expect(() => finish(method(randomWalk(5), walk, { ...options, resume: saved[7]! }))).toThrow(CheckpointError)
  })

  it('refuses options out of range', () => {
    expect(() => finish(method(randomWalk(), walk, { learningRate: 1.5 }))).toThrow(ValueError)
    expect(() => finish(method(randomWalk(), walk, { gamma: Number.NaN }))).toThrow(/gamma is NaN/)
  })
})

describe('the family', () => {
  const options = fc.record({
    gamma: fc.double({ min: 0, max: 1, noNaN: true }),
    learningRate: fc.double({ min: 0, max: 1, noNaN: true }),
    seed: fc.nat(),
  })

  it('TD(0) is n-step TD with n = 1 and TD(λ) with λ = 0, to the last bit', () => {
    forAll([options], { numRuns: 30 }, (given) => {
      const all = { ...given, totalTimesteps: 400 }
      const values = [...finish(td(randomWalk(5), walk, all))]
      expect([...finish(nStepTd(randomWalk(5), walk, { ...all, nStep: 1 }))]).toEqual(values)
      expectNumbers(finish(tdLambda(randomWalk(5), walk, { ...all, lambda: 0 })), values, 1e-12, 1e-12)
    })
  })

  it('TD(λ) hands a late reward back, faded by γ λ a step', () => {
    const outcomes = [deterministic(1, 0), deterministic(2, 0), deterministic(3, 1, true), deterministic(3, 0, true)]
    const chain = new FiniteProblem({ id: 'Chain', actionNames: ['on'], outcomes, starts: [0] })
    const options = { totalEpisodes: 1, learningRate: 1, gamma: 0.5, lambda: 0.4 }
    expectNumbers(finish(tdLambda(chain, walk, options)), [0.04, 0.2, 1, 0])
  })

  it('n without end, from values of 0, moves each visited state towards its return', () => {
    for (const { agent, episodes } of nStepTd(randomWalk(5), walk, {
      nStep: 10_000,
      learningRate: 0.5,
      totalEpisodes: 1,
    })) {
      const outcome = episodes[0]!.return
      for (const value of agent) {
        const visits = value === 0 ? 0 : Math.round(Math.log2(1 / (1 - value / outcome)))
        expectNumbers([value], [outcome * (1 - 0.5 ** visits)]) // each visit halves the distance
      }
    }
  })

  it('Fig. 7.2: on the walk of 19 states, some steps between one and all are best', () => {
    const error = (nStep: number, learningRate: number) =>
      walkError((env, policy, given) => nStepTd(env, policy, { ...given, nStep }), { learningRate })
    const best = error(4, 0.4)
    expect(best).toBeGreaterThan(0.22)
    expect(best).toBeLessThan(0.3)
    expect(error(1, 0.8)).toBeGreaterThan(best + 0.03)
    expect(error(16, 0.2)).toBeGreaterThan(best + 0.03)
    expect(error(64, 0.1)).toBeGreaterThan(error(16, 0.2))
  })

  it('Fig. 12.6: a λ between 0 and 1 is best as well', () => {
    const error = (lambda: number, learningRate: number) =>
      walkError((env, policy, given) => tdLambda(env, policy, { ...given, lambda }), { learningRate })
    const best = error(0.8, 0.2)
    expect(best).toBeLessThan(0.33)
    expect(error(0, 0.2)).toBeGreaterThan(best + 0.05)
    expect(error(1, 0.05)).toBeGreaterThan(best)
  })
})

describe('drawAction', () => {
  it('draws each action as often as the policy says', () => {
    const shares = [0.2, 0, 0.5, 0.3]
    const counts = [0, 0, 0, 0]
    const rng = new Rng(1)
    for (let i = 0; i < 4000; i++) counts[drawAction((_, action) => shares[action]!, 0, 4, rng)]! += 1 / 4000
    expectNumbers(counts, shares, 0, 0.04)
    expect(counts[1]).toBe(0)
  })
})
