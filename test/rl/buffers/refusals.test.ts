// What the buffers refuse: numbers that are none, sizes that no memory holds, saved states that are not theirs. A refused state
// leaves the buffer as it was.

import { describe, expect, it } from 'vitest'
import { NStepBuffer } from '../../../src/rl/buffers/n-step.ts'
import { PrioritizedReplayBuffer } from '../../../src/rl/buffers/prioritized.ts'
import { ReplayBuffer } from '../../../src/rl/buffers/replay.ts'
import { RolloutBuffer } from '../../../src/rl/buffers/rollout.ts'
import { SumTree } from '../../../src/rl/buffers/sum-tree.ts'
import { CheckpointError, ShapeError, ValueError } from '../../../src/tensor/errors.ts'

const nan = Number.NaN
const replay = (actionSize?: number) =>
  new ReplayBuffer({ capacity: 3, observationSize: 2, ...(actionSize && { actionSize }) })
const add = (buffer: { add: ReplayBuffer['add'] }, count: number) => {
  for (let i = 0; i < count; i++) buffer.add([i, i], i % 2, i, [i + 1, i + 1], false)
}

describe('a transition', () => {
  it.each<[string, () => unknown, unknown, string]>([
    ['reward', () => replay().add([0, 0], 0, nan, [0, 0], false), ValueError, 'the reward is NaN'],
    ['reward', () => replay().add([0, 0], 0, Infinity, [0, 0], false), ValueError, 'the reward is Infinity'],
    ['observation', () => replay().add([0, nan], 0, 0, [0, 0], false), ValueError, 'the observation is [0, NaN]'],
    ['observation', () => replay().add([0], 0, 0, [0, 0], false), ShapeError, 'the observation has 1 numbers'],
    [
      'next observation',
      () => replay().add([0, 0], 0, 0, [0, -Infinity], false),
      ValueError,
      'the next observation is',
    ],
    ['choice', () => replay().add([0, 0], nan, 0, [0, 0], false), ValueError, 'the action is NaN'],
    ['vector', () => replay(2).add([0, 0], [0, nan], 0, [0, 0], false), ValueError, 'the action is [0, NaN]'],
    ['vector', () => replay(2).add([0, 0], 1, 0, [0, 0], false), ShapeError, 'the action is one number'],
  ])('has finite numbers of its sizes: %s', (_, call, kind, message) => {
    expect(call).toThrow(kind as typeof ValueError)
    expect(call).toThrow(message)
  })

  it('has a vector of one number as that number', () => {
    const buffer = replay(1)
    buffer.add([0, 0], 0.5, 0, [0, 0], false)
    expect([...buffer.gather(Int32Array.of(0)).actions]).toEqual([0.5])
  })
})

it.each<[string, () => unknown, string]>([
  // 4 bytes for each number: 2 observations, an action, reward, end, steps
  ['choices', () => new ReplayBuffer({ capacity: 1e12, observationSize: 4 }), '48,000,000,000,000 bytes'],
  [
    'vectors',
    () => new ReplayBuffer({ capacity: 1e12, observationSize: 4, actionSize: 3 }),
    '56,000,000,000,000 bytes',
  ],
  [
    'a batch',
    () => {
      const buffer = replay()
      add(buffer, 1)
      buffer.requireSample(1e9)
    },
    '32,000,000,000 bytes',
  ],
  // an observation, an action, a mask, and eight more columns
  [
    'a rollout',
    () => new RolloutBuffer({ numSteps: 1e6, numEnvs: 1e6, observationSize: 4 }),
    '52,000,000,000,000 bytes',
  ],
  [
    'a rollout with masks',
    () => new RolloutBuffer({ numSteps: 1e6, numEnvs: 1e6, observationSize: 4, actionSize: 2, maskSize: 5 }),
    '76,000,000,000,000 bytes',
  ],
])('memory that there is not, in bytes: %s', (_, call, message) => {
  expect(call).toThrow(message)
})

