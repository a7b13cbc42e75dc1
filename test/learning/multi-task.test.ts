// One student with a shared body reaches three teachers with two hundred labels of each: its returns, on a hundred greedy
// episodes from starts that were never trained on, are at least 95 % of the way from random play to the teacher's.

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { distillMultiTask } from '../../src/distill/multi-task.ts'
import { loadParameters, MLP } from '../../src/nn/index.ts'
import { evaluatePolicy, finish, make, makeVec, type PolicyLike, QPolicy } from '../../src/rl/index.ts'
import { Rng } from '../../src/tensor/random.ts'

const tasks = [
  { id: 'CartPole-v1', file: 'cartpole-1', observations: 4, actions: 2, random: 22 },
  { id: 'Acrobot-v1', file: 'acrobot-1', observations: 6, actions: 3, random: -499 },
  { id: 'MountainCar-v0', file: 'mountaincar-1', observations: 2, actions: 3, random: -200 },
]

it.each([1000, 2000])(
  'one student plays CartPole-v1, Acrobot-v1 and MountainCar-v0 nearly as well as the teacher of each: seed %i',
  (seed) => {
    const teachers = tasks.map(({ file, observations, actions }) => {
      const teacher = new QPolicy(new MLP([observations, 256, 256, actions], new Rng(0)), observations, actions)
      loadParameters(teacher, readFileSync(new URL(`../../bench/teachers/${file}.safetensors`, import.meta.url)))
      return teacher
    })
    const given = tasks.map(({ id }, i) => ({
      ...{ teacher: teachers[i]!, env: makeVec(id, 8) },
      collect: { labels: 200, rolloutSteps: 2000, selection: 'random' as const },
    }))
    const { students, datasets } = finish(distillMultiTask(given, { hidden: [64, 64], seed }))
    expect(datasets.map(({ labels }) => labels)).toEqual([200, 200, 200])
    for (const [i, { id, random }] of tasks.entries()) {
      const mean = (policy: PolicyLike) => evaluatePolicy(policy, () => make(id)).mean
      const share = (mean(students[i] as PolicyLike) - random) / (mean(teachers[i]!) - random)
      expect.soft(share, id).toBeGreaterThanOrEqual(0.95)
    }
  },
)
