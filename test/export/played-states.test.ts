import { describe, expect, it } from 'vitest'
import { denseLayers } from '../../src/export/dense-layers.ts'
import { playedStates } from '../../src/export/played-states.ts'
import { constant, MLP } from '../../src/nn/index.ts'
import { Box, Discrete, type Env, MultiBinary, make } from '../../src/rl/index.ts'
import { Rng, ShapeError, ValueError } from '../../src/tensor/index.ts'

/** Pushes to the left, whatever it sees. */
const network = new MLP([4, 2], new Rng(0))
for (const parameter of Object.values(network.parameters())) parameter.view().fill(0)
const layers = denseLayers(network)
const play = (count: number, seed: number) => playedStates(layers, make('CartPole-v1'), count, seed)

it('plays greedily with a random action now and then, episode after episode', () => {
  const states = play(500, 1)
  const velocities = Array.from({ length: 500 }, (_, i) => states[4 * i + 1]!)
  // A push changes the velocity by about 0.2 m/s; where an episode begins, it jumps.
  const changes = velocities.slice(1).map((velocity, i) => velocity - velocities[i]!)
  const left = changes.filter((change) => change < -0.1).length
  const right = changes.filter((change) => change > 0.1 && change < 0.3).length
  expect(left).toBeGreaterThan(300)
  expect(right).toBeGreaterThan(20) // half of a fifth is about 45
  expect(changes.some((change) => change > 0.5)).toBe(true)
})

it('is a function of the seed', () => {
  expect(play(50, 1)).toEqual(play(50, 1))
  expect(play(50, 1)).not.toEqual(play(50, 2))
})

/** Shows [episode, step] and truncates or terminates after three steps. */
function counting(actionSpace: unknown, ending: 'terminated' | 'truncated') {
  let [episode, step] = [0, 0]
  const actions: unknown[] = []
  const seeds: unknown[] = []
  const env = {
    id: 'Counting',
    actionSpace,
    reset: ({ seed }: { seed?: number } = {}) => {
      seeds.push(seed)
      step = 0
      return { observation: Float32Array.of(++episode, step), info: {} }
    },
    step: (action: unknown) => {
      actions.push(action)
      const ends = ++step === 3
      const observation = Float32Array.of(episode, step)
      return { observation, reward: 0, terminated: false, truncated: false, info: {}, ...(ends && { [ending]: true }) }
    },
  }
  return { env: env as unknown as Env<Float32Array, unknown>, actions, seeds }
}

describe('episode after episode', () => {
  const linear = denseLayers(
    new MLP([2, 2], new Rng(0), { weightInit: constant(0), biasInit: () => Float64Array.of(1, 3) }),
  )

  it.each(['terminated', 'truncated'] as const)('%s ones begin anew, the first with the seed', (ending) => {
    const { env, seeds } = counting(new Discrete(2), ending)
    const states = playedStates(linear, env, 7, 5)
    expect([...states]).toEqual([1, 0, 1, 1, 1, 2, 2, 0, 2, 1, 2, 2, 3, 0])
    expect(seeds).toEqual([5, undefined, undefined])
  })

  it('the largest output is an action, counted from the first of the space', () => {
    const { env, actions } = counting(new Discrete(2, 7), 'truncated')
    playedStates(linear, env, 500, 1)
    expect(new Set(actions)).toEqual(new Set([7, 8]))
    const random = actions.filter((action) => action === 7).length // half of a fifth: 50 ± 7
    expect(random).toBeGreaterThan(20)
    expect(random).toBeLessThan(80)
  })

  it('actions of a Box are within its bounds', () => {
    const box = new Box([-1, -1], [2, 2])
    const { env, actions } = counting(box, 'truncated')
    playedStates(linear, env, 200, 1, { low: [-1, -1], high: [2, 2], scaled: false })
    const greedy = actions.filter((action) => (action as Float32Array).join() === '1,2')
    expect(greedy.length).toBeGreaterThan(120)
    expect(greedy.length).toBeLessThan(190)
  })

  const bounds = { low: [-1, -1], high: [1, 1], scaled: false }
  const wide = denseLayers(new MLP([3, 2], new Rng(0)))
  it.each([
    ['actions of another number', linear, new Discrete(3), undefined],
    ['bounds where there is a choice', linear, new Discrete(2), bounds],
    ['no bounds where there is none', linear, new Box([-1, -1], [1, 1]), undefined],
    ['actions of another size', linear, new Box([-1], [1]), bounds],
    ['actions of another kind', linear, new MultiBinary(2), bounds],
    ['observations of another size', wide, new Discrete(2), undefined],
  ])('%s are refused', (_, layers, space, given) => {
    const play = () => playedStates(layers, counting(space, 'truncated').env, 1, 0, given)
    expect(play).toThrow(ShapeError)
    expect(play).toThrow(`takes ${layers[0]!.inputs} numbers and gives 2; Counting shows 2 and takes ${space}`)
  })
})

it.each([0, 1.5, Number.NaN])('refuses %d states', (count) => expect(() => play(count, 1)).toThrow(ValueError))
