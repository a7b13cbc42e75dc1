// Algorithms of continuous control learn what they are known to learn, in a short form: two seeds, judged by greedy play of a
// hundred episodes from starts that training never saw. An agent that has learnt nothing gets about -1200, and 0 or less.
// Then a student of a twelfth of the parameters learns from one of them.

import { describe, expect, it } from 'vitest'
import { distill } from '../../src/distill/distill.ts'
import { countParameters } from '../../src/nn/module.ts'
import { evaluatePolicy } from '../../src/rl/evaluate.ts'
import { type Agent, type AnyEnv, algorithm, finish, make, makeVec, preset } from '../../src/rl/index.ts'
import type { SquashedGaussianPolicy } from '../../src/rl/policies/continuous-policies.ts'
import { Rng } from '../../src/tensor/index.ts'

const small = { totalTimesteps: 10_000, batchSize: 128, learningStarts: 500 }

function trained(algorithmName: string, name: string, shorter: Readonly<Record<string, unknown>>, seed: number) {
  const { env, numEnvs, options } = preset(algorithmName, name)
  const training = algorithm(algorithmName).train(makeVec(env, numEnvs), { ...options, ...shorter, seed })
  const agent = finish(training)
  return { agent, mean: meanReturn(agent, env) }
}

function meanReturn(agent: Agent<Float32Array, unknown>, env: string): number {
  return evaluatePolicy(agent, () => make<Float32Array, unknown>(env)).mean
}

describe.each([
  { algorithmName: 'td3', name: 'pendulum-td3', shorter: small, reach: -180 },
  { algorithmName: 'ddpg', name: 'pendulum-ddpg', shorter: small, reach: -180 },
  { algorithmName: 'sac', name: 'mountain-car-continuous-sac', shorter: { totalTimesteps: 15_000 }, reach: 90 },
])('$name reaches $reach', ({ algorithmName, name, shorter, reach }) => {
  it.each([0, 1])('seed %i', (seed) => {
    expect(trained(algorithmName, name, shorter, seed).mean).toBeGreaterThanOrEqual(reach)
  })
})

it.each([0, 1])(
  'pendulum-sac reaches -180, and its student with 200 labels 95 percent of the way from random play to it: seed %i',
  (seed) => {
    const { agent, mean } = trained('sac', 'pendulum-sac', small, seed)
    expect(mean).toBeGreaterThanOrEqual(-180)
    const rng = new Rng(0)
    const random = meanReturn({ act: () => Float32Array.of(rng.uniform(-2, 2)) }, 'Pendulum-v1')
    const teacher = agent as SquashedGaussianPolicy
    const play = { rounds: 1, selection: 'random', rolloutSteps: 5000 } as const
    const options = { ...play, labels: 200, hidden: [15, 14], updates: 4000, seed }
    const { student, dataset } = finish(distill(make('Pendulum-v1') as AnyEnv, teacher, options))
    expect(dataset.labels).toBe(200)
    expect(countParameters(student) / countParameters(teacher)).toBeLessThan(1 / 12)
    expect(
      (meanReturn(student as SquashedGaussianPolicy, 'Pendulum-v1') - random) / (mean - random),
    ).toBeGreaterThanOrEqual(0.95)
  },
)
