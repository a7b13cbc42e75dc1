// Deep Q-learners learn what they are known to learn: three seeds, judged by greedy play of a hundred episodes from starts that
// training never saw. Random play of CartPole-v1 gets about 20.

import { describe, expect, it } from 'vitest'
import { algorithm, evaluatePolicy, finish, make, makeVec, preset } from '../../src/rl/index.ts'

const rainbow = { totalTimesteps: 20_000, hidden: [64, 64], nStep: 5 }

describe.each([
  { name: 'dqn', options: preset('dqn', 'cartpole-dqn').options, reach: 475 },
  { name: 'c51', options: preset('c51', 'cartpole-c51').options, reach: 475 },
  { name: 'munchausen-dqn', options: preset('munchausen-dqn', 'cartpole-munchausen-dqn').options, reach: 475 },
  { name: 'rainbow', options: rainbow, reach: 200 },
])('$name reaches $reach in CartPole-v1', ({ name, options, reach }) => {
  it.each([0, 1, 2])('seed %i', (seed) => {
    const agent = finish(algorithm(name).train(makeVec('CartPole-v1', 1), { ...options, seed }))
    const { mean } = evaluatePolicy(agent, () => make<Float32Array, unknown>('CartPole-v1'), { seed: 1_000_000 })
    expect(mean).toBeGreaterThanOrEqual(reach)
  })
})
