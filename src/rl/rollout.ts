// Play that is kept where it was played: the states of whole episodes, the actions taken there and the returns that followed.
// Read next: ../distill/selection.ts, which selects states from it.

import { ValueError } from '../tensor/errors.ts'
import { Rng } from '../tensor/random.ts'
import { requireFinite } from './policy.ts'
import { Discrete } from './spaces.ts'
import { type EnvLike, toVectorEnv } from './vector/as-vector.ts'
import { requireSameStep, type VectorEnv } from './vector-env.ts'

/** What plays: flat observations [count, observationSize] → actions of the environment, [count] or [count, actionSize]. */
export interface Player {
  act(observations: Float32Array, masks: Float32Array | undefined): ArrayLike<number>
}

export interface RolloutOptions {
  /** States wanted. Play goes on until the episodes that they lie in have ended, so that every return is complete. */
  readonly steps: number
  /** Of the environment's random numbers. */
  readonly seed: number
  readonly gamma: number
  /** Probability of a random action during an episode, asked when it starts. */
  readonly epsilon: () => number
  /** Of the random actions. */
  readonly rng: Rng
}

interface Episode {
  readonly copy: number
  /** First step, counted over the whole rollout. */
  readonly start: number
  /** 0 while it goes on. */
  length: number
}

/** A longer episode is taken for one that never ends. */
const LONGEST_EPISODE = 200_000

/**
 * States in the order of their episodes, episodes in the order of their starts, so that a long one has the chance that it would
 * have in a single environment.
 */
export class Rollout {
  private constructor(
    readonly envId: string,
    readonly observationSize: number,
    /** Number of states. */
    readonly size: number,
    /** Environment steps played, those beyond `size` included. */
    readonly environmentSteps: number,
    private readonly observations: Float32Array,
    private readonly actions: Float32Array | undefined,
    private readonly actionSize: number,
    private readonly returns: Float32Array | undefined,
    /** Row of each state in the columns above. */
    private readonly rows: Int32Array,
  ) {}

  /** States that were not played, such as samples from a box: no actions, no returns. [size, observationSize] */
  static ofStates(
    envId: string,
    observationSize: number,
    observations: Float32Array,
    environmentSteps: number,
  ): Rollout {
    const size = observations.length / observationSize
    const rows = Int32Array.from({ length: size }, (_, i) => i)
    return new Rollout(envId, observationSize, size, environmentSteps, observations, undefined, 0, undefined, rows)
  }

  /**
   * Plays greedily but for a fraction of random actions, all sub-environments at once. Throws a ValueError on next-step autoreset,
   * on observations that are not finite, and on an episode that does not end.
   */
  static play(player: Player, given: EnvLike, { steps, seed, gamma, epsilon, rng }: RolloutOptions): Rollout {
    const envs = toVectorEnv(given)
    const { numEnvs, observationSize } = envs
    requireSameStep('rollout', envs)
    const record = new StepRecord(observationSize, envs.actionSize, Math.ceil(steps / numEnvs + 1) * numEnvs)
    const episodes: Episode[] = []
    const running: Episode[] = new Array(numEnvs)
    const begin = (copy: number, start: number) => {
      running[copy] = { copy, start, length: 0 }
      episodes.push(running[copy])
    }
    const epsilons = new Float64Array(numEnvs)
    const actions = new Float32Array(numEnvs * envs.actionSize)
    const drawn = new Float32Array(actions.length)
    envs.reset({ seed: numEnvs === 1 ? seed : spreadSeed(seed) })
    for (let i = 0; i < numEnvs; i++) begin(i, 0)
    let time = 0
    for (let next = 0, complete = 0; complete < steps; time++) {
      for (let i = 0; i < numEnvs; i++) if (running[i]!.start === time) epsilons[i] = epsilon()
      requireFinite(envs.observations)
      epsilonGreedy(player, envs, epsilons, rng, actions, drawn)
      record.before(envs.observations, actions)
      envs.step(actions)
      record.after(envs.rewards)
      for (let i = 0; i < numEnvs; i++) {
        if (envs.dones[i] === 1) {
          running[i]!.length = time + 1 - running[i]!.start
          begin(i, time + 1)
        } else if (time - running[i]!.start >= LONGEST_EPISODE) {
          throw new ValueError(
            `rollout: an episode of ${envs.id} goes on after ${LONGEST_EPISODE} steps; wrap it in a TimeLimit`,
          )
        }
      }
      while (episodes[next]!.length > 0 && complete < steps) complete += episodes[next++]!.length
    }
    const rows = rowsOf(episodes, numEnvs, steps)
    const returns = returnsOf(record.rewards, episodes, numEnvs, gamma)
    return new Rollout(
      envs.id,
      observationSize,
      steps,
      time * numEnvs,
      record.observations,
      record.actions,
      envs.actionSize,
      returns,
      rows,
    )
  }

