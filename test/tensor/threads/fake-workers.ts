// Workers of Node that run nothing: a test plays their part in the words of the memory that they share with the caller.

import { vi } from 'vitest'
import { memory } from '../../../src/tensor/memory.ts'

/** The states of a helper; see src/tensor/threads/helper.ts. */
export const [STARTING, IDLE, PUBLISHED, TAKEN, FAILED] = [0, 1, 2, 3, 4]
/** Numbers of a call in a list. */
export const CALL = 18

export interface FakeWorker {
  readonly options: { readonly workerData: { readonly control: number } }
  readonly unref: () => void
  /** State, parked, list, count. */
  readonly words: Int32Array
  /** The first `count` calls of its list. */
  calls(count: number): number[][]
  fail(error: object): void
}

/** Node's workers are fake until `vi.restoreAllMocks()`; gives those that were made. */
export function fakeWorkers(): FakeWorker[] {
  memory.releaseBlock(memory.takeBlock(2 ** 20), 2 ** 20) // room, so that growth detaches no view
  const made: FakeWorker[] = []
  class Worker implements FakeWorker {
    unref = vi.fn()
    fail: (error: object) => void = () => {}

    constructor(
      _code: string,
      readonly options: FakeWorker['options'],
    ) {
      made.push(this)
    }
    on(_: 'error', body: (error: object) => void): void {
      this.fail = body
    }
    get words(): Int32Array {
      return new Int32Array(memory.buffer, this.options.workerData.control, 4)
    }
    calls(count: number): number[][] {
      const list = new Float64Array(memory.buffer, this.words[2], CALL * count)
      return Array.from({ length: count }, (_, i) => [...list.subarray(CALL * i, CALL * (i + 1))])
    }
  }
  replaceNodeModules({ 'node:worker_threads': { Worker } })
  return made
}

/** Node gives these built-in modules only, until `vi.restoreAllMocks()`. */
export function replaceNodeModules(modules: Readonly<Record<string, object>>): void {
  vi.spyOn(process, 'getBuiltinModule').mockImplementation(((name: string) => modules[name]) as never)
}
