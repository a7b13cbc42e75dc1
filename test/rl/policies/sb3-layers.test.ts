// Which layers make up a policy of Stable-Baselines3, by the names of its tensors and what the zip of a model notes.

import { describe, expect, it } from 'vitest'
import { type StoredTensor, storedTensor } from '../../../src/nn/files/safetensors.ts'
import {
  activationNoted,
  checkedNames,
  isStableBaselines,
  type LayerNames,
  recognised,
} from '../../../src/rl/policies/sb3-layers.ts'
import { CheckpointError, ValueError } from '../../../src/tensor/errors.ts'

const one = storedTensor(Float32Array.of(1), [1])

/** A file with weights and biases of these layers, and these tensors. */
function fileOf(layers: readonly string[], others: readonly string[] = []) {
  const names = [...layers.flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]), ...others]
  return { metadata: {}, tensors: new Map<string, StoredTensor>(names.map((name) => [name, one])) }
}

const policy = ['mlp_extractor.policy_net.0', 'mlp_extractor.policy_net.2', 'action_net']
const critic = ['mlp_extractor.value_net.0', 'mlp_extractor.value_net.2', 'value_net']

describe('recognised', () => {
  it.each<[name: string, file: ReturnType<typeof fileOf>, layout: object]>([
    ['PPO with choices', fileOf([...policy, ...critic]), { activation: 'tanh', logits: policy, stateValues: critic }],
    [
      'PPO with vectors',
      fileOf([...policy, ...critic], ['log_std']),
      { activation: 'tanh', mean: policy, stateValues: critic },
    ],
    [
      'DQN and its target',
      fileOf(['q_net.q_net.0', 'q_net.q_net.2', 'q_net_target.q_net.0']),
      { actionValues: ['q_net.q_net.0', 'q_net.q_net.2'] },
    ],
    [
      'SAC and its critics',
      fileOf(['actor.latent_pi.0', 'actor.mu', 'actor.log_std', 'critic.qf0.0', 'critic_target.qf0.0']),
      { squashed: ['actor.latent_pi.0'] },
    ],
    [
      'TD3 and its targets',
      fileOf(['actor.mu.0', 'actor.mu.2', 'actor_target.mu.0', 'critic.qf0.0']),
      { actions: ['actor.mu.0', 'actor.mu.2'] },
    ],
    [
      'DQN with ten layers, in any order',
      fileOf(Array.from({ length: 10 }, (_, i) => `q_net.q_net.${18 - 2 * i}`)),
      {
        actionValues: Array.from({ length: 10 }, (_, i) => `q_net.q_net.${2 * i}`),
      },
    ],
  ])('finds the layers of %s', (_, file, layout) => expect(recognised(file)).toEqual(layout))

  it('names one layer that is missing after a gap, and no more', () => {
    const gap = fileOf(['q_net.q_net.0', 'q_net.q_net.1000000'])
    expect(() => recognised(gap)).toThrow(/what is q_net\.q_net\.1000000\.weight, q_net\.q_net\.1000000\.bias\?/)
  })

  it.each<[file: ReturnType<typeof fileOf>, foreign: string]>([
    [fileOf([...policy, ...critic, 'features_extractor.0']), 'features_extractor.0.weight, features_extractor.0.bias'],
    [fileOf(['q_net.q_net.0'], ['log_std']), 'log_std'],
    [fileOf(['actor.latent_pi.0', 'actor.mu', 'actor.log_std', 'actor.other']), 'actor.other.weight, actor.other.bias'],
    [fileOf(['actor.mu.0', 'actor.log_std']), 'actor.log_std.weight, actor.log_std.bias'],
    [fileOf(['q_net.q_net.relu']), 'q_net.q_net.relu.weight, q_net.q_net.relu.bias'],
  ])('refuses what it does not know: %#', (file, foreign) => {
    expect(() => recognised(file)).toThrow(CheckpointError)
    expect(() => recognised(file)).toThrow(
      `with MlpPolicy: what is ${foreign}? Give the names of its layers as layerNames`,
    )
  })
})

