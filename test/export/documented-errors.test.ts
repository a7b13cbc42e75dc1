// Wrong calls of public functions: a documented error each, with what was given and what was expected.

import { describe, expect, it } from 'vitest'
import { MultiDiscrete } from '../../src/data/spaces.ts'
import { ensembleOf } from '../../src/distill/teachers/teacher-sources.ts'
import type { DenseLayer } from '../../src/export/dense-layers.ts'
import { agentLayers, toC, toJavaScript, toOnnx, toSafetensors } from '../../src/export/index.ts'
import { fit as fitModel, MLP } from '../../src/nn/index.ts'
import { loadSb3Policy, make, makeVec, ppo, ReplayBuffer, readCheckpoint, readOptions } from '../../src/rl/index.ts'
import { FactoredActorCritic } from '../../src/rl/policies/actor-critic.ts'
import { CategoricalPolicy, DiscreteAgent, QPolicy } from '../../src/rl/policies/discrete-policies.ts'
import { PrioritizedReplayBuffer } from '../../src/rl/replay/prioritized.ts'
import { AlambicError, Rng, reshape, tensor, ValueError, zeros } from '../../src/tensor/index.ts'

const none = undefined as never
const rng = new Rng(1)
const valuesOf = (seed: number) => new QPolicy(new MLP([2, 2], new Rng(seed)), 2, 2)
const layer: DenseLayer = {
  ...{ inputs: 2, outputs: 1, activation: 'identity' },
  ...{ weight: Float32Array.of(1, 2), bias: Float32Array.of(0) },
}

it.each<[string, () => unknown, string]>([
  ['make(undefined)', () => make(none), 'unknown environment "undefined"'],
  ['make with options null', () => make('CartPole-v1', null as never), 'null'],
  ['fit({})', () => fitModel({} as never, none, none, none), 'fit: expected fit(model, x, y'],
  [
    'fit without tensors',
    () => fitModel(new MLP([1, 1], new Rng()), none, none, { loss: () => zeros([]), optimizer: { minimize: () => 0 } }),
    'x is undefined',
  ],
  ['toJavaScript([])', () => toJavaScript([], { meaning: 'logits' }), 'no linear layer'],
  ['toJavaScript without a meaning', () => toJavaScript([layer], none), 'known are logits'],
  ['toOnnx([])', () => toOnnx([], 'logits'), 'no linear layer'],
  ['toOnnx(undefined)', () => toOnnx(none, 'logits'), 'toOnnx: no linear layers to export; expected those of an agent'],
  ['toOnnx of no layer', () => toOnnx([none], 'logits'), 'layer 1 takes undefined and gives undefined numbers'],
  ['toOnnx of a misspelt meaning', () => toOnnx([layer], 'logit' as never), 'Did you mean "logits"?'],
  [
    'actions with a bound too many',
    () => toOnnx([layer], 'actions', { low: [0, 0], high: [1], scaled: true }),
    '1 actions with 2 bounds; expected the bounds that agentLayers gives',
  ],
  [
    'actions with an upper bound too many',
    () => toOnnx([layer], 'actions', { low: [0], high: [1, 1], scaled: true }),
    '1 actions with 1 bounds',
  ],
  ['agentLayers of a number', () => agentLayers(5 as never), '5 is not an agent with one plain network'],
  ['toOnnx without a meaning', () => toOnnx([layer], none), 'known are logits'],
  ['toC([])', () => toC([], { meaning: 'logits' }), 'no linear layer'],
  ['toC without a meaning', () => toC([layer]), 'known are logits'],
  ['toC with a name that is none', () => toC([layer], { meaning: 'logits', name: '2 b' }), 'the name is "2 b"'],
  [
    'toC without states',
    () => toC([layer], { meaning: 'logits', calibration: new Float32Array(3) }),
    'whole observations',
  ],
  [
    'an ensemble of other layers',
    () => agentLayers(ensembleOf([valuesOf(1), new QPolicy(new MLP([2, 3, 2], new Rng(1)), 2, 2)])),
    'networks of [identity] and [relu, identity] in one; expected the same activations',
  ],
  [
    'an ensemble of policies that end in tanh',
    () => {
      const network = new MLP([2, 2], rng, { outputActivation: 'tanh' })
      return agentLayers({ members: [new CategoricalPolicy(network, 2, 2)] })
    },
    'export: a softmax cannot follow tanh',
  ],
  [
    'an ensemble of a rule',
    () => agentLayers(ensembleOf([new DiscreteAgent(2, 2, { actionValues: (x) => x }), valuesOf(1)])),
    'a DiscreteAgent is not an agent with one plain network; distil it into one first',
  ],
  [
    'agentLayers of several choices a step',
    () =>
      agentLayers(new FactoredActorCritic(new MLP([2, 5], rng), new MLP([2, 1], rng), 2, new MultiDiscrete([2, 3]))),
    'export: the agent acts in MultiDiscrete([2, 3]); expected the logits of one choice (Discrete)',
  ],
  [
    'an ensemble of a policy and action values',
    () => agentLayers({ members: [new CategoricalPolicy(new MLP([2, 2], new Rng(1)), 2, 2), valuesOf(1)] }),
    'an ensemble of logits and actionValues; expected members of one kind',
  ],
  ['toSafetensors([])', () => toSafetensors([]), 'no linear layer'],
  ['readCheckpoint(null)', () => readCheckpoint(null as never), 'the file is null'],
  [
    'layer names null',
    () => loadSb3Policy(toSafetensors([layer]), { layerNames: null as never }),
    'layerNames: it is null',
  ],
  ['options null', () => readOptions('ppo', {}, null as never), 'the options are null'],
  ['ppo with options null', () => ppo(makeVec('CartPole-v1', 1), null as never).next(), 'null'],
  ['MLP without sizes', () => new MLP(none, new Rng()), 'expected at least [inputs, outputs]'],
])('%s', (_, call, words) => {
  expect(call).toThrow(AlambicError)
  expect(call).toThrow(words)
})

