import { describe, expect, it } from 'vitest'
import { RecordFrames } from '../../src/render/draw-env.ts'
import { CartPole } from '../../src/rl/envs/tasks/cart-pole.ts'
import { TimeLimit } from '../../src/rl/envs/wrappers/episode.ts'

describe('RecordFrames', () => {
  it('keeps every so many-th moment, the first and the last', () => {
    const env = new RecordFrames(new TimeLimit(new CartPole(), 8), ({ state }) => state[0]!, { every: 3 })
    const seen = [env.reset({ seed: 1 }).observation[0]!]
    for (let t = 0; t < 8; t++) seen.push(env.step(t % 2).observation[0]!)
    expect(env.frames.map(Math.fround)).toEqual([seen[0], seen[3], seen[6], seen[8]])
    env.frames.length = 0
    env.reset()
    for (let t = 0; t < 2; t++) env.step(0)
    expect(env.frames.length).toBe(1) // counted from the reset
  })

  it('stops at its limit', () => {
    const env = new RecordFrames(new CartPole(), () => 'frame', { maxFrames: 2 })
    for (let episode = 0; episode < 3; episode++) env.reset()
    expect(env.frames).toEqual(['frame', 'frame'])
    expect(() => new RecordFrames(new CartPole(), () => 0, { every: 0 })).toThrow(/every is 0/)
  })
})
