// Policy gradients learn what they are known to learn, in a short form: few seeds, judged by greedy play of a hundred episodes
// from starts that training never saw.

import { describe, expect, it } from 'vitest'
import { algorithm, evaluatePolicy, finish, make, makeVec, preset } from '../../src/rl/index.ts'

interface Claim {
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  readonly numEnvs: number
  readonly reach: number
}

const fast = preset('ppo', 'cartpole-fast')
const small = preset('ppo', 'cartpole-small')
const a2c = preset('a2c', 'cartpole-a2c')
const claims: readonly Claim[] = [
  { name: 'ppo', options: fast.options, numEnvs: fast.numEnvs, reach: 495 },
  { name: 'ppo', options: small.options, numEnvs: small.numEnvs, reach: 498 },
  { name: 'a2c', options: a2c.options, numEnvs: a2c.numEnvs, reach: 475 },
  { name: 'reinforce', options: { totalTimesteps: 100_000 }, numEnvs: 1, reach: 475 },
  { name: 'trpo', options: { totalTimesteps: 100_000 }, numEnvs: 1, reach: 475 },
]

describe.each(claims)('CartPole-v1 by $name reaches $reach', ({ name, options, numEnvs, reach }) => {
  it.each([0, 1, 2])('seed %i', (seed) => {
    const agent = finish(algorithm(name).train(makeVec('CartPole-v1', numEnvs), { ...options, seed }))
    expect(evaluatePolicy(agent, () => make<Float32Array, unknown>('CartPole-v1')).mean).toBeGreaterThanOrEqual(reach)
  })
})
