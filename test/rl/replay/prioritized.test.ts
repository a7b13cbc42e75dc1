import { describe, expect, it } from 'vitest'
import { importanceWeights, PrioritizedReplayBuffer } from '../../../src/rl/replay/prioritized.ts'
import { CheckpointError, Rng, ValueError } from '../../../src/tensor/index.ts'
import { expectNumbers, expectOutput, goldenArrays, numbersOf } from '../../support/arrays.ts'
import { goldenCases } from '../../support/golden.ts'

function bufferOf(errors: readonly number[], alpha: number, capacity = errors.length): PrioritizedReplayBuffer {
  const buffer = new PrioritizedReplayBuffer({ capacity, observationSize: 1, alpha, epsilon: 1e-12 })
  for (let k = 0; k < errors.length; k++) buffer.add([k], k, k, [k + 1], false)
  buffer.updatePriorities(
    Int32Array.from(errors, (_, i) => i),
    errors,
  )
  return buffer
}

const golden = goldenCases('rl.json').filter(({ op }) => op === 'per')

describe('PrioritizedReplayBuffer', () => {
  it.each(golden.map((each) => [each.name, each] as const))('golden figures: %s', (_, each) => {
    const { priorities, batch } = goldenArrays(each)
    const { alpha, beta } = each.attrs as { alpha: number; beta: number }
    const probs = numbersOf(each.outputs.probs!.data)
    const sampled = Float64Array.from(batch!, (i) => probs[i]!)
    expectOutput(
      each,
      'weights_by_batch_max',
      importanceWeights(sampled, probs.length, beta, new Float64Array(sampled.length)),
    )

    // The shares in which transitions are drawn are the probabilities.
    const buffer = bufferOf([...priorities!], alpha)
    const counts = new Float64Array(probs.length)
    const rng = new Rng(1)
    const rounds = 500
    for (let i = 0; i < rounds; i++) for (const action of buffer.sample(20, rng, beta).actions) counts[action]!++
    expectNumbers(
      counts.map((count) => count / (20 * rounds)),
      probs,
      0,
      0.02,
    )
  })

  it('weights each row by how much more often it was drawn, the rarest by 1', () => {
    const buffer = bufferOf([3, 1], 1)
    const batch = buffer.sample(8, new Rng(2), 1)
    expect(batch.size).toBe(8)
    const byAction = [1 / 3, 1] // (2 · 3/4)^-1 against (2 · 1/4)^-1
    expectNumbers(
      batch.weights,
      Array.from(batch.actions, (action) => byAction[action]!),
      1e-5,
    )
    expectNumbers(buffer.sample(8, new Rng(2), 0).weights, new Float64Array(8).fill(1))
    expect(buffer.sample(8, new Rng(2), 1)).toBe(buffer.sample(8, new Rng(3), 1)) // nothing is allocated anew
  })

  it('draws one from each stretch, so a transition with most of the mass fills most of the batch', () => {
    const { actions } = bufferOf([0, 0, 98, 1, 1], 1).sample(100, new Rng(5), 1)
    expect(Array.from(actions).filter((action) => action === 2)).toHaveLength(98)
  })

  it('gives a new transition the largest priority so far', () => {
    const buffer = bufferOf([1, 9], 1, 3)
    buffer.add([2], 2, 0, [3], false)
    const { actions } = buffer.sample(19, new Rng(1), 1)
    expect(Array.from(actions).filter((action) => action === 2).length).toBeGreaterThanOrEqual(8)
  })

  it('goes on from a saved state', () => {
    const original = bufferOf([1, 5, 2, 0.5], 0.7, 6)
    const restored = new PrioritizedReplayBuffer({ capacity: 6, observationSize: 1, alpha: 0.7 })
    restored.restore(original.save())
    for (const each of [original, restored]) each.add([9], 9, 9, [9], true)
    expect(restored.sample(32, new Rng(4), 0.5)).toEqual(original.sample(32, new Rng(4), 0.5))
    expect(() => restored.restore({})).toThrow(CheckpointError)
    const saved = original.save()
    for (const broken of [
      { largest: Float64Array.of(-1) },
      { largest: Float64Array.of(Infinity) },
      { priorities: saved.priorities!.map((each, i) => (i === 2 ? -each : each)) },
      { priorities: saved.priorities!.slice(1) },
    ]) {
      expect(() => restored.restore({ ...saved, ...broken })).toThrow(/expected 5 priorities, finite and from 0 on/)
    }
    expect(() => restored.restore({ ...saved, priorities: new Float64Array(5) })).not.toThrow()
  })

  it('refuses what cannot be a priority', () => {
    const buffer = bufferOf([1, 2], 1)
    expect(() => buffer.updatePriorities(Int32Array.of(0), [Number.NaN])).toThrow(ValueError)
  })
})
