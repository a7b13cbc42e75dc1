// The algorithms that train networks, by name: the source of the command line, the tests and the benchmarks. Tabular methods are in
// ../tabular/algorithms.ts. To add an algorithm to alambic, write its file and list it here; a program adds its own by
// `registerAlgorithm`.

import type { Checkpoint } from '../data/checkpoint.ts'
import { type OptionTable, type OptionValues, readOptions } from '../data/options.ts'
import { excerpt, requireMethods, requireText, unknownName, ValueError } from '../tensor/errors.ts'
import { isCount, isRecord } from '../tensor/json.ts'
import { newContinuousAgent } from './actor-critic/continuous.ts'
import { sac, sacAlgorithm } from './actor-critic/sac.ts'
import { ddpg, ddpgAlgorithm, td3, td3Algorithm } from './actor-critic/td3.ts'
import { type EnvLike, toVectorEnv } from './envs/vector/sync-vector-env.ts'
import type { VectorEnv } from './envs/vector/vector-env.ts'
import { a2c, a2cAlgorithm } from './on-policy/a2c.ts'
import { newActorCritic } from './on-policy/on-policy.ts'
import { ppo, ppoAlgorithm } from './on-policy/ppo.ts'
import { reinforce, reinforceAlgorithm } from './on-policy/reinforce.ts'
import { trpo, trpoAlgorithm } from './on-policy/trpo.ts'
import { addPresets, type Preset } from './presets.ts'
import type { ActionKind, Algorithm, AlgorithmSpec, ResumableReport, TrainedAgent } from './training/training.ts'
import { c51, c51Algorithm } from './value-based/c51.ts'
import { dqn, dqnAlgorithm } from './value-based/dqn.ts'
import { munchausenDqn, munchausenDqnAlgorithm } from './value-based/munchausen-dqn.ts'
import { qrDqn, qrDqnAlgorithm } from './value-based/qr-dqn.ts'
import { rainbow, rainbowAlgorithm } from './value-based/rainbow.ts'
import { newValueAgent } from './value-based/value-based.ts'

export { type SACOptions, sac } from './actor-critic/sac.ts'
export { ddpg, type TD3Options, td3 } from './actor-critic/td3.ts'
export { type A2COptions, a2c } from './on-policy/a2c.ts'
export { type PPOOptions, ppo } from './on-policy/ppo.ts'
export { type REINFORCEOptions, reinforce } from './on-policy/reinforce.ts'
export { type TRPOOptions, trpo } from './on-policy/trpo.ts'
export { type C51Options, c51 } from './value-based/c51.ts'
export { type DQNOptions, dqn } from './value-based/dqn.ts'
export { type MunchausenDQNOptions, munchausenDqn } from './value-based/munchausen-dqn.ts'
export { type QRDQNOptions, qrDqn } from './value-based/qr-dqn.ts'
export { type RainbowOptions, rainbow } from './value-based/rainbow.ts'

// The options of `train` and `newAgent` are checked when they run, against the table of the definition.
function entry<Defined extends AlgorithmSpec>(
  definition: Defined,
  actions: readonly ActionKind[],
  train: (envs: EnvLike, options?: never) => ReturnType<Algorithm['train']>,
  newAgent: (definition: Defined, envs: EnvLike, options?: never) => TrainedAgent,
  numEnvs = 1,
): Algorithm {
  const { name, about, options } = definition
  return {
    ...{ name, about, options, actions, numEnvs },
    train: train as Algorithm['train'],
    newAgent: (envs, given) => newAgent(definition, envs, given as never),
  }
}

const onPolicyActions = ['discrete', 'multi-discrete', 'multi-binary', 'box'] as const

// A function, so that a bundler drops the algorithms that a program does not call.
const all = (): Algorithm[] => [
  { ...entry(reinforceAlgorithm, onPolicyActions, reinforce, newActorCritic), maxEnvs: 1 },
  entry(a2cAlgorithm, onPolicyActions, a2c, newActorCritic),
  entry(dqnAlgorithm, ['discrete'], dqn, newValueAgent),
  entry(c51Algorithm, ['discrete'], c51, newValueAgent),
  entry(qrDqnAlgorithm, ['discrete'], qrDqn, newValueAgent),
  entry(munchausenDqnAlgorithm, ['discrete'], munchausenDqn, newValueAgent),
  entry(rainbowAlgorithm, ['discrete'], rainbow, newValueAgent),
  entry(ppoAlgorithm, onPolicyActions, ppo, newActorCritic, 4),
  entry(trpoAlgorithm, onPolicyActions, trpo, newActorCritic),
  entry(sacAlgorithm, ['box'], sac, newContinuousAgent),
  entry(td3Algorithm, ['box'], td3, newContinuousAgent),
  entry(ddpgAlgorithm, ['box'], ddpg, newContinuousAgent),
]

