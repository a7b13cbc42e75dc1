// States that the student itself gets into. A student trained on the teacher's states drifts to others, where nobody told it
// what to do; so it is let loose, the teacher labels where it went, and a fresh one is trained on all labels together
// (DAgger: Ross, Gordon and Bagnell 2011, arXiv:1011.0686). Read next: collect.ts.

import type { Envs } from '../rl/vector/as-vector.ts'
import { unknownName, ValueError } from '../tensor/errors.ts'
import { Rng } from '../tensor/random.ts'
import { mostDisputed } from './collection/disagreement.ts'
import { DEFAULT_POOL_SIZE, type PlayOptions, type Pool, play } from './collection/pool.ts'
import { SetBuilder } from './collection/set-builder.ts'
import { type DrawOptions, spreadOrder } from './collection/spread.ts'
import { learnPolicy } from './collection/students.ts'
import { observationScaling } from './observation-scaling.ts'
import type { Teacher } from './teacher.ts'

export const roundDefaults = {
  /** How the teacher plays the first round: `mixedEpsilon` or `teacherIid`. */
  firstRound: 'mixedEpsilon' as 'teacherIid' | 'mixedEpsilon',
  /** Each round labels so many times the states of the one before: 1 makes them alike, 2 doubles them. */
  growth: 1,
  /** The share of random actions in a student's play. */
  randomActions: 0.05,
  /** Makes the student that plays the next round: by default one that learns the policy, with two hidden layers of 64. */
  learn: learnPolicy([64, 64]),
  /** Makes a member of the committee of `active`: by default as the student, with two hidden layers of 32. */
  learnMember: learnPolicy([32, 32]),
  /** Members of the committee of `active`. */
  committee: 5,
  /** States that the committee looks at for each that is labelled, drawn from the student's play. */
  candidates: 3,
}

export type RoundOptions = Partial<typeof roundDefaults> & {
  /** One round is the first alone. Default: one for every 20 labels, from 5 to 10. */
  readonly rounds?: number
  /** States in the pool that a student plays. Default: as many as in the teacher's. */
  readonly roundPoolSize?: number
}

/** Rounds of so few states that the student soon goes where it errs, but not so many that it is trained without end. */
export function roundsFor(labels: number): number {
  return Math.min(Math.max(Math.round(labels / 20), 5), 10, labels)
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
  const { firstRound, randomActions, committee, candidates } = { ...roundDefaults, ...options }
  const { poolSize = DEFAULT_POOL_SIZE, roundPoolSize = poolSize } = options
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
  options: RoundOptions & PlayOptions & DrawOptions,
): SetBuilder {
  const { learn, learnMember, committee, candidates, randomActions } = { ...roundDefaults, ...options }
  const { seed, gamma = 0.99, poolSize = DEFAULT_POOL_SIZE, roundPoolSize = poolSize, spread = 1 } = options
  const labels = sizes.reduce((sum, size) => sum + size)
  const builder = new SetBuilder(teacher, envs.id, labels)
  const scaling = observationScaling(first.pool)
  const seeds = new Rng(seed).split() // apart from the numbers of the first round
  const followStudent = (size: number) => {
    const soFar = builder.build({ mode: 'rounds', seed, teacher: teacher.name })
    const rng = seeds.split()
    const how = { steps: roundPoolSize, seed: rng.integer(2 ** 32), gamma, exploration: () => randomActions, rng }
    const pool: Pool = { mode: 'student', player: 'student', ...play(learn(soFar, seed), envs, how) }
    builder.environmentSteps += pool.environmentSteps
    if (!disputed) return builder.take(pool, spreadOrder(pool, soFar.observations, size, spread, scaling, rng), size)
    const drawn = rng.permutation(pool.size)
    const members = Array.from({ length: committee }, (_, i) => learnMember(soFar, seed + i))
    const looked = builder.unseen(pool, drawn, Math.ceil(candidates * size))
    return builder.take(pool, mostDisputed(members, pool, looked, size), size)
  }
  builder.environmentSteps += first.pool.environmentSteps
  sizes.forEach((size, round) => {
    const met = round === 0 ? 0 : followStudent(size)
    builder.takeAll(first.pool, first.order, size - met)
    builder.label()
  })
  return builder
}
