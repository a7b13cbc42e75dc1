// Play, kept: the states that whole episodes went through, the actions taken there and the returns that followed. A study
// that makes many sets with one teacher plays its pool once. Read next: set-builder.ts, which picks from pools.

import { type DiscretePolicy, requireFinite } from '../../rl/policy.ts'
import { asVector, type Envs } from '../../rl/vector/as-vector.ts'
import { requireSameStep } from '../../rl/vector-env.ts'
import { ValueError } from '../../tensor/errors.ts'
import { Rng } from '../../tensor/random.ts'
import { requirePlayer, requireSameSpaces, type Teacher } from '../teacher.ts'
import type { CollectionMode, PoolMode } from './modes.ts'
import { type Episode, StepRecord } from './step-record.ts'

/** States one after the other, those of an episode together. */
export interface Pool {
  readonly envId: string
  /** How its states were found. */
  readonly mode: CollectionMode
  /** Who played, in words. */
  readonly player: string
  /** How many states. */
  readonly size: number
  readonly observationSize: number
  /** [size, observationSize] */
  readonly observations: Float32Array
  /** The action taken in each state: [size], or empty where nobody played. */
  readonly actions: Int32Array
  /** The discounted return from each state to the end of its episode: [size], or empty where nobody played. */
  readonly returns: Float32Array
  /** Environment steps played for it, those that did not get in included. */
  readonly environmentSteps: number
}

/** States in a pool, unless said otherwise. */
export const DEFAULT_POOL_SIZE = 10_000

export interface PlayOptions {
  readonly seed: number
  /** States in the pool, where there is one. Default 10,000. */
  readonly poolSize?: number
  /** The share of random actions in the teacher's play. Default 0.05. */
  readonly epsilon?: number
  /** Discount of the returns that are noted beside the states. Default 0.99. */
  readonly gamma?: number
}

export interface PoolOptions extends PlayOptions {
  /** Default `mixedEpsilon`. */
  readonly mode?: PoolMode
}

/** Plays a pool with a teacher. Throws a ValueError on options out of range or a teacher that cannot choose actions. */
export function playPool(teacher: Teacher, envs: Envs, options: PoolOptions): Pool {
  const { mode = 'mixedEpsilon', poolSize = DEFAULT_POOL_SIZE, seed } = options
  requireSameSpaces('playPool', teacher, envs)
  return teacherPlay(teacher, envs, mode, poolSize, options, new Rng(seed))
}

/** As `playPool`, with random numbers that go on afterwards. */
export function teacherPlay(
  teacher: Teacher,
  envs: Envs,
  mode: PoolMode,
  steps: number,
  { seed, epsilon = 0.05, gamma = 0.99 }: PlayOptions,
  rng: Rng,
): Pool {
  requireShare('epsilon', epsilon)
  requireShare('gamma', gamma)
  if (!(Number.isInteger(steps) && steps >= 1)) {
    throw new ValueError(`collect: a pool of ${steps} states; expected a whole number from 1`)
  }
  if (mode !== 'random') requirePlayer(teacher)
  const exploration = () => (mode === 'random' ? 1 : mode === 'mixedEpsilon' ? rng.uniform() : epsilon)
  return { mode, player: teacher.name, ...play(teacher.agent, envs, { steps, seed, gamma, exploration, rng }) }
}

export interface Play {
  /** States wanted. Play goes on until the episodes that they lie in have ended, so every return is complete. */
  readonly steps: number
  /** Of the environment's random numbers. */
  readonly seed: number
  readonly gamma: number
  /** The share of random actions in an episode, asked as it starts. */
  readonly exploration: () => number
  /** Of the random actions. */
  readonly rng: Rng
}

/** Longer episodes are taken for ones that never end. */
const LONGEST_EPISODE = 200_000

/**
 * Greedy play but for a share of random actions. All copies of a vector environment are played at once; episodes are kept
 * in the order of their starts, so that a long one has the chance it would have in a single copy. Of a single environment
 * this is its episodes one after the other.
 */
export function play(agent: DiscretePolicy, given: Envs, how: Play): Omit<Pool, 'mode' | 'player'> {
  const envs = asVector(given)
  requireSameStep('collect', envs)
  const { numEnvs } = envs
  const record = new StepRecord(envs.observationSize, Math.ceil(how.steps / numEnvs + 1) * numEnvs)
  const episodes: Episode[] = []
  const running: Episode[] = new Array(numEnvs)
  const begin = (copy: number, start: number) => {
    running[copy] = { copy, start, length: 0 }
    episodes.push(running[copy])
  }
  const actions = new Int32Array(numEnvs)
  const shares = new Float64Array(numEnvs)
  envs.reset({ seed: numEnvs === 1 ? how.seed : apart(how.seed) })
  for (let i = 0; i < numEnvs; i++) begin(i, 0)
  let time = 0
  for (let next = 0, complete = 0; complete < how.steps; time++) {
    for (let i = 0; i < numEnvs; i++) if (running[i]!.start === time) shares[i] = how.exploration()
    requireFinite(envs.observations)
    chooseActions(agent, envs, shares, how.rng, actions)
    record.before(envs.observations, actions)
    envs.step(actions)
    record.after(envs.rewards)
    for (let i = 0; i < numEnvs; i++) {
      if (envs.ended[i] === 1) {
        running[i]!.length = time + 1 - running[i]!.start
        begin(i, time + 1)
      } else if (time - running[i]!.start >= LONGEST_EPISODE) {
        throw new ValueError(
          `collect: an episode of ${envs.id} goes on after ${LONGEST_EPISODE} steps; wrap it in a TimeLimit`,
        )
      }
    }
    while (episodes[next]!.length > 0 && complete < how.steps) complete += episodes[next++]!.length
  }
  return { envId: envs.id, ...record.firstStates(how.steps, episodes, numEnvs, how.gamma) }
}

// Copy i of a vector environment starts from seed + i: pools of neighbouring seeds would share nearly all their start states.
function apart(seed: number): number {
  return new Rng(seed).split().integer(2 ** 32)
}

const RANDOM = -1

function chooseActions(
  agent: DiscretePolicy,
  envs: { readonly observations: Float32Array; readonly actionMasks: Float32Array | undefined },
  shares: Float64Array,
  rng: Rng,
  actions: Int32Array,
): void {
  const explored = new Int32Array(actions.length)
  let greedy = false
  for (let i = 0; i < actions.length; i++) {
    explored[i] = rng.uniform() < shares[i]! ? rng.integer(agent.actionCount) : RANDOM
    greedy ||= explored[i] === RANDOM
  }
  if (greedy) actions.set(agent.actBatch(envs.observations, envs.actionMasks))
  for (let i = 0; i < actions.length; i++) if (explored[i] !== RANDOM) actions[i] = explored[i]!
}

function requireShare(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new ValueError(`collect: ${name} is ${value}; it must be from 0 to 1`)
}
