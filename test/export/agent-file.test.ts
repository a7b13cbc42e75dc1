import { describe, expect, it } from 'vitest'
import { LabelledDataset, prepareObjective } from '../../src/distill/index.ts'
import { agentMetadata, loadAgent, saveAgent } from '../../src/export/agent-file.ts'
import { denseLayers, type OutputMeaning } from '../../src/export/dense-layers.ts'
import { toOnnx } from '../../src/export/onnx.ts'
import { saveParameters } from '../../src/nn/files/parameters.ts'
import { readSafetensors } from '../../src/nn/files/safetensors.ts'
import { Dropout, DuelingHead, LayerNorm, Linear, MLP, NoisyLinear, Sequential } from '../../src/nn/index.ts'
import { collectParameters, type Module } from '../../src/nn/module.ts'
import { Box, CategoricalPolicy, DecisionTree, Discrete, QPolicy, ValueFunction } from '../../src/rl/index.ts'
import { CategoricalActorCritic, GaussianActorCritic } from '../../src/rl/policies/actor-critic.ts'
import {
  DeterministicPolicy,
  GaussianPolicy,
  SquashedGaussianPolicy,
} from '../../src/rl/policies/continuous-policies.ts'
import { CheckpointError, mul, Rng, relu, tanh, tensor, ValueError, zeros } from '../../src/tensor/index.ts'
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
    ['a Gaussian in the units of the task', GaussianPolicy, 4],
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

  it('gives back any network that has a description, and names what has none', () => {
    const linear = (inputs: number, width: number) => new Linear(inputs, width, new Rng(2))
    for (const network of [
      new MLP([4, 6, 2], new Rng(1), { activation: 'gelu' }),
      new MLP([4, 2], new Rng(1), { outputActivation: 'tanh' }),
      new Sequential(linear(4, 6), tanh, linear(6, 6), relu, linear(6, 2)),
      new Sequential(new LayerNorm(4), new NoisyLinear(4, 6, new Rng(3)), relu, new Dropout(0.1), linear(6, 2)),
      new Sequential(linear(4, 6), new DuelingHead(linear(6, 1), linear(6, 2))),
    ]) {
      const student = new QPolicy(network, 4, 2)
      expect(outputs(loadAgent(saveAgent(student)))).toEqual(outputs(student))
    }
    const doubled: Module = { forward: (x) => mul(x, 2), parameters: () => ({}) }
    expect(() => saveAgent(new QPolicy(new Sequential(linear(4, 2), doubled), 4, 2))).toThrow(
      'the network holds Object, which has no description',
    )
  })

  it('holds an actor-critic under the names of its parameters', () => {
    const networks = [new MLP([4, 6, 2], new Rng(1)), new MLP([4, 3, 1], new Rng(2), { activation: 'gelu' })] as const
    const discrete = new CategoricalActorCritic(...networks, 4, 2)
    const gaussian = new GaussianActorCritic(...networks, 4, tensor([-1, 2], [2]), new Box([-1, -2], [1, 2]))
    for (const agent of [discrete, gaussian]) {
      const again = loadAgent(saveParameters(agent, agentMetadata(agent))) as typeof agent
      expect(again.constructor).toBe(agent.constructor)
      expect(saveParameters(again)).toEqual(saveParameters(agent))
      const x = tensor(observations, [10, 4])
      expect(again.stateValues(x).toArray()).toEqual(agent.stateValues(x).toArray())
    }
    expect(() => saveAgent(gaussian)).toThrow('a GaussianActorCritic is not one network; save its parameters instead')
  })

  it('is refused where it does not fit its description, before a network is made', () => {
    const described = (networks: unknown, network: Module = new MLP([4, 2], new Rng(1))) =>
      saveParameters(network, { outputs: 'logits', networks: JSON.stringify(networks) })
    const spec = (...layers: unknown[]) => ({ '': { input: [4], layers } })
    for (const [networks, words] of [
      [spec({ linear: 1e9 }), 'the networks have 5000000000 parameters; the file has 10'],
      [spec({ linear: 3 }), 'the networks have 15 parameters; the file has 10'],
      [spec({ linears: 2 }), 'expected { input: [4], layers: [{ linear: 64 }, "tanh", …] }'],
      [spec({ expectation: [0, 1] }, { linear: 2 }), 'expected { input: [4], layers'],
      [5, 'the networks have 0 parameters'],
      [{ critic: { input: [4], layers: [{ linear: 2 }] } }, 'is missing'],
    ] as const) {
      expect(() => loadAgent(described(networks))).toThrow(CheckpointError)
      expect(() => loadAgent(described(networks))).toThrow(words)
    }
    const broken = new MLP([4, 2], new Rng(1))
    broken.parameters()['0.bias']!.view()[1] = Number.NaN
    expect(() => loadAgent(described(spec({ linear: 2 }), broken))).toThrow('"0.bias" has numbers that are not finite')
  })

  it('is a state dict of PyTorch with notes', () => {
    const { tensors, metadata } = readSafetensors(
      saveAgent(new CategoricalPolicy(new MLP([4, 2], new Rng(1)), 4, 2), { a: 'b' }),
    )
    expect([...tensors.keys()]).toEqual(['0.weight', '0.bias'])
    const networks = '{"":{"input":[4],"layers":[{"linear":2}]}}'
    expect(metadata).toEqual({ a: 'b', outputs: 'logits', agent: '{}', networks })
  })

  it('is read without notes: one output is a state value, several are scores, of dqn action values', () => {
    const [one, two] = [new MLP([4, 1], new Rng(1)), new MLP([4, 2], new Rng(1))]
    expect(loadAgent(saveParameters(one), { numActions: 3 })).toMatchObject({ numActions: 3, units: { mean: 0 } })
    expect(loadAgent(saveParameters(two))).toBeInstanceOf(CategoricalPolicy)
    expect(loadAgent(saveParameters(two, { algorithm: 'dqn' }))).toBeInstanceOf(QPolicy)
    const pair = new CategoricalActorCritic(two, one, 4, 2)
    expect(loadAgent(saveParameters(pair))).toBeInstanceOf(CategoricalActorCritic)
  })

  it('has the number of actions that a caller gives, or that of the file, or 1', () => {
    const values = new ValueFunction(new MLP([4, 1], new Rng(1)), 4, 3, { mean: 5, deviation: 2 })
    expect(loadAgent(saveAgent(values))).toMatchObject({ numActions: 3, units: { mean: 5, deviation: 2 } })
    expect(loadAgent(saveAgent(values), { numActions: 7 })).toMatchObject({ numActions: 7 })
    expect(loadAgent(saveParameters(values.network))).toMatchObject({ numActions: 1 })
    const read = readSafetensors(saveAgent(values))
    expect(loadAgent(read, { activation: 'relu' })).toMatchObject({ numActions: 3 })
  })

  it('is read by the names of its layers where a caller gives them', () => {
    const network = new MLP([4, 6, 2], new Rng(1), { activation: 'tanh' })
    const layerNames = { activation: 'tanh', logits: ['0', '2'] } as const
    const policy = loadAgent(saveParameters(network), { layerNames })
    expect(outputs(policy)).toEqual(outputs(new CategoricalPolicy(network, 4, 2)))
  })

  it('is refused where its notes are no notes', () => {
    const network = new MLP([4, 3, 2], new Rng(1))
    const saved = (notes: unknown, outputs = 'logits') =>
      saveParameters(network, { outputs, agent: JSON.stringify(notes) })
    for (const notes of [
      ...[5, [], { numActions: 0 }, { numActions: 1.5 }, { units: [0, 1] }, { units: { mean: 0 } }],
      ...[{ units: { mean: 0, deviation: null } }, { bounds: [] }, { bounds: { low: [0] } }, { bounds: { high: [0] } }],
      ...[
        { bounds: { low: [0], high: [1, 1] } },
        { bounds: { low: [0, 2], high: [1, 1] } },
        { bins: [] },
        { bins: 'a' },
      ],
      ...[{ bins: [null] }, { activation: 'relu' }],
    ]) {
      expect(() => loadAgent(saved(notes)), JSON.stringify(notes)).toThrow(CheckpointError)
      expect(() => loadAgent(saved(notes))).toThrow(/the metadata "agent" is .*; expected what saveAgent writes/)
    }
    const point = { bounds: { low: [1, 0], high: [1, 0] } }
    expect(loadAgent(saved(point, 'actions'))).toBeInstanceOf(DeterministicPolicy)
    expect(() => loadAgent(saved(point, 'gaussian'))).toThrow('the network has 2 outputs; its bounds expect 4')
    expect(() => loadAgent(saved({ bins: [0, 1, 2] }))).toThrow('2 outputs are no whole number of 3 bins')
    expect(() => loadAgent(saved({}, 'actions'))).toThrow(
      'the outputs are "actions"; expected logits, actionValues or stateValues, or gaussian, clippedGaussian, actions',
    )
    expect(() => loadAgent(saved(point, 'toString'))).toThrow('the outputs are "toString"')
  })

  it('is not an actor without a critic, nor one with a deviation', () => {
    const [actor, critic] = [new MLP([4, 2], new Rng(1)), new MLP([4, 1], new Rng(2))]
    for (const named of [
      collectParameters({ actor }),
      collectParameters({ critic }),
      { ...collectParameters({ actor, critic }), logStd: zeros([2]) },
    ]) {
      expect(() => loadAgent(saveParameters(named))).toThrow(CheckpointError)
    }
  })

  it('is no path', () => {
    expect(() => loadAgent('agent.safetensors' as never)).toThrow(ValueError)
    expect(() => loadAgent('agent.safetensors' as never)).toThrow(
      'loadAgent: "agent.safetensors"; expected readFileSync(path)',
    )
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
    expect(() => saveAgent(tree)).toThrow('a DecisionTree is not one network; save its parameters instead')
  })
})

