import { describe, expect, it } from 'vitest'
import { LabelledDataset } from '../../src/distill/dataset.ts'
import { prepareObjective } from '../../src/distill/objective.ts'
import { loadAgent, saveAgent } from '../../src/export/agent-file.ts'
import { saveParameters } from '../../src/nn/checkpoint.ts'
import { Linear } from '../../src/nn/linear.ts'
import { MLP, type MlpOptions } from '../../src/nn/mlp.ts'
import { readSafetensors } from '../../src/nn/safetensors.ts'
import { Sequential } from '../../src/nn/sequential.ts'
import { CategoricalActorCritic } from '../../src/rl/actor-critic.ts'
import { DeterministicPolicy, SquashedGaussianPolicy } from '../../src/rl/continuous-policies.ts'
import { DecisionTree } from '../../src/rl/decision-tree.ts'
import { CategoricalPolicy, QPolicy, ValueFunction } from '../../src/rl/discrete-policies.ts'
import { Box, Discrete } from '../../src/rl/spaces.ts'
import { CheckpointError, Rng, relu, tanh, tensor, ValueError } from '../../src/tensor/index.ts'
import { targetsOfStates } from '../distill/every-target.ts'

const rng = new Rng(4)
const numbers = (count: number) => Float32Array.from({ length: count }, () => rng.normal())
const observations = numbers(40)
const dataset = LabelledDataset.of(
  { envId: 'CartPole-v1', observationSize: 4, actionSpace: new Discrete(2) },
  { observations, actionValues: numbers(20), stateValues: numbers(10) },
)

const outputs = (student: unknown) => {
  const agent = student as CategoricalPolicy | QPolicy | ValueFunction
  const x = tensor(observations, [10, 4])
  if (agent instanceof ValueFunction) return agent.stateValues(x).toArray()
  return (agent.logits ?? agent.actionValues!).call(agent, x).toArray()
}

describe('the file of an agent', () => {
  it.each(targetsOfStates)('gives back a student of %s as it was', (target) => {
    const objective = prepareObjective(target, dataset)
    const student = objective.student(new MLP([4, 6, objective.outputs], new Rng(1))) as object
    const again = loadAgent(saveAgent(student))
    expect(again.constructor).toBe(student.constructor)
    expect(outputs(again)).toEqual(outputs(student))
    expect({ ...again, network: null }).toEqual({ ...student, network: null })
  })

  it.each([
    ['a Gaussian', SquashedGaussianPolicy, 4],
    ['an action', DeterministicPolicy, 2],
  ] as const)('gives back a student of continuous actions: %s', (_, Agent, width) => {
    const bounds = new Box([-2, 0], [2, 1])
    const student = new Agent(new MLP([4, 6, width], new Rng(1), { activation: 'tanh' }), 4, bounds)
    const again = loadAgent(saveAgent(student))
    expect(again).toBeInstanceOf(Agent)
    for (let i = 0; i < 10; i++) {
      const observation = observations.subarray(4 * i, 4 * i + 4)
      expect((again as DeterministicPolicy).act(observation)).toEqual(student.act(observation))
    }
  })

  it('holds the activation between the layers', () => {
    for (const activation of ['relu', 'tanh'] as const) {
      const student = new CategoricalPolicy(new MLP([4, 6, 6, 3], new Rng(1), { activation }), 4, 3)
      expect(outputs(loadAgent(saveAgent(student)))).toEqual(outputs(student))
    }
  })

  it('is of the linear layers, also of nested ones and of those without a bias', () => {
    const linear = (inputs: number, width: number, bias = true) => new Linear(inputs, width, new Rng(2), { bias })
    for (const network of [
      linear(4, 3),
      new Sequential(linear(4, 6, false), relu, linear(6, 3)),
      new Sequential(new Sequential(linear(4, 6), tanh), linear(6, 3)),
    ]) {
      const student = new CategoricalPolicy(network, 4, 3)
      expect(outputs(loadAgent(saveAgent(student)))).toEqual(outputs(student))
    }
  })

  it('is refused for a network that it would not give back', () => {
    const saved = (sizes: number[], options: MlpOptions) => () =>
      saveAgent(new CategoricalPolicy(new MLP(sizes, new Rng(1), options), 4, 2))
    const linear = (inputs: number, width: number) => new Linear(inputs, width, new Rng(2))
    const mixed = new Sequential(linear(4, 6), tanh, linear(6, 6), relu, linear(6, 2))
    for (const [save, words] of [
      [saved([4, 6, 2], { activation: 'gelu' }), 'the network holds gelu'],
      [saved([4, 2], { outputActivation: 'tanh' }), 'saveAgent: activations tanh; expected relu or tanh, and identity'],
      [saved([4, 6, 2], { activation: 'identity' }), 'saveAgent: activations identity, identity; expected'],
      [() => saveAgent(new QPolicy(mixed, 4, 2)), 'saveAgent: activations tanh, relu, identity; expected'],
    ] as const) {
      expect(save).toThrow(ValueError)
      expect(save).toThrow(words)
    }
  })

  it('is a state dict of PyTorch with notes', () => {
    const { tensors, metadata } = readSafetensors(
      saveAgent(new CategoricalPolicy(new MLP([4, 2], new Rng(1)), 4, 2), { a: 'b' }),
    )
    expect([...tensors.keys()]).toEqual(['0.weight', '0.bias'])
    expect(metadata).toEqual({ a: 'b', outputs: 'logits', agent: '{}' })
  })

  it('is read without notes: one output is a state value, several are scores, of dqn action values', () => {
    const [one, two] = [new MLP([4, 1], new Rng(1)), new MLP([4, 2], new Rng(1))]
    expect(loadAgent(saveParameters(one), { numActions: 3 })).toMatchObject({ numActions: 3, units: { mean: 0 } })
    expect(loadAgent(saveParameters(two))).toBeInstanceOf(CategoricalPolicy)
    expect(loadAgent(saveParameters(two, { algorithm: 'dqn' }))).toBeInstanceOf(QPolicy)
    const pair = new CategoricalActorCritic(two, one, 4, 2)
    expect(loadAgent(saveParameters(pair))).toBeInstanceOf(CategoricalActorCritic)
  })

  it('is refused where it is broken, and agents that are no network have none', () => {
    const network = new MLP([4, 2], new Rng(1))
    for (const metadata of [
      { outputs: 'colours' },
      { outputs: 'actions' },
      { agent: '{' },
      { agent: 'null' },
      { agent: '{"activation":"gelu"}' },
    ]) {
      expect(() => loadAgent(saveParameters(network, metadata))).toThrow(CheckpointError)
    }
    expect(() => loadAgent(saveParameters(network), { activation: 'tanh' })).toThrow(/give layerNames/)
    const tree = new DecisionTree({ action: 1, weights: [0, 1], samples: 1 }, 4, 2)
    expect(() => saveAgent(tree)).toThrow(ValueError)
  })
})