describe('layers whose numbers do not fill their sizes', () => {
  const wrong: readonly Partial<DenseLayer>[] = [
    { inputs: 3 },
    { outputs: 2 },
    { weight: Float32Array.of(1) },
    { bias: Float32Array.of(0, 0) },
    { weight: Float32Array.of(1, Number.NaN) },
  ]
  it.each(wrong)('%o are exported in no format', (change) => {
    const layers = [{ ...layer, ...change }]
    for (const call of [
      () => toOnnx(layers, 'logits'),
      () => toSafetensors(layers),
      () => toJavaScript(layers, { meaning: 'logits' }),
      () => toC(layers, { meaning: 'logits' }),
    ]) {
      expect(call).toThrow(AlambicError)
      expect(call).toThrow('layer 1')
    }
  })

  it('nor are layers that do not follow each other', () => {
    expect(() => toOnnx([layer, layer], 'logits')).toThrow('layer 2 takes 2 and gives 1 numbers')
  })
})

describe('a memory takes no NaN', () => {
  const buffers = () => {
    const sizes = { capacity: 4, observationSize: 2 }
    const replay = new ReplayBuffer(sizes)
    return [replay, new PrioritizedReplayBuffer(sizes as never)]
  }
  it.each([
    ['observation', [[0, Number.NaN], 0, 0, [0, 0]]],
    ['next observation', [[0, 0], 0, 0, [Infinity, 0]]],
    ['reward', [[0, 0], 0, Number.NaN, [0, 0]]],
    ['action', [[0, 0], Number.NaN, 0, [0, 0]]],
  ] as const)('as %s', (what, [observation, action, reward, next]) => {
    for (const buffer of buffers().slice(0, 2)) {
      const add = () => (buffer as ReplayBuffer).add(observation, action, reward, next, false)
      expect(add).toThrow(ValueError)
      expect(add).toThrow(`the ${what} is`)
      expect((buffer as ReplayBuffer).size).toBe(0)
    }
  })
})

it("a tensor's shape cannot be changed", () => {
  const sizes = [2, 3]
  const x = zeros(sizes)
  sizes[0] = 7
  expect(x.shape).toEqual([2, 3])
  for (const each of [x, reshape(x, [6]), tensor([[1, 2]])]) {
    expect(() => (each.shape as number[]).push(1)).toThrow(TypeError)
    expect(() => ((each.shape as number[])[0] = 9)).toThrow(TypeError)
  }
})