it.each([0, -1, 1.5])('an action size of %s', (actionSize) => {
  expect(() => new ReplayBuffer({ capacity: 3, observationSize: 2, actionSize })).toThrow('ReplayBuffer: actionSize')
})

describe('a saved state', () => {
  const counters = (filled: number, next: number) => ({ counters: Int32Array.of(filled, next) })
  it.each<[string, number, object]>([
    ['a place behind the last', 2, counters(2, 1)],
    ['a place before the first', 3, counters(3, -1)],
    ['a place behind the end', 3, counters(3, 3)],
    ['more than there is room for', 4, counters(4, 0)],
    ['less than nothing', 0, counters(-1, -1)],
    ['NaN', 2, { rewards: Float32Array.of(0, nan) }],
    ['infinities', 2, { observations: Float32Array.of(0, 0, 0, Infinity) }],
    ['another length', 2, { rewards: Float32Array.of(0) }],
  ])('of transitions has no %s', (_, rows, changes) => {
    const [buffer, other] = [replay(), new ReplayBuffer({ capacity: Math.max(rows, 1), observationSize: 2 })]
    add(other, rows)
    add(buffer, 1)
    const before = buffer.save()
    expect(() => buffer.restore({ ...other.save(), ...changes })).toThrow(CheckpointError)
    expect(buffer.save()).toEqual(before)
  })

  it('of transitions may be full, at any place', () => {
    const buffer = replay()
    add(buffer, 4)
    const copy = replay()
    copy.restore(buffer.save())
    expect(copy.save()).toEqual(buffer.save())
  })

  it.each([
    ['priorities', Float64Array.of(1, -1)],
    ['priorities', Float64Array.of(1, Infinity)],
    ['priorities', Float64Array.of(1)],
    ['largest', Float64Array.of(nan)],
    ['largest', Float64Array.of(-1)],
  ])('of %s has %s refused', (name, values) => {
    const buffer = new PrioritizedReplayBuffer({ capacity: 3, observationSize: 2 })
    add(buffer, 2)
    expect(() => buffer.restore({ ...buffer.save(), [name]: values })).toThrow(
      'PrioritizedReplayBuffer: expected 2 priorities, finite and from 0 on',
    )
  })

  it('of priorities may have zeros', () => {
    const buffer = new PrioritizedReplayBuffer({ capacity: 3, observationSize: 2 })
    add(buffer, 2)
    buffer.restore({ ...buffer.save(), priorities: Float64Array.of(0, 1) })
    expect(buffer.save().priorities).toEqual(Float64Array.of(0, 1))
  })

  it.each([
    ['first', 2],
    ['first', -1],
    ['waiting', 3],
    ['waiting', -1],
  ])('of waiting steps has places within them: %s = %i', (name, value) => {
    const writer = new NStepBuffer(replay(), { nStep: 2, gamma: 1, observationSize: 2 })
    const saved = writer.save()
    const changed = saved[`nStep.${name}`]!.slice().fill(value)
    expect(() => writer.restore({ ...saved, [`nStep.${name}`]: changed })).toThrow(
      'NStepBuffer: the saved places are not those of 2 steps',
    )
    const last = saved[`nStep.${name}`]!.slice().fill(name === 'first' ? 1 : 2)
    expect(() => writer.restore({ ...saved, [`nStep.${name}`]: last })).not.toThrow()
  })
})

it.each([
  [-1, 1, 'the index is -1; expected 0 to 2'],
  [3, 1, 'the index is 3; expected 0 to 2'],
  [0.5, 1, 'the index is 0.5'],
  [0, Infinity, 'the weight at index 0 is Infinity'],
  [0, -1, 'the weight at index 0 is -1'],
])('a sum tree of three has no place %d with the weight %d', (index, weight, message) => {
  expect(() => new SumTree(3).set(index, weight)).toThrow(message)
})
