import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RolloutBuffer } from '../../../src/rl/on-policy/collect-rollout.ts'
import { gae } from '../../../src/rl/training/returns.ts'
import { Rng } from '../../../src/tensor/index.ts'
import { forAll } from '../../support/property.ts'

// Every array of row k holds k in some form, so that mixed-up rows show.
function filled(numSteps: number, numEnvs: number): RolloutBuffer {
  const rollout = new RolloutBuffer({ numSteps, numEnvs, observationSize: 2, maskSize: 3 })
  for (let k = 0; k < rollout.size; k++) {
    rollout.observations.set([k, -k], 2 * k)
    rollout.actions[k] = k
    rollout.actionMasks.set([k, k + 1, k + 2], 3 * k)
    rollout.logProbs[k] = k / 2
    rollout.values[k] = k / 4
    rollout.advantages[k] = 2 * k
    rollout.returns[k] = 4 * k
  }
  return rollout
}

describe('RolloutBuffer', () => {
  it('shows every step once, with all that belongs to it', () => {
    const size = fc.integer({ min: 1, max: 6 })
    forAll([size, size, fc.integer({ min: 1, max: 40 }), fc.nat()], (T, N, batchSize, seed) => {
      const rollout = filled(T, N)
      const seen: number[] = []
      for (const batch of rollout.minibatches(batchSize, new Rng(seed))) {
        expect(batch.size).toBe(Math.min(batchSize, T * N - seen.length))
        for (let i = 0; i < batch.size; i++) {
          const k = batch.indices[i]!
          seen.push(k)
          expect(batch.observations[2 * i]).toBe(k)
          expect(batch.observations[2 * i + 1]! + k).toBe(0)
          expect(batch.actions[i]).toBe(k)
          expect([...batch.actionMasks.subarray(3 * i, 3 * i + 3)]).toEqual([k, k + 1, k + 2])
          expect(batch.logProbs[i]).toBe(k / 2)
          expect(batch.values[i]).toBe(k / 4)
          expect(batch.advantages[i]).toBe(2 * k)
          expect(batch.returns[i]).toBe(4 * k)
        }
      }
      expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: T * N }, (_, k) => k))
    })
  })

  it('mixes anew each time', () => {
    const rollout = filled(8, 4)
    const rng = new Rng(1)
    const order = () => [...rollout.minibatches(32, rng)].flatMap(({ indices }) => [...indices])
    expect(order()).not.toEqual(order())
  })

  it('is a segment for the return estimators', () => {
    const rollout = new RolloutBuffer({ numSteps: 2, numEnvs: 1, observationSize: 1 })
    rollout.rewards.set([1, 2])
    rollout.values.set([10, 20])
    rollout.lastValues.set([30])
    gae(rollout, 1, 0, rollout.advantages)
    expect([...rollout.advantages]).toEqual([11, 12])
  })

  it('holds vectors as actions', () => {
    const rollout = new RolloutBuffer({ numSteps: 1, numEnvs: 2, observationSize: 1, actionSize: 2 })
    rollout.actions.set([1, 2, 3, 4])
    const [batch] = rollout.minibatches(2, new Rng(1))
    expect([...batch!.actions].sort()).toEqual([1, 2, 3, 4])
    expect(batch!.actionMasks).toHaveLength(0)
  })

  it('refuses sizes beyond the memory', () => {
    // 4 bytes for each of 3 + 2 + 4 + 6 numbers and an index, 1 for each of 2 flags
    const sizes = { numSteps: 1e9, numEnvs: 1e3, observationSize: 3, actionSize: 2, maskSize: 4 }
    expect(() => new RolloutBuffer(sizes)).toThrow('1000 environments: needs 66,000,000,000,000 bytes')
  })
})
