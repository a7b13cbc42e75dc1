// How states are found: the teacher's play, with random actions among its own, and play of teacher and student mixed. Read next:
// collector.ts, which selects from it.

import {
  choice,
  count,
  fraction,
  type GivenOptions,
  type OptionValues,
  readOptions,
  whole,
} from '../../data/options.ts'
import type { EnvLike } from '../../rl/envs/vector/sync-vector-env.ts'
import { type Player, playedActions } from '../../rl/policies/policy.ts'
import { Rollout } from '../../rl/recorded-play.ts'
import { Rng } from '../../tensor/random.ts'
import { type Teacher, type TeacherSource, teacherOf } from '../teachers/teacher.ts'

export const playOptions = {
  exploration: choice(
    'per-episode',
    'random actions in the first round: epsilon of them, or each episode its own fraction up to maxEpsilon',
    ['per-episode', 'fixed'],
  ),
  epsilon: fraction(0.05, 'fraction of random actions in the first round, where exploration is fixed'),
  maxEpsilon: fraction(0.6, 'largest fraction of random actions of an episode, where exploration is per-episode'),
  rolloutSteps: count(700, 'states played in the first round, to select from'),
  gamma: fraction(0.99, 'discount of the returns stored beside the states, and of look-aheads'),
  seed: whole(0, 'of all random numbers'),
}

/** Play of a teacher as in a first round, to be shared by several distillations as their `rollout`. */
export function playTeacher(
  env: EnvLike,
  teacher: TeacherSource | Teacher,
  options: GivenOptions<typeof playOptions> = {},
): Rollout {
  const o = readOptions('playTeacher', playOptions, options)
  const found = teacherOf(teacher, env)
  const player = isUniform(o) ? (found.agent as Player) : found.player()
  return firstPlay(player, env, o, new Rng(o.seed))
}

export function isUniform(o: { readonly exploration: string; readonly epsilon: number }): boolean {
  return o.exploration === 'fixed' && o.epsilon === 1
}

export function firstPlay(player: Player, env: EnvLike, o: OptionValues<typeof playOptions>, rng: Rng): Rollout {
  const random = o.exploration === 'fixed' ? () => o.epsilon : () => o.maxEpsilon * rng.uniform()
  return Rollout.play(player, env, { steps: o.rolloutSteps, seed: o.seed, gamma: o.gamma, epsilon: random, rng })
}

/** The teacher with probability `beta`, per step and sub-environment, else the student. */
export function mixture(teacher: Player, student: Player, beta: number, actionSize: number, rng: Rng): Player {
  return {
    actBatch(observations, masks) {
      const expert = playedActions(teacher, observations, masks)
      const actions = Float32Array.from(playedActions(student, observations, masks))
      for (let at = 0; at < actions.length; at += actionSize) {
        if (rng.uniform() >= beta) continue
        for (let j = at; j < at + actionSize; j++) actions[j] = expert[j]!
      }
      return actions
    },
  }
}

/** Fraction of the states of a rollout in which not all students choose the same action. */
export function disagreementOf(students: readonly Player[], rollout: Rollout): number {
  const [first, ...others] = students.map((student) => playedActions(student, rollout.columns.observations))
  let different = 0
  for (let i = 0; i < rollout.size; i++) if (others.some((each) => each[i] !== first![i])) different++
  return different / rollout.size
}
