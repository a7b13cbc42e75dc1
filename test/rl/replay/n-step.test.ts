import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NStepBuffer } from '../../../src/rl/replay/n-step.ts'
import { ReplayBuffer } from '../../../src/rl/replay/replay.ts'
import { CheckpointError } from '../../../src/tensor/errors.ts'
import { expectNumbers } from '../../support/arrays.ts'
import { forAll } from '../../support/property.ts'

type Stored = [observation: number, action: number, reward: number, next: number, terminated: number, steps: number]

function recorder(nStep: number, gamma: number, numEnvs = 1) {
  const stored: Stored[] = []
  const writer = new NStepBuffer(
    {
      add: (observation, action, reward, next, terminated, steps) =>
        stored.push([observation[0]!, action as number, reward, next[0]!, terminated ? 1 : 0, steps]),
    },
    { nStep, gamma, observationSize: 1, numEnvs },
  )
  return { writer, stored }
}

describe('NStepBuffer', () => {
  it('pairs each observation with the one n steps later, and at an end with the last', () => {
    const { writer, stored } = recorder(3, 0.5)
    for (let t = 0; t < 4; t++) writer.add([t], 100 + t, 8, [t + 1], t === 3, false)
    expect(stored).toEqual([
      [0, 100, 8 + 4 + 2, 3, 0, 3],
      [1, 101, 8 + 4 + 2, 4, 1, 3],
      [2, 102, 8 + 4, 4, 1, 2],
      [3, 103, 8, 4, 1, 1],
    ])
  })

  it('ends sums at a truncation too, and leaves its value to count', () => {
    const { writer, stored } = recorder(2, 1)
    writer.add([0], 0, 1, [1], false, true)
    writer.add([50], 0, 1, [51], false, false)
    expect(stored).toEqual([[0, 0, 1, 1, 0, 1]])
  })

  it('agrees with the n-step returns of the same steps, environment by environment', () => {
    const step = fc.record({ reward: fc.double({ min: -9, max: 9, noNaN: true }), end: fc.integer({ min: 0, max: 6 }) })
    const streams = fc.array(fc.tuple(step, step), { minLength: 1, maxLength: 15 })
    forAll([streams, fc.integer({ min: 1, max: 5 }), fc.double({ min: 0, max: 1, noNaN: true })], (rows, n, gamma) => {
      const { writer, stored } = recorder(n, gamma, 2)
      const flat = rows.flat()
      flat.forEach(({ reward, end }, row) => {
        // Every row ends in the last round, so that none is left waiting.
        const isLast = row >= flat.length - 2
        writer.add([row], 0, reward, [row + 2], end === 0, end === 1 || isLast, row % 2)
      })
      // Sutton and Barto 2018, eq. 7.1: up to n rewards, fewer where an episode or the play ends.
      const sums = flat.map((_, row) => {
        let [sum, count] = [flat[row]!.reward, 1]
        for (let at = row; count < n && flat[at]!.end > 1 && at + 2 < flat.length; at += 2) {
          sum += gamma ** count++ * flat[at + 2]!.reward
        }
        return { sum, count }
      })
      const inOrder = stored.sort((a, b) => a[0] - b[0])
      expectNumbers(
        inOrder.map(([, , reward]) => reward),
        sums.map(({ sum }) => sum),
      )
      expect(inOrder.map(([, , , , , count]) => count)).toEqual(sums.map(({ count }) => count))
      for (const [row, , , next, terminated, count] of inOrder) {
        expect(next).toBe(row + 2 * count)
        expect(terminated).toBe(flat[next - 2]!.end === 0 ? 1 : 0)
      }
    })
  })

  it('goes on from a saved state', () => {
    const first = recorder(3, 0.9)
    const second = recorder(3, 0.9)
    for (let t = 0; t < 5; t++) first.writer.add([t], t, t, [t + 1], false, false)
    second.writer.restore(first.writer.save())
    const before = first.stored.length
    for (const { writer } of [first, second]) writer.add([5], 5, 5, [6], true, false)
    expect(second.stored).toEqual(first.stored.slice(before))
    expect(() => recorder(2, 0.9).writer.restore(first.writer.save())).toThrow(CheckpointError)
    const saved = first.writer.save()
    for (const [name, place] of [
      ['nStep.first', -1],
      ['nStep.first', 3],
      ['nStep.waiting', -1],
      ['nStep.waiting', 4],
    ] as const) {
      expect(() => second.writer.restore({ ...saved, [name]: Int32Array.of(place) })).toThrow(
        'NStepBuffer: the saved places are not those of 3 steps',
      )
    }
    expect(() => second.writer.restore({ ...saved, 'nStep.first': Int32Array.of(2) })).not.toThrow()
    expect(() => second.writer.restore({ ...saved, 'nStep.waiting': Int32Array.of(3) })).not.toThrow()
  })

  it('saves a copy: what is added later leaves it as it was', () => {
    const { writer } = recorder(3, 0.9)
    for (let t = 1; t < 6; t++) writer.add([t], t, t, [t + 1], false, false)
    const saved = writer.save()
    const before = structuredClone(saved)
    for (let t = 6; t < 9; t++) writer.add([t], t, t, [t + 1], t === 7, false)
    expect(saved).toEqual(before)
  })

  it('keeps copies of what it is given, which the caller may write anew', () => {
    const replay = new ReplayBuffer({ capacity: 4, observationSize: 1, actionSize: 1 })
    const writer = new NStepBuffer(replay, { nStep: 2, gamma: 0.5, observationSize: 1, actionSize: 1 })
    const [observation, action, next] = [Float32Array.of(1), Float32Array.of(2), Float32Array.of(3)]
    writer.add(observation, action, 4, next, false, false)
    for (const each of [observation, action, next]) each.fill(-9)
    writer.add([3], [5], 8, next.fill(6), false, false)
    for (const each of [observation, action, next]) each.fill(-9)
    writer.add([6], [7], 16, [8], true, false)
    const { observations, actions, nextObservations } = replay.gather(Int32Array.of(0, 1, 2))
    expect([[...observations], [...actions], [...nextObservations]]).toEqual([
      [1, 3, 6],
      [2, 5, 7],
      [6, 8, 8],
    ])
  })

  it('fills a replay buffer with vectors as well', () => {
    const replay = new ReplayBuffer({ capacity: 4, observationSize: 1, actionSize: 2 })
    const writer = new NStepBuffer(replay, { nStep: 2, gamma: 0.5, observationSize: 1, actionSize: 2 })
    writer.add([1], [2, 3], 4, [5], false, false)
    writer.add([5], [6, 7], 8, [9], false, false)
    writer.add([9], [10, 11], 16, [12], true, false)
    const batch = replay.gather(Int32Array.of(0, 1, 2))
    expect([...batch.actions]).toEqual([2, 3, 6, 7, 10, 11])
    expect([batch.rewards[0], batch.nextObservations[0], batch.steps[0]]).toEqual([8, 9, 2])
  })

  it('takes vectors of environments side by side', () => {
    const buffer = new ReplayBuffer({ capacity: 5, observationSize: 1, actionSize: 2 })
    const writer = new NStepBuffer(buffer, { nStep: 1, gamma: 1, observationSize: 1, actionSize: 2, numEnvs: 4 })
    writer.addSteps(Float32Array.of(1, 2, 0, 3), Float32Array.of(10, 11, 20, 21, 0, 0, 30, 31), {
      rewards: [0.5, 0.25, 0, 0.125],
      finalObservations: Float32Array.of(4, 5, 0, 6),
      terminated: Uint8Array.of(0, 1, 0, 0),
      truncated: Uint8Array.of(0, 0, 0, 1),
      autoresetSteps: Uint8Array.of(0, 0, 1, 0),
    })
    expect(buffer.size).toBe(3)
    const batch = buffer.gather(Int32Array.of(0, 1, 2))
    expect([...batch.observations]).toEqual([1, 2, 3])
    expect([...batch.actions]).toEqual([10, 11, 20, 21, 30, 31])
    expect([...batch.rewards]).toEqual([0.5, 0.25, 0.125])
    expect([...batch.nextObservations]).toEqual([4, 5, 6])
    expect([...batch.terminated]).toEqual([0, 1, 0])
    expect(batch.actions).toBeInstanceOf(Float32Array)
  })
})
