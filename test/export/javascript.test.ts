import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { denseLayers } from '../../src/export/dense-layers.ts'
import { greedyOutput } from '../../src/export/forward.ts'
import { agentLayers, toC, toJavaScript, treeToJavaScript } from '../../src/export/index.ts'
import type { JavaScriptOptions } from '../../src/export/javascript.ts'
import { playedStates } from '../../src/export/played-states.ts'
import { DuelingHead, LayerNorm, Linear, MLP, type Module, Sequential } from '../../src/nn/index.ts'
import { Box, evaluatePolicy, GaussianActorCritic, make, ValueFunction } from '../../src/rl/index.ts'
import {
  DeterministicPolicy,
  GaussianPolicy,
  SquashedGaussianPolicy,
} from '../../src/rl/policies/continuous-policies.ts'
import { QTable } from '../../src/tabular/q-table.ts'
import { Rng, relu, ShapeError, tanh, tensor, ValueError, zeros } from '../../src/tensor/index.ts'
import { withBackend } from '../support/with-backend.ts'
import { cartPoleStudent } from './student.ts'

interface Exported {
  forward(observation: ArrayLike<number>): Float32Array
  act(observation: ArrayLike<number>): number
}

const folder = mkdtempSync(join(tmpdir(), 'alambic-export-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0

/** The module as a page or a program would load it: from its file. */
async function load(code: string): Promise<Exported> {
  const path = join(folder, `student-${files++}.js`)
  writeFileSync(path, code)
  return import(/* @vite-ignore */ pathToFileURL(path).href)
}

const exported = (network: Module, options: Partial<JavaScriptOptions> = {}) =>
  toJavaScript(denseLayers(network), { meaning: 'logits', ...options })
const outputs = (network: Module, observation: Float32Array) =>
  withBackend('wasm', () => network.forward(tensor(observation, [1, observation.length])).toArray())

describe('a CartPole student as a JavaScript module', () => {
  const student = cartPoleStudent([64, 64])
  const layers = denseLayers(student.network)
  const states = playedStates(layers, make('CartPole-v1'), 2_000, 1)
  const { code, exact, compared } = toJavaScript(layers, { meaning: 'logits', title: 'A CartPole-v1 student', states })

  it('of 4,610 parameters is below 20 kB and acts as the network does in 2,000 states that it was not tried on', async () => {
    expect({ exact, compared }).toEqual({ exact: false, compared: 2_000 })
    expect(code.length).toBeLessThan(20_000)
    const { act } = await load(code)
    const fresh = playedStates(layers, make('CartPole-v1'), 2_000, 2)
    const differing = Array.from({ length: 2_000 }, (_, i) => fresh.subarray(4 * i, 4 * i + 4)).filter(
      (observation) => act(observation) !== student.act(observation),
    )
    expect(differing).toEqual([])
  })

  it('keeps all bits where rounding would change an action, and says which it does', async () => {
    // Outputs that differ by less than 24 bits of the weights can tell: between them only the float32 decides.
    const near = denseLayers(new MLP([2, 200, 2], new Rng(3)))
    const last = near.at(-1)!
    for (let j = 0; j < 200; j++) last.weight[200 + j] = Math.fround(last.weight[j]! * (1 + 2e-7 * (j % 2)))
    last.bias.fill(0)
    const rng = new Rng(1)
    const tried = Float32Array.from({ length: 2 * 200 }, () => rng.normal())
    const module = toJavaScript(near, { meaning: 'logits', states: tried })
    expect(module).toMatchObject({ exact: true, compared: 200 })
    expect(module.code).toContain('all their bits')
    expect(code).toContain("no action differed from the original's in 2000 states")
    const { act } = await load(module.code)
    for (let i = 0; i < 200; i++) {
      const state = tried.subarray(2 * i, 2 * i + 2)
      expect(act(state)).toBe(greedyOutput(near, state))
    }
  })

  it('plays as well as the network', async () => {
    const module = await load(code)
    const play = (agent: { act(observation: Float32Array): number }) =>
      evaluatePolicy({ act: (observation: Float32Array) => agent.act(observation) }, () => make('CartPole-v1'), {
        episodes: 3,
      })
    expect(play(module).returns).toEqual(play(student).returns)
  })

  it('needs nothing: no import, nothing of Node', () => {
    expect(code).not.toMatch(/\bimport\b|\brequire\b|\bprocess\b|\bBuffer\b/)
  })
})

it('a linear student: is about 1 kB, with its numbers in decimals', async () => {
  const { network } = cartPoleStudent([])
  const { code, exact } = exported(network, { title: 'A CartPole-v1 student' })
  expect(code.length).toBeLessThan(1_200)
  expect(exact).toBe(true)
  const { forward } = await load(code)
  const observation = Float32Array.of(0.01, -0.5, 0.02, 0.3)
  expect(forward(observation)).toEqual(outputs(network, observation))
})

describe('the numbers of a module', () => {
  const [small, large] = [new MLP([15, 16], new Rng(1)), new MLP([256, 1], new Rng(1))] // 16 · 16 and 257 numbers
  const states = new Float32Array(2 * 256)

  it('are decimals up to 256 of them, then base 64', () => {
    expect(exported(small).code).not.toMatch(/atob|bits/)
    expect(exported(large).code).toMatch(
      /^\/\/ A network: 256-1, written by alambic\.\n\/\/ Weights have all their bits\.\n/,
    )
    expect(exported(large).code).toContain('atob')
  })

  it('are rounded where they are many and the module chooses an action', () => {
    expect(exported(large, { states })).toMatchObject({ exact: false, compared: 2 })
    expect(exported(large, { states, meaning: 'stateValues' })).toMatchObject({ exact: true, compared: 0 })
    const bounds = { low: [-1], high: [1], scaled: false }
    expect(exported(large, { states, meaning: 'actions', bounds })).toMatchObject({ exact: true, compared: 0 })
    expect(exported(small, { states: states.subarray(0, 30) })).toMatchObject({ exact: true, compared: 0 })
    expect(exported(large)).toMatchObject({ exact: true, compared: 0 })
  })
})

describe('forward', () => {
  it('gives the bits of the network for one state', async () => {
    const shape = fc.array(fc.integer({ min: 1, max: 21 }), { minLength: 2, maxLength: 4 })
    const activation = fc.constantFrom('relu' as const, 'tanh' as const)
    await fc.assert(
      fc.asyncProperty(shape, activation, fc.boolean(), fc.nat(9999), async (sizes, activation, last, seed) => {
        const rng = new Rng(seed)
        const options = last ? { activation, outputActivation: activation } : { activation }
        const network = new MLP(sizes, rng, options)
        const { forward } = await load(exported(network).code)
        for (const scale of [0.1, 1, 30]) {
          const observation = Float32Array.from({ length: sizes[0]! }, () => rng.normal(0, scale))
          expect(forward(observation)).toEqual(outputs(network, observation))
        }
      }),
      { numRuns: 40 },
    )
  })

  it('refuses observations of another size and numbers that are none', async () => {
    const { forward, act } = await load(exported(new MLP([3, 2], new Rng(0))).code)
    expect(() => forward([1, 2])).toThrow('expected 3 finite numbers')
    expect(() => act([1, 2, Number.NaN])).toThrow(RangeError)
  })

  it('is declared for TypeScript, beside the choice of an action', () => {
    const of = 'Takes 3 finite numbers, throws a RangeError on others, gives 2.'
    expect(exported(new MLP([3, 2], new Rng(0))).types).toBe(`/** Logits, one an action. ${of} */
export declare function forward(observation: ArrayLike<number>): Float32Array

/** The action whose output is largest, from 0 to 1. */
export declare function act(observation: ArrayLike<number>): number
`)
  })
})

describe('continuous actions', () => {
  const bounds = new Box([-2, 0.1], [2, 0.3])
  const network = new MLP([3, 4], new Rng(5))

  it.each([
    ['a squashed Gaussian', new SquashedGaussianPolicy(new MLP([3, 8, 4], new Rng(5)), 3, bounds)],
    ['a Gaussian, clipped', new GaussianPolicy(new MLP([3, 8, 4], new Rng(5)), 3, bounds)],
    ['a deterministic policy', new DeterministicPolicy(new MLP([3, 8, 2], new Rng(5)), 3, bounds)],
    [
      'an actor-critic',
      new GaussianActorCritic(new MLP([3, 2], new Rng(5)), new MLP([3, 1], new Rng(6)), 3, zeros([2]), bounds),
    ],
  ])('of %s have its bits', async (_, agent) => {
    const { layers, ...outputs } = agentLayers(agent)
    const { code, types } = toJavaScript(layers, outputs)
    const { act } = (await load(code)) as unknown as { act: (x: Float32Array, action?: Float32Array) => Float32Array }
    expect(types).toContain('action?: Float32Array')
    const [rng, action] = [new Rng(1), new Float32Array(2)]
    for (let i = 0; i < 100; i++) {
      const observation = Float32Array.from({ length: 3 }, () => rng.normal(0, 2))
      expect(act(observation)).toEqual(agent.act(observation))
      expect(act(observation, action)).toBe(action)
    }
  })

  it('need bounds, and a tanh that nothing precedes', () => {
    const layers = denseLayers(network)
    expect(() => toJavaScript(layers, { meaning: 'actions' })).toThrow('4 actions with no bounds')
    expect(() => toC(layers, { meaning: 'actions', bounds: { ...bounds, scaled: true } })).toThrow(ShapeError)
    const twice = new MLP([3, 2], new Rng(1), { outputActivation: 'tanh' })
    expect(() => agentLayers(new DeterministicPolicy(twice, 3, bounds))).toThrow('cannot follow tanh')
  })
})

it('a table: is exported as the action of each state', async () => {
  const table = new QTable(6, 3, 0)
  table.values.set([0, 1, 0, 5, 5, 1, -1, -2, -0.5])
  const { act } = (await load(treeToJavaScript(table).code)) as unknown as { act: (state: number) => number }
  expect([0, 1, 2, 3, 4, 5].map(act)).toEqual([1, 0, 2, 0, 0, 0])
  for (const state of [-1, 6, 0.5]) expect(() => act(state)).toThrow('from 0 to 5')
})

it('state values: come in their units, and without a choice', async () => {
  const network = new MLP([2, 8, 1], new Rng(4))
  const agent = new ValueFunction(network, 2, 3, { mean: 50, deviation: 20 })
  const { layers, meaning } = agentLayers(agent)
  const { code, types } = toJavaScript(layers, { meaning })
  const module = await load(code)
  expect(module.forward([0.3, -0.2])[0]).toBeCloseTo(agent.stateValues(tensor([0.3, -0.2], [1, 2])).item(), 4)
  expect(module.act).toBeUndefined()
  expect(types).not.toContain('act')
})

describe('what cannot be exported is named', () => {
  const linear = (inputs: number, outputs: number) => new Linear(inputs, outputs, new Rng(0))
  it.each([
    ['another activation', new MLP([2, 3, 2], new Rng(0), { activation: 'gelu' }), 'gelu'],
    ['a function', new Sequential(linear(2, 2), (x) => x), 'a function'],
    ['another layer', new Sequential(linear(2, 2), new LayerNorm(2)), 'layerNorm'],
    [
      'streams of other activations',
      new DuelingHead(new MLP([2, 3, 1], new Rng(0)), linear(2, 2)),
      'the same activations',
    ],
    ['an activation that comes first', new Sequential(relu, linear(2, 2)), 'relu'],
    ['two activations in a row', new Sequential(linear(2, 2), relu, tanh), 'tanh'],
    ['nothing', new Sequential(), 'no linear layer'],
  ])('%s', (_, network, words) => {
    expect(() => denseLayers(network)).toThrow(ValueError)
    expect(() => denseLayers(network)).toThrow(words)
  })

  it('layers that do not follow from one another, numbers that are none, states of another size', () => {
    expect(() => denseLayers(new Sequential(linear(2, 3), linear(4, 1)))).toThrow(ShapeError)
    const network = linear(2, 2)
    expect(() => exported(network, { states: new Float32Array(3) })).toThrow('not whole observations of 2')
    expect(() => playedStates(denseLayers(network), make('CartPole-v1'), 5, 0)).toThrow(ShapeError)
    network.bias!.view()[0] = Number.NaN
    expect(() => denseLayers(network)).toThrow('not finite')
  })
})
