// The number of threads that kernels run on. The team is the calling thread and its helpers, which execute recorded
// kernel calls while it does the last part. Read next: helper.ts.

import { bytesOfModule, instantiate, rebindModules, wasmObstacle } from '../backends/wasm/module.ts'
import { transferKernels } from '../backends/wasm/move-kernels.ts'
import { MOST_PARTS, type Part, useWorkforce, type Workforce } from '../backends/wasm/parts.ts'
import { ValueError } from '../errors.ts'
import { MAX_PAGES, memory, PAGE } from '../memory.ts'
import { COMPILE, Helper, nodeModule, threadObstacle } from './helper.ts'

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

const TRIPS = 10 // the threshold: so many times the cost of handing over a part
const LEAST_GAIN = 1.2 // the speed-up without which helpers stay unused
const LEAST_BENEFIT = 1.1 // how much faster work must be done with helpers than without
const LEAST_SHARE = 0.2 // of the time, for work that can be divided; with less there is nothing to gain
const [COMPARED, KEPT] = [100, 40] // milliseconds of a comparison, and comparisons with helpers until the next one without
const GAP = 20 // milliseconds without a call after which a comparison stands still; a pause goes on
const [SHORTEST_PAUSE, LONGEST_PAUSE] = [200, 5000] // milliseconds without helpers that are late or gain nothing
const LENGTH = 16_384 // floats of a part in calibration
const [WARM_UP, LONGEST_WARM_UP] = [200, 50] // parts that helpers do before they are measured, and milliseconds for that

/** What helpers gain, measured. */
export interface Calibration {
  /** Nanoseconds to hand over a part and wait for it. */
  readonly trip: number
  /** Speed-up of work that divides without loss. */
  readonly gain: number
  /** Nanoseconds of work from which a call is split. */
  readonly threshold: number
}

/** The module of some kernels in the memory, and functions with their names that add a call to the list of `Team.recording`. */
interface Recorder {
  readonly at: number
  readonly length: number
  readonly calls: object
}

export class Team implements Workforce {
  threads = 1
  threshold = 5000 // nanoseconds, until it is measured
  /** Milliseconds that the caller waits for a helper to begin, once its own part is done. Above 0 only to measure. */
  patience = 0
  /** Whether the helpers run and are of use. */
  isReady = false
  /** Parts that helpers have done. */
  helped = 0
  private nextPause = SHORTEST_PAUSE
  // A window of time, with helpers or without: its beginning and length, the nanoseconds of divisible work in it, and the work per
  // millisecond of the last window without helpers.
  private since = 0
  private lastCall = 0
  private span = COMPARED
  private done = 0
  private speedAlone = 0
  private kept = 0 // windows with helpers since the last one without
  private recording!: Helper
  private readonly helpers: Helper[] = []
  private readonly recorders = new Map<object, Recorder>()
  private readonly kernels = instantiate(transferKernels, false)

  /** Sets the number of threads, with the caller. Helpers that are left over stay parked. */
  resize(threads: number): void {
    this.threads = threads
    this.isReady = false
    this.nextPause = SHORTEST_PAUSE
    this.beginWindow(COMPARED)
  }

  /** Starts the helper threads, if that has not been done. False until they run. */
  start(): boolean {
    while (this.helpers.length < this.threads - 1) this.helpers.push(new Helper())
    return !this.helpers.some(({ isStarting }) => isStarting)
  }

  split<K extends object>(kernels: K, work: number, count: number, step: number, body: Part<K>): void {
    if (this.patience === 0) this.compare()
    this.done += work
    if (this.isReady && this.areKnown(kernels)) {
      const parts = Math.min(this.threads, Math.floor((2 * work) / this.threshold))
      this.share(kernels, parts, count, step, body)
    } else body(kernels, 0, count, 0)
    this.lastCall = performance.now()
  }

  /** False at the first use of kernels, which the helpers compile meanwhile. */
  private areKnown(kernels: object): boolean {
    const isKnown = this.recorders.has(kernels)
    if (isKnown || this.helpers.some(({ isIdle }) => !isIdle)) return isKnown
    const { at, length } = this.recorderOf(kernels)
    for (const helper of this.helpers) {
      helper.begin(0, 0)
      helper.add(at, length, COMPILE, [])
      helper.publish()
    }
    return false
  }

