// Parameters that end with a scope: memory comes back within one turn of the event loop, and what is used afterwards says so.

import { describe, expect, it } from 'vitest'
import { Adam, copyParameters, MLP, mseLoss, saveParameters } from '../../src/nn/index.ts'
import { Rng, ScopeError, scope, tensor } from '../../src/tensor/index.ts'
import { memory } from '../../src/tensor/memory.ts'

const rng = new Rng(1)
const made = () => {
  const network = new MLP([4, 64, 2], rng)
  return { network, optimizer: new Adam(network) }
}
const x = tensor([[1, 2, 3, 4]])
const y = tensor([[0, 1]])
const learn = ({ network, optimizer }: ReturnType<typeof made>) =>
  optimizer.minimize(() => mseLoss(network.forward(x), y))

describe('scope with parameters', () => {
  it('3,000 networks with optimizers, in one turn, take the memory of one', () => {
    const round = () => scope(() => learn(made()), { parameters: true })
    round()
    const before = memory.bytes
    for (let i = 0; i < 3000; i++) expect(round()).toBeGreaterThan(0)
    expect(memory.bytes).toBe(before)
  })

  it('keeps the parameters of a module in the result, with the same numbers', () => {
    let file: Uint8Array = new Uint8Array()
    const network = scope(
      () => {
        const both = made()
        learn(both)
        file = saveParameters(both.network)
        return both.network
      },
      { parameters: true },
    )
    scope(made, { parameters: true }) // writes over what was released
    expect(saveParameters(network)).toEqual(file)
    expect(learn({ network, optimizer: new Adam(network) })).toBeGreaterThan(0)
  })

  it('what ended throws at each use', () => {
    let ended!: ReturnType<typeof made>
    scope(
      () => {
        ended = made()
        learn(ended)
      },
      { parameters: true },
    )
    const { network, optimizer } = ended
    expect(() => network.forward(x)).toThrow(ScopeError)
    expect(() => saveParameters(network)).toThrow(ScopeError)
    expect(() => optimizer.step()).not.toThrow() // there are no gradients
    expect(() => optimizer.saveState()).toThrow(ScopeError)
    expect(() => new Adam(network)).toThrow(ScopeError)
    const other = new MLP([4, 64, 2], rng)
    expect(() => copyParameters(network, other)).toThrow(ScopeError)
    expect(() => copyParameters(other, network)).toThrow(ScopeError)
  })

  it('an optimizer ends, and the network from outside that it moved goes on learning', () => {
    const network = new MLP([4, 8, 2], rng)
    scope(() => learn({ network, optimizer: new Adam(network) }), { parameters: true })
    const intruder = scope(made, { parameters: false })
    const before = saveParameters(intruder.network)
    scope(() => new Adam(network), { parameters: true })
    new Adam(network)
    mseLoss(network.forward(x), y).backward()
    expect(learn({ network, optimizer: new Adam(network) })).toBeGreaterThan(0)
    expect(saveParameters(intruder.network)).toEqual(before)
  })

  it('without it, parameters outlive the scope as before', () => {
    const kept = scope(() => {
      const both = made()
      return () => both
    })
    expect(learn(kept())).toBeGreaterThan(0)
  })
})
