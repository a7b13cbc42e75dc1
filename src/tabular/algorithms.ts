// The control methods of this folder as entries of the command's list of algorithms. They train on state numbers; the trained
// agent takes one-hot vectors, so that it is evaluated and stored as agents with networks are. Prediction methods
// (td-prediction.ts) make no agent and are not listed. Read next: ../rl/registry.ts.

import type { Resumable } from '../data/checkpoint.ts'
import { type GivenOptions, type OptionTable, readOptions } from '../data/options.ts'
import type { HasParameters, NamedParameters } from '../nn/module.ts'
import type { EnvLike } from '../rl/envs/vector/sync-vector-env.ts'
import { VectorEnv } from '../rl/envs/vector/vector-env.ts'
import { DiscreteAgent } from '../rl/policies/discrete-policies.ts'
import type { Algorithm } from '../rl/training/training.ts'
import { Tensor } from '../tensor/autograd/tensor.ts'
import { ValueError } from '../tensor/errors.ts'
import type { Rng } from '../tensor/random.ts'
import { CpuStorage } from '../tensor/storage.ts'
import {
  monteCarloControl,
  monteCarloControlOptions,
  offPolicyMonteCarlo,
  offPolicyMonteCarloOptions as offPolicyOptions,
} from './monte-carlo.ts'
import { QTable } from './q-table.ts'
import { type FiniteTask, requireCountable, type TabularReport } from './run.ts'
import {
  doubleQLearning,
  dynaQ,
  dynaQOptions,
  expectedSarsa,
  qLearning,
  sarsa,
  tdControlOptions,
} from './td-control.ts'

type Learn = (
  env: FiniteTask,
  options?: GivenOptions<OptionTable> & Resumable,
) => Generator<TabularReport<QTable>, QTable, void>

export const tabularAlgorithms: readonly Algorithm[] = [
  tabular('q-learning', 'a table of action values, learned from the best next action', tdControlOptions, qLearning),
  tabular('sarsa', 'a table of action values, learned from the next action taken', tdControlOptions, sarsa),
  tabular('expected-sarsa', 'Sarsa with the mean over next actions in place of one', tdControlOptions, expectedSarsa),
  tabular('double-q-learning', 'two tables: one chooses an action, one values it', tdControlOptions, doubleQLearning),
  tabular('dyna-q', 'Q-learning with extra updates from a learned model', dynaQOptions, dynaQ),
  tabular('monte-carlo', 'mean returns of each state and action', monteCarloControlOptions, monteCarloControl),
  tabular(
    'off-policy-monte-carlo',
    'the greedy policy, learned by an exploring one',
    offPolicyOptions,
    offPolicyMonteCarlo,
  ),
]

/** A table of action values whose observations are one-hot vectors of the state. */
export class TablePolicy extends DiscreteAgent implements HasParameters {
  private readonly values: Tensor

  constructor(readonly table: QTable) {
    const { numStates, numActions } = table
    super(numStates, numActions)
    this.values = new Tensor([numStates, numActions], CpuStorage.onHeap(table.values)) // the same numbers, not a copy
  }

  /** Throws a `ValueError` on a vector that encodes no state. */
  override actBatch(observations: Float32Array): Int32Array {
    return this.statesOf(observations).map((state) => this.table.act(state))
  }

  override sampleBatch(observations: Float32Array, rng: Rng): Int32Array {
    return this.statesOf(observations).map((state) => this.table.sample(state, rng))
  }

  parameters(): NamedParameters {
    return { actionValues: this.values }
  }

  private statesOf(observations: Float32Array): Int32Array {
    const { numStates } = this.table
    return Int32Array.from({ length: Math.ceil(observations.length / numStates) }, (_, row) => {
      const observation = observations.subarray(row * numStates, (row + 1) * numStates)
      const state = observation.indexOf(1)
      if (observation.length === numStates && state !== -1) return state
      throw new ValueError(
        `act: expected a vector of ${numStates} numbers with a 1 in the place of the state, given [${observation.join(', ')}]`,
      )
    })
  }
}

function tabular(name: string, about: string, options: OptionTable, learn: Learn): Algorithm {
  return {
    name,
    about,
    options,
    observes: 'states',
    actions: ['discrete'],
    numEnvs: 1,
    maxEnvs: 1,
    *train(envs, given = {}) {
      const training = learn(finiteTask(name, envs), given)
      let agent: TablePolicy | undefined
      for (;;) {
        const next = training.next()
        if (next.done === true) return agent ?? new TablePolicy(next.value)
        agent ??= new TablePolicy(next.value.agent)
        yield { ...next.value, agent }
      }
    },
    newAgent(envs, given = {}) {
      const env = finiteTask(name, envs)
      const numStates = requireCountable(name, env, 'states', env.observationSpace)
      const numActions = requireCountable(name, env, 'actions', env.actionSpace)
      return new TablePolicy(new QTable(numStates, numActions, Number(readOptions(name, options, given).epsilon)))
    },
  }
}

function finiteTask(name: string, envs: EnvLike): FiniteTask {
  if (envs instanceof VectorEnv) {
    throw new ValueError(`${name} plays in one environment as it is; given a vector of ${envs.numEnvs}`)
  }
  return envs as unknown as FiniteTask
}