const listed = /* @__PURE__ */ all()

/** Those of alambic, then the registered ones. */
export const algorithms: readonly Algorithm[] = listed

/** An algorithm of one's own. Both functions get a vector of environments and the values of all options, read and checked. */
interface OwnAlgorithm<Table extends OptionTable> extends Pick<Algorithm, 'about' | 'actions' | 'maxEnvs'> {
  /** Lower-case letters, digits and `-`. */
  readonly name: string
  /** `totalTimesteps` and `seed`, which are `--steps` and `--seed` of the command, and any others. */
  readonly options: Table
  /** Default number of sub-environments. Default 1. */
  readonly numEnvs?: number
  /** Yields after each update. `save` of a report is that of a `TrainingState`, whose `start` takes `resume`. */
  train(
    envs: VectorEnv,
    options: OptionValues<Table>,
    resume: Checkpoint | undefined,
  ): Generator<ResumableReport<TrainedAgent>, TrainedAgent, void>
  /** The untrained agent, to load parameters into. */
  newAgent(envs: VectorEnv, options: OptionValues<Table>): TrainedAgent
}

const actionKinds: readonly ActionKind[] = ['discrete', 'multi-discrete', 'multi-binary', 'box']

/**
 * Adds an algorithm to `algorithms`, and so to the command that imports the calling module by `--import`. Throws a `ValueError` on a name
 * that is taken, and on a definition that lacks a part or has a broken one.
 *
 * @param presets named settings of it, in the form of `presets`
 */
export function registerAlgorithm<Table extends OptionTable>(
  added: OwnAlgorithm<Table>,
  presets: readonly Omit<Preset, 'algorithm'>[] = [],
): void {
  const parts = '{ name, about, options, actions, train, newAgent }'
  requireMethods('registerAlgorithm: the algorithm', added, ['train', 'newAgent'], parts)
  const { name, about, options, actions, numEnvs = 1, maxEnvs } = added
  const need = (isFit: boolean, what: string, given: unknown, expected: string) => {
    if (!isFit) throw new ValueError(`registerAlgorithm: ${what} is ${excerpt(given)}; expected ${expected}`)
  }
  const isName = typeof name === 'string' && /^[a-z][a-z\d-]*$/.test(name)
  need(isName, 'name', name, 'lower-case letters, digits and -, such as "random-search"')
  const isNew = listed.every((each) => each.name !== name)
  need(isNew, 'name', name, 'one that is not registered already')
  requireText(`registerAlgorithm: about of ${name}`, about)
  const areKinds = Array.isArray(actions) && actions.length > 0 && actions.every((each) => actionKinds.includes(each))
  need(areKinds, `actions of ${name}`, actions, `a list of ${actionKinds.join(', ')}`)
  const areCounts = isCount(numEnvs, 1) && (maxEnvs === undefined || isCount(maxEnvs, numEnvs))
  need(areCounts, `numEnvs of ${name}`, numEnvs, 'a whole number from 1 on, at most maxEnvs')
  for (const option of ['totalTimesteps', 'seed', ...Object.keys(options ?? {})]) {
    const given: unknown = options?.[option]
    const isOption = isRecord(given) && typeof given.accepts === 'function' && given.accepts(given.value)
    need(isOption, `option ${option} of ${name}`, given, `an option, such as ${option}: count(1000, 'its meaning')`)
  }
  const read = (given = {}) => readOptions(name, options, given, ['resume'])
  for (const each of presets) read(each.options)
  addPresets(name, presets)
  listed.push({
    ...{ ...added, numEnvs },
    train: (envs, given = {}) => added.train(toVectorEnv(envs, name), read(given), given.resume),
    newAgent: (envs, given) => added.newAgent(toVectorEnv(envs, name), read(given)),
  })
}

/** The algorithm of that name. Throws a `ValueError` with the nearest name if there is none. */
export function algorithm(name: string, among: readonly Algorithm[] = algorithms): Algorithm {
  const found = among.find((each) => each.name === name)
  if (found !== undefined) return found
  const names = among.map((each) => each.name)
  throw new ValueError(unknownName('algorithm', name, names))
}