it('isStableBaselines knows its names at their start alone', () => {
  for (const layer of [...policy, 'q_net.q_net.0', 'actor.latent_pi.0', 'actor.mu.0']) {
    expect(isStableBaselines(fileOf(['0', layer]))).toBe(true)
  }
  for (const layer of ['0', 'my.action_net', 'actor.0', 'action_network']) {
    expect(isStableBaselines(fileOf([layer]))).toBe(false)
  }
})

describe('activationNoted', () => {
  const noted = (data: unknown) =>
    activationNoted({ tensors: new Map(), metadata: { 'stable-baselines3': JSON.stringify(data) } })
  const using = (activation: string) => ({ policy_kwargs: { activation_fn: activation } })
  const acting = (kind: string) => ({ action_space: { ':type:': `<class 'gymnasium.spaces.${kind}'>` } })

  it('is that of the model’s zip, if it notes one', () => {
    expect(noted(using("<class 'torch.nn.modules.activation.ReLU'>"))).toBe('relu')
    expect(noted(using("<class 'torch.nn.modules.activation.Tanh'>"))).toBe('tanh')
    expect(noted({ policy_kwargs: {} })).toBeUndefined()
    expect(noted({ policy_kwargs: 'none' })).toBeUndefined()
    expect(activationNoted({ tensors: new Map(), metadata: {} })).toBeUndefined()
    for (const data of [null, 3, []]) expect(noted(data)).toBeUndefined()
  })

  it('goes with choices and vectors', () => {
    expect(noted({ ...acting('discrete.Discrete'), ...using("<class 'torch.ReLU'>") })).toBe('relu')
    expect(noted({ ...acting('box.Box') })).toBeUndefined()
    expect(noted({ action_space: 'unknown' })).toBeUndefined()
    expect(() => noted(acting('multi_discrete.MultiDiscrete'))).toThrow(CheckpointError)
    expect(() => noted(acting('multi_discrete.MultiDiscrete'))).toThrow(
      'the actions of the model are MultiDiscrete; expected Discrete or Box',
    )
  })

  it('is refused if it is unknown', () => {
    expect(() => noted(using("<class 'torch.nn.Mish'>"))).toThrow(CheckpointError)
    expect(() => noted(using("<class 'torch.nn.Mish'>"))).toThrow(
      /^unknown activation <class 'torch\.nn\.Mish'>; known are .*relu/,
    )
  })
})

describe('checkedNames', () => {
  it.each<[names: LayerNames]>([
    [{ logits: ['0'] }],
    [{ logits: ['0', '2'], stateValues: ['4'], activation: 'tanh' }],
    [{ actionValues: ['0'] }],
    [{ actions: ['0'] }],
  ])('gives %o back', (names) => expect(checkedNames(names)).toBe(names))

  it.each<[names: unknown, message: string]>([
    [null, 'layerNames: it is null; expected { logits }, { actionValues } or { actions }'],
    [['0'], 'layerNames: it is ["0"]; expected { logits }, { actionValues } or { actions }'],
    [{ logits: [] }, 'layerNames: logits is []; expected names of layers, such as ["0", "2"]'],
    [{ logits: [0] }, 'layerNames: logits is [0]; expected names of layers, such as ["0", "2"]'],
    [{ logits: '0' }, 'layerNames: logits is 0; expected names of layers, such as ["0", "2"]'],
    [{ actions: ['0'], stateValues: [] }, 'layerNames: stateValues is []; expected names'],
    [{ logit: ['0'] }, 'layerNames: unknown entry "logit"'],
    [{ stateValues: ['0'] }, 'layerNames: expected one of logits, actionValues and actions, which a teacher acts by'],
    [{ logits: ['0'], actions: ['0'] }, 'layerNames: expected one of logits, actionValues and actions'],
    [{ actionValues: ['0'], stateValues: ['2'] }, 'layerNames: stateValues go with logits'],
  ])('refuses %o', (names, message) => {
    expect(() => checkedNames(names as LayerNames)).toThrow(ValueError)
    expect(() => checkedNames(names as LayerNames)).toThrow(message)
  })
})
