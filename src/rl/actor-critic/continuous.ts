// The off-policy loop for continuous actions: DDPG, TD3 (td3.ts) and SAC (sac.ts) differ in the learner, which has the networks, the
// exploration and one update. Lillicrap et al. 2016, arXiv:1509.02971, algorithm 1. Read next: td3.ts, ../replay/replay.ts.

import { type Resumable, type SaveablePart, TrainingState } from '../../data/checkpoint.ts'
import { count, fraction, type GivenOptions, type OptionValues, readOptions, sizes, whole } from '../../data/options.ts'
import { Rng } from '../../tensor/random.ts'
import { type EnvLike, toVectorEnv } from '../envs/vector/sync-vector-env.ts'
import type { VectorEnv } from '../envs/vector/vector-env.ts'
import type { ContinuousAgent } from '../policies/continuous-policies.ts'
import { NStepBuffer } from '../replay/n-step.ts'
import { heldRandomVectors, passes, play } from '../replay/off-policy.ts'
import { type ReplayBatch, ReplayBuffer } from '../replay/replay.ts'
import { networkOption, type OwnParts } from '../training/networks.ts'
import { numberTypeOf } from '../training/requirements.ts'
import type { AlgorithmSpec, ResumableReport } from '../training/training.ts'
import { meansOf } from '../training/training.ts'

export const continuousOptions = {
  totalTimesteps: count(20_000, 'environment steps over all sub-environments'),
  seed: whole(0, 'seed of all random numbers; a run is a function of it, bit for bit'),
  hidden: sizes([256, 256], 'widths of the hidden layers of actor and critics'),
  network: networkOption(),
  batchSize: count(256, 'transitions in an update'),
  bufferSize: count(100_000, 'transitions in the replay buffer'),
  learningStarts: whole(1000, 'steps of random play before the first update'),
  randomActionRepeat: count(1, 'steps for which each action of that play is repeated'),
  gamma: fraction(0.99, 'discount'),
  tau: fraction(0.005, 'Polyak coefficient of the target networks'),
  trainInterval: count(1, 'steps of play between training phases'),
  gradientSteps: count(1, 'updates in a training phase'),
  logInterval: count(500, 'steps between reports'),
}

/** The networks of an algorithm and their update. */
export interface ContinuousLearner<Agent extends ContinuousAgent, Losses> {
  readonly agent: Agent
  /** Everything that training changes. */
  readonly parts: Readonly<Record<string, SaveablePart>>
  /** Exploring actions in [-1, 1]: [numEnvs, actionSize]. */
  explore(observations: Float32Array): Float32Array
  /** One update from a sample of transitions. */
  update(batch: ReplayBatch): Losses
}

export interface ContinuousAlgorithm<Table extends typeof continuousOptions, Agent extends ContinuousAgent, Losses>
  extends AlgorithmSpec<Table> {
  learner(envs: VectorEnv, options: OptionValues<Table>, rng: Rng, own?: OwnParts): ContinuousLearner<Agent, Losses>
}

/** The options of a call. */
export type ContinuousOptions<Table extends typeof continuousOptions> = GivenOptions<Table> & OwnParts & Resumable

const OBJECTS = ['resume', 'network', 'critic', 'optimizer']

type LossRecord<Losses> = { readonly [Name in keyof Losses]: number | undefined }

/**
 * The training generator of an algorithm: it yields every `logInterval` steps once updates have begun, with the means of the losses
 * since the last report (NaN where no update had the loss), and returns the agent.
 */
export function continuous<
  Table extends typeof continuousOptions,
  Agent extends ContinuousAgent,
  Losses extends LossRecord<Losses>,
>(algorithm: ContinuousAlgorithm<Table, Agent, Losses>) {
  return function* (
    given: EnvLike,
    options: ContinuousOptions<Table> = {},
  ): Generator<ResumableReport<Agent> & ReturnType<typeof meansOf<LossRecord<Losses>>>, Agent, void> {
    const o = readOptions(algorithm.name, algorithm.options, options, OBJECTS)
    const { totalTimesteps } = o
    const envs = toVectorEnv(given, algorithm.name)
    const rng = new Rng(o.seed)
    const learner = algorithm.learner(envs, o, rng, options)
    const { agent } = learner
    const { observationSize, actionSize } = agent
    const sizes = { observationSize, actionSize }
    const buffer = new ReplayBuffer({ capacity: o.bufferSize, ...sizes, dtype: numberTypeOf(envs) })
    const memory = new NStepBuffer(buffer, { nStep: 1, gamma: o.gamma, numEnvs: envs.numEnvs, ...sizes })
    const counters = { step: 0 }
    const training = new TrainingState(algorithm.name, o, { ...learner.parts, buffer, envs, rng, counters })
    training.start(envs, o.seed, options.resume)

    const losses: Losses[] = []
    // 1. act: uniformly until `learningStarts`, then by the learner
    const random = heldRandomVectors(rng, envs.numEnvs * actionSize, o.randomActionRepeat)
    const act = (observations: Float32Array, step: number) =>
      step <= o.learningStarts ? random() : learner.explore(observations)
    const toEnvironment = (actions: Float32Array) => agent.toEnvironment(actions)
    // 2. store the transition
    for (const { step, episodes } of play({ envs, memory, counters, totalTimesteps, act, toEnvironment })) {
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
}

export function newContinuousAgent<Table extends typeof continuousOptions, Agent extends ContinuousAgent, Losses>(
  algorithm: ContinuousAlgorithm<Table, Agent, Losses>,
  envs: EnvLike,
  options: GivenOptions<Table> & OwnParts = {},
): Agent {
  const o = readOptions(algorithm.name, algorithm.options, options, OBJECTS)
  return algorithm.learner(toVectorEnv(envs), o, new Rng(), options).agent
}
