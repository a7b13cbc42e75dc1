// Every algorithm that trains networks, by name, with its options and default number of environments: the source of the
// command line, the tests and the benchmarks. Methods with tables are in ../../tabular/algorithms.ts. To add an algorithm,
// write its file and give it an entry here.

import type { HasParameters } from '../../nn/module.ts'
import { unknownName, ValueError } from '../../tensor/errors.ts'
import { Rng } from '../../tensor/random.ts'
import type { Resumable } from '../checkpoint.ts'
import { type GivenOptions, type Option, type OptionTable, readOptions } from '../options.ts'
import type { Policy } from '../policy.ts'
import type { ResumableReport } from '../training.ts'
import { type EnvLike, toVectorEnv } from '../vector/as-vector.ts'
import { a2c, a2cOptions } from './a2c.ts'
import { c51, c51Algorithm, c51Options } from './c51.ts'
import { newContinuousAgent } from './continuous.ts'
import { ddpg, ddpgAlgorithm, ddpgOptions } from './ddpg.ts'
import { dqn, dqnAlgorithm, dqnOptions } from './dqn.ts'
import { makeActorCritic } from './make-actor-critic.ts'
import { ppo, ppoOptions } from './ppo.ts'
import { qrDqn, qrDqnAlgorithm, qrDqnOptions } from './qr-dqn.ts'
import { rainbow, rainbowAlgorithm, rainbowOptions } from './rainbow.ts'
import { reinforce, reinforceOptions } from './reinforce.ts'
import { sac, sacAlgorithm, sacOptions } from './sac.ts'
import { td3, td3Algorithm, td3Options } from './td3.ts'
import { trpo, trpoOptions } from './trpo.ts'
import { newValueAgent } from './value-based.ts'

/** What any training gives in the end: it plays, and its parameters can be stored. */
export type TrainedAgent = Policy & HasParameters

/** Which action spaces an algorithm can act in. */
export type ActionKind = 'discrete' | 'box'

export interface Algorithm {
  readonly name: string
  /** One line of help. */
  readonly about: string
  readonly options: OptionTable
  readonly actions: readonly ActionKind[]
  /** What it trains on: vectors, unless it is the numbers of states, of one environment. Its agent sees vectors either way. */
  readonly observes?: 'states'
  /** Copies of the environment, unless said otherwise. */
  readonly numEnvs: number
  /** The most copies that it can play in; any number where this is left out. */
  readonly maxEnvs?: number
  /** Learns by playing in `envs`. */
  train(
    envs: EnvLike,
    options?: GivenOptions<OptionTable> & Resumable,
  ): Generator<ResumableReport<TrainedAgent>, TrainedAgent, void>
  /** The agent that `train` makes before it has learnt anything, to load parameters into. */
  newAgent(envs: EnvLike, options?: GivenOptions<OptionTable>): TrainedAgent
}

export const algorithms: readonly Algorithm[] = [
  {
    name: 'reinforce',
    about: 'the simplest policy gradient: whole episodes, with or without a baseline',
    options: reinforceOptions,
    actions: ['discrete', 'box'],
    numEnvs: 1,
    maxEnvs: 1,
    train: reinforce,
    newAgent: (envs, options = {}) => newActorCritic('reinforce', envs, reinforceOptions, options),
  },
  {
    name: 'a2c',
    about: 'advantage actor-critic: a few steps of play, one update',
    options: a2cOptions,
    actions: ['discrete', 'box'],
    numEnvs: 1,
    train: a2c,
    newAgent: (envs, options = {}) => newActorCritic('a2c', envs, a2cOptions, options),
  },
  {
    name: 'dqn',
    about: 'deep Q-learning: action values from a replay memory, for choices',
    options: dqnOptions,
    actions: ['discrete'],
    numEnvs: 1,
    train: dqn,
    newAgent: (envs, options) => newValueAgent(dqnAlgorithm, envs, options),
  },
  {
    name: 'c51',
    about: 'deep Q-learning of whole distributions of returns, on fixed atoms',
    options: c51Options,
    actions: ['discrete'],
    numEnvs: 1,
    train: c51,
    newAgent: (envs, options) => newValueAgent(c51Algorithm, envs, options),
  },
  {
    name: 'qr-dqn',
    about: 'deep Q-learning of quantiles of returns, which need no range',
    options: qrDqnOptions,
    actions: ['discrete'],
    numEnvs: 1,
    train: qrDqn,
    newAgent: (envs, options) => newValueAgent(qrDqnAlgorithm, envs, options),
  },
  {
    name: 'rainbow',
    about: 'deep Q-learning with six extensions at once, for choices',
    options: rainbowOptions,
    actions: ['discrete'],
    numEnvs: 1,
    train: rainbow,
    newAgent: (envs, options) => newValueAgent(rainbowAlgorithm, envs, options),
  },
  {
    name: 'ppo',
    about: 'proximal policy optimization: an actor and a critic, clipped steps, for choices and vectors',
    options: ppoOptions,
    actions: ['discrete', 'box'],
    numEnvs: 4,
    train: ppo,
    newAgent: (envs, options = {}) => newActorCritic('ppo', envs, ppoOptions, options),
  },
  {
    name: 'trpo',
    about: 'trust region policy optimization: natural gradient steps that move the policy by so much and no more',
    options: trpoOptions,
    actions: ['discrete', 'box'],
    numEnvs: 1,
    train: trpo,
    newAgent: (envs, options = {}) => newActorCritic('trpo', envs, trpoOptions, options),
  },
  {
    name: 'sac',
    about: 'soft actor-critic: vectors from a replay memory, as random as pays',
    options: sacOptions,
    actions: ['box'],
    numEnvs: 1,
    train: sac,
    newAgent: (envs, options) => newContinuousAgent(sacAlgorithm, envs, options),
  },
  {
    name: 'td3',
    about: 'twin delayed DDPG: vectors from a replay memory, the lesser of two critics believed',
    options: td3Options,
    actions: ['box'],
    numEnvs: 1,
    train: td3,
    newAgent: (envs, options) => newContinuousAgent(td3Algorithm, envs, options),
  },
  {
    name: 'ddpg',
    about: 'deep deterministic policy gradient: a policy that climbs its critic, for vectors',
    options: ddpgOptions,
    actions: ['box'],
    numEnvs: 1,
    train: ddpg,
    newAgent: (envs, options) => newContinuousAgent(ddpgAlgorithm, envs, options),
  },
]

function newActorCritic<Table extends OptionTable & { readonly hidden: Option<readonly number[]> }>(
  name: string,
  envs: EnvLike,
  table: Table,
  options: GivenOptions<Table>,
): TrainedAgent {
  return makeActorCritic(name, toVectorEnv(envs), readOptions(name, table, options).hidden, new Rng())
}

/** The algorithm of that name. Throws a `ValueError` with the nearest name if there is none. */
export function algorithm(name: string, among: readonly Algorithm[] = algorithms): Algorithm {
  const found = among.find((each) => each.name === name)
  if (found !== undefined) return found
  const names = among.map((each) => each.name)
  throw new ValueError(unknownName('algorithm', name, names))
}
