import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Teacher } from '../../../src/distill/teachers/teacher.ts'
import {
  readSafetensors,
  type SafetensorsFile,
  type StoredTensor,
  storedTensor,
} from '../../../src/nn/files/safetensors.ts'
import { MLP, saveParameters } from '../../../src/nn/index.ts'
import { Box, evaluatePolicy, GaussianActorCritic, make } from '../../../src/rl/index.ts'
import { DeterministicPolicy, SquashedGaussianPolicy } from '../../../src/rl/policies/continuous-policies.ts'
import type { DiscreteAgent } from '../../../src/rl/policies/discrete-policies.ts'
import { isStableBaselines, type LayerNames } from '../../../src/rl/policies/sb3-layers.ts'
import { loadSb3Policy, readLayers } from '../../../src/rl/policies/sb3-policy.ts'
import { CheckpointError, logSoftmax, Rng, tensor, ValueError } from '../../../src/tensor/index.ts'
import { forAll } from '../../support/property.ts'

interface Golden {
  readonly env_id: string
  readonly observations: number[][]
  readonly logits?: number[][]
  readonly values?: number[]
  readonly q_values?: number[][]
  readonly greedy_return_100_episodes: { readonly mean: number }
}

const path = (name: string) => new URL(`../../golden/teachers/${name}`, import.meta.url)
const bytes = (name: string) => readFileSync(path(`${name}.safetensors`))
const golden = (name: string): Golden => JSON.parse(readFileSync(path(`${name}.json`), 'utf8'))
const ppo = readSafetensors(bytes('sb3-ppo-cartpole'))
const dqn = readSafetensors(bytes('sb3-dqn-acrobot'))

function farthest(ours: ArrayLike<number>, theirs: readonly number[]): number {
  expect(ours).toHaveLength(theirs.length)
  return Math.max(...theirs.map((value, i) => Math.abs(ours[i]! - value)))
}

// Near 100, where the state values lie, one step of a float32 is 7.6e-6: so those are held to 1e-6 of their size.
describe('a policy of Stable-Baselines3', () => {
  it('PPO: gives the log-probabilities and state values of Stable-Baselines3', () => {
    const { observations, logits, values } = golden('sb3-ppo-cartpole')
    const policy = loadSb3Policy(bytes('sb3-ppo-cartpole'))
    const batch = tensor(observations.flat(), [50, 4])
    expect(farthest(logSoftmax(policy.logits!(batch)).toArray(), logits!.flat())).toBeLessThan(1e-5)
    expect(farthest(policy.stateValues!(batch).toArray(), values!)).toBeLessThan(1e-6 * Math.max(...values!))
    expect(policy).toMatchObject({ observationSize: 4, numActions: 2 })
  })

  it('DQN: gives the action values of Stable-Baselines3, those of the network rather than of its target', () => {
    const { observations, q_values } = golden('sb3-dqn-acrobot')
    const policy = loadSb3Policy(bytes('sb3-dqn-acrobot'))
    const off = farthest(policy.actionValues!(tensor(observations.flat(), [50, 6])).toArray(), q_values!.flat())
    expect(off).toBeLessThan(1e-6 * Math.max(...q_values!.flat().map(Math.abs)))
    expect(policy).toMatchObject({ observationSize: 6, numActions: 3 })
  })

  it.each([
    ['sb3-ppo-cartpole', 0],
    ['sb3-dqn-acrobot', 10],
  ])('%s plays in our environment as it did in Gymnasium', (name, tolerance) => {
    const { env_id, greedy_return_100_episodes } = golden(name)
    const { mean } = evaluatePolicy(loadSb3Policy(bytes(name)), () => make(env_id), { episodes: 20 })
    expect(Math.abs(mean - greedy_return_100_episodes.mean)).toBeLessThanOrEqual(tolerance)
  })

  it('labels states: logits and state values, or action values and their largest', () => {
    const labels = (agent: DiscreteAgent) => new Teacher(agent, 'sb3').label(new Float32Array(agent.observationSize), 1)
    expect(Object.keys(labels(loadSb3Policy(ppo))).sort()).toEqual(['logits', 'stateValues'])
    expect(Object.keys(labels(loadSb3Policy(dqn))).sort()).toEqual(['actionValues', 'stateValues'])
  })

  it('is recognised by its names', () => {
    expect(isStableBaselines(ppo)).toBe(true)
    expect(isStableBaselines(dqn)).toBe(true)
    expect(isStableBaselines(readSafetensors(saveParameters(new MLP([4, 2], new Rng(0)))))).toBe(false)
  })
})

