// What a caller and a helper agree on, with workers that run nothing; backends/threads.test.ts runs real ones.

import { afterEach, describe, expect, it, vi } from 'vitest'
import { DeviceError } from '../../../src/tensor/errors.ts'
import { Helper, nodeModule, threadObstacle } from '../../../src/tensor/threads/helper.ts'
import {
  FAILED,
  type FakeWorker,
  fakeWorkers,
  IDLE,
  PUBLISHED,
  replaceNodeModules,
  STARTING,
  TAKEN,
} from './fake-workers.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

function helperAndWorker(state = IDLE): [Helper, FakeWorker] {
  const workers = fakeWorkers()
  const helper = new Helper()
  expect(workers).toHaveLength(1)
  expect([...workers[0]!.words]).toEqual([STARTING, 0, 0, 0])
  workers[0]!.words[0] = state
  return [helper, workers[0]!]
}

describe('a helper', () => {
  it('has cache lines of its own, and does not keep the process alive', () => {
    const [helper, worker] = helperAndWorker(STARTING)
    expect(worker.options.workerData.control % 128).toBe(0)
    expect(worker.unref).toHaveBeenCalledOnce()
    expect([helper.isStarting, helper.isIdle]).toEqual([true, false])
    worker.words[0] = IDLE
    expect([helper.isStarting, helper.isIdle]).toEqual([false, true])
  })

  it('gets a list of calls of 18 numbers each: offset, length and index of the function, then its arguments', () => {
    const [helper, worker] = helperAndWorker()
    helper.begin(2, 5)
    expect([helper.from, helper.to]).toEqual([2, 5])
    for (let i = 0; i < 70; i++) helper.add(64, 10, i, [1.5, -2]) // more than the list has room for at first
    helper.publish()
    const [state, , , count] = worker.words
    expect([state, count]).toEqual([PUBLISHED, 70])
    worker.calls(70).forEach((call, i) => void expect(call.slice(0, 5)).toEqual([64, 10, i, 1.5, -2]))
    helper.begin(0, 1)
    helper.add(128, 20, 7, [3])
    helper.publish()
    expect([worker.words[3], worker.calls(1)[0]!.slice(0, 4)]).toEqual([1, [128, 20, 7, 3]])
  })

  it('is notified when it is parked, and only then', () => {
    const notify = vi.spyOn(Atomics, 'notify')
    const [helper, worker] = helperAndWorker()
    helper.publish()
    expect(notify).not.toHaveBeenCalled()
    worker.words[1] = 1
    helper.publish()
    expect(notify).toHaveBeenCalledOnce()
  })
})

describe('finish', () => {
  /** In a page, where the caller never sleeps. */
  const finish = (helper: Helper, patience?: number) => {
    vi.stubGlobal('document', {})
    return helper.finish(patience)
  }

  it('is true once the list is done', () => {
    const [helper, worker] = helperAndWorker()
    expect(finish(helper)).toBe(true)
    worker.words[0] = TAKEN
    let looks = 0
    vi.spyOn(performance, 'now').mockImplementation(() => {
      if (++looks === 5) worker.words[0] = IDLE
      return 1000 * looks // no patience is enough to take back what has begun
    })
    expect(finish(helper, 1)).toBe(true)
    expect(looks).toBeGreaterThanOrEqual(5)
  })

  it('takes back a list that has not begun, after its patience', () => {
    const [helper, worker] = helperAndWorker()
    helper.publish()
    expect(finish(helper)).toBe(false)
    expect(worker.words[0]).toBe(IDLE)
    helper.publish()
    let time = 0
    vi.spyOn(performance, 'now').mockImplementation(() => time++)
    expect(finish(helper, 7)).toBe(false)
    expect(time - 1).toBe(7)
  })

  it('throws where the helper has failed', () => {
    const [helper] = helperAndWorker(FAILED)
    expect(() => finish(helper)).toThrow(DeviceError)
    expect(() => finish(helper)).toThrow('a helper thread has failed; call setThreads(1)')
  })
})

describe('a failure', () => {
  it('is a warning with its message, in Node', () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    const [, worker] = helperAndWorker()
    worker.fail(new Error('no memory'))
    expect(warn.mock.calls).toEqual([['alambic: a helper thread failed (no memory). Continuing without it']])
    expect(worker.words[0]).toBe(FAILED)
  })

  it('in a browser may have no message, where a policy forbids workers', () => {
    replaceNodeModules({})
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    const workers: BrowserWorker[] = []
    class BrowserWorker {
      onerror: (event: object) => void = () => {}
      data: object = {}

      constructor() {
        workers.push(this)
      }
      postMessage(data: object): void {
        this.data = data
      }
    }
    vi.stubGlobal('Worker', BrowserWorker)
    const helper = new Helper()
    expect(workers[0]!.data).toHaveProperty('control')
    workers[0]!.onerror({})
    expect(warn.mock.calls).toEqual([['alambic: a helper thread failed (a policy forbids it). Continuing without it']])
    expect(() => helper.finish()).toThrow(DeviceError)
  })
})

describe('threadObstacle', () => {
  it('is none in Node, nor in a page that is cross-origin isolated', () => {
    expect(threadObstacle()).toBeNull()
    expect(nodeModule('worker_threads')).toBe(process.getBuiltinModule('node:worker_threads'))
    replaceNodeModules({})
    vi.stubGlobal('Worker', class {})
    vi.stubGlobal('crossOriginIsolated', true)
    expect(threadObstacle()).toBeNull()
  })

  it('is the lack of workers, or of the isolation that shared memory needs', () => {
    replaceNodeModules({})
    vi.stubGlobal('Worker', undefined)
    expect(threadObstacle()).toBe('this JavaScript engine has no workers (Node needs 20.16 or later)')
    vi.stubGlobal('Worker', class {})
    expect(threadObstacle()).toMatch(
      /^the page is not cross-origin isolated; serve it with .*same-origin and .*require-corp$/,
    )
  })
})
