// A helper thread: a worker that executes lists of kernel calls in the shared memory. Neither side returns to its event loop during
// training, so they communicate by four words of the memory, not by messages:
//
//   state        IDLE → PUBLISHED (by the caller) → TAKEN (by the helper) → IDLE
//   parked       1 while the helper waits to be notified
//   list, count  byte offset and number of the calls
//
// A helper spins between lists, because waking a thread takes longer than most kernels, and parks after a pause. A list that it
// has not taken when the caller has done its own part goes back to the caller (PUBLISHED → IDLE).

import { DeviceError } from '../errors.ts'
import { memory } from '../memory.ts'

const [STATE, PARKED, LIST, COUNT] = [0, 1, 2, 3]
const [STARTING, IDLE, PUBLISHED, TAKEN, FAILED] = [0, 1, 2, 3, 4]
const CACHE_LINES = 128 // bytes for the words of each helper, which share no cache line with others
const ARGUMENTS = 15 // of a kernel, at most
const CALL = 3 + ARGUMENTS // numbers of a call: offset and length of its module, its index there, its arguments
const SPIN = 20 // milliseconds until an idle helper parks
const IMPATIENCE = 0.1 // milliseconds that a caller spins before it sleeps between looks

/** An index of no function: its module is compiled, nothing is called. */
export const COMPILE = -1

const given = Array.from({ length: ARGUMENTS }, (_, i) => `list[i + ${3 + i}]`).join(', ')

// Text, because a bundle then needs no file beside it and no build tool rewrites it.
const PROGRAM = `({ memory, control }) => {
  const words = new Int32Array(memory.buffer, control, 4)
  const modules = new Map()
  let list = []
  const functionsOf = (at, length) => {
    let functions = modules.get(at)
    if (functions === undefined) {
      while (memory.buffer.byteLength < at + length); // until the growth of the memory is known here
      const module = new WebAssembly.Module(new Uint8Array(memory.buffer, at, length).slice())
      functions = Object.values(new WebAssembly.Instance(module, { alambic: { memory } }).exports)
      modules.set(at, functions)
    }
    return functions
  }
  Atomics.store(words, ${STATE}, ${IDLE})
  let idleSince = performance.now()
  for (let turn = 1; ; turn++) {
    if (Atomics.load(words, ${STATE}) !== ${PUBLISHED}) {
      if (turn % 4096 !== 0 || performance.now() - idleSince < ${SPIN}) continue
      Atomics.store(words, ${PARKED}, 1)
      Atomics.wait(words, ${STATE}, ${IDLE})
      Atomics.store(words, ${PARKED}, 0)
    } else if (Atomics.compareExchange(words, ${STATE}, ${PUBLISHED}, ${TAKEN}) === ${PUBLISHED}) {
      try {
        const from = (words[${LIST}] >>> 0) / 8
        const to = from + ${CALL} * words[${COUNT}]
        while (list.length < to) list = new Float64Array(memory.buffer)
        for (let i = from; i < to; i += ${CALL}) functionsOf(list[i], list[i + 1])[list[i + 2]]?.(${given})
        Atomics.store(words, ${STATE}, ${IDLE})
      } catch (error) {
        Atomics.store(words, ${STATE}, ${FAILED})
        throw error
      }
    }
    idleSince = performance.now()
  }
}`

/** What Node and browsers have in common, as far as it is used. */
interface Host {
  readonly process?: { getBuiltinModule?(name: string): unknown }
  readonly crossOriginIsolated?: boolean
}
interface WorkerThreads {
  readonly Worker: new (
    code: string,
    options: object,
  ) => { unref(): void; on(event: 'error', body: (e: Error) => void): void }
}

/** A module of Node, which bundlers do not see; undefined elsewhere. */
export function nodeModule<T>(name: string): T | undefined {
  return (globalThis as Host).process?.getBuiltinModule?.(`node:${name}`) as T | undefined
}

const workerThreads = () => nodeModule<WorkerThreads>('worker_threads')

