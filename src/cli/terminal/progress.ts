// Progress on stderr: a bar with the time left on a terminal, otherwise a plain line from time to time.

import { SingleBar } from 'cli-progress'
import { formatCount, formatDuration } from '../../plot/format.ts'

/** Work in progress of known size. */
export interface Progress {
  /** Sets the units done so far and a note such as `return 212.4`. */
  update(done: number, note?: string): void
  /** Ends the bar and prints one line: title, elapsed time and note. */
  finish(note?: string): void
}

const LINE_EVERY_MS = 5_000

let running: SingleBar | null = null

/**
 * Shows the progress of `total` units: `startProgress('teacher', 50_000, 'steps')`. One at a time.
 *
 * @param mayEndEarly whether the time left is an upper bound, and shown as one. Default: false
 */
export function startProgress(title: string, total: number, unit: string, mayEndEarly = false): Progress {
  const started = performance.now()
  const left = (done: number) => timeLeft(done, total, started, mayEndEarly)
  const show = process.stderr.isTTY ? showBar(title, total, unit, left) : showLines(title, total, unit, started, left)
  let last = ''
  return {
    update(done, note = last) {
      last = note
      show(Math.min(done, total), note)
    },
    finish(note = last) {
      stopProgress()
      const detail = note === '' ? '' : `: ${note}`
      process.stderr.write(`${title}: done in ${formatDuration(performance.now() - started)}${detail}\n`)
    },
  }
}

/** Removes a running bar and shows the cursor. */
export function stopProgress(): void {
  running?.stop()
  running = null
}

type Show = (done: number, note: string) => void
type TimeLeft = (done: number) => string

function showBar(title: string, total: number, unit: string, left: TimeLeft): Show {
  stopProgress()
  const bar = new SingleBar({
    format: `${title} {bar} {percentage} %  {left}{note}`,
    barCompleteChar: '━',
    barIncompleteChar: '─',
    barsize: 28,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    gracefulExit: false, // interrupt.ts ends the process
    stream: process.stderr,
  })
  bar.start(total, 0, { left: `${formatCount(total)} ${unit}`, note: '' })
  running = bar
  return (done, note) => {
    bar.update(done, { left: left(done), note: note === '' ? '' : `  ${note}` })
  }
}

function showLines(title: string, total: number, unit: string, started: number, left: TimeLeft): Show {
  let lastLine = started
  return (done, note) => {
    const now = performance.now()
    if (now - lastLine < LINE_EVERY_MS) return
    lastLine = now
    const parts = [`${formatCount(done)} of ${formatCount(total)} ${unit}`, left(done), note]
    process.stderr.write(`${title}: ${parts.filter((part) => part !== '').join(', ')}\n`)
  }
}

/** Estimated time left at the average speed so far, in whole seconds. */
function timeLeft(done: number, total: number, started: number, mayEndEarly: boolean): string {
  if (done <= 0) return ''
  const seconds = Math.ceil((((performance.now() - started) / done) * (total - done)) / 1000)
  const time = seconds < 60 ? `${seconds} s left` : `${formatDuration(seconds * 1000)} left`
  return mayEndEarly ? `at most ${time}` : time
}
