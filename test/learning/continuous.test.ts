// Algorithms of continuous control learn what they are known to learn, in a short form: one seed, judged by greedy play of a
// hundred episodes from starts that training never saw. An agent that has learnt nothing gets about -1200, and 0 or less.
// Then students learn from them: their returns are not below those of the teacher by more than its 95 % interval.

import { expect, it } from 'vitest'
import { distill } from '../../src/distill/distill.ts'
import type { PolicyStudent } from '../../src/distill/targets/policy.ts'
import type { TeachingAgent } from '../../src/distill/teaching-agent.ts'
import { countParameters, type HasParameters } from '../../src/nn/module.ts'
import type { GaussianActorCritic } from '../../src/rl/actor-critic.ts'
import { ppo } from '../../src/rl/algorithms/ppo.ts'
import { preset } from '../../src/rl/algorithms/presets.ts'
import { algorithm } from '../../src/rl/algorithms/registry.ts'
import { type ContinuousAgent, GaussianAgent, SquashedGaussianAgent } from '../../src/rl/continuous-policies.ts'
import { evaluatePolicy } from '../../src/rl/evaluate.ts'
import type { Agent } from '../../src/rl/policy.ts'
import { make } from '../../src/rl/registry.ts'
import { finish } from '../../src/rl/training.ts'
import { makeVector } from '../../src/rl/vector/make-vector.ts'

const small = { totalTimesteps: 10_000, batchSize: 128, learningStarts: 500 }

function trained(algorithmName: string, name: string, shorter: Readonly<Record<string, unknown>>) {
  const { env, numEnvs, options } = preset(algorithmName, name)
  const training = algorithm(algorithmName).train(makeVector(env, numEnvs), { ...options, ...shorter, seed: 0 })
  const agent = finish(training)
  return { agent, ...evaluated(agent, env) }
}

const evaluated = (agent: Agent<Float32Array, unknown>, env: string) =>
  evaluatePolicy(agent, () => make<Float32Array, unknown>(env))

it.each([
  { algorithmName: 'td3', name: 'pendulum-td3', shorter: small, reach: -180 },
  { algorithmName: 'ddpg', name: 'pendulum-ddpg', shorter: small, reach: -180 },
  { algorithmName: 'sac', name: 'mountain-car-continuous-sac', shorter: { totalTimesteps: 15_000 }, reach: 90 },
])('$name reaches $reach', ({ algorithmName, name, shorter, reach }) => {
  expect(trained(algorithmName, name, shorter).mean).toBeGreaterThanOrEqual(reach)
})

/** A student of 200 labels, and its mean return. */
function taught(teacher: unknown, hidden: readonly number[], seed: number) {
  const env = makeVector('Pendulum-v1', 8)
  const options = { labels: 200, hidden, seed, rolloutSteps: 2000, updates: 3000, roundUpdates: 1000 }
  const { student, dataset } = finish(distill(env, teacher as TeachingAgent, options))
  expect(dataset.labels).toBe(200)
  return { student, ...evaluated(student as PolicyStudent & ContinuousAgent, 'Pendulum-v1') }
}

it('pendulum-sac reaches -180, and students of a twelfth of its size are as good', () => {
  const { agent, mean, interval } = trained('sac', 'pendulum-sac', small)
  expect(mean).toBeGreaterThanOrEqual(-180)
  for (const seed of [0, 1]) {
    const { student, mean: own } = taught(agent, [15, 14], seed)
    expect(student).toBeInstanceOf(SquashedGaussianAgent)
    expect(countParameters(student) / countParameters(agent as HasParameters)).toBeLessThan(1 / 12)
    expect.soft(own, `seed ${seed}`).toBeGreaterThanOrEqual(interval.low)
  }
})

it('a Gaussian policy of PPO leaves random play behind, and its students are as good', () => {
  const learning = { learningRate: 1e-3, gamma: 0.9, numSteps: 128, epochs: 10, minibatches: 16, entropyCoef: 0 }
  const options = { ...learning, totalTimesteps: 80_000, hidden: [64, 64], seed: 0 }
  const agent = finish(ppo(makeVector('Pendulum-v1', 8), options)) as GaussianActorCritic
  const { mean, interval } = evaluated(agent, 'Pendulum-v1')
  expect(mean).toBeGreaterThanOrEqual(-700) // random play: -1200
  for (const seed of [0, 1]) {
    const { student, mean: own } = taught(agent, [32, 32], seed)
    expect(student).toBeInstanceOf(GaussianAgent)
    expect.soft(own, `seed ${seed}`).toBeGreaterThanOrEqual(interval.low)
  }
})
