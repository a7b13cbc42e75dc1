// A small teacher and the sets that the tests of this folder share.

import { type CollectOptions, collect } from '../../src/distill/collect.ts'
import type { LabelledSet } from '../../src/distill/labelled-set.ts'
import { Teacher } from '../../src/distill/teacher.ts'
import { MLP } from '../../src/nn/mlp.ts'
import { ActionValueAgent } from '../../src/rl/discrete-policies.ts'
import type { Env } from '../../src/rl/env.ts'
import { make } from '../../src/rl/registry.ts'
import { Rng } from '../../src/tensor/index.ts'

export const cartPole = (): Env => make('CartPole-v1')

/** An untrained network: it knows nothing, but says it the same way each time. */
export function someTeacher(limit = Number.POSITIVE_INFINITY, seed = 1): Teacher {
  return new Teacher(new ActionValueAgent(new MLP([4, 16, 2], new Rng(seed)), 4, 2), 'untrained', limit)
}

export function someSet(options: Partial<CollectOptions> = {}): LabelledSet {
  return collect(someTeacher(), cartPole(), { labels: 40, seed: 3, poolSize: 200, ...options })
}
