// States that the student itself gets into. A student trained on the teacher's states drifts to others, where nobody told it
// what to do; so it is let loose, the teacher labels where it went, and a fresh one is trained on all labels together
// (DAgger: Ross, Gordon and Bagnell 2011, arXiv:1011.0686). Read next: collect.ts.

import type { Envs } from '../rl/vector/as-vector.ts'
import { unknownName, ValueError } from '../tensor/errors.ts'
import { Rng } from '../tensor/random.ts'
import { mostDisputed } from './collection/disagreement.ts'
import { type PlayOptions, type Pool, play } from './collection/pool.ts'
import { SetBuilder } from './collection/set-builder.ts'
import { type Learn, learnPolicy } from './collection/students.ts'
import type { LabelledSet } from './labelled-set.ts'
import type { Teacher } from './teacher.ts'

export interface RoundOptions {
  /** How the teacher plays the first round. Default `mixedEpsilon`. */
  readonly firstRound?: 'teacherIid' | 'mixedEpsilon'
  /** Default 5. One round is the first alone. */
  readonly rounds?: number
  /** Each round labels so many times the states of the one before. Default 1: all alike; 2 doubles them. */
  readonly growth?: number
  /** The share of random actions in a student's play. Default 0.05. */
  readonly randomActions?: number
  /** States in the pool that a student plays. Default: as many as in the teacher's. */
  readonly roundPoolSize?: number
  /** Makes the student that plays the next round. Default: it learns the policy, with two hidden layers of 64. */
  readonly learn?: Learn
  /** Makes a member of the committee of `active`. Default: it learns the policy, with two hidden layers of 32. */
  readonly learnMember?: Learn
  /** Members of the committee of `active`. Default 5. */
  readonly committee?: number
  /** States that the committee looks at for each that is labelled, drawn from the student's play. Default 10. */
  readonly candidates?: number
}

const firstRounds: readonly string[] = ['teacherIid', 'mixedEpsilon']

/** Labels of each round: whole numbers that sum to `labels`, each `growth` times the one before but for rounding. */
export function roundSizes(labels: number, rounds: number, growth = 1): number[] {
  if (!(Number.isInteger(rounds) && rounds >= 1)) {
    throw new ValueError(`collect: ${rounds} rounds; expected a whole number from 1`)
  }
  if (!(growth > 0 && growth < Infinity)) {
    throw new ValueError(`collect: growth is ${growth}; expected a positive, finite number`)
  }
  const sums: number[] = []
  let weight = 1
  let sum = 0
  for (let round = 0; round < rounds; round++) {
    sum += weight
    sums.push(sum)
    weight *= growth
  }
  const upTo = sums.map((each) => Math.round((labels * each) / sum))
  const sizes = upTo.map((each, i) => each - (upTo[i - 1] ?? 0))
  if (sizes.every((size) => size >= 1)) return sizes
  throw new ValueError(
    `collect: ${labels} labels in ${rounds} rounds would leave a round empty (${sizes.join(', ')}); ask for fewer rounds`,
  )
}

/** Throws a ValueError on options out of range. */
export function requireRoundOptions(sizes: readonly number[], options: RoundOptions & PlayOptions): void {
  const {
    firstRound = 'mixedEpsilon',
    randomActions = 0.05,
    committee = 5,
    candidates = 10,
    poolSize = 10_000,
  } = options
  const { roundPoolSize = poolSize } = options
  const wrong = (message: string) => new ValueError(`collect: ${message}`)
  if (!firstRounds.includes(firstRound)) throw wrong(unknownName('first round', firstRound, firstRounds))
  if (!(randomActions >= 0 && randomActions <= 1)) {
    throw wrong(`randomActions is ${randomActions}; it must be from 0 to 1`)
  }
  if (!(Number.isInteger(committee) && committee >= 2)) {
    throw wrong(`a committee of ${committee}; it takes two or more to disagree`)
  }
  if (!(candidates >= 1)) throw wrong(`${candidates} candidates a label; expected 1 or more`)
  const largest = Math.max(0, ...sizes.slice(1))
  if (!(Number.isInteger(roundPoolSize) && roundPoolSize >= Math.max(1, largest))) {
    throw wrong(`a round of ${largest} labels from a pool of ${roundPoolSize} states; make roundPoolSize larger`)
  }
}

/**
 * Labels round after round. `first` is the teacher's pool in the order to take its states in. Where a round meets too few
 * new states, the rest comes from there. `disputed` labels what a committee disagrees on, else states are drawn.
 */
export function collectInRounds(
  teacher: Teacher,
  envs: Envs,
  first: { readonly pool: Pool; readonly order: Int32Array },
  sizes: readonly number[],
  disputed: boolean,
  options: RoundOptions & PlayOptions,
): SetBuilder {
  const { seed, gamma = 0.99, poolSize = 10_000, roundPoolSize = poolSize, randomActions = 0.05 } = options
  const { learn = learnPolicy([64, 64]), learnMember = learnPolicy([32, 32]) } = options
  const { committee = 5, candidates = 10 } = options
  const labels = sizes.reduce((sum, size) => sum + size)
  const builder = new SetBuilder(teacher, envs.id, labels)
  const soFar = (): LabelledSet => builder.build({ mode: 'rounds', seed, teacher: teacher.name })
  let due = 0
  const seeds = new Rng(seed).split() // apart from the numbers of the first round
  sizes.forEach((size, round) => {
    if (round > 0) {
      const rng = seeds.split()
      const student = learn(soFar(), seed)
      const how = { steps: roundPoolSize, seed: rng.integer(2 ** 32), gamma, exploration: () => randomActions, rng }
      const pool: Pool = { mode: 'student', player: 'student', ...play(student, envs, how) }
      builder.environmentSteps += pool.environmentSteps
      const drawn = rng.permutation(pool.size)
      if (disputed) {
        const members = Array.from({ length: committee }, (_, i) => learnMember(soFar(), seed + i))
        const looked = builder.unseen(pool, drawn, Math.ceil(candidates * size))
        builder.take(pool, mostDisputed(members, pool, looked, size), size)
      } else builder.take(pool, drawn, size)
    } else builder.environmentSteps += first.pool.environmentSteps
    due += size
    builder.takeAll(first.pool, first.order, due - builder.size)
    builder.label()
  })
  return builder
}
