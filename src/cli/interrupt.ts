// Ctrl-C. JavaScript hears a signal only between turns of the event loop, and a training is one long turn: so it runs in a thread of its
// own, and the main thread hears. A file is written under another name and renamed (see output-folder.ts), so that ending a thread at any
// moment leaves no half of one.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { reportFailure } from './failures.ts'
import { stopProgress } from './progress.ts'

// 128 + the signal's number, as shells have it.
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** Milliseconds that a run has to come to its next report and save it. */
const GRACE = 600

const WHOLE = 'the files written so far are whole'

/** From the thread that computes: how to continue what it is doing, or how it ended. */
type Message = { readonly words: string | null } | { readonly code: number }

/** What the thread that computes is given. */
interface Shared {
  /** [1] after a signal. */
  readonly stop: Int32Array
  readonly isTerminal: boolean
}

/** Runs the command line in a thread. A signal ends it within a second, with a run saved if its next report is that near. */
export function supervise(entry: URL, argv: readonly string[]): void {
  const shared: Shared = { stop: new Int32Array(new SharedArrayBuffer(4)), isTerminal: process.stderr.isTTY }
  const worker = new Worker(entry, { argv: [...argv], workerData: shared })
  let words: string | null = null
  let end: (() => void) | undefined
  worker.on('message', (message: Message) => {
    if ('code' in message) process.exitCode = message.code
    else words = message.words
  })
  worker.on('error', (error) => {
    process.exitCode = reportFailure(error)
  })
  worker.on('exit', () => end?.())
  onSignal((code) => {
    Atomics.store(shared.stop, 0, 1)
    end = () => leave(code, words ?? WHOLE)
    if (words === null) end()
    else setTimeout(end, GRACE)
  })
}

/** Ends the process on Ctrl-C and its kin, with the terminal as it was. */
export function handleSignals(): void {
  onSignal((code) => {
    stopProgress()
    leave(code, WHOLE)
  })
}

function onSignal(body: (code: number) => void): void {
  for (const [signal, code] of Object.entries(exitCodes)) process.on(signal, () => body(code))
}

function leave(code: number, words: string): void {
  process.stderr.write(`${process.stderr.isTTY ? '\r\u001b[K\u001b[?25h' : ''}interrupted: ${words}\n`)
  process.exit(code)
}

const given = workerData as Shared | null
// A thread's error output is no terminal by itself: what is written there goes through the main thread to one.
if (given?.isTerminal) process.stderr.isTTY = true

function isStopped(): boolean {
  return given !== null && Atomics.load(given.stop, 0) === 1
}

const BREATH_MS = 50
let lastBreath = 0

/** Lets signals, timers and output through, at most every 50 ms. Await it in any loop that computes for long. */
export async function breathe(): Promise<void> {
  const now = performance.now()
  if (now - lastBreath < BREATH_MS) return
  lastBreath = now
  await nextTurn()
}

/** Runs a training generator to its end, breathing between its reports, and gives what it returns. */
export async function drive<Report, Result>(
  training: Generator<Report, Result, void>,
  onReport: (report: Report) => void = () => {},
): Promise<Result> {
  for (;;) {
    const next = training.next()
    if (next.done === true) return next.value
    onReport(next.value)
    await breathe()
  }
}

export interface Saving<Report> {
  /** The folder of the run. */
  readonly path: string
  /** Between saves. */
  readonly seconds: number
  save(report: Report): void
}

/** As `drive`, for a run: saves every so many seconds, at reports for which `onReport` returns true, and after a signal. */
export async function driveSaving<Report, Result>(
  run: Generator<Report, Result, void>,
  { path, seconds, save }: Saving<Report>,
  onReport: (report: Report) => boolean,
): Promise<Result> {
  let savedAt = performance.now()
  parentPort?.postMessage({ words: `continue with: alambic resume ${path}` } satisfies Message)
  try {
    return await drive(run, (report) => {
      if (!onReport(report) && !isStopped() && performance.now() - savedAt < 1000 * seconds) return
      save(report)
      savedAt = performance.now()
      if (isStopped()) process.exit()
    })
  } finally {
    parentPort?.postMessage({ words: null } satisfies Message)
  }
}
