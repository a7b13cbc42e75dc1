// Agents in MultiDiscrete and MultiBinary action spaces, from training to evaluation, distillation and export.

import { describe, expect, it } from 'vitest'
import { Box, Discrete, MultiBinary, MultiDiscrete, Tuple } from '../../src/data/spaces.ts'
import { distill } from '../../src/distill/distill.ts'
import { loadAgent, saveAgent } from '../../src/export/agent-file.ts'
import { agentLayers } from '../../src/export/agents.ts'
import { MLP, saveParameters } from '../../src/nn/index.ts'
import { SyncVectorEnv } from '../../src/rl/envs/vector/sync-vector-env.ts'
import { FlattenObservation } from '../../src/rl/envs/wrappers/observation.ts'
import { type AnyEnv, algorithm, evaluatePolicy, finish, Kickstart, ppo } from '../../src/rl/index.ts'
import { FactoredActorCritic } from '../../src/rl/policies/actor-critic.ts'
import { Rng, ShapeError, tensor, ValueError } from '../../src/tensor/index.ts'
import { Repeat } from './repeat-env.ts'

type Factored = MultiDiscrete | MultiBinary

const spaces: readonly (readonly [string, Factored, outputs: number])[] = [
  ['MultiDiscrete([3, 2])', new MultiDiscrete([3, 2]), 5],
  ['MultiBinary(2)', new MultiBinary(2), 2],
]

const repeating = (space: Factored) => new FlattenObservation(new Repeat(space, space, 1))

const someAgent = (space: Factored, outputs: number, seed = 1) => {
  const rng = new Rng(seed)
  return new FactoredActorCritic(new MLP([3, 4, outputs], rng), new MLP([3, 4, 1], rng), 3, space)
}

describe.each(spaces)('in %s', (name, space, outputs) => {
  const agent = someAgent(space, outputs)
  const observations = Float32Array.of(1, 2, 3, -1, 0, 4)

  it('an agent acts in values of the space, the same in a batch as one by one', () => {
    const one = agent.act(observations.subarray(3))
    expect(space.contains(one)).toBe(true)
    expect(space.contains(agent.sample(observations.subarray(3), new Rng(1)))).toBe(true)
    expect([...agent.actBatch(observations)].slice(2)).toEqual([...one])
    const policy = agent.distribution(tensor(observations, [2, 3]))
    expect([...agent.actBatch(observations)]).toEqual([...policy.mode().view()])
    expect([...agent.sampleBatch(observations, new Rng(2))]).toEqual([...policy.sample(new Rng(2)).view()])
    expect(() => agent.act(Float32Array.of(Number.NaN, 0, 0))).toThrow(/NaN at index 0/)
  })

  it('an actor with other outputs is refused', () => {
    expect(() => someAgent(space, outputs + 1)).toThrow(`expected ${outputs}`)
  })

  it('PPO reaches the best return, 2, from another seed', () => {
    const envs = new SyncVectorEnv(
      [0, 1, 2, 3].map(() => repeating(space) as AnyEnv),
      'same-step',
    )
    const trained = finish(ppo(envs, { totalTimesteps: 1500, numSteps: 32, learningRate: 0.01, hidden: [16], seed: 2 }))
    expect(evaluatePolicy(trained, repeating(space), { episodes: 50 }).mean).toBe(2)
  })

  it('a teacher kickstarts a student of the same space, and is refused by one of another', () => {
    const returnRange = { random: 1, teacher: 2 }
    const observing = new Repeat(new Box([0, 0, 0], [1, 1, 1]), space)
    const options = { totalTimesteps: 64, numSteps: 32, auxiliaryLoss: new Kickstart(agent, { returnRange }) }
    expect(finish(ppo(observing, options))).toBeInstanceOf(FactoredActorCritic)
    const other = new Repeat(new Box([0, 0, 0], [1, 1, 1]), new MultiBinary(3))
    expect(() => ppo(other, options).next()).toThrow(
      `the teacher observes 3 numbers and gives ${name}, the student observes 3 numbers and gives MultiBinary(3)`,
    )
  })

  it('distillation and export refuse it and name the space', () => {
    const env = new Repeat(new Box([0, 0, 0], [1, 1, 1]), space)
    expect(() => [...distill(env, agent)]).toThrow(ShapeError)
    expect(() => [...distill(env, agent)]).toThrow(`distill: Repeat-v0 has ${name}; expected Discrete or Box actions`)
    expect(() => agentLayers(agent)).toThrow(ShapeError)
    expect(() => agentLayers(agent)).toThrow(`export: the agent acts in ${name}; expected the logits of one choice`)
    expect(() => saveAgent(agent)).toThrow(ValueError)
    expect(() => loadAgent(saveParameters(agent))).toThrow(/what is factoredActor\.0\.weight/)
  })
})

it('other action spaces are refused by name', () => {
  const env = new Repeat(new Box([0], [1]), new Tuple([new Discrete(2)]))
  const found = 'Repeat-v0 takes Tuple(Discrete(0 … 1)); this algorithm'
  expect(() => ppo(env).next()).toThrow(`ppo: ${found} acts in Box, Discrete, MultiDiscrete and MultiBinary spaces`)
  expect(() => algorithm('dqn').train(env).next()).toThrow(`dqn: ${found} chooses among Discrete actions`)
  expect(() =>
    algorithm('dqn')
      .train(repeating(new MultiBinary(2)) as AnyEnv)
      .next(),
  ).toThrow('takes MultiBinary(2)')
})
