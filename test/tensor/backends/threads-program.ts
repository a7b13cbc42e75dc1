// Run by threads.test.ts: prints the share of a processor that is used after a worker with helper threads was terminated, and after
// an error was caught. Ends by itself, with helper threads.

import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { matmul, normal, Rng } from '../../../src/tensor/index.ts'
import { divideEverything } from '../../support/threads.ts'

const team = await divideEverything(2, 1000)
const a = normal(new Rng(1), [64, 64])

/** The first product compiles the kernels in the helper. */
function untilHelped(): void {
  while (team.helped === 0) matmul(a, a)
}

async function idleShare(): Promise<number> {
  await sleep(100)
  const before = process.cpuUsage()
  await sleep(100)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 100_000
}

if (!isMainThread) {
  untilHelped()
  parentPort!.postMessage('helped')
  for (;;) matmul(a, a)
}
const worker = new Worker(new URL(import.meta.url))
await new Promise((resolve) => worker.once('message', resolve))
await worker.terminate()
const terminated = await idleShare()
try {
  untilHelped()
  throw new Error('after a product')
} catch {
  console.log(JSON.stringify([terminated, await idleShare()]))
}