describe('layer names', () => {
  const layerNames: LayerNames = {
    activation: 'tanh',
    logits: ['mlp_extractor.policy_net.0', 'mlp_extractor.policy_net.2', 'action_net'],
  }
  const observation = tensor([0.1, -0.2, 0.03, 0.4], [1, 4])

  it('name the layers of a network, and the activation between them', () => {
    const whole = loadSb3Policy(ppo).logits!(observation).toArray()
    expect(loadSb3Policy(ppo, { layerNames }).logits!(observation).toArray()).toEqual(whole)
    expect(loadSb3Policy(ppo, { layerNames }).stateValues).toBeUndefined()
    expect(loadSb3Policy(ppo, { activation: 'relu' }).logits!(observation).toArray()).not.toEqual(whole)
  })

  it('read any chain of layers back bit for bit', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 5 })
    forAll([sizes, fc.nat(1000)], { numRuns: 30 }, (sizes, seed) => {
      const network = new MLP(sizes, new Rng(seed))
      const layers = sizes.slice(1).map((_, i) => `${2 * i}`)
      const policy = loadSb3Policy(saveParameters(network), { layerNames: { actionValues: layers } })
      const rng = new Rng(seed)
      const x = tensor(
        Float32Array.from({ length: 3 * sizes[0]! }, () => rng.normal()),
        [3, sizes[0]!],
      )
      expect(policy.actionValues!(x).toArray()).toEqual(network.forward(x).toArray())
    })
  })

  it.each([
    ['neither logits nor action values', {}, 'one of logits, actionValues and actions'],
    ['both', { logits: ['action_net'], actionValues: ['action_net'] }, 'one of logits, actionValues and actions'],
    ['an unknown entry', { logit: ['action_net'] }, 'Did you mean "logits"?'],
    ['no names', { logits: 'action_net' }, 'expected names of layers'],
    ['an unknown activation', { ...layerNames, activation: 'tahn' }, 'Did you mean "tanh"?'],
    ['state values beside action values', { actionValues: ['a'], stateValues: ['b'] }, 'go with logits'],
  ])('throw on %s', (_, wrong, words) => {
    const read = () => loadSb3Policy(ppo, { layerNames: wrong as LayerNames })
    expect(read).toThrow(ValueError)
    expect(read).toThrow(words)
  })
})

