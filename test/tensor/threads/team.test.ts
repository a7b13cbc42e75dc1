// How work is divided, and when helpers are used, with workers that run nothing and a clock that stands still.

import { afterEach, describe, expect, it, vi } from 'vitest'
import { instantiate } from '../../../src/tensor/backends/wasm/module.ts'
import { transferKernels } from '../../../src/tensor/backends/wasm/move-kernels.ts'
import { COMPILE } from '../../../src/tensor/threads/helper.ts'
import { Team } from '../../../src/tensor/threads/threads.ts'
import { type FakeWorker, fakeWorkers, IDLE, PUBLISHED, TAKEN } from './fake-workers.ts'

const kernels = instantiate(transferKernels, false)
const NOW = 1000

afterEach(() => {
  vi.restoreAllMocks()
})

/** A team whose workers run, with the given fields. */
function teamOf(threads: number, state: object = {}): { team: Team; workers: FakeWorker[] } {
  const workers = fakeWorkers()
  vi.spyOn(performance, 'now').mockReturnValue(NOW)
  const team = new Team()
  team.resize(threads)
  expect(team.start()).toBe(threads === 1)
  for (const { words } of workers) words[0] = IDLE
  return { team: Object.assign(team, state), workers }
}

it('a team of three starts two helpers, once, and is ready when both run', () => {
  const { team, workers } = teamOf(3)
  expect(workers).toHaveLength(2)
  workers[1]!.words[0] = 0
  expect(team.start()).toBe(false)
  workers[1]!.words[0] = IDLE
  expect(team.start()).toBe(true)
  expect(workers).toHaveLength(2)
})

describe('split', () => {
  type PartOf = readonly [by: 'caller' | 'helper', from: number, to: number, part: number]

  /** Splits 16 items in steps of 8; gives the parts in the order of their calls. */
  function partsOf(team: Team, work = 1e6, then = () => {}): PartOf[] {
    const parts: PartOf[] = []
    team.split(kernels, work, 16, 8, (on, from, to, part) => {
      parts.push([on === kernels ? 'caller' : 'helper', from, to, part])
      if (on === kernels) then()
      else on.fill(64 + from, to - from, 0.5)
    })
    return parts
  }

  function readyTeamOf(threads: number) {
    const { team, workers } = teamOf(threads, { isReady: true })
    expect(partsOf(team)).toEqual([['caller', 0, 16, 0]])
    for (const { words } of workers) words[0] = IDLE
    return { team, workers }
  }

  it('at first only has the kernels compiled by the helpers', () => {
    const { team, workers } = teamOf(3, { isReady: true })
    expect(partsOf(team)).toEqual([['caller', 0, 16, 0]])
    for (const worker of workers) {
      expect([worker.words[0], worker.words[3]]).toEqual([PUBLISHED, 1])
      expect(worker.calls(1)[0]![2]).toBe(COMPILE)
    }
  })

  it('gives helpers the first parts as lists of calls, and the caller the last one', () => {
    const { team, workers } = readyTeamOf(2)
    const done = () => {
      expect(workers[0]!.words[0]).toBe(PUBLISHED)
      workers[0]!.words[0] = IDLE
    }
    expect(partsOf(team, 1e6, done)).toEqual([
      ['helper', 0, 8, 1],
      ['caller', 8, 16, 0],
    ])
    const index = Object.keys(transferKernels).indexOf('fill')
    expect(workers[0]!.calls(1)[0]!.slice(2, 6)).toEqual([index, 64, 8, 0.5])
    expect(team.helped).toBe(1)
  })

  it('does the parts of late helpers itself, and makes no empty ones', () => {
    const { team } = readyTeamOf(3)
    expect(partsOf(team)).toEqual([
      ['helper', 0, 8, 1],
      ['caller', 8, 16, 0],
      ['caller', 0, 8, 1],
    ])
    expect(team.helped).toBe(0)
  })

  it('leaves out helpers that are busy', () => {
    const { team, workers } = readyTeamOf(3)
    workers[0]!.words[0] = TAKEN
    expect(partsOf(team)[0]).toEqual(['helper', 0, 8, 1])
    expect(workers[0]!.words[0]).toBe(TAKEN)
    workers[1]!.words[0] = TAKEN
    expect(partsOf(team)).toEqual([['caller', 0, 16, 0]])
  })

  it('makes parts of at least half the threshold', () => {
    const { team } = readyTeamOf(3)
    expect(partsOf(team, 0.99 * team.threshold)).toEqual([['caller', 0, 16, 0]])
    expect(partsOf(team, team.threshold)).toHaveLength(3)
  })
})

