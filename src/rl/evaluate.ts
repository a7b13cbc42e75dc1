// Evaluation of a policy by whole episodes of greedy play. Start states depend on the seed alone.

import { count, type GivenOptions, readOptions, whole } from '../data/options.ts'
import { bootstrapInterval, type Interval, meanOf, standardDeviationOf } from '../data/statistics.ts'
import { requireMethods } from '../tensor/errors.ts'
import { Rng } from '../tensor/random.ts'
import type { AnyEnv, Env, Info } from './envs/env.ts'
import { requireEnv } from './envs/vector/sync-vector-env.ts'
import { type DiscretePolicy, memoryOf, type Policy, type PolicyLike, requireFinite } from './policies/policy.ts'

export interface Evaluation {
  /** Undiscounted return of each episode, in the order of their seeds. */
  readonly returns: readonly number[]
  readonly mean: number
  /** Standard deviation of the episode returns. */
  readonly standardDeviation: number
  /** 95 % interval of the mean (percentile bootstrap). */
  readonly interval: Interval
  /** Environment steps played. */
  readonly steps: number
}

const evaluateOptions = {
  episodes: count(100, 'episodes played'),
  seed: whole(1_000_000, 'episode i starts from reset({ seed: seed + i }); far from seeds in common use for training'),
}

type EvaluateOptions = GivenOptions<typeof evaluateOptions>

type PlayedEnv<Observation, Action> = Pick<Env<Observation, Action>, 'reset' | 'step'>

type EnvSource<Observation, Action> = PlayedEnv<Observation, Action> | (() => PlayedEnv<Observation, Action>)

/**
 * Evaluates the mode of a policy, a function of an observation, or a planner. Throws a `ValueError` unless `episodes` is a whole number
 * from 1.
 *
 * @param env an environment, which plays the episodes in turn, or a function that makes one: discrete policies then act on a batch of all
 * running episodes
 */
export function evaluatePolicy<Played extends Policy>(
  policy: Played,
  env: EnvSource<Float32Array, ReturnType<Played['act']>>,
  options?: EvaluateOptions,
): Evaluation
export function evaluatePolicy<Observation = Float32Array, Action = number>(
  policy: PolicyLike<Observation, Action>,
  env: EnvSource<Observation, Action>,
  options?: EvaluateOptions,
): Evaluation
export function evaluatePolicy<Observation, Action>(
  policy: PolicyLike<Observation, Action>,
  env: EnvSource<Observation, Action>,
  options: EvaluateOptions = {},
): Evaluation {
  const { episodes, seed } = readOptions('evaluatePolicy', evaluateOptions, options)
  const acts = typeof policy === 'function' || 'plan' in Object(policy)
  if (!acts) requireMethods('evaluatePolicy: the policy', policy, ['act'], 'an agent, a function or a Lookahead')
  if (typeof env !== 'function') requireEnv('evaluatePolicy', env)
  const played =
    typeof env === 'function' && 'actBatch' in policy && 'numActions' in policy
      ? playTogether(policy as unknown as DiscretePolicy, env as unknown as () => Env, episodes, seed)
      : playInTurn(policy, typeof env === 'function' ? env() : env, episodes, seed)
  const { returns, steps } = played
  const interval = bootstrapInterval(returns, new Rng(seed))
  return { returns, mean: meanOf(returns), standardDeviation: standardDeviationOf(returns), interval, steps }
}

type Played = Pick<Evaluation, 'returns' | 'steps'>

function playTogether(policy: DiscretePolicy, makeEnv: () => Env, episodes: number, seed: number): Played {
  const envs = Array.from({ length: episodes }, makeEnv)
  const size = policy.observationSize
  const observations = new Float32Array(episodes * size)
  const returns = new Array<number>(episodes).fill(0)
  const { numActions, view, memorySize = 0 } = policy
  const memory = memoryOf(policy, episodes)
  let masks: Float32Array | undefined
  const put = (row: number, observation: Float32Array, { actionMask }: Info) => {
    const seen = view?.(observation) ?? observation
    requireFinite(seen, size)
    observations.set(seen, row * size)
    if (actionMask === undefined) return
    masks ??= new Float32Array(episodes * numActions).fill(1)
    masks.set(actionMask, row * numActions)
  }
  let running = envs.map((env, i) => {
    const { observation, info } = env.reset({ seed: seed + i })
    put(i, observation, info)
    return i
  })
  let steps = 0
  while (running.length > 0) {
    const count = running.length
    const actions = policy.actBatch(
      observations.subarray(0, count * size),
      masks?.subarray(0, count * numActions),
      memory?.subarray(0, count * memorySize),
    )
    steps += count
    const next: number[] = []
    running.forEach((episode, row) => {
      const { observation, reward, terminated, truncated, info } = envs[episode]!.step(actions[row]!)
      returns[episode]! += reward
      if (terminated || truncated) return
      put(next.length, observation, info) // overwrites only rows already read
      memory?.copyWithin(next.length * memorySize, row * memorySize, (row + 1) * memorySize)
      next.push(episode)
    })
    running = next
  }
  return { returns, steps }
}

function playInTurn<Observation, Action>(
  policy: PolicyLike<Observation, Action>,
  env: PlayedEnv<Observation, Action>,
  episodes: number,
  seed: number,
): Played {
  const { view, memorySize = 0 } = policy as Partial<Policy>
  const memory = new Float32Array(memorySize)
  const actionFor = (observation: Observation, mask: ArrayLike<number> | undefined) => {
    if (typeof policy === 'function') return policy(observation, mask)
    if ('plan' in policy) return policy.plan(env as AnyEnv) as Action
    return policy.act(
      view === undefined ? observation : (view(observation as Float32Array) as Observation),
      mask,
      memory,
    )
  }
  const returns: number[] = []
  let steps = 0
  for (let episode = 0; episode < episodes; episode++) {
    let { observation, info } = env.reset({ seed: seed + episode })
    memory.fill(0)
    let total = 0
    for (let ended = false; !ended; steps++) {
      const step = env.step(actionFor(observation, info.actionMask))
      ;({ observation, info } = step)
      total += step.reward
      ended = step.terminated || step.truncated
    }
    returns.push(total)
  }
  return { returns, steps }
}