  /** A view of state `index`: [observationSize]. */
  observation(index: number): Float32Array {
    const from = this.rows[index]! * this.observationSize
    return this.observations.subarray(from, from + this.observationSize)
  }

  /** State, action and return at `index`, as a dataset takes them. */
  row(index: number) {
    const observation = this.observation(index)
    const { actions, actionSize, returns } = this
    if (actions === undefined || returns === undefined) return { observation }
    const row = this.rows[index]!
    return { observation, action: actions.subarray(row * actionSize, (row + 1) * actionSize), return: returns[row]! }
  }
}

// Row t · numEnvs + i is step t of sub-environment i.
class StepRecord {
  private size = 0
  observations: Float32Array
  actions: Float32Array
  rewards: Float64Array

  constructor(
    private readonly observationSize: number,
    private readonly actionSize: number,
    capacity: number,
  ) {
    this.observations = new Float32Array(capacity * observationSize)
    this.actions = new Float32Array(capacity * actionSize)
    this.rewards = new Float64Array(capacity)
  }

  before(observations: Float32Array, actions: Float32Array): void {
    if (this.size + actions.length / this.actionSize > this.rewards.length) this.grow()
    this.observations.set(observations, this.size * this.observationSize)
    this.actions.set(actions, this.size * this.actionSize)
  }

  after(rewards: Float64Array): void {
    this.rewards.set(rewards, this.size)
    this.size += rewards.length
  }

  private grow(): void {
    const doubled = <A extends Float32Array | Float64Array>(old: A, larger: A): A => {
      larger.set(old)
      return larger
    }
    this.observations = doubled(this.observations, new Float32Array(2 * this.observations.length))
    this.actions = doubled(this.actions, new Float32Array(2 * this.actions.length))
    this.rewards = doubled(this.rewards, new Float64Array(2 * this.rewards.length))
  }
}

function rowsOf(episodes: readonly Episode[], numEnvs: number, count: number): Int32Array {
  const rows = new Int32Array(count)
  let at = 0
  for (const { copy, start, length } of episodes) {
    for (let t = start; t < start + length && at < count; t++) rows[at++] = t * numEnvs + copy
  }
  return rows
}

// Discounted return from each row to the end of its episode.
function returnsOf(rewards: Float64Array, episodes: readonly Episode[], numEnvs: number, gamma: number): Float32Array {
  const returns = new Float32Array(rewards.length)
  for (const { copy, start, length } of episodes) {
    let following = 0
    for (let t = start + length - 1; t >= start; t--) {
      const row = t * numEnvs + copy
      following = rewards[row]! + gamma * following
      returns[row] = following
    }
  }
  return returns
}

// Sub-environment i starts from seed + i: rollouts of neighbouring seeds would share nearly all their start states.
function spreadSeed(seed: number): number {
  return new Rng(seed).split().integer(2 ** 32)
}

// Greedy actions, but for those that are drawn uniformly among the allowed ones with the probability of their sub-environment.
function epsilonGreedy(
  player: Player,
  { actionSpace, actionSize, observations, actionMasks }: VectorEnv,
  epsilons: Float64Array,
  rng: Rng,
  actions: Float32Array,
  drawn: Float32Array,
): void {
  let isGreedy = false
  for (let i = 0; i < epsilons.length; i++) {
    if (rng.uniform() >= epsilons[i]!) {
      isGreedy = true
      drawn[i * actionSize] = Number.NaN
    } else if (actionSpace instanceof Discrete) {
      const { n } = actionSpace
      drawn[i] = actionMasks === undefined ? rng.integer(n) : rng.categorical(actionMasks.subarray(i * n, (i + 1) * n))
    } else drawn.set(actionSpace.sample(rng) as Float32Array, i * actionSize)
  }
  if (isGreedy) actions.set(player.act(observations, actionMasks))
  for (let i = 0; i < epsilons.length; i++) {
    const at = i * actionSize
    if (!Number.isNaN(drawn[at]!)) for (let j = at; j < at + actionSize; j++) actions[j] = drawn[j]!
  }
}
