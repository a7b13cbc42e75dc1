import { expect, it } from 'vitest'
import { denseLayers } from '../../src/export/dense-layers.ts'
import { playedStates } from '../../src/export/played-states.ts'
import { MLP } from '../../src/nn/mlp.ts'
import { make } from '../../src/rl/registry.ts'
import { Rng, ValueError } from '../../src/tensor/index.ts'

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

it.each([0, 1.5, Number.NaN])('refuses %d states', (count) => {
  expect(() => play(count, 1)).toThrow(ValueError)
})
