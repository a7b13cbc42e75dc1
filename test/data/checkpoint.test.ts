// Saving and resuming the parts of a training: what is copied, what is compared, and what is refused before any part changes.

import { describe, expect, it, vi } from 'vitest'
import { type Checkpoint, isSavedTraining, TrainingState } from '../../src/data/checkpoint.ts'
import { Linear, SGD } from '../../src/nn/index.ts'
import { CheckpointError, Rng, ValueError } from '../../src/tensor/index.ts'

/** A training with one part of every kind. */
function training(options: object = { seed: 3, hidden: [4] }) {
  const network = new Linear(2, 1, new Rng(1))
  const buffer = {
    rows: [1, 2],
    save: () => ({ rows: buffer.rows }),
    restore: vi.fn(({ rows }: { rows: number[] }) => {
      buffer.rows = rows
    }),
  }
  const counters: Record<string, unknown> = { steps: 5, mean: Number.NaN, last: null, returns: [1.5] }
  const parts = { network, optimizer: new SGD(network, { learningRate: 0.1 }), buffer, rng: new Rng(2), counters }
  return { ...parts, state: new TrainingState('ppo', options, parts) }
}

/** The checkpoint with other parts. */
const withParts = (saved: Checkpoint, parts: object): Checkpoint => ({
  ...saved,
  parts: { ...saved.parts, ...parts } as Checkpoint['parts'],
})

describe('save', () => {
  it('copies every part by its kind', () => {
    const { state, network, rng } = training()
    const { algorithm, options, parts } = state.save()
    expect({ algorithm, options }).toEqual({ algorithm: 'ppo', options: { seed: 3, hidden: [4] } })
    expect(Object.keys(parts)).toEqual(['network', 'optimizer', 'buffer', 'rng', 'counters'])
    expect(parts.network).toEqual({ weight: network.weight.toArray(), bias: network.bias!.toArray() })
    expect(parts.buffer).toEqual({ rows: [1, 2] })
    expect(parts.rng).toEqual(rng.state)
    expect(parts.counters).toEqual({ steps: 5, mean: Number.NaN, last: null, returns: [1.5] })
  })

  it('gives copies that later steps leave alone', () => {
    const { state, buffer, counters, network } = training()
    const saved = state.save()
    buffer.rows[0] = 9
    counters.steps = 6
    network.weight.view().fill(9)
    expect(saved.parts).toMatchObject({ buffer: { rows: [1, 2] }, counters: { steps: 5 } })
    expect((saved.parts.network as { weight: Float32Array }).weight).not.toContain(9)
  })
})

describe('start', () => {
  it('resets the environments with the seed, or restores instead', () => {
    const [{ state }, reset] = [training(), vi.fn()]
    state.start({ reset }, 7, undefined)
    expect(reset.mock.calls).toEqual([[{ seed: 7 }]])
    state.start({ reset }, 7, state.save())
    expect(reset).toHaveBeenCalledTimes(1)
  })

  it('restores every part', () => {
    const before = training()
    const saved = before.state.save()
    const after = training()
    after.network.weight.view().fill(9)
    after.buffer.rows = []
    after.rng.uniform()
    Object.assign(after.counters, { steps: 0, last: { score: 2 }, returns: [] })
    after.state.start({ reset: () => {} }, 0, saved)
    expect(after.state.save()).toEqual(saved)
    ;(after.counters.returns as number[]).push(2)
    expect(saved.parts.counters).toMatchObject({ returns: [1.5] })
  })
})

