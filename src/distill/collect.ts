// Which states are labelled matters more than which loss is used. Every way of gathering them plays episodes into a pool,
// picks states from it without replacement and without repeats, and asks the teacher once about each.
// Read next: collection/modes.ts for the ways, rounds.ts for those that need a student.

import type { Envs } from '../rl/vector/as-vector.ts'
import { unknownName, ValueError } from '../tensor/errors.ts'
import { Rng } from '../tensor/random.ts'
import { sampleBox } from './collection/bounding-box.ts'
import { type CollectionMode, collectionModes, poolModes } from './collection/modes.ts'
import { DEFAULT_POOL_SIZE, type PlayOptions, type Pool, teacherPlay } from './collection/pool.ts'
import { differentStates } from './collection/set-builder.ts'
import { type DrawOptions, requireSpread, spreadOrder } from './collection/spread.ts'
import type { LabelledSet } from './labelled-set.ts'
import { observationScaling } from './observation-scaling.ts'
import { collectInRounds, type RoundOptions, requireRoundOptions, roundSizes, roundsFor } from './rounds.ts'
import { requireSameSpaces, type Teacher } from './teacher.ts'

export * from './collection/modes.ts'
export { type PlayOptions, type Pool, type PoolOptions, playPool } from './collection/pool.ts'

export interface CollectOptions extends PlayOptions, RoundOptions, DrawOptions {
  /** Default `mixedEpsilon`, or that of `pool`. */
  readonly mode?: CollectionMode
  /** How many states to label. */
  readonly labels: number
  /** Play of the same teacher to pick from, made by `playPool`; then nothing is played here but by students. */
  readonly pool?: Pool
}

/**
 * Plays, picks, labels: in the end the teacher has been asked about `labels` states exactly. A vector environment is played
 * with all its copies at once. Throws a ValueError on options out of range or more labels than states, a ShapeError on a
 * teacher of another task.
 */
export function collect(teacher: Teacher, envs: Envs, options: CollectOptions): LabelledSet {
  const { mode = options.pool?.mode ?? 'mixedEpsilon', labels, seed, spread = 1 } = options
  if (!collectionModes.includes(mode)) throw new ValueError(unknownName('collection mode', mode, collectionModes))
  if (!(Number.isInteger(labels) && labels >= 1))
    throw new ValueError(`collect: ${labels} labels; expected a whole number from 1`)
  requireSpread(spread, mode)
  requireSameSpaces('collect', teacher, envs)
  const inRounds = mode === 'student' || mode === 'active'
  const sizes = inRounds ? roundSizes(labels, options.rounds ?? roundsFor(labels), options.growth) : [labels]
  if (inRounds) requireRoundOptions(sizes, options)
  const rng = new Rng(seed)
  const pool = poolFor(teacher, envs, mode, sizes[0]!, options, rng)
  const first = firstStates(pool, envs, mode, sizes[0]!, spread, rng)
  const builder = collectInRounds(teacher, envs, first, sizes, mode === 'active', options)
  return builder.build({ mode, seed, teacher: teacher.name })
}

// The pool that was given, or one played now.
function poolFor(
  teacher: Teacher,
  envs: Envs,
  mode: CollectionMode,
  states: number,
  options: CollectOptions,
  rng: Rng,
): Pool {
  const { pool, poolSize = DEFAULT_POOL_SIZE, firstRound } = options
  if (pool === undefined && mode === 'teacherContiguous') return firstPlay(teacher, envs, states, options)
  const way = poolModes.find((each) => each === mode) ?? (mode === 'boundingBox' ? undefined : firstRound)
  const steps = pool?.size ?? poolSize
  if (states > steps && mode !== 'boundingBox')
    throw new ValueError(`collect: ${states} labels from a pool of ${steps} states; make the pool larger`)
  if (pool === undefined) return teacherPlay(teacher, envs, way ?? 'mixedEpsilon', steps, options, rng)
  if (pool.envId !== envs.id || pool.observationSize !== teacher.agent.observationSize) {
    throw new ValueError(
      `collect: the pool is of ${pool.envId} with ${pool.observationSize} numbers a state, not of ${envs.id} with ` +
        `${teacher.agent.observationSize}; play one with playPool`,
    )
  }
  if (way !== undefined && way !== pool.mode) {
    throw new ValueError(
      `collect: the pool was played as ${pool.mode}, asked for is ${way}; leave it out or play another`,
    )
  }
  return pool
}

/** Play goes on for so many steps a label at most; there are environments that have fewer states. */
const MOST_PLAY = 10

// Play comes back to some states, such as a car at rest by the wall. They count once, so it goes on until there are enough.
function firstPlay(teacher: Teacher, envs: Envs, states: number, options: CollectOptions): Pool {
  for (let steps = states; ; ) {
    const pool = teacherPlay(teacher, envs, 'teacherContiguous', steps, options, new Rng(options.seed))
    const missing = states - differentStates(pool)
    if (missing <= 0 || steps >= MOST_PLAY * states) return pool
    steps += 2 * missing
  }
}

// The pool that the first round's `count` states are in, and the order to take them in.
function firstStates(pool: Pool, envs: Envs, mode: CollectionMode, count: number, spread: number, rng: Rng) {
  const inOrder = (given: Pool) => ({ pool: given, order: Int32Array.from({ length: given.size }, (_, i) => i) })
  if (mode === 'boundingBox') return inOrder(sampleBox(pool, envs, count, rng))
  if (mode === 'teacherContiguous') return inOrder(pool)
  return { pool, order: spreadOrder(pool, new Float32Array(), count, spread, observationScaling(pool), rng) }
}
