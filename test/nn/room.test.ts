// Sizes that no memory holds are refused at once, with the bytes that they would take.

import { expect, it } from 'vitest'
import { Embedding, Linear, MLP, NoisyLinear } from '../../src/nn/index.ts'
import { makeVec, ReplayBuffer as Replay } from '../../src/rl/index.ts'
import { RolloutBuffer } from '../../src/rl/on-policy/collect-rollout.ts'
import { Rng, ValueError } from '../../src/tensor/index.ts'

const rng = new Rng(1)
it.each<[string, () => unknown]>([
  ['a layer', () => new Linear(4, 1e9, rng)],
  ['a noisy layer', () => new NoisyLinear(1e5, 1e5, rng)],
  ['an embedding', () => new Embedding(1e9, 64, rng)],
  ['a network of one wide layer', () => new MLP([4, 1e9, 2], rng)],
  ['a network of many layers', () => new MLP(new Array(40).fill(8000), rng)],
  ['environments in batches', () => makeVec('CartPole-v1', 1e9)],
  ['environments one by one', () => makeVec('FrozenLake-v1', 1e9)],
  ['a memory', () => new Replay({ capacity: 1e12, observationSize: 4 })],
  ['a rollout', () => new RolloutBuffer({ numSteps: 1e9, numEnvs: 64, observationSize: 4 })],
  [
    'a batch',
    () => {
      const buffer = new Replay({ capacity: 4, observationSize: 1 })
      buffer.add([0], 0, 0, [0], false)
      buffer.sample(1e12, rng)
    },
  ],
])('%s', (_, make) => {
  const started = performance.now()
  expect(make).toThrow(ValueError)
  expect(make).toThrow(/needs [\d,]{5,} bytes of memory \([\d.e+]+ GiB\); there are at most/)
  expect(performance.now() - started).toBeLessThan(1000)
})

it('an MLP counts weights, biases, their gradients and two moments: (2·10⁹ + 10⁹ + 1) · 16 bytes', () => {
  expect(() => new MLP([1, 1e9, 1], rng)).toThrow('needs 48,000,000,016 bytes')
})

it("an MLP's sizes are its own", () => {
  const sizes = [4, 8, 2]
  const network = new MLP(sizes, rng)
  sizes[1] = 999
  expect(network.sizes).toEqual([4, 8, 2])
})