describe('a comparison of the speed with and without helpers', () => {
  const WORK = 1e6
  /** The team after one more call. Times are those before it. */
  function afterCall(state: object) {
    const { team } = teamOf(2, state)
    const calibrate = vi.spyOn(team, 'calibrate').mockReturnValue({ trip: 0, gain: 0, threshold: 0 })
    team.split(kernels, WORK, 16, 8, () => {})
    expect(team).toMatchObject({ lastCall: NOW })
    return { team, calibrate }
  }
  const losing = { isReady: true, speedAlone: Infinity, done: 5, since: NOW - 50, lastCall: NOW }

  it('goes on for 100 ms', () => {
    expect(afterCall(losing).team).toMatchObject({ isReady: true, since: NOW - 50, done: 5 + WORK })
    expect(afterCall({ ...losing, since: NOW - 100 }).team).toMatchObject({ isReady: false, since: NOW, done: WORK })
  })

  it('stands still while there are no calls for more than 20 ms', () => {
    const without = (idle: number) => ({ ...losing, since: NOW - 150, lastCall: NOW - idle })
    expect(afterCall(without(100)).team).toMatchObject({ isReady: true, since: NOW - 50, done: 5 + WORK })
    expect(afterCall({ ...without(100), isReady: false }).team).toMatchObject({ since: NOW - 50, done: 5 + WORK })
    expect(afterCall({ ...without(20), since: NOW - 110 }).team.isReady).toBe(false)
  })

  it('compares work per millisecond: helpers stay with a gain of a tenth', () => {
    const ended = { isReady: true, since: NOW - 200, lastCall: NOW, speedAlone: 1e4 }
    expect(afterCall({ ...ended, done: 2.1e6 }).team).toMatchObject({ isReady: false, span: 200, nextPause: 400 })
    expect(afterCall({ ...ended, done: 2.3e6 }).team).toMatchObject({ isReady: true, span: 100, kept: 1 })
  })

  it('doubles the pauses up to 5 s, and begins with short ones after a gain', () => {
    const ended = { isReady: true, since: NOW - 100, lastCall: NOW, done: 1 }
    const paused = afterCall({ ...ended, speedAlone: Infinity, nextPause: 3200 }).team
    expect(paused).toMatchObject({ span: 3200, nextPause: 5000 })
    expect(afterCall({ ...ended, speedAlone: 0, nextPause: 3200 }).team).toMatchObject({ nextPause: 200 })
  })

  it('does not stand still in a pause', () => {
    const paused = { isReady: false, span: 5000, since: NOW - 400, lastCall: NOW - 300, done: 5 }
    expect(afterCall(paused).team).toMatchObject({ isReady: false, since: NOW - 400, done: 5 + WORK })
  })

  it('measures the helpers where a fifth of the time is work that can be divided', () => {
    const alone = { isReady: false, since: NOW - 100, lastCall: NOW }
    const idle = afterCall({ ...alone, done: 1.9e7 })
    expect(idle.calibrate).not.toHaveBeenCalled()
    expect(idle.team).toMatchObject({ isReady: false, speedAlone: 1.9e5, since: NOW, span: 100, done: WORK })
    expect(afterCall({ ...alone, done: 2.1e7 }).calibrate).toHaveBeenCalledOnce()
  })
})
