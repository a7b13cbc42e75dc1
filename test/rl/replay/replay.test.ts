import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReplayBuffer } from '../../../src/rl/replay/replay.ts'
import { CheckpointError, Rng, ShapeError, StateError, ValueError } from '../../../src/tensor/index.ts'
import { forAll } from '../../support/property.ts'

// Transition k goes from [k, -k] by action k to [k + 1, -k - 1], so that mixed-up rows show.
function fill(buffer: ReplayBuffer, from: number, to: number): void {
  for (let k = from; k < to; k++) buffer.add([k, -k], k, 10 * k, [k + 1, -k - 1], k % 5 === 0)
}

describe('ReplayBuffer', () => {
  it('gives back what was put in, row by row', () => {
    const buffer = new ReplayBuffer({ capacity: 10, observationSize: 2 })
    fill(buffer, 0, 7)
    const batch = buffer.gather(Int32Array.of(5, 2))
    expect(buffer.size).toBe(7)
    expect([...batch.observations]).toEqual([5, -5, 2, -2])
    expect([...batch.nextObservations]).toEqual([6, -6, 3, -3])
    expect([...batch.actions]).toEqual([5, 2])
    expect([...batch.rewards]).toEqual([50, 20])
    expect([...batch.terminated]).toEqual([1, 0])
    expect([...batch.steps]).toEqual([1, 1])
    expect(batch.actions).toBeInstanceOf(Int32Array)
  })

  it('holds the newest transitions, whatever was put in', () => {
    forAll([fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 50 }), fc.nat()], (capacity, count, seed) => {
      const buffer = new ReplayBuffer({ capacity, observationSize: 2 })
      fill(buffer, 0, count)
      expect(buffer.size).toBe(Math.min(capacity, count))
      const { observations, nextObservations, actions, rewards, terminated } = buffer.sample(64, new Rng(seed))
      for (let i = 0; i < 64; i++) {
        const k = actions[i]!
        expect(k).toBeGreaterThanOrEqual(Math.max(0, count - capacity))
        expect(k).toBeLessThan(count)
        expect([observations[2 * i], observations[2 * i + 1]]).toEqual([k, k === 0 ? -0 : -k])
        expect([nextObservations[2 * i], nextObservations[2 * i + 1]]).toEqual([k + 1, -k - 1])
        expect(rewards[i]).toBe(10 * k)
        expect(terminated[i]).toBe(k % 5 === 0 ? 1 : 0)
      }
    })
  })

  it('draws every transition equally often', () => {
    const buffer = new ReplayBuffer({ capacity: 8, observationSize: 2 })
    fill(buffer, 0, 8)
    const counts = new Int32Array(8)
    const rng = new Rng(3)
    for (let i = 0; i < 100; i++) for (const action of buffer.sample(80, rng).actions) counts[action]!++
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(1000)) // 5 standard errors
  })

  it('samples into the same arrays each time', () => {
    const buffer = new ReplayBuffer({ capacity: 8, observationSize: 2 })
    fill(buffer, 0, 8)
    const rng = new Rng(1)
    expect(buffer.sample(4, rng)).toBe(buffer.sample(4, rng))
  })

  it('goes on from a saved state as if it had never been away', () => {
    forAll([fc.integer({ min: 1, max: 12 }), fc.nat({ max: 30 }), fc.nat({ max: 30 })], (capacity, before, after) => {
      const original = new ReplayBuffer({ capacity, observationSize: 2 })
      fill(original, 0, before)
      const restored = new ReplayBuffer({ capacity, observationSize: 2 })
      restored.restore(original.save())
      for (const each of [original, restored]) fill(each, before, before + after + 1)
      expect(restored.sample(16, new Rng(1))).toEqual(original.sample(16, new Rng(1)))
      expect(restored.save()).toEqual(original.save())
    })
  })

  it.each([
    [3, 3, -1], // a full buffer goes on at 0, 1 or 2
    [3, 3, 3],
    [2, 3, 1], // another where it ends
    [2, 3, 3],
    [4, 3, 1],
    [4, 3, 4],
  ])('refuses %i saved transitions of a capacity of %i, the next at %i', (filled, capacity, next) => {
    const original = new ReplayBuffer({ capacity: filled, observationSize: 2 })
    fill(original, 0, filled)
    const saved = { ...original.save(), counters: Int32Array.of(filled, next) }
    expect(() => new ReplayBuffer({ capacity, observationSize: 2 }).restore(saved)).toThrow(
      `ReplayBuffer: ${filled} saved transitions, the next at ${next}, do not fit a capacity of ${capacity}`,
    )
  })

  it('says how many bytes it would need: 4 a number, of two observations, an action, reward, end and steps', () => {
    // 4 · (2 · 3 + 2 + 3) a transition, and with one choice 4 · (2 · 2 + 1 + 3)
    expect(() => new ReplayBuffer({ capacity: 1e12, observationSize: 3, actionSize: 2 })).toThrow(
      'a capacity of 1000000000000: needs 44,000,000,000,000 bytes',
    )
    expect(() => new ReplayBuffer({ capacity: 3, observationSize: 2 }).requireSample(1e12)).toThrow(
      'a batch of 1000000000000: needs 32,000,000,000,000 bytes',
    )
  })

  it('says what does not fit', () => {
    const buffer = new ReplayBuffer({ capacity: 3, observationSize: 2 })
    expect(() => buffer.sample(1, new Rng())).toThrow(StateError)
    expect(() => buffer.add([1, 2, 3], 0, 0, [1, 2], false)).toThrow(ShapeError)
    expect(() => buffer.add([1, 2], 0, 0, [1], false)).toThrow(/the next observation has 1 numbers.*made for 2/)
    expect(() => new ReplayBuffer({ capacity: 0, observationSize: 2 })).toThrow(ValueError)
    fill(buffer, 0, 3)
    expect(() => buffer.sample(0, new Rng())).toThrow(/batch size is 0/)
    expect(() => new ReplayBuffer({ capacity: 2, observationSize: 2 }).restore(buffer.save())).toThrow(CheckpointError)
    expect(() => new ReplayBuffer({ capacity: 9, observationSize: 3 }).restore(buffer.save())).toThrow(/"observations"/)
    expect(() => buffer.restore({})).toThrow(/no "counters"/)
    for (const reward of [Number.NaN, Infinity]) {
      expect(() => buffer.add([1, 2], 0, reward, [1, 2], false)).toThrow(`the reward is ${reward}; expected a finite`)
      const broken = { ...buffer.save(), rewards: Float32Array.of(0, reward, 0) }
      expect(() => buffer.restore(broken)).toThrow('the saved "rewards" has NaN or infinite numbers')
    }
    expect(() => new ReplayBuffer({ capacity: 3, observationSize: 2, actionSize: 0 })).toThrow('actionSize is 0')
    expect(() => buffer.add([1, 2], Number.NaN, 0, [1, 2], false)).toThrow('the action is NaN')
    expect(() => buffer.add([1, Infinity], 0, 0, [1, 2], false)).toThrow('observation')
    const controls = new ReplayBuffer({ capacity: 3, observationSize: 2, actionSize: 2 })
    const control = new ReplayBuffer({ capacity: 3, observationSize: 2, actionSize: 1 })
    expect(control.add([1, 2], 0.5, 0, [1, 2], false)).toBe(0) // one number may be without brackets
    expect(() => controls.add([1, 2], [0, Number.NaN], 0, [1, 2], false)).toThrow('action')
    expect(() => controls.add([1, 2], 1, 0, [1, 2], false)).toThrow(/made for 2/)
  })
})
