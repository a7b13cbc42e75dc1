// The loop of the algorithms for continuous actions that learn from a replay buffer: DDPG and TD3 (td3.ts), SAC (sac.ts). They differ
// in their learner: the networks, the exploring actions, and one update. Lillicrap et al. 2016, arXiv:1509.02971, algorithm 1.
// Read next: td3.ts, ../buffers/replay.ts.

import { Rng } from '../../tensor/random.ts'
import { type ReplayBatch, ReplayBuffer } from '../buffers/replay.ts'
import { type Resumable, type SaveablePart, TrainingState } from '../checkpoint.ts'
import type { ContinuousAgent } from '../continuous-policies.ts'
import {
  count,
  fraction,
  type GivenOptions,
  type OptionTable,
  type OptionValues,
  readOptions,
  sizes,
  whole,
} from '../options.ts'
import type { ResumableReport } from '../training.ts'
import { type EnvLike, toVectorEnv } from '../vector/as-vector.ts'
import type { VectorEnv } from '../vector-env.ts'
import { meansOf } from './figures.ts'
import { heldRandomVectors, passes, play } from './off-policy.ts'

/** The options that these algorithms share. */
export const continuousOptions = {
  totalTimesteps: count(20_000, 'environment steps in all, over all environments'),
  seed: whole(0, 'of all random numbers: a run is a function of it, bit for bit'),
  hidden: sizes([256, 256], 'widths of the hidden layers of actor and critics'),
  batchSize: count(256, 'transitions in an update'),
  bufferSize: count(100_000, 'transitions in the replay buffer'),
  learningStarts: whole(1000, 'steps of random play before the first update'),
  randomActionRepeat: count(1, 'steps that each random action of that play is repeated for'),
  gamma: fraction(0.99, 'discount'),
  tau: fraction(0.005, 'Polyak coefficient of the target networks'),
  trainInterval: count(1, 'steps of play between training phases'),
  gradientSteps: count(1, 'updates in a training phase'),
  logInterval: count(500, 'steps between reports'),
}

/** The networks of an algorithm. */
export interface ContinuousLearner<Agent extends ContinuousAgent, Losses> {
  readonly agent: Agent
  /** All that changes in training. */
  readonly parts: Readonly<Record<string, SaveablePart>>
  /** Actions [numEnvs, actionSize] in [-1, 1] to explore with. */
  explore(observations: Float32Array): Float32Array
  /** One update from a sample of transitions. */
  update(batch: ReplayBatch): Losses
}

/** An algorithm of this family. */
export interface ContinuousAlgorithm<
  Table extends typeof continuousOptions & OptionTable,
  Agent extends ContinuousAgent,
  Losses,
> {
  readonly name: string
  readonly options: Table
  learner(envs: VectorEnv, options: OptionValues<Table>, rng: Rng): ContinuousLearner<Agent, Losses>
}

/** Means of figures over the updates since the last report; NaN where no update had the figure. */
type Means<Losses> = { readonly [Name in keyof Losses]: number }

type Learn<Table extends OptionTable, Agent, Losses> = (
  envs: EnvLike,
  options?: GivenOptions<Table> & Resumable,
) => Generator<ResumableReport<Agent> & Means<Losses>, Agent, void>

/** The generator that trains by an algorithm: it yields every `logInterval` steps once updates have begun, and returns the agent. */
export function continuous<
  Table extends typeof continuousOptions & OptionTable,
  Agent extends ContinuousAgent,
  Losses extends { readonly [Name in keyof Losses]: number | undefined },
>(algorithm: ContinuousAlgorithm<Table, Agent, Losses>): Learn<Table, Agent, Losses> {
  return (envs, options = {}) => learn(algorithm, envs, options)
}

function* learn<
  Table extends typeof continuousOptions & OptionTable,
  Agent extends ContinuousAgent,
  Losses extends { readonly [Name in keyof Losses]: number | undefined },
>(
  algorithm: ContinuousAlgorithm<Table, Agent, Losses>,
  given: EnvLike,
  options: GivenOptions<Table> & Resumable,
): ReturnType<Learn<Table, Agent, Losses>> {
  const o = readOptions(algorithm.name, algorithm.options, options, ['resume'])
  const { totalTimesteps } = o
  const envs = toVectorEnv(given)
  const rng = new Rng(o.seed)
  const learner = algorithm.learner(envs, o, rng)
  const { agent } = learner
  const { observationSize, actionSize } = agent
  const buffer = new ReplayBuffer({ capacity: o.bufferSize, observationSize, actionSize })
  const counters = { step: 0 }
  const training = new TrainingState(algorithm.name, o, { ...learner.parts, buffer, envs, rng, counters })
  training.start(envs, o.seed, options.resume)

  const losses: Losses[] = []
  // 1. act: at random at first, then as the learner explores
  const random = heldRandomVectors(rng, envs.numEnvs * actionSize, o.randomActionRepeat)
  const act = (observations: Float32Array, step: number) =>
    step <= o.learningStarts ? random() : learner.explore(observations)
  const toEnvironment = (actions: Float32Array) => agent.toEnvironment(actions)
  // 2. remember
  for (const { step, episodes } of play({ envs, memory: buffer, counters, totalTimesteps, act, toEnvironment })) {
    // 3. learn
    if (step >= o.learningStarts && passes(step, envs.numEnvs, o.trainInterval)) {
      for (let i = 0; i < o.gradientSteps; i++) losses.push(learner.update(buffer.sample(o.batchSize, rng)))
    }
    if (losses.length > 0 && (passes(step, envs.numEnvs, o.logInterval) || step >= totalTimesteps)) {
      yield { step, episodes: episodes.splice(0), agent, ...meansOf(losses.splice(0)), save: training.save }
    }
  }
  return agent
}

/** The agent of an algorithm, untrained. */
export function newContinuousAgent<
  Table extends typeof continuousOptions & OptionTable,
  Agent extends ContinuousAgent,
  Losses,
>(algorithm: ContinuousAlgorithm<Table, Agent, Losses>, envs: EnvLike, options: GivenOptions<Table> = {}): Agent {
  const o = readOptions(algorithm.name, algorithm.options, options)
  return algorithm.learner(toVectorEnv(envs), o, new Rng()).agent
}
