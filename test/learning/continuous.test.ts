// Algorithms of continuous control learn what they are known to learn, in a short form: one seed, judged by greedy play of a
// hundred episodes from starts that training never saw. An agent that has learnt nothing gets about -1200, and 0 or less.

import { expect, it } from 'vitest'
import { preset } from '../../src/rl/algorithms/presets.ts'
import { algorithm } from '../../src/rl/algorithms/registry.ts'
import { evaluate } from '../../src/rl/evaluate.ts'
import { make } from '../../src/rl/registry.ts'
import { finish } from '../../src/rl/training.ts'
import { makeVector } from '../../src/rl/vector/make-vector.ts'

const small = { totalTimesteps: 10_000, batchSize: 128, learningStarts: 500 }

it.each([
  { algorithmName: 'sac', name: 'pendulum-sac', shorter: small, reach: -180 },
  { algorithmName: 'td3', name: 'pendulum-td3', shorter: small, reach: -180 },
  { algorithmName: 'ddpg', name: 'pendulum-ddpg', shorter: small, reach: -180 },
  { algorithmName: 'sac', name: 'mountain-car-continuous-sac', shorter: { totalTimesteps: 15_000 }, reach: 90 },
])('$name reaches $reach', ({ algorithmName, name, shorter, reach }) => {
  const { env, numEnvs, options } = preset(algorithmName, name)
  const training = algorithm(algorithmName).train(makeVector(env, numEnvs), { ...options, ...shorter, seed: 0 })
  const played = evaluate(finish(training), () => make<Float32Array, unknown>(env))
  expect(played.mean).toBeGreaterThanOrEqual(reach)
})