/** The reason why there can be no helper threads, or null. */
export function threadObstacle(): string | null {
  if (workerThreads() !== undefined) return null
  if (typeof Worker === 'undefined') return 'this JavaScript engine has no workers (Node needs 20.16 or later)'
  if ((globalThis as Host).crossOriginIsolated) return null
  return 'the page is not cross-origin isolated; serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp'
}

export class Helper {
  /** The items of its part, for the caller. */
  from = 0
  to = 0
  private readonly words: Int32Array
  private list: Float64Array = new Float64Array(0)
  private length = 0 // numbers in the list

  constructor() {
    const control = CACHE_LINES * Math.ceil(memory.takeBlock(2 * CACHE_LINES) / CACHE_LINES)
    this.words = new Int32Array(memory.buffer, control, 4)
    this.words.set([STARTING, 0, 0, 0])
    this.start({ memory: memory.wasm, control })
  }

  private start(workerData: object): void {
    const fail = ({ message }: { readonly message?: string }) => {
      Atomics.store(this.words, STATE, FAILED)
      console.warn(`alambic: a helper thread failed (${message ?? 'a policy forbids it'}). Continuing without it`)
    }
    const node = workerThreads()
    if (node === undefined) {
      const code = `onmessage = ({ data }) => (${PROGRAM})(data)`
      const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })))
      worker.onerror = fail
      worker.postMessage(workerData)
    } else {
      const code = `(${PROGRAM})(require('node:worker_threads').workerData)`
      const worker = new node.Worker(code, { eval: true, execArgv: [], workerData })
      worker.on('error', fail)
      worker.unref()
    }
  }

  get isStarting(): boolean {
    return Atomics.load(this.words, STATE) === STARTING
  }

  get isIdle(): boolean {
    return Atomics.load(this.words, STATE) === IDLE
  }

  /** Begins a new list. */
  begin(from: number, to: number): void {
    this.from = from
    this.to = to
    this.length = 0
  }

  /** Appends a call to the list. */
  add(moduleAt: number, moduleBytes: number, index: number, values: readonly number[]): void {
    if (this.length === this.list.length) this.enlarge()
    const { list, length } = this
    list[length] = moduleAt
    list[length + 1] = moduleBytes
    list[length + 2] = index
    for (let i = 0; i < values.length; i++) list[length + 3 + i] = values[i]!
    this.length += CALL
  }

  private enlarge(): void {
    const { list } = this
    const length = Math.max(32 * CALL, 2 * list.length)
    this.list = new Float64Array(memory.buffer, memory.takeBlock(8 * length), length)
    this.list.set(list)
    if (list.length > 0) memory.releaseBlock(list.byteOffset, list.byteLength)
  }

  publish(): void {
    const { words } = this
    words[LIST] = this.list.byteOffset
    words[COUNT] = this.length / CALL
    Atomics.store(words, STATE, PUBLISHED)
    if (Atomics.load(words, PARKED) === 1) Atomics.notify(words, STATE)
  }

  /**
   * Waits until the helper has executed its list. Takes the list back, and returns false, if the helper has not begun within `patience`
   * milliseconds. Throws a DeviceError if it has failed.
   */
  finish(patience = 0): boolean {
    const { words } = this
    if (Atomics.load(words, STATE) === IDLE) return true
    const maySleep = typeof document === 'undefined' // not in the main thread of a page
    const began = performance.now()
    for (;;) {
      const state = Atomics.load(words, STATE)
      const waited = performance.now() - began
      if (state === IDLE) return true
      if (state === FAILED) throw new DeviceError('a helper thread has failed; call setThreads(1)')
      if (state === PUBLISHED && waited >= patience) {
        if (Atomics.compareExchange(words, STATE, PUBLISHED, IDLE) === PUBLISHED) return false
      } else if (waited > IMPATIENCE && maySleep) Atomics.wait(words, STATE, state, IMPATIENCE)
    }
  }
}
