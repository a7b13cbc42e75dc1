import { describe, expect, it } from 'vitest'
import { build } from '../../../src/nn/layers/spec.ts'
import { QPolicy } from '../../../src/rl/index.ts'
import { valueNetwork as specOfValues } from '../../../src/rl/value-based/value-network.ts'
import { Rng, tensor } from '../../../src/tensor/index.ts'

const valueNetwork = (inputs: number, actions: number, parts: Parameters<typeof specOfValues>[2], rng: Rng) =>
  build(specOfValues([inputs], actions, parts), rng)

const plain = { hidden: [6, 5], dueling: false, noisy: false }
const observations = tensor([[1, -1]])
const valuesOf = (network: ReturnType<typeof valueNetwork>, rng?: Rng) => [...network.forward(observations, rng).view()]

describe('valueNetwork', () => {
  it('is hidden layers and one head, or two streams', () => {
    const names = (parts: object) => Object.keys(valueNetwork(2, 3, { ...plain, ...parts }, new Rng()).parameters())
    const hidden = ['0.weight', '0.bias', '2.weight', '2.bias']
    expect(names({})).toEqual([...hidden, '4.weight', '4.bias'])
    const streams = ['value.weight', 'value.bias', 'advantage.weight', 'advantage.bias']
    expect(names({ dueling: true })).toEqual([...hidden, ...streams.map((name) => `4.${name}`)])
  })

  it('has as many numbers an action as it should', () => {
    const shape = (parts: object) => valueNetwork(2, 3, { ...plain, ...parts }, new Rng()).forward(observations).shape
    expect(shape({})).toEqual([1, 3])
    expect(shape({ atoms: 4 })).toEqual([1, 12])
    expect(shape({ atoms: 4, dueling: true })).toEqual([1, 3, 4])
  })

  it('is noisy from the second hidden layer on, or in its only layer', () => {
    const noisy = (hidden: number[]) =>
      Object.keys(valueNetwork(2, 3, { ...plain, hidden, noisy: true }, new Rng()).parameters()).filter((name) =>
        name.endsWith('sigma'),
      )
    expect(noisy([6, 5])).toEqual(['2.weight_sigma', '2.bias_sigma', '4.weight_sigma', '4.bias_sigma'])
    expect(noisy([])).toEqual(['0.weight_sigma', '0.bias_sigma'])
  })

  it('draws its noise anew in each training pass, and has none in evaluation', () => {
    const network = valueNetwork(2, 3, { ...plain, noisy: true }, new Rng(1))
    const rng = new Rng(2)
    const [first, second] = [valuesOf(network, rng), valuesOf(network, rng)]
    expect(first).not.toEqual(second)
    expect(valuesOf(network)).toEqual(valuesOf(network))
    const silent = valueNetwork(2, 3, { ...plain, noisy: true }, new Rng(1))
    for (const [name, each] of Object.entries(silent.parameters())) if (name.endsWith('sigma')) each.view().fill(0)
    expect(valuesOf(network)).toEqual(valuesOf(silent, rng))
  })
})

describe('an agent with a noisy network', () => {
  const agent = new QPolicy(valueNetwork(2, 3, { ...plain, noisy: true }, new Rng(1)), 2, 3)
  const observation = Float32Array.of(1, -1)

  it('explores with a source of noise, and acts by the mean weights without', () => {
    const rng = new Rng(3)
    const actions = Array.from({ length: 100 }, () => agent.sample(observation, rng))
    expect(new Set(actions).size).toBeGreaterThan(1)
    const greedy = valuesOf(agent.network as ReturnType<typeof valueNetwork>)
    expect(agent.act(observation)).toBe(greedy.indexOf(Math.max(...greedy)))
  })

  it('in many environments too', () => {
    const rng = new Rng(3)
    const observations = Float32Array.of(1, -1, 1, -1)
    const drawn = Array.from({ length: 50 }, () => agent.sampleBatch(observations, rng))
    expect(drawn.every(([a, b]) => a === b)).toBe(true) // one draw for all
    expect(new Set(drawn.map(([a]) => a)).size).toBeGreaterThan(1)
    expect(agent.actBatch(observations)).toEqual(agent.actBatch(observations))
  })
})
