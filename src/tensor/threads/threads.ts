// The number of threads that kernels run on. Read next: team.ts.

import { wasmObstacle } from '../backends/wasm/features.ts'
import { rebindModules } from '../backends/wasm/module.ts'
import { MOST_PARTS, useWorkforce } from '../backends/wasm/parts.ts'
import { ValueError } from '../errors.ts'
import { MAX_PAGES, memory, PAGE } from '../memory.ts'
import { nodeModule, threadObstacle } from './helper.ts'
import { type Calibration, Team } from './team.ts'

const MOST_BY_ITSELF = 4

let team: Team | null = null
let threads = 1
let isWarned = false

/** The number of threads of the kernels, the calling one included. Default 1. */
export function getThreads(): number {
  return threads
}

/**
 * Sets the number of threads of the kernels, the calling one included: 1 to 64, or `auto`, one per core and at most four. Results
 * are the same to the last bit for any number. Calls whose work exceeds a measured threshold are divided, as long as helper threads
 * gain by it. Helpers park after 20 ms without work and do not keep the process alive.
 *
 * The first call with more than one moves the memory of tensors to shared memory, which invalidates earlier views. Warns and uses
 * one thread where there are no workers or the page is not cross-origin isolated. Throws a ValueError for other numbers.
 */
export function setThreads(wanted: number | 'auto'): void {
  if (wanted !== 'auto' && !(Number.isInteger(wanted) && wanted >= 1 && wanted <= MOST_PARTS)) {
    throw new ValueError(
      `setThreads: got ${String(wanted)}; expected a whole number from 1 to ${MOST_PARTS}, or "auto"`,
    )
  }
  const count = wanted === 'auto' ? Math.min(cores(), MOST_BY_ITSELF) : wanted
  const obstacle = count === 1 ? null : (wasmObstacle() ?? threadObstacle())
  if (obstacle !== null && !isWarned) console.warn(`alambic: ${obstacle}. Using one thread`)
  if (obstacle !== null) isWarned = true
  threads = obstacle === null ? count : 1
  if (threads > 1) {
    if (!memory.isShared) shareMemory()
    team ??= new Team()
    team.resize(threads)
  }
  useWorkforce(threads > 1 ? team : null)
}

/** Moves the contents of the memory to one that workers can access, and binds the kernels to it. */
function shareMemory(): void {
  const shared = new WebAssembly.Memory({ initial: memory.bytes / PAGE, maximum: MAX_PAGES, shared: true })
  const f32 = new Float32Array(shared.buffer)
  f32.set(memory.f32)
  Object.assign(memory, { wasm: shared, f32, isShared: true })
  rebindModules()
}

function cores(): number {
  const os = nodeModule<{ availableParallelism(): number }>('os')
  return os === undefined ? navigator.hardwareConcurrency : os.availableParallelism()
}

/** Waits until the helper threads run, at most two seconds, and measures them. Null with one thread. */
export async function measureThreads(): Promise<Calibration | null> {
  if (threads === 1 || team === null) return null
  const sleep = () => new Promise((resolve) => setTimeout(resolve, 10))
  for (let i = 0; i < 200 && !team.start(); i++) await sleep()
  for (let i = 0; ; i++) {
    const measured = team.calibrate()
    if (measured.trip !== Infinity || i === 10) return measured
    await sleep() // a new thread may need a moment to get a core
  }
}
