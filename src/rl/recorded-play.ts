// Recorded play: the states of whole episodes, the actions taken and the returns that followed. Read next: ../distill/collecting/selection.ts.

import { Columns, field } from '../data/columns.ts'
import { Discrete } from '../data/spaces.ts'
import { ValueError } from '../tensor/errors.ts'
import { Rng } from '../tensor/random.ts'
import { type EnvLike, toVectorEnv } from './envs/vector/sync-vector-env.ts'
import { requireSameStep, type VectorEnv } from './envs/vector/vector-env.ts'
import { forget, type Memory, memoryOf, type Player, playedActions, requireFinite } from './policies/policy.ts'

export interface RolloutOptions {
  /** Number of states. Play continues to the end of their episodes, so that every return is complete. */
  readonly steps: number
  readonly seed: number
  readonly gamma: number
  /** Probability of a random action, drawn at the start of each episode. */
  readonly epsilon: () => number
  /** Source of the random actions. */
  readonly rng: Rng
}

interface Episode {
  readonly copy: number
  /** Step of the rollout at which the episode started. */
  readonly start: number
  /** 0 while the episode runs. */
  length: number
}

/** Longer episodes throw. */
const LONGEST_EPISODE = 200_000

/** What was seen and done in each state: [size, observationSize], [size, actionSize], [size]. */
interface States {
  readonly observations: Float32Array
  readonly actions?: Float32Array
  readonly returns?: Float32Array
}

/** States in the order of their episodes, episodes in the order of their starts, as if played in a single environment. */
export class Rollout {
  private constructor(
    readonly envId: string,
    readonly observationSize: number,
    /** Environment steps played, including those beyond `size`. */
    readonly environmentSteps: number,
    readonly columns: States,
    private readonly actionSize: number,
    /** Observations that the player acted on; a step in which all actions are random takes none. */
    readonly evaluations = 0,
  ) {}

  /** States that were not played, such as samples from a box around play, without actions and returns: [size, observationSize]. */
  static ofStates(
    envId: string,
    observationSize: number,
    observations: Float32Array,
    environmentSteps: number,
    evaluations = 0,
  ): Rollout {
    return new Rollout(envId, observationSize, environmentSteps, { observations }, 0, evaluations)
  }

  /** Several rollouts of one environment as one. */
  static concat(rollouts: readonly Rollout[]): Rollout {
    const [first] = rollouts as [Rollout, ...Rollout[]]
    if (rollouts.length === 1) return first
    const sum = (count: (rollout: Rollout) => number) => rollouts.reduce((total, each) => total + count(each), 0)
    const join = (name: keyof States) =>
      Float32Array.from(rollouts.flatMap(({ columns }) => Array.from(columns[name]!)))
    const { envId, observationSize, actionSize } = first
    const columns = { observations: join('observations'), actions: join('actions'), returns: join('returns') }
    const [steps, evaluations] = [sum((each) => each.environmentSteps), sum((each) => each.evaluations)]
    return new Rollout(envId, observationSize, steps, columns, actionSize, evaluations)
  }