describe('a file without such a policy', () => {
  const changed = (file: SafetensorsFile, change: (tensors: Map<string, StoredTensor>) => void): SafetensorsFile => {
    const tensors = new Map(file.tensors)
    change(tensors)
    return { metadata: {}, tensors }
  }
  const numbers = (...shape: number[]) => storedTensor(new Float32Array(shape.reduce((a, b) => a * b)), shape)
  const nan = storedTensor(Float32Array.of(Number.NaN, 0), [2])

  it.each([
    ['a missing bias', changed(ppo, (t) => t.delete('action_net.bias')), 'no tensor "action_net.bias"'],
    [
      'a missing first layer',
      changed(ppo, (t) => {
        t.delete('mlp_extractor.policy_net.0.weight')
        t.delete('mlp_extractor.policy_net.0.bias')
      }),
      'no tensor "mlp_extractor.policy_net.0.weight"',
    ],
    ['a missing output', changed(dqn, (t) => t.delete('q_net.q_net.4.weight')), 'no tensor "q_net.q_net.4.weight"'],
    [
      'a layer that does not fit',
      changed(ppo, (t) => t.set('action_net.weight', numbers(2, 63))),
      '"action_net.weight" is [2, 63]; expected [out, 64]',
    ],
    ['a bias that does not fit', changed(ppo, (t) => t.set('action_net.bias', numbers(3))), 'is [3]; expected [2]'],
    ['a weight that is no matrix', changed(ppo, (t) => t.set('action_net.weight', numbers(128))), 'is [128]'],
    [
      'a critic of several values',
      changed(ppo, (t) => t.set('value_net.weight', numbers(2, 64)).set('value_net.bias', numbers(2))),
      '[4] → [2]; expected [4] → [1]',
    ],
    ['a number that is none', changed(ppo, (t) => t.set('action_net.bias', nan)), 'not finite'],
    [
      'convolutions',
      changed(ppo, (t) => t.set('features_extractor.cnn.0.weight', numbers(8, 4))),
      'features_extractor.cnn',
    ],
    ['a Gaussian', changed(ppo, (t) => t.set('log_std', numbers(2))), 'give their Box as actionSpace'],
    ['another library', readSafetensors(saveParameters(new MLP([4, 8, 2], new Rng(0)))), 'what is 0.weight, 0.bias'],
    ['nothing at all', { metadata: {}, tensors: new Map() }, 'no tensor "action_net.weight"'],
  ])('throws on %s', (_, file, words) => {
    expect(() => loadSb3Policy(file)).toThrow(CheckpointError)
    expect(() => loadSb3Policy(file)).toThrow(words)
  })

  it('a file cut short', () => {
    expect(() => loadSb3Policy(bytes('sb3-ppo-cartpole').subarray(0, 5000))).toThrow(CheckpointError)
  })
})

