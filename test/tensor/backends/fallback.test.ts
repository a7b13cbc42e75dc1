// Where the kernels cannot be compiled, or linear memory could not be freed, the reference backend computes the same, and one
// warning gives the reason. Each case imports the library anew, with other globals.

import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'

const { CompileError } = WebAssembly
const refusing = {
  ...{ Memory: WebAssembly.Memory, Instance: WebAssembly.Instance, validate: WebAssembly.validate },
  Module: class {
    constructor() {
      throw new CompileError('Wasm code generation disallowed by embedder')
    }
  },
}

const places = [
  ['without WebAssembly, as on some edge runtimes', { WebAssembly: undefined }, 'has no WebAssembly'],
  ['under a content security policy', { WebAssembly: refusing }, "disallowed by embedder.*'wasm-unsafe-eval'"],
  ['without SIMD', { WebAssembly: { ...refusing, validate: () => false } }, 'no SIMD'],
  ['without FinalizationRegistry', { FinalizationRegistry: undefined }, 'no FinalizationRegistry'],
] as const

const warn = vi.spyOn(console, 'warn')

beforeEach(() => {
  vi.resetModules()
  warn.mockReset()
})
afterEach(() => vi.unstubAllGlobals())

/** The library as a program under these globals gets it. */
async function library(globals: Readonly<Record<string, unknown>>) {
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value)
  const tensor = await import('../../../src/tensor/index.ts')
  const nn = await import('../../../src/nn/index.ts')
  const rl = await import('../../../src/rl/index.ts')
  const { parameterList } = await import('../../../src/nn/module.ts')
  return { ...tensor, ...nn, ...rl, parameterList }
}

/** A short training of a network and of an agent, in all their bits. */
function train({ Adam, dqn, finish, make, MLP, mseLoss, normal, parameterList, Rng, scope, polyakUpdate }: Library) {
  const rng = new Rng(1)
  const [network, target] = [new MLP([4, 16, 16, 2], rng, { activation: 'gelu' }), new MLP([4, 16, 16, 2], rng)]
  const optimizer = new Adam(network, { amsgrad: true })
  const x = normal(rng, [16, 4])
  const losses = Array.from({ length: 10 }, () => {
    const loss = optimizer.minimize(() => mseLoss(network.forward(x), target.forward(x)), { maxGradNorm: 0.5 })
    polyakUpdate(target, network, 0.1)
    return loss
  })
  const large = scope(() => normal(rng, [600, 700])) // more than the first pages of memory
  const agent = finish(
    dqn(make('CartPole-v1'), {
      ...{ totalTimesteps: 120, learningStarts: 100, trainInterval: 1, batchSize: 16, hidden: [8], seed: 3 },
    }),
  )
  const numbers = [network, target, agent].flatMap((each) => parameterList(each).map((tensor) => [...tensor.view()]))
  return { losses, numbers, last: large.view().at(-1) }
}

type Library = Awaited<ReturnType<typeof library>>

let expected: ReturnType<typeof train>
beforeAll(async () => {
  const elsewhere = await library({})
  elsewhere.setBackend('reference')
  expected = train(elsewhere)
})

describe.each(places)('%s', (_, globals, reason) => {
  it('the reference backend computes what it computes elsewhere, with one warning', async () => {
    const fallback = await library(globals)
    expect(warn).not.toHaveBeenCalled() // an import computes nothing
    expect(fallback.getBackend()).toBe('reference')
    const got = train(fallback)
    expect(warn).toHaveBeenCalledOnce()
    expect(warn.mock.calls[0]![0]).toMatch(
      new RegExp(`alambic: .*${reason}.*Using the reference backend, which is slower`),
    )
    expect(got).toEqual(expected)
  })

  it('wasm cannot be chosen, and choosing the reference backend gives no warning', async () => {
    const { DeviceError, setBackend, sum, tensor } = await library(globals)
    expect(() => setBackend('wasm')).toThrow(DeviceError)
    expect(() => setBackend('wasm')).toThrow(new RegExp(`setBackend: .*${reason}.*; use "reference"`))
    setBackend('reference')
    expect(sum(tensor([1, 2])).item()).toBe(3)
    expect(warn).not.toHaveBeenCalled()
  })
})

it('with WebAssembly there is no warning', async () => {
  const { getBackend, sum, tensor } = await library({})
  expect(sum(tensor([1, 2])).item()).toBe(3)
  expect(getBackend()).toBe('wasm')
  expect(warn).not.toHaveBeenCalled()
})
