// Products on two threads in a page, and in a worker of it. Bundled by chromium.ts.

import { getThreads, matmul, normal, Rng, setThreads } from '../../src/tensor/index.ts'
import { measureThreads } from '../../src/tensor/threads/threads.ts'
import { divideEverything } from '../support/threads.ts'

export interface ThreadsReport {
  readonly threads: number
  readonly measured: boolean
  /** Whether a helper thread has done parts. */
  readonly helped: boolean
  /** Whether two threads compute what one does. */
  readonly same: boolean
}

async function report(): Promise<ThreadsReport> {
  const a = normal(new Rng(1), [96, 96])
  const alone = matmul(a, a).toArray()
  setThreads(2)
  const threads = getThreads()
  const measured = (await measureThreads()) !== null
  const team = threads > 1 ? await divideEverything(2, 1000) : null
  const deadline = performance.now() + 5000
  while (team !== null && team.helped === 0 && performance.now() < deadline) matmul(a, a) // the first compiles the kernels
  const together = matmul(a, a).toArray()
  return { threads, measured, helped: team !== null && team.helped > 1, same: together.every((x, i) => x === alone[i]) }
}

function inWorker(): Promise<ThreadsReport> {
  const worker = new Worker('/page.js', { type: 'module' })
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data)
    worker.onerror = ({ message }) => reject(new Error(message))
  })
}

export interface ThreadsPage {
  report(): Promise<ThreadsReport>
  inWorker(): Promise<ThreadsReport>
}

if (typeof document === 'undefined') report().then(postMessage)
else Object.assign(globalThis, { page: { report, inWorker } satisfies ThreadsPage })