describe('a policy of vectors', () => {
  const space = new Box([-2, -2], [2, 2])
  /** A linear layer of these numbers: weight [outputs, inputs] by rows, bias [outputs]. */
  const layer = (name: string, weight: readonly number[][], bias: readonly number[]): [string, StoredTensor][] => [
    [`${name}.weight`, storedTensor(Float32Array.from(weight.flat()), [weight.length, weight[0]!.length])],
    [`${name}.bias`, storedTensor(Float32Array.from(bias), [bias.length])],
  ]
  const fileOf = (...tensors: [string, StoredTensor][][]) => ({ metadata: {}, tensors: new Map(tensors.flat()) })
  const row = (...numbers: number[]): StoredTensor => storedTensor(Float32Array.from(numbers), [numbers.length])
  const state = Float32Array.of(1, 2)

  const means = layer('action_net', [[1, 0], [0, 0.5]], [0.25, -0.25]) // biome-ignore format: a row an output
  const values = layer('value_net', [[3, 4]], [5])
  const gaussian = fileOf(means, values, [['log_std', row(0, -1)]])
  const deterministic = fileOf(layer('actor.mu.0', [[1, 0], [0, 0]], [0, 0])) // biome-ignore format: a row an output
  const heads = (logStd: number[][]) =>
    fileOf(
      layer('actor.latent_pi.0', [[1, 1]], [0]),
      layer('actor.mu', [[0], [1]], [0.5, 0]),
      layer(
        'actor.log_std',
        logStd,
        logStd.map(() => -1),
      ),
    )

  it('of PPO is a Gaussian in the units of the environment, with a critic', () => {
    const agent = loadSb3Policy(gaussian, { actionSpace: space }) as GaussianActorCritic
    expect(agent).toBeInstanceOf(GaussianActorCritic)
    expect([...agent.act(state)]).toEqual([1.25, 0.75])
    expect([...agent.logStd.view()]).toEqual([0, -1])
    expect(agent.stateValues(tensor(state, [1, 2])).item()).toBe(3 + 8 + 5)
  })

  it('of TD3 is tanh of its outputs, scaled to the bounds', () => {
    const agent = loadSb3Policy(deterministic, { actionSpace: space })
    expect(agent).toBeInstanceOf(DeterministicPolicy)
    expect(agent.act(state)[0]).toBeCloseTo(2 * Math.tanh(1), 6)
    expect(agent.act(state)[1]).toBe(0)
  })

  it('of SAC joins its heads for μ and ln σ', () => {
    const agent = loadSb3Policy(heads([[0], [0.25]]), { actionSpace: space }) as SquashedGaussianPolicy
    expect(agent).toBeInstanceOf(SquashedGaussianPolicy)
    expect(agent.act(state)[0]).toBeCloseTo(2 * Math.tanh(0.5), 6) // latent 1 + 2 = 3
    expect(agent.act(state)[1]).toBeCloseTo(2 * Math.tanh(3), 6)
    expect([...agent.actor.forward(tensor(state, [1, 2])).view()]).toEqual([0.5, 3, -1, -0.25])
  })

  it.each<[what: string, file: SafetensorsFile, message: string]>([
    ['heads of two shapes', heads([[0]]), 'weights of mu and log_std: [2, 1], [1, 1]'],
    ['a log_std of another length', fileOf(means, values, [['log_std', row(0)]]), 'log_std is [1]; expected [2]'],
    [
      'another number of actions',
      fileOf(layer('actor.mu.0', [[1, 0]], [0])),
      'the policy has 1 outputs; Box([-2, -2] … [2, 2]) needs 2',
    ],
    ['choices', fileOf(means, values), 'the policy chooses among actions; expected one of vectors, in Box'],
    [
      'a critic of other observations',
      fileOf(means, layer('value_net', [[1, 1, 1]], [0]), [['log_std', row(0, 0)]]),
      'critic: [3] → [1]; expected [2] → [1]',
    ],
  ])('throws on %s', (_, file, message) => {
    expect(() => loadSb3Policy(file, { actionSpace: space })).toThrow(CheckpointError)
    expect(() => loadSb3Policy(file, { actionSpace: space })).toThrow(message)
  })

  it('needs the bounds of its actions', () => {
    for (const file of [gaussian, deterministic, heads([[0], [0]])]) {
      expect(() => loadSb3Policy(file)).toThrow(/actions are vectors, without bounds; give their Box as actionSpace$/)
    }
  })

  it.each<[what: string, weight: StoredTensor, bias: StoredTensor, message: string]>([
    ['three axes', storedTensor(new Float32Array(2), [1, 2, 1]), row(0), '"0.weight" is [1, 2, 1]; expected [out, 2]'],
    ['no axis', storedTensor(new Float32Array(1), []), row(0), '"0.weight" is []; expected [out, in]'],
    ['no inputs', storedTensor(new Float32Array(0), [1, 0]), row(0), '"0.weight" is [1, 0]; expected [out, 0]'],
    ['no outputs', storedTensor(new Float32Array(0), [0, 2]), row(), '"0.weight" is [0, 2]; expected [out, 2]'],
    [
      'a bias of two axes',
      storedTensor(new Float32Array(2), [1, 2]),
      storedTensor(new Float32Array(1), [1, 1]),
      '"0.bias" is [1, 1]; expected [1]',
    ],
  ])('has layers whose weights are matrices, not those of %s', (_, weight, bias, message) => {
    const file = fileOf([['0.weight', weight], ['0.bias', bias]]) // biome-ignore format: a row a tensor
    expect(() => readLayers(file, ['0'], 'relu')).toThrow(CheckpointError)
    expect(() => readLayers(file, ['0'], 'relu')).toThrow(message)
  })

  it('has at most 1,000 layers', () => {
    const file = fileOf(layer('0', [[1]], [0]))
    const many = new Array<string>(1001).fill('0')
    expect(() => readLayers(file, many, 'relu')).toThrow('the network has 1001 layers; expected at most 1000')
    expect(readLayers(file, many.slice(1), 'relu').sizes).toHaveLength(1001)
  })

  it('names the nearest tensor where one is missing, if one is near', () => {
    expect(() => readLayers(gaussian, ['action_nte'], 'relu')).toThrow(
      'there is no tensor "action_nte.weight"; it has "action_net.weight"',
    )
    expect(() => readLayers(gaussian, ['q_net.0'], 'relu')).toThrow(/^there is no tensor "q_net\.0\.weight"$/)
  })
})
