// Which states are labelled matters more than which loss is used. Every way of gathering them plays episodes into a pool,
// picks states from it without replacement and without repeats, and asks the teacher once about each.

import { greedyAction } from '../rl/agent.ts'
import type { Env } from '../rl/env.ts'
import { Discrete } from '../rl/spaces.ts'
import { formatShape, ShapeError, unknownName, ValueError } from '../tensor/errors.ts'
import { Rng } from '../tensor/random.ts'
import type { LabelledSet } from './labelled-set.ts'
import type { Teacher } from './teacher.ts'

/**
 * `teacherContiguous`: the first states of the teacher's play, as they come.
 * `teacherIid`: states drawn from a pool of the teacher's play.
 * `mixedEpsilon`: the same, but each episode has its own share of random actions, uniform in [0, 1): broad coverage.
 * `random`: the same from random play.
 */
export type CollectionMode = 'teacherContiguous' | 'teacherIid' | 'mixedEpsilon' | 'random'

export const collectionModes: readonly CollectionMode[] = ['teacherContiguous', 'teacherIid', 'mixedEpsilon', 'random']

export interface CollectOptions {
  /** Default `mixedEpsilon`. */
  readonly mode?: CollectionMode
  /** How many states to label. */
  readonly labels: number
  readonly seed: number
  /** The share of random actions in the teacher's play. Default 0.05. */
  readonly epsilon?: number
  /** Environment steps in the pool, where there is one. Default 10,000. */
  readonly poolSize?: number
  /** Discount of the returns that are noted beside the states. Default 0.99. */
  readonly gamma?: number
}

/** Plays, picks, labels. Throws a ValueError on options out of range or more labels than states. */
export function collect(teacher: Teacher, env: Env, options: CollectOptions): LabelledSet {
  const { mode = 'mixedEpsilon', labels, seed, epsilon = 0.05, poolSize = 10_000, gamma = 0.99 } = options
  if (!collectionModes.includes(mode)) throw new ValueError(unknownName('collection mode', mode, collectionModes))
  if (!(Number.isInteger(labels) && labels >= 1))
    throw new ValueError(`collect: ${labels} labels; expected a whole number from 1`)
  if (!(epsilon >= 0 && epsilon <= 1)) throw new ValueError(`collect: epsilon is ${epsilon}; it must be from 0 to 1`)
  requireSameSpaces(teacher, env)
  const steps = mode === 'teacherContiguous' ? labels : poolSize
  if (labels > steps)
    throw new ValueError(`collect: ${labels} labels from a pool of ${steps} states; make the pool larger`)
  const rng = new Rng(seed)
  const exploration = (): number => (mode === 'random' ? 1 : mode === 'mixedEpsilon' ? rng.uniform() : epsilon)
  const pool = play(teacher, env, steps, gamma, exploration, rng, seed)
  const order = mode === 'teacherContiguous' ? pool.order : rng.shuffle(pool.order.slice())
  const chosen = distinct(pool, order, labels)
  return labelChosen(teacher, env, pool, chosen, { mode, seed, teacher: teacher.name })
}

interface Pool {
  readonly observationSize: number
  readonly observations: Float32Array
  readonly actions: Int32Array
  readonly returns: Float32Array
  /** The places of the first `steps` states, in the order played. */
  readonly order: Int32Array
  readonly environmentSteps: number
}

// Plays at least `steps` steps, to the end of the last episode, so that every return is complete.
function play(
  teacher: Teacher,
  env: Env,
  steps: number,
  gamma: number,
  exploration: () => number,
  rng: Rng,
  seed: number,
): Pool {
  const { observationSize, actionCount } = teacher.agent
  const observations: Float32Array[] = []
  const actions: number[] = []
  const returns: number[] = []
  for (let episode = 0; observations.length < steps; episode++) {
    const epsilon = exploration()
    let { observation } = env.reset(episode === 0 ? { seed } : {})
    const rewards: number[] = []
    for (let ended = false; !ended; ) {
      const action = rng.uniform() < epsilon ? rng.integer(actionCount) : greedyAction(teacher.agent, observation)
      observations.push(observation)
      actions.push(action)
      const step = env.step(action)
      rewards.push(step.reward)
      observation = step.observation
      ended = step.terminated || step.truncated
    }
    returns.push(...discounted(rewards, gamma))
  }
  const flat = new Float32Array(observations.length * observationSize)
  observations.forEach((each, i) => {
    flat.set(each, i * observationSize)
  })
  return {
    observationSize,
    observations: flat,
    actions: Int32Array.from(actions),
    returns: Float32Array.from(returns),
    order: Int32Array.from({ length: steps }, (_, i) => i),
    environmentSteps: observations.length,
  }
}

function discounted(rewards: readonly number[], gamma: number): number[] {
  const returns = new Array<number>(rewards.length)
  let next = 0
  for (let t = rewards.length - 1; t >= 0; t--) {
    next = rewards[t]! + gamma * next
    returns[t] = next
  }
  return returns
}

// The first `count` places of `order` whose observations differ: no state is labelled twice.
function distinct(pool: Pool, order: Int32Array, count: number): Int32Array {
  const seen = new Set<string>()
  const chosen: number[] = []
  for (const place of order) {
    const start = place * pool.observationSize
    const key = pool.observations.subarray(start, start + pool.observationSize).join()
    if (seen.has(key)) continue
    seen.add(key)
    chosen.push(place)
    if (chosen.length === count) return Int32Array.from(chosen)
  }
  throw new ValueError(
    `collect: only ${chosen.length} different states in ${order.length} steps of play; ${count} were asked for`,
  )
}

function labelChosen(
  teacher: Teacher,
  env: Env,
  pool: Pool,
  chosen: Int32Array,
  provenance: LabelledSet['provenance'],
): LabelledSet {
  const { observationSize } = pool
  const observations = new Float32Array(chosen.length * observationSize)
  chosen.forEach((place, i) => {
    observations.set(
      pool.observations.subarray(place * observationSize, (place + 1) * observationSize),
      i * observationSize,
    )
  })
  const before = teacher.labels
  const labels = teacher.label(observations, chosen.length)
  return {
    envId: env.id,
    observationSize,
    actionCount: teacher.agent.actionCount,
    size: chosen.length,
    observations,
    actions: chosen.map((place) => pool.actions[place]!),
    returns: Float32Array.from(chosen, (place) => pool.returns[place]!),
    ...labels,
    provenance,
    labels: teacher.labels - before,
    environmentSteps: pool.environmentSteps,
  }
}

function requireSameSpaces(teacher: Teacher, env: Env): void {
  const { actionSpace, observationSpace } = env
  const actions = actionSpace instanceof Discrete ? actionSpace.n : Number.NaN
  const size = 'shape' in observationSpace ? (observationSpace.shape as readonly number[]) : []
  const { agent, name } = teacher
  if (actions !== agent.actionCount) {
    throw new ShapeError(
      `collect: the teacher "${name}" has ${agent.actionCount} actions, ${env.id} has ${actionSpace}`,
    )
  }
  if (size.length !== 1 || size[0] !== agent.observationSize) {
    throw new ShapeError(
      `collect: the teacher "${name}" observes ${agent.observationSize} numbers, ${env.id} shows ${formatShape(size)}`,
    )
  }
}