  /**
   * Plays greedily with a fraction of random actions, in all sub-environments at once. Throws a ValueError on next-step autoreset,
   * on observations that are not finite, and on an episode longer than 200,000 steps.
   */
  static play(player: Player, given: EnvLike, { steps, seed, gamma, epsilon, rng }: RolloutOptions): Rollout {
    const envs = toVectorEnv(given, 'rollout')
    const { numEnvs, observationSize, actionSize } = envs
    requireSameStep('rollout', envs)
    const fields = {
      observations: field(observationSize, 'float32'),
      actions: field(actionSize, 'float32'),
      rewards: field(1, 'float64'),
    }
    const played = new Columns(fields, Math.ceil(steps / numEnvs + 1) * numEnvs)
    const episodes: Episode[] = []
    const running: Episode[] = new Array(numEnvs)
    const begin = (copy: number, start: number) => {
      running[copy] = { copy, start, length: 0 }
      episodes.push(running[copy])
    }
    const epsilons = new Float64Array(numEnvs)
    const actions = new Float32Array(numEnvs * actionSize)
    const drawn = new Float32Array(actions.length)
    const memory = memoryOf(player, numEnvs)
    // Sub-environment i starts from seed + i, so rollouts of consecutive seeds would share start states.
    envs.reset({ seed: numEnvs === 1 ? seed : new Rng(seed).split().integer(2 ** 32) })
    for (let i = 0; i < numEnvs; i++) begin(i, 0)
    let [time, evaluations] = [0, 0]
    for (let next = 0, complete = 0; complete < steps; time++) {
      for (let i = 0; i < numEnvs; i++) if (running[i]!.start === time) epsilons[i] = epsilon()
      requireFinite(envs.observations)
      if (epsilonGreedy(player, envs, epsilons, rng, actions, drawn, memory)) evaluations += numEnvs
      played.write('observations', time * numEnvs, envs.observations)
      played.write('actions', time * numEnvs, actions)
      envs.step(actions)
      forget(memory, envs.dones)
      played.write('rewards', time * numEnvs, envs.rewards)
      for (let i = 0; i < numEnvs; i++) {
        if (envs.dones[i] === 1) {
          running[i]!.length = time + 1 - running[i]!.start
          begin(i, time + 1)
        } else if (time - running[i]!.start >= LONGEST_EPISODE) {
          throw new ValueError(
            `rollout: an episode of ${envs.id} has more than ${LONGEST_EPISODE} steps; wrap it in a TimeLimit`,
          )
        }
      }
      while (episodes[next]!.length > 0 && complete < steps) complete += episodes[next++]!.length
    }
    const rows = rowsOf(episodes, numEnvs, steps)
    const following = returnsOf(played.arrays.rewards, episodes, numEnvs, gamma)
    const columns = {
      ...played.take(rows, ['observations', 'actions']),
      returns: Float32Array.from(rows, (row) => following[row]!),
    }
    return new Rollout(envs.id, observationSize, time * numEnvs, columns, actionSize, evaluations)
  }

  /** Number of states. */
  get size(): number {
    return this.columns.observations.length / this.observationSize
  }

  /** A view of state `index`: [observationSize]. */
  observation(index: number): Float32Array {
    return this.columns.observations.subarray(index * this.observationSize, (index + 1) * this.observationSize)
  }

  /** State, action and return at `index`, as rows of a dataset. */
  row(index: number) {
    const observation = this.observation(index)
    const { actionSize } = this
    const { actions, returns } = this.columns
    if (actions === undefined || returns === undefined) return { observation }
    const action = actions.subarray(index * actionSize, (index + 1) * actionSize)
    return { observation, action, return: returns[index]! }
  }
}

// Row t · numEnvs + i of the play is step t of sub-environment i. Here they are in the order of the episodes.
function rowsOf(episodes: readonly Episode[], numEnvs: number, count: number): Int32Array {
  const rows = new Int32Array(count)
  let at = 0
  for (const { copy, start, length } of episodes) {
    for (let t = start; t < start + length && at < count; t++) rows[at++] = t * numEnvs + copy
  }
  return rows
}

// The discounted return from each row.
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

// Greedy actions, or with probability ε of the sub-environment uniformly random allowed ones. Returns whether the player was asked.
function epsilonGreedy(
  player: Player,
  { actionSpace, actionSize, observations, actionMasks }: VectorEnv,
  epsilons: Float64Array,
  rng: Rng,
  actions: Float32Array,
  drawn: Float32Array,
  memory: Memory | undefined,
): boolean {
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
  if (isGreedy) actions.set(playedActions(player, observations, actionMasks, memory))
  for (let i = 0; i < epsilons.length; i++) {
    const at = i * actionSize
    if (!Number.isNaN(drawn[at]!)) for (let j = at; j < at + actionSize; j++) actions[j] = drawn[j]!
  }
  return isGreedy
}
