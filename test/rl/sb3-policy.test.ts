import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Teacher } from '../../src/distill/teacher.ts'
import { saveParameters } from '../../src/nn/checkpoint.ts'
import { MLP } from '../../src/nn/mlp.ts'
import { readSafetensors, type SafetensorsFile, type StoredTensor, storedTensor } from '../../src/nn/safetensors.ts'
import type { DiscreteAgent } from '../../src/rl/discrete-policies.ts'
import { evaluatePolicy } from '../../src/rl/evaluate.ts'
import { make } from '../../src/rl/registry.ts'
import { isStableBaselines, type LayerNames } from '../../src/rl/sb3-layers.ts'
import { loadSb3Policy } from '../../src/rl/sb3-policy.ts'
import { CheckpointError, logSoftmax, Rng, tensor, ValueError } from '../../src/tensor/index.ts'

interface Golden {
  readonly env_id: string
  readonly observations: number[][]
  readonly logits?: number[][]
  readonly values?: number[]
  readonly q_values?: number[][]
  readonly greedy_return_100_episodes: { readonly mean: number }
}

const path = (name: string) => new URL(`../golden/teachers/${name}`, import.meta.url)
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
    fc.assert(
      fc.property(sizes, fc.nat(1000), (sizes, seed) => {
        const network = new MLP(sizes, new Rng(seed))
        const layers = sizes.slice(1).map((_, i) => `${2 * i}`)
        const policy = loadSb3Policy(saveParameters(network), { layerNames: { actionValues: layers } })
        const rng = new Rng(seed)
        const x = tensor(
          Float32Array.from({ length: 3 * sizes[0]! }, () => rng.normal()),
          [3, sizes[0]!],
        )
        expect(policy.actionValues!(x).toArray()).toEqual(network.forward(x).toArray())
      }),
      { numRuns: 30 },
    )
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
      '"action_net.weight" is [2, 63]; expected [outputs, 64]',
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
