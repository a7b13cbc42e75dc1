// Signal handling. A signal handler runs only between turns of the event loop, and training is one long turn, so training runs in a worker
// thread and the main thread handles signals. Files are written under a temporary name and renamed (output-folder.ts), so terminating the
// worker never leaves a partial file.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { reportFailure } from './failures.ts'
import { stopProgress } from './progress.ts'

// 128 + the number of the signal, the shell convention.
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** Milliseconds a run is given to reach its next report and save. */
const GRACE = 600

const WHOLE = 'the files written so far are whole'

/** From the worker: how to continue its work after an interrupt and the milliseconds that it needs to stop, its step, or its exit code. */
type Message = { readonly words: string | null; readonly grace: number } | StepMessage | { readonly code: number }

/** From a run to the process that started it as one of several: environment steps so far. */
export interface StepMessage {
  readonly step: number
}

/** Data shared with the worker. */
interface Shared {
  /** Set to [1] on a signal. */
  readonly stop: Int32Array
  readonly isTerminal: boolean
}

/** Runs the command line in a worker. A signal ends it within a second; a run is saved if it reaches its next report in that time. */
export function supervise(entry: URL, argv: readonly string[]): void {
  const shared: Shared = { stop: new Int32Array(new SharedArrayBuffer(4)), isTerminal: process.stderr.isTTY }
  const worker = new Worker(entry, { argv: [...argv], workerData: shared })
  let words: string | null = null
  let grace = GRACE
  let end: (() => void) | undefined
  worker.on('message', (message: Message) => {
    if ('code' in message) process.exitCode = message.code
    else if ('words' in message) ({ words, grace } = message)
    else if (process.connected) process.send!(message, undefined, undefined, () => {})
  })
  worker.on('error', (error) => {
    process.exitCode = reportFailure(error)
  })
  worker.on('exit', () => end?.())
  const stop = (code: number) => {
    Atomics.store(shared.stop, 0, 1)
    end = () => leave(code, words ?? WHOLE)
    if (words === null) end()
    else setTimeout(end, grace)
  }
  onSignal(stop)
  if (!process.connected) return
  process.on('disconnect', () => stop(exitCodes.SIGTERM)) // the process that started this one has died
  process.channel!.unref()
}

/** Exits on SIGINT, SIGTERM and SIGHUP, and restores the terminal. */
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
// The stderr of a worker is piped through the main thread, so it does not report itself as a terminal.
if (given?.isTerminal) process.stderr.isTTY = true

/** Whether a signal has asked this process to stop. */
export function isStopped(): boolean {
  return given !== null && Atomics.load(given.stop, 0) === 1
}

const BREATH_MS = 50
let lastBreath = 0

/** Yields to the event loop at most every 50 ms. Await it in long loops. */
export async function breathe(): Promise<void> {
  const now = performance.now()
  if (now - lastBreath < BREATH_MS) return
  lastBreath = now
  await nextTurn()
}

/** Runs a generator to its end, yields to the event loop between its reports, and returns its result. */
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

/**
 * As `drive`, for the run in the folder `path`, with checkpoints by `save`: every `seconds`, at reports for which `onReport` returns
 * true, and on a signal.
 */
export async function driveSaving<Report, Result>(
  run: Generator<Report, Result, void>,
  path: string,
  seconds: number,
  save: (report: Report) => void,
  onReport: (report: Report) => boolean,
): Promise<Result> {
  let savedAt = performance.now()
  return continuable(`alambic resume ${path}`, GRACE, () =>
    drive(run, (report) => {
      if (!onReport(report) && !isStopped() && performance.now() - savedAt < 1000 * seconds) return
      save(report)
      savedAt = performance.now()
      if (isStopped()) process.exit()
    }),
  )
}

/** Runs `body`. A signal meanwhile names the `command` that continues it, and leaves it `grace` milliseconds to exit by itself. */
export async function continuable<T>(command: string, grace: number, body: () => Promise<T>): Promise<T> {
  parentPort?.postMessage({ words: `continue with: ${command}`, grace } satisfies Message)
  try {
    return await body()
  } finally {
    parentPort?.postMessage({ words: null, grace } satisfies Message)
  }
}

const STEP_EVERY_MS = 200
let lastStepAt = 0

/** Sends the step of a run to the process that started it, at most every 200 ms. */
export function sendStep(step: number): void {
  const now = performance.now()
  if (now - lastStepAt < STEP_EVERY_MS) return
  lastStepAt = now
  parentPort?.postMessage({ step } satisfies StepMessage)
}
