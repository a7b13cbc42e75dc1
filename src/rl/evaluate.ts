// How good is a policy? Play whole episodes greedily, from start states that depend on the seed alone, so that all
// policies evaluated with one seed face the same starts.

import { ValueError } from '../tensor/errors.ts'
import { Rng } from '../tensor/random.ts'
import { type Agent, greedyActions, type NetworkAgent, type Planner } from './agent.ts'
import type { Env, Info } from './env.ts'
import { bootstrapInterval, type Interval, meanOf, standardDeviationOf } from './statistics.ts'

export interface Evaluation {
  /** Undiscounted return of each episode, in the order of their seeds. */
  readonly returns: readonly number[]
  readonly mean: number
  /** Of the returns, not of their mean. */
  readonly standardDeviation: number
  /** 95 % interval of the mean (percentile bootstrap). */
  readonly interval: Interval
  /** Environment steps played. */
  readonly steps: number
}

export interface EvaluateOptions {
  /** Default 100. */
  readonly episodes?: number
  /** Episode i starts from `reset({ seed: seed + i })`. Default 1,000,000, far from the seeds one trains with. */
  readonly seed?: number
}

export type Policy<Action = number> = Agent<Float32Array, Action> | NetworkAgent | Planner

/** Greedy play. Networks see all running episodes as one batch. Throws a ValueError unless `episodes` is at least 1. */
export function evaluate<Action = number>(
  policy: Policy<Action>,
  makeEnv: () => Env<Float32Array, Action>,
  options: EvaluateOptions = {},
): Evaluation {
  const { episodes = 100, seed = 1_000_000 } = options
  if (!(Number.isInteger(episodes) && episodes >= 1)) {
    throw new ValueError(`evaluate: ${episodes} episodes; expected a whole number from 1`)
  }
  const played = isNetwork(policy)
    ? playTogether(policy, makeEnv as () => Env<Float32Array, unknown>, episodes, seed)
    : playInTurn(policy, makeEnv(), episodes, seed)
  return {
    returns: played.returns,
    mean: meanOf(played.returns),
    standardDeviation: standardDeviationOf(played.returns),
    interval: bootstrapInterval(played.returns, new Rng(seed)),
    steps: played.steps,
  }
}

interface Played {
  readonly returns: number[]
  readonly steps: number
}

function isNetwork<Action>(policy: Policy<Action>): policy is NetworkAgent {
  return 'logits' in policy || 'actionValues' in policy
}

function playTogether(
  agent: NetworkAgent,
  makeEnv: () => Env<Float32Array, unknown>,
  episodes: number,
  seed: number,
): Played {
  const envs = Array.from({ length: episodes }, makeEnv)
  const size = agent.observationSize
  const observations = new Float32Array(episodes * size)
  const actions = new Int32Array(episodes)
  const returns = new Array<number>(episodes).fill(0)
  let masks: Float32Array | undefined
  const see = (place: number, observation: Float32Array, { actionMask }: Info) => {
    observations.set(observation, place * size)
    if (actionMask === undefined) return
    masks ??= new Float32Array(episodes * agent.actionCount).fill(1)
    masks.set(actionMask, place * agent.actionCount)
  }
  let running = envs.map((env, i) => {
    const { observation, info } = env.reset({ seed: seed + i })
    see(i, observation, info)
    return i
  })
  let steps = 0
  while (running.length > 0) {
    greedyActions(agent, observations, running.length, actions.subarray(0, running.length), masks)
    steps += running.length
    const next: number[] = []
    running.forEach((episode, place) => {
      const { observation, reward, terminated, truncated, info } = envs[episode]!.step(actions[place]!)
      returns[episode]! += reward
      if (terminated || truncated) return
      see(next.length, observation, info) // places move down only, over ones already read
      next.push(episode)
    })
    running = next
  }
  return { returns, steps }
}

function playInTurn<Action>(
  policy: Agent<Float32Array, Action> | Planner,
  env: Env<Float32Array, Action>,
  episodes: number,
  seed: number,
): Played {
  const returns: number[] = []
  let steps = 0
  for (let episode = 0; episode < episodes; episode++) {
    let { observation } = env.reset({ seed: seed + episode })
    let total = 0
    for (let ended = false; !ended; steps++) {
      const step = env.step('plan' in policy ? (policy.plan(env) as Action) : policy.act(observation))
      observation = step.observation
      total += step.reward
      ended = step.terminated || step.truncated
    }
    returns.push(total)
  }
  return { returns, steps }
}
