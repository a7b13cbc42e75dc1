// Ctrl-C. JavaScript hears a signal only between turns of the event loop, and training is one long turn: so the command's
// loops breathe. A file is written within one turn (see output-folder.ts), so an interrupt never finds half of one.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { stopProgress } from './progress.ts'

// 128 + the signal's number, as shells have it.
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

let lastWords: (() => string) | undefined

/** Ends the process on Ctrl-C and its kin, with the terminal as it was. */
export function handleSignals(): void {
  for (const [signal, code] of Object.entries(exitCodes)) {
    process.on(signal, () => {
      stopProgress()
      process.stderr.write(`interrupted: ${saved()}\n`)
      process.exit(code)
    })
  }
}

function saved(): string {
  try {
    return lastWords?.() ?? 'the files written so far are whole'
  } catch (error) {
    return `the latest state could not be saved: ${(error as Error).message}`
  }
}

const BREATH_MS = 50
let lastBreath = 0

/** Lets signals and timers through, at most every 50 ms. Await it in any loop that computes for long. */
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

/** As `drive`, for a run: saves every so many seconds, at reports for which `onReport` returns true, and on an interrupt. */
export async function driveSaving<Report, Result>(
  run: Generator<Report, Result, void>,
  { path, seconds, save }: Saving<Report>,
  onReport: (report: Report) => boolean,
): Promise<Result> {
  let latest: Report | undefined
  let savedAt = performance.now()
  lastWords = () => {
    if (latest !== undefined) save(latest)
    return `continue with: alambic resume ${path}`
  }
  try {
    return await drive(run, (report) => {
      latest = report
      if (!onReport(report) && performance.now() - savedAt < 1000 * seconds) return
      save(report)
      savedAt = performance.now()
    })
  } finally {
    lastWords = undefined
  }
}
