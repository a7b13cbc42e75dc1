// The methods of this folder that learn to act, under the names of the command line, in the form that all algorithms have.
// They train on the numbers of states; the agent that comes out sees each as a vector with a single 1, as agents made of
// networks do, so that it is evaluated and stored like any other. Those that value a given policy (td.ts, n-step-td.ts,
// td-lambda.ts) make no agent and are not here. Read next: ../algorithms/registry.ts.

import type { HasParameters, NamedParameters } from '../../nn/module.ts'
import { ValueError } from '../../tensor/errors.ts'
import type { Rng } from '../../tensor/random.ts'
import { CpuStorage } from '../../tensor/storage.ts'
import { Tensor } from '../../tensor/tensor.ts'
import type { Algorithm } from '../algorithms/registry.ts'
import { DiscreteAgent } from '../discrete-policies.ts'
import { type GivenOptions, type OptionTable, readOptions } from '../options.ts'
import type { SavedTraining } from '../saved-training.ts'
import type { Envs } from '../vector/as-vector.ts'
import { VectorEnv } from '../vector-env.ts'
import { doubleQLearning, doubleQLearningOptions } from './double-q-learning.ts'
import { dynaQ, dynaQOptions } from './dyna-q.ts'
import { expectedSarsa, expectedSarsaOptions } from './expected-sarsa.ts'
import { monteCarloControl, monteCarloControlOptions } from './monte-carlo-control.ts'
import { offPolicyMonteCarlo, offPolicyMonteCarloOptions } from './off-policy-monte-carlo.ts'
import { qLearning, qLearningOptions } from './q-learning.ts'
import { QTable } from './q-table.ts'
import { type FiniteTask, requireCountable, type TabularReport } from './run.ts'
import { sarsa, sarsaOptions } from './sarsa.ts'

type Learn = (
  env: FiniteTask,
  options?: GivenOptions<OptionTable>,
  resume?: SavedTraining,
) => Generator<TabularReport<QTable>, QTable, void>

export const tabularAlgorithms: readonly Algorithm[] = [
  tabular('q-learning', 'a table of action values, learnt from the best next action', qLearningOptions, qLearning),
  tabular('sarsa', 'a table of action values, learnt from the next action that is taken', sarsaOptions, sarsa),
  tabular(
    'expected-sarsa',
    'Sarsa with the average over next actions in place of one',
    expectedSarsaOptions,
    expectedSarsa,
  ),
  tabular(
    'double-q-learning',
    'two tables, one to choose the next action and one to value it',
    doubleQLearningOptions,
    doubleQLearning,
  ),
  tabular('dyna-q', 'Q-learning that learns from memories, too, between two steps', dynaQOptions, dynaQ),
  tabular(
    'monte-carlo',
    'a table of what came, on average, after each state and action',
    monteCarloControlOptions,
    monteCarloControl,
  ),
  tabular(
    'off-policy-monte-carlo',
    'the greedy policy, learnt from whole episodes of an exploring one',
    offPolicyMonteCarloOptions,
    offPolicyMonteCarlo,
  ),
]

/** A table of action values whose observations are one-hot vectors of the state. */
export class TableAgent extends DiscreteAgent implements HasParameters {
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
    *train(envs, { resume, ...given } = {}) {
      const training = learn(finiteTask(name, envs), given, resume)
      let agent: TableAgent | undefined
      for (;;) {
        const next = training.next()
        if (next.done === true) return agent ?? new TableAgent(next.value)
        agent ??= new TableAgent(next.value.agent)
        yield { ...next.value, agent }
      }
    },
    newAgent(envs, given = {}) {
      const env = finiteTask(name, envs)
      const numStates = requireCountable(name, env, 'states', env.observationSpace)
      const numActions = requireCountable(name, env, 'actions', env.actionSpace)
      return new TableAgent(new QTable(numStates, numActions, Number(readOptions(name, options, given).epsilon)))
    },
  }
}

function finiteTask(name: string, envs: Envs): FiniteTask {
  if (envs instanceof VectorEnv) {
    throw new ValueError(`${name} plays in one environment as it is; given a vector of ${envs.numEnvs}`)
  }
  return envs as unknown as FiniteTask
}