  /** At the end of a window, decides from the speed with and without helpers whether they are used in the next one. */
  private compare(): void {
    const now = performance.now()
    const isPaused = !this.isReady && this.span > COMPARED
    if (!isPaused && now - this.lastCall > GAP) this.since += now - this.lastCall
    const time = now - this.since
    if (time < this.span) return
    const speed = this.done / time
    if (!this.isReady) {
      this.speedAlone = speed
      this.kept = 0
      if (speed > 1e6 * LEAST_SHARE && this.start()) this.calibrate()
      else this.beginWindow(COMPARED)
    } else if (this.kept === 0 && speed < LEAST_BENEFIT * this.speedAlone) this.pause()
    else {
      this.nextPause = SHORTEST_PAUSE
      this.isReady = this.kept < KEPT && speed > this.speedAlone
      this.kept = this.isReady ? this.kept + 1 : 0
      this.beginWindow(COMPARED)
    }
  }

  private beginWindow(span: number): void {
    this.since = this.lastCall = performance.now()
    this.span = span
    this.done = 0
  }

  /** Leaves the helpers out, each time for longer. */
  private pause(): void {
    this.isReady = false
    this.beginWindow(this.nextPause)
    this.nextPause = Math.min(2 * this.nextPause, LONGEST_PAUSE)
  }

  private share<K extends object>(kernels: K, parts: number, count: number, step: number, body: Part<K>): void {
    const size = step * Math.ceil(count / step / parts)
    const busy: Helper[] = []
    let from = 0
    for (const helper of this.helpers) {
      if (from + size >= count) break
      if (!helper.isIdle) continue
      helper.begin(from, from + size)
      this.recording = helper
      busy.push(helper)
      body(this.recorderOf(kernels).calls as K, from, from + size, busy.length)
      helper.publish()
      from += size
    }
    body(kernels, from, count, 0)
    busy.forEach((helper, i) => {
      if (helper.finish(this.patience)) this.helped++
      else body(kernels, helper.from, helper.to, i + 1)
    })
  }

  private recorderOf(kernels: object): Recorder {
    const known = this.recorders.get(kernels)
    if (known !== undefined) return known
    const bytes = bytesOfModule(kernels)
    const { length } = bytes
    const at = memory.takeBlock(length)
    new Uint8Array(memory.buffer).set(bytes, at)
    const record =
      (index: number) =>
      (...values: number[]) =>
        this.recording.add(at, length, index, values)
    const calls = Object.fromEntries(Object.keys(kernels).map((name, index) => [name, record(index)]))
    this.recorders.set(kernels, { at, length, calls })
    return { at, length, calls }
  }

  /** Measures what the helpers gain, in about 2 ms (the first time 50), and sets the threshold. */
  calibrate(): Calibration {
    const { kernels, threads } = this
    const count = LENGTH * threads
    const at = memory.takeBlock(4 * count)
    const fills: Part<typeof kernels> = (on, from, to) => {
      for (let i = 0; i < 8; i++) on.fill(at + 4 * from, to - from, 1)
    }
    const together = () => this.share(kernels, threads, count, LENGTH, fills)
    const empty = () => this.share(kernels, threads, threads, 1, () => {})
    this.patience = 100
    const began = performance.now()
    do
      together() // compiles the kernels in the helpers, and later their program
    while (this.helped < WARM_UP && performance.now() - began < LONGEST_WARM_UP)
    this.patience = 0
    const gains = sorted(() => nanoseconds(8, () => fills(kernels, 0, count, 0)) / nanoseconds(8, together))
    const gain = gains[gains.length >> 1]!
    this.patience = 0.1
    const trip = gain < LEAST_GAIN ? Infinity : sorted(() => nanoseconds(20, empty))[0]!
    this.patience = 0
    memory.releaseBlock(at, 4 * count)
    this.isReady = gain >= LEAST_GAIN
    if (this.isReady) this.threshold = TRIPS * trip
    if (this.isReady) this.beginWindow(COMPARED)
    else this.pause()
    return { trip, gain, threshold: this.threshold }
  }
}

function nanoseconds(times: number, body: () => void): number {
  const began = performance.now()
  for (let i = 0; i < times; i++) body()
  return ((performance.now() - began) * 1e6) / times
}

/** Five measurements, or as many as begin within 10 ms, ascending. */
function sorted(measure: () => number): number[] {
  const values: number[] = []
  const began = performance.now()
  while (values.length < 5 && performance.now() - began < 10) values.push(measure())
  return values.sort((a, b) => a - b)
}
