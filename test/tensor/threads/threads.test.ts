// How many threads `auto` takes, and where there can be none. backends/threads.test.ts computes with them.

import { afterEach, expect, it, vi } from 'vitest'
import { getThreads, measureThreads, setThreads } from '../../../src/tensor/threads/threads.ts'
import { replaceNodeModules } from './fake-workers.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  setThreads(1)
})

it('auto is one per core: as Node counts them, or as a browser does', () => {
  vi.stubGlobal('navigator', { hardwareConcurrency: 0.5 })
  replaceNodeModules({ 'node:os': { availableParallelism: () => 1 } })
  setThreads('auto')
  expect(getThreads()).toBe(1)
  vi.stubGlobal('navigator', { hardwareConcurrency: 1 })
  replaceNodeModules({})
  setThreads('auto')
  expect(getThreads()).toBe(1)
})

it('where there are no workers, a warning is given once and one thread is used', async () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue()
  replaceNodeModules({})
  vi.stubGlobal('Worker', undefined)
  setThreads(2)
  setThreads(3)
  expect(getThreads()).toBe(1)
  expect(warn.mock.calls).toEqual([[expect.stringMatching(/^alambic: .* no workers .*\. Using one thread$/)]])
  expect(await measureThreads()).toBeNull()
})
