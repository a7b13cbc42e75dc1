import { describe, expect, it } from 'vitest'
import { distill, labelsBy } from '../../../src/distill/index.ts'
import { evaluatePolicy, finish, make, makeVec, Rollout } from '../../../src/rl/index.ts'
import { type DiscretePolicy, forget, memoryOf, playedActions, requireFinite } from '../../../src/rl/policies/policy.ts'
import { Rng, ShapeError, tensor, ValueError } from '../../../src/tensor/index.ts'

/** Pushes the cart to the side to which the pole falls: the policy of a stranger, by the interface alone. */
const leaning: DiscretePolicy = {
  observationSize: 4,
  numActions: 2,
  act: ([, , angle, velocity]) => Number(angle! + velocity! > 0),
  sample: (observation) => leaning.act(observation),
  actBatch: (rows) =>
    Int32Array.from({ length: rows.length / 4 }, (_, i) => leaning.act(rows.subarray(4 * i, 4 * i + 4))),
  sampleBatch: (rows) => leaning.actBatch(rows),
  toEnvironment: (actions) => actions,
  logits: (x) =>
    tensor(Array.from(leaning.actBatch(Float32Array.from(x.view())), (action) => [3 - 6 * action, 6 * action - 3])),
}

/** Reads the angle and its velocity alone. Counts steps up or down, by the first angle, and pushes to that side. */
const counting: DiscretePolicy = {
  ...leaning,
  observationSize: 2,
  memorySize: 1,
  view: (rows) => rows.filter((_, i) => i % 4 >= 2),
  act: (observation, _, memory) => counting.actBatch(observation, undefined, memory)[0]!,
  actBatch(rows, _, memory) {
    expect(rows.length).toBe(2 * memory!.length)
    return Int32Array.from(memory!, (steps, i) => {
      memory![i] = steps + Math.sign(steps || rows[2 * i]!)
      return Number(steps > 0)
    })
  },
}

describe('a policy written by hand', () => {
  it('is evaluated, teaches and is distilled like an agent', () => {
    const alone = evaluatePolicy(leaning, make('CartPole-v1'), { episodes: 4 })
    expect(alone.mean).toBeGreaterThan(100)
    expect(evaluatePolicy(leaning, () => make('CartPole-v1'), { episodes: 4 })).toEqual(alone)
    expect(Object.keys(labelsBy(leaning, new Float32Array(8), 2))).toEqual(['logits'])
    const { student, dataset } = finish(distill(make('CartPole-v1'), leaning, { labels: 60, updates: 200, seed: 1 }))
    expect(dataset.names).toContain('logits')
    expect(evaluatePolicy(student, () => make('CartPole-v1'), { episodes: 4 }).mean).toBeGreaterThan(100)
  })

  it('may see a part of the observation and remember: memory is of one episode', () => {
    const alone = evaluatePolicy(counting, make('CartPole-v1'), { episodes: 20 })
    expect(evaluatePolicy(counting, () => make('CartPole-v1'), { episodes: 20 })).toEqual(alone)
    const settings = { steps: 90, seed: 0, gamma: 1, epsilon: () => 0, rng: new Rng(0) }
    const { observations, actions, returns } = Rollout.play(counting, makeVec('CartPole-v1', 3), settings).columns
    let step = 0
    actions!.forEach((action, i) => {
      expect(action).toBe(Number(step > 0))
      step = returns![i] === 1 ? 0 : step + Math.sign(step || observations[4 * i + 2]!) // an episode's last step has the return 1
    })
  })

  it('has a memory of zeros at the start of each episode, none if it does not remember', () => {
    expect(memoryOf(leaning, 3)).toBeUndefined()
    const memory = memoryOf({ memorySize: 2 }, 3)!
    expect(memory).toEqual(new Float32Array(6))
    memory.fill(1)
    forget(memory, Uint8Array.of(0, 1, 0))
    expect(memory).toEqual(Float32Array.of(1, 1, 0, 0, 1, 1))
    const steps = Float32Array.of(1, -2, 3)
    expect(playedActions(counting, new Float32Array(12), undefined, steps)).toEqual(Int32Array.of(1, 0, 1))
    expect(steps).toEqual(Float32Array.of(2, -3, 4))
  })
})

it('an observation has the numbers of its size, all finite', () => {
  expect(() => requireFinite(Float32Array.of(1, 2), 2)).not.toThrow()
  expect(() => requireFinite(Float32Array.of(1, 2, 3))).not.toThrow()
  const [short, none] = [Float32Array.of(1), undefined as unknown as Float32Array]
  expect(() => requireFinite(short, 2)).toThrow(ShapeError)
  expect(() => requireFinite(short, 2)).toThrow('act: the observation has 1 numbers; expected 2')
  expect(() => requireFinite(none, 2)).toThrow('act: the observation has no numbers; expected 2')
})

it.each([Number.NaN, Infinity, -Infinity])('names the place of %s', (number) => {
  const observation = Float32Array.of(0, number, Number.NaN)
  expect(() => requireFinite(observation)).toThrow(ValueError)
  expect(() => requireFinite(observation)).toThrow(
    `act: the observation is ${number} at index 1; expected finite numbers`,
  )
})
