import { expect, it } from 'vitest'
import { type AnyEnv, play } from '../../src/rl/index.ts'
import { type Ending, Scripted } from './scripted-env.ts'

/** Episodes of two steps, with rewards 2 and 3. */
const env = (ending: Ending): AnyEnv => new Scripted([{ length: 2, ending }]) as unknown as AnyEnv

it.each<[ending: Ending]>([['terminated'], ['truncated']])(
  'yields each reset and each step, to an end that is %s',
  (ending) => {
    const moments = Array.from(
      play(env(ending), () => 0, 3, 1),
      ({ episode, step, episodeReturn, ended }) => [...[episode, step, episodeReturn], ended],
    )
    expect(moments).toEqual([
      [1, 0, 0, false],
      [1, 1, 2, false],
      [1, 2, 5, true],
      [2, 0, 0, false],
      [2, 1, 2, false],
    ])
  },
)

it('ends with the episode if no step is left, and plays none at all', () => {
  expect([...play(env('terminated'), () => 0, 2, 1)]).toHaveLength(3)
  expect([...play(env('terminated'), () => 0, 0, 1)]).toEqual([])
})

it('resets with the seed once, and shows the player what came last', () => {
  const seeds: unknown[] = []
  const seen: unknown[] = []
  const scripted = env('terminated')
  const reset = scripted.reset.bind(scripted)
  scripted.reset = (options) => {
    seeds.push(options?.seed)
    return reset(options)
  }
  const moments = play(scripted, (_, observation) => seen.push((observation as Float32Array)[0]), 3, 7)
  expect([...moments]).toHaveLength(5)
  expect(seeds).toEqual([7, undefined])
  expect(seen).toEqual([0, 0.001, 0.1].map(Math.fround))
})