describe('restore', () => {
  const refused = (saved: unknown, Kind: typeof CheckpointError | typeof ValueError, message: string) => {
    const { state, buffer } = training()
    const restore = () => state.restore(saved as Checkpoint)
    expect(restore).toThrow(Kind)
    expect(restore).toThrow(message)
    expect(buffer.restore).not.toHaveBeenCalled()
  }

  it.each([null, [], 3, { algorithm: 'ppo' }])('refuses %o, which no save gave', (saved) => {
    const message = `ppo: resume is ${JSON.stringify(saved)}; expected what save() or readCheckpoint gave`
    refused(saved, CheckpointError, message)
  })

  it('refuses another algorithm', () => {
    const saved = { ...training().state.save(), algorithm: 'dqn' }
    refused(saved, ValueError, 'ppo: the saved training is of dqn; resume it with dqn')
  })

  it.each<[options: object, message: string]>([
    [{ seed: 4, hidden: [4] }, 'has seed = 4, this one 3'],
    [{ seed: 3, hidden: [5] }, 'has hidden = [5], this one [4]'],
    [{ seed: '3', hidden: [4] }, 'has seed = "3", this one 3'],
    [{ seed: Infinity, hidden: [4] }, 'has seed = Infinity, this one 3'],
    [{ seed: 3 }, 'has hidden = none, this one [4]'],
    [{ seed: 3, hidden: [4], gamma: 0.9 }, 'has gamma = 0.9, this one none'],
  ])('refuses the options %o', (options, message) => {
    const saved = training(options).state.save()
    refused(saved, ValueError, `ppo: the saved training ${message}; resume with the same options`)
  })

  it('refuses a part that is missing, before any part changes', () => {
    const saved = training().state.save()
    const { rng: _, ...parts } = saved.parts
    const message = 'ppo: the saved training has no "rng"; was it saved by another version?'
    refused({ ...saved, parts }, CheckpointError, message)
  })

  it.each<[counters: object, shown: string]>([
    [{ steps: -1 }, '-1 as "steps"'],
    [{ steps: 1.5 }, '1.5 as "steps"'],
    [{ steps: '5' }, '5 as "steps"'],
    [{ steps: undefined }, 'undefined as "steps"'],
    [{ mean: '1' }, '1 as "mean"'],
    [{ mean: null }, 'null as "mean"'],
    [{ last: 3 }, '3 as "last"'],
    [{ last: [] }, '[] as "last"'],
    [{ returns: ['1'] }, '["1"] as "returns"'],
    [{ returns: { 0: 1 } }, '{"0":1} as "returns"'],
    [{ returns: 1 }, '1 as "returns"'],
  ])('refuses the counters %o, before any part changes', (changed, shown) => {
    const saved = training().state.save()
    const message = `ppo: the saved "counters" has ${shown}; was the file changed by hand?`
    const counters = { ...(saved.parts.counters as object), ...changed }
    refused(withParts(saved, { counters }), CheckpointError, message)
  })

  it('refuses counters that are no record', () => {
    const message = 'ppo: the saved "counters" has undefined as "steps"; was the file changed by hand?'
    refused(withParts(training().state.save(), { counters: null }), CheckpointError, message)
  })

  it.each<[counters: object]>([[{ steps: 0 }], [{ mean: -2.5 }], [{ last: { score: 2 } }], [{ returns: [] }]])(
    'takes the counters %o',
    (changed) => {
      const { state, counters } = training()
      const saved = state.save()
      state.restore(withParts(saved, { counters: { ...(saved.parts.counters as object), ...changed } }))
      expect(counters).toMatchObject(changed)
    },
  )

  it.each<[weight: unknown, has: string]>([
    [Float32Array.of(1), '1 numbers'],
    [Float32Array.of(1, Number.NaN), '2 numbers'],
    [undefined, 'no numbers'],
    [[1, 2], '2 numbers'],
  ])('refuses the parameter %o, and leaves the others', (weight, has) => {
    const { state, network } = training()
    const saved = state.save()
    const before = network.bias!.toArray()
    const broken = withParts(saved, { network: { bias: Float32Array.of(7), weight } })
    expect(() => state.restore(broken)).toThrow(CheckpointError)
    expect(() => state.restore(broken)).toThrow(`the saved "network" has ${has} as "weight"; expected 2, all finite`)
    expect(network.bias!.toArray()).toEqual(before)
  })

  it('turns the error of a part that does not fit into a CheckpointError, and keeps those of the library', () => {
    const saved = training().state.save()
    const message = /^ppo: the saved "buffer" does not fit: .*undefined/
    const { state, buffer } = training()
    expect(() => state.restore(withParts(saved, { buffer: undefined }))).toThrow(CheckpointError)
    expect(() => state.restore(withParts(saved, { buffer: undefined }))).toThrow(message)
    buffer.restore.mockImplementation(() => {
      throw new ValueError('two environments')
    })
    expect(() => state.restore(saved)).toThrow(ValueError)
    expect(() => state.restore(saved)).toThrow(/^two environments$/)
  })
})

it.each<[saved: unknown, is: boolean]>([
  [{ algorithm: 'ppo', options: {}, parts: {} }, true],
  [{ algorithm: 3, options: {}, parts: {} }, false],
  [{ algorithm: 'ppo', options: [], parts: {} }, false],
  [{ algorithm: 'ppo', options: {}, parts: null }, false],
  [undefined, false],
])('isSavedTraining(%o) is %s', (saved, is) => expect(isSavedTraining(saved)).toBe(is))
