// A CartPole student for the tests of this folder: the teacher is a stored policy, so it takes a moment only.

import { readFileSync } from 'node:fs'
import { distill } from '../../src/distill/distill.ts'
import { MLP, type MlpOptions } from '../../src/nn/layers/mlp.ts'
import { type CategoricalPolicy, finish, loadSb3Policy, make } from '../../src/rl/index.ts'
import { Rng } from '../../src/tensor/random.ts'

const teacherFile = new URL('../golden/teachers/sb3-ppo-cartpole.safetensors', import.meta.url)

/** Distilled from 200 states; `hidden` are the widths between the 4 inputs and the 2 actions. */
export function cartPoleStudent(hidden: readonly number[], options: MlpOptions = {}): CategoricalPolicy {
  const { student } = finish(
    distill(make('CartPole-v1'), loadSb3Policy(readFileSync(teacherFile)), {
      network: new MLP([4, ...hidden, 2], new Rng(1), options),
      labels: 200,
      rolloutSteps: 2000,
      updates: 800,
      seed: 1,
    }),
  )
  return student as CategoricalPolicy
}