describe('an ONNX file as an agent', () => {
  const fileOf = (width: number, meaning: OutputMeaning, outputActivation: 'identity' | 'tanh' = 'identity') =>
    toOnnx(denseLayers(new MLP([4, 6, 5, width], new Rng(1), { outputActivation })), meaning)

  it('is what the name of its output says, else a state value if that is one number', () => {
    expect(loadAgent(fileOf(2, 'logits'))).toBeInstanceOf(CategoricalPolicy)
    expect(loadAgent(fileOf(1, 'logits'))).toBeInstanceOf(CategoricalPolicy)
    expect(loadAgent(fileOf(1, 'actionValues'))).toBeInstanceOf(QPolicy)
    expect(loadAgent(fileOf(2, 'probabilities'))).toBeInstanceOf(CategoricalPolicy)
    expect(loadAgent(fileOf(1, 'probabilities'))).toMatchObject({ numActions: 1 })
    expect(loadAgent(fileOf(1, 'probabilities'))).toBeInstanceOf(ValueFunction)
    expect(loadAgent(fileOf(1, 'stateValues'), { numActions: 6 })).toMatchObject({ numActions: 6 })
    expect(() => loadAgent(fileOf(2, 'stateValues'))).toThrow('the network gives 2 outputs a state; expected 1')
  })

  it('has actions after tanh, as many as the space, and no options for state dicts', () => {
    const box = (size: number) => new Box(new Array(size).fill(-1), new Array(size).fill(1))
    const load =
      (size: number, file = fileOf(2, 'logits', 'tanh')) =>
      () =>
        loadAgent(file, { actionSpace: box(size) })
    const policy = load(2)() as DeterministicPolicy
    const { network } = loadAgent(fileOf(2, 'logits', 'tanh')) as CategoricalPolicy
    expect(policy).toBeInstanceOf(DeterministicPolicy)
    expect(policy.actBatch(observations)).toEqual(network.forward(tensor(observations, [10, 4])).toArray())
    expect(load(1)).toThrow('the ONNX network ends in 2 outputs after tanh; expected 1 after tanh for Box')
    expect(load(2, fileOf(2, 'logits'))).toThrow('2 outputs after identity; expected 2 after tanh')
    expect(loadAgent(fileOf(2, 'logits'), { layerNames: undefined as never })).toBeInstanceOf(CategoricalPolicy)
    expect(() => loadAgent(fileOf(2, 'logits'), { layerNames: { logits: ['0'] } })).toThrow(
      'loadAgent: layerNames is for state dicts; an ONNX file has the layers and activations',
    )
  })
})
