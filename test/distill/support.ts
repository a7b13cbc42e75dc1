// Small teachers and the datasets that the tests of this folder share.

import { type DistillOptions, distill, type LabelledDataset, type Target } from '../../src/distill/index.ts'
import { policyTarget } from '../../src/distill/targets/policy.ts'
import { Teacher } from '../../src/distill/teachers/teacher.ts'
import type { TeacherFunction } from '../../src/distill/teachers/teacher-sources.ts'
import { MLP } from '../../src/nn/layers/mlp.ts'
import { type AnyEnv, Corridor, type Env, type EnvLike, finish, make, QPolicy, TimeLimit } from '../../src/rl/index.ts'
import { DeterministicPolicy, SquashedGaussianPolicy } from '../../src/rl/policies/continuous-policies.ts'
import type { TeachingPolicy } from '../../src/rl/policies/policy.ts'
import { Rng } from '../../src/tensor/index.ts'

export const cartPole = (): Env => make('CartPole-v1')
export const pendulum = () => make('Pendulum-v1')

/** Ten states, to which play returns all the time. */
export const corridor = (limit = 60) => new TimeLimit(new Corridor({ length: 10 }), limit)

/** An untrained network: its labels are arbitrary, but always the same. */
export function someAgent(seed = 1): QPolicy {
  return new QPolicy(new MLP([4, 16, 2], new Rng(seed)), 4, 2)
}

export function someTeacher(limit?: number, seed = 1): Teacher {
  return new Teacher(someAgent(seed), 'untrained', limit)
}

/** Untrained policies for Pendulum-v1, as SAC's and as TD3's. */
export const somePendulumTeachers = {
  gaussian: () => new SquashedGaussianPolicy(new MLP([3, 8, 2], new Rng(1)), 3, pendulumBounds),
  deterministic: () => new DeterministicPolicy(new MLP([3, 8, 1], new Rng(1)), 3, pendulumBounds),
}
const pendulumBounds = { low: Float32Array.of(-2), high: Float32Array.of(2) }

/** A teacher that gives the same logits in every state. */
export const constantly = (...logits: number[]): TeacherFunction => {
  return () => ({ logits })
}

/** What every test gives unless it is about it: one round, few states, students that hardly learn. */
const few = { labels: 40, seed: 3, rounds: 1, selection: 'random', rolloutSteps: 200 } as const
export const quick = { hidden: [4], updates: 0, roundUpdates: 2 } as const

export type Changes = DistillOptions & {
  readonly teacher?: Parameters<typeof distill>[1]
  readonly env?: EnvLike | AnyEnv
}

/** A dataset as `distill` collects it. */
export function someDataset({ teacher = someTeacher(), env = cartPole(), ...changes }: Changes = {}): LabelledDataset {
  return finish(distill(env as EnvLike, teacher, { ...quick, ...few, ...changes })).dataset
}

/** All that a dataset holds, to be compared. */
export function contentsOf(dataset: LabelledDataset) {
  return { ...dataset.spec, ...dataset.save(), provenance: dataset.provenance }
}

/** The states of a dataset as text, in order. */
export function statesOf(dataset: LabelledDataset): string[] {
  return Array.from({ length: dataset.size }, (_, i) => dataset.observation(i).join())
}

/** Ways to collect states, by what they are. */
export const ways: Readonly<Record<string, DistillOptions>> = {
  "the first states of the teacher's play": { selection: 'sequential', exploration: 'fixed' },
  "states drawn from the teacher's play": { exploration: 'fixed' },
  'play with a share of random actions per episode': {},
  'random play': { exploration: 'fixed', epsilon: 1 },
  'the farthest of several': { selection: 'farthest' },
  'a box': { selection: 'box' },
  'rounds of a student': { rounds: 5 },
  'rounds of the farthest': { rounds: 5, selection: 'farthest' },
}

/** A dataset that a student learns from. */
export interface Seen {
  readonly size: number
  readonly states: readonly string[]
  readonly actionValues: Float32Array | undefined
}

/** A target whose students are all `student`; notes the datasets that they learn from. */
export function studentsAre(student: TeachingPolicy, seen: Seen[] = []): Target {
  return {
    ...(policyTarget as Target),
    prepare(dataset, options) {
      if (dataset.provenance.selection !== 'given') {
        const actionValues = dataset.has('actionValues') ? dataset.column('actionValues').slice() : undefined
        seen.push({ size: dataset.size, states: statesOf(dataset), actionValues })
      }
      return { ...(policyTarget as Target).prepare(dataset, options), student: () => student }
    },
  }
}
