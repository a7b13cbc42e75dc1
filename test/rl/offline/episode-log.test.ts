import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Box, Discrete, MultiBinary } from '../../../src/data/spaces.ts'
import { EpisodeLog, logFromCsv, logToCsv, make, RecordLog, TimeLimit } from '../../../src/rl/index.ts'
import { NStepBuffer } from '../../../src/rl/replay/n-step.ts'
import { Rng } from '../../../src/tensor/index.ts'
import { twoEpisodes as table } from '../log-table.ts'

function transitionsOf(log: EpisodeLog): unknown[] {
  const all: unknown[] = []
  log.replay({ add: (o, a, r, next, ...ends) => all.push([...o, a, r, ...next, ...ends]) })
  return all
}

describe('a log of episodes', () => {
  it('is read from a table: transitions, returns, and spaces from the columns', () => {
    const log = logFromCsv(table)
    expect([log.size, log.episodes, String(log.actionSpace)]).toEqual([4, 2, 'Discrete(0 … 1)'])
    // After a termination the next observation does not matter; after the truncation it is the last one.
    expect(transitionsOf(log)).toEqual([
      [0.5, 1, 2, 1.5, false, false],
      [1.5, 0, 4, 1.5, true, true],
      [2.5, 1, 1, 3.5, false, false],
      [3.5, 1, 1, 4.5, false, true],
    ])
    const { observations, actions, returns } = log.columns(0.5)
    expect([...observations, ...actions]).toEqual([0.5, 1.5, 2.5, 3.5, 1, 0, 1, 1])
    expect([...returns]).toEqual([4, 4, 1.5, 1]) // 2 + ½ · 4, and so on
  })

  it('without a last observation, has no transition of a step that did not terminate', () => {
    const cut = logFromCsv(table.replace('b,2,4.5,,,,\n', ''))
    expect(transitionsOf(cut).slice(2)).toEqual([[2.5, 1, 1, 3.5, false, true]])
    expect(cut.size).toBe(4)
  })

  it('is what a wrapper records, in any environment; the table keeps every bit', () => {
    fc.assert(
      fc.property(fc.constantFrom('CartPole-v1', 'Pendulum-v1', 'FrozenLake-v1'), fc.nat({ max: 999 }), (id, seed) => {
        const env = new RecordLog(new TimeLimit(make<unknown, unknown>(id), 5))
        const rng = new Rng(seed)
        const seen: number[] = []
        for (let i = 0, isNew = true; i < 12; i++) {
          if (isNew) env.reset(i === 0 ? { seed } : {})
          const { reward, terminated, truncated } = env.step(env.actionSpace.sample(rng))
          seen.push(reward)
          isNew = terminated || truncated
        }
        const { log } = env
        expect(log.size).toBe(12)
        const read = logFromCsv(logToCsv(log), log)
        expect(read.rows).toEqual(log.rows)
        expect(read.digest()).toBe(log.digest())
        expect(transitionsOf(read)).toHaveLength(12)
        expect(
          transitionsOf(read).map((each) => (each as unknown[])[id === 'Pendulum-v1' ? 4 : log.observationSize + 1]),
        ).toEqual(seen)
      }),
      { numRuns: 20 },
    )
  })

  it('gives n-step transitions that end with their episode', () => {
    const log = logFromCsv(table)
    const added: unknown[] = []
    const sink = { add: (...each: unknown[]) => added.push([...(each[0] as number[]), ...each.slice(1)]) }
    log.replay(new NStepBuffer(sink, { nStep: 3, gamma: 0.5, observationSize: 1 }))
    expect(added.map((each) => (each as unknown[])[2])).toEqual([4, 4, 1.5, 1])
  })

  it('of several tables has all their episodes; numbers with a fraction are vectors', () => {
    const log = logFromCsv([table, table.replace('b,1,3.5,1', 'b,1,3.5,0.25')])
    expect([log.size, log.episodes, String(log.actionSpace)]).toEqual([8, 4, 'Box([0] … [1])'])
    const wide = logFromCsv(
      'action_1,episode,step,terminated,truncated,reward,observation_0,action_0\n3,0,0,1,0,1,7,-2\n',
    )
    expect(String(wide.actionSpace)).toBe('Box([-2, 3] … [-1, 4])')
  })

  it('refuses steps outside an episode, and observations of another size', () => {
    const spaces = { id: 'task', observationSpace: new Box([0], [1]), actionSpace: new Discrete(1) }
    const log = new EpisodeLog(spaces)
    expect(() => log.add(0, 1, [0], false, false)).toThrow(/outside an episode/)
    log.begin([0])
    log.add(0, 1, [1], true, false)
    expect(() => log.add(0, 1, [0], false, false)).toThrow(/outside an episode/)
    expect(() => log.begin([0, 1])).toThrow(/of 2 numbers; expected 1/)
  })

  it('has vectors of observations and actions as rows of its columns', () => {
    const space = new Box([-9, -9], [9, 9])
    const log = new EpisodeLog({ id: 'task', observationSpace: space, actionSpace: space })
    expect([log.episodes, log.size, log.actionSize]).toEqual([0, 0, 2])
    log.begin([1, 2])
    log.add([3, 4], 10, [5, 6], false, false)
    log.add([7, 8], 20, [-1, -2], false, true)
    log.begin([-3, -4])
    log.add(Float32Array.of(-5, -6), 30, [-7, -8], true, true)
    expect([log.episodes, log.size]).toEqual([2, 3])
    const { observations, actions, returns } = log.columns(0.5)
    expect([...observations]).toEqual([1, 2, 5, 6, -3, -4])
    expect([...actions]).toEqual([3, 4, 7, 8, -5, -6])
    expect([...returns]).toEqual([20, 20, 30]) // 10 + ½ · 20
    expect([...log.rows.first('outcomes')]).toEqual([0, 2, 4, 3, 4])
    const added: unknown[] = []
    log.replay({ add: (...each) => added.push(each) })
    expect(added).toEqual([
      [Float32Array.of(1, 2), Float32Array.of(3, 4), 10, Float32Array.of(5, 6), false, false],
      [Float32Array.of(5, 6), Float32Array.of(7, 8), 20, Float32Array.of(-1, -2), false, true],
      [Float32Array.of(-3, -4), Float32Array.of(-5, -6), 30, Float32Array.of(-7, -8), true, true],
    ])
  })

  it('takes a choice as a number', () => {
    const log = new EpisodeLog({ id: 'task', observationSpace: new Box([0], [1]), actionSpace: new Discrete(3) })
    log.begin([0])
    log.add(2, 1, [1], true, false)
    expect(transitionsOf(log)).toEqual([[0, 2, 1, 1, true, true]])
  })

  it('refuses other actions than choices and vectors', () => {
    const task = { id: 'task', observationSpace: new Box([0], [1]), actionSpace: new MultiBinary(2) }
    expect(() => new EpisodeLog(task)).toThrow(
      'EpisodeLog: task takes MultiBinary(2); expected discrete actions or vectors (a Box)',
    )
  })
})
