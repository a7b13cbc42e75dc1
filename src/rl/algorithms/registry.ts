// The algorithms that train networks, by name: the source of the command line, the tests and the benchmarks. Tabular methods are in
// ../../tabular/algorithms.ts. To add an algorithm, write its file and list it here.

import { unknownName, ValueError } from '../../tensor/errors.ts'
import type { OptionTable } from '../options.ts'
import type { ActionKind, Algorithm, TrainedAgent } from '../training.ts'
import type { EnvLike } from '../vector/as-vector.ts'
import { a2c, a2cAlgorithm } from './a2c.ts'
import { c51, c51Algorithm } from './c51.ts'
import { newContinuousAgent } from './continuous.ts'
import { ddpg, ddpgAlgorithm } from './ddpg.ts'
import { dqn, dqnAlgorithm } from './dqn.ts'
import { munchausenDqn, munchausenDqnAlgorithm } from './munchausen-dqn.ts'
import { newActorCritic } from './on-policy.ts'
import { ppo, ppoAlgorithm } from './ppo.ts'
import { qrDqn, qrDqnAlgorithm } from './qr-dqn.ts'
import { rainbow, rainbowAlgorithm } from './rainbow.ts'
import { reinforce, reinforceAlgorithm } from './reinforce.ts'
import { sac, sacAlgorithm } from './sac.ts'
import { td3, td3Algorithm } from './td3.ts'
import { trpo, trpoAlgorithm } from './trpo.ts'
import { newValueAgent } from './value-based.ts'

export type { ActionKind, Algorithm, TrainedAgent } from '../training.ts'

type Definition = { readonly name: string; readonly about: string; readonly options: OptionTable }

// The options of `train` and `newAgent` are checked when they run, against the table of the definition.
function entry<Defined extends Definition>(
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
const all = (): readonly Algorithm[] => [
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

export const algorithms = /* @__PURE__ */ all()

/** The algorithm of that name. Throws a `ValueError` with the nearest name if there is none. */
export function algorithm(name: string, among: readonly Algorithm[] = algorithms): Algorithm {
  const found = among.find((each) => each.name === name)
  if (found !== undefined) return found
  const names = among.map((each) => each.name)
  throw new ValueError(unknownName('algorithm', name, names))
}
