// Progress of long work on the error output: a bar on a terminal, a line every five seconds elsewhere.

import { formatCount, formatDuration } from 'alambic/plot'
import { SingleBar } from 'cli-progress'

const LINE_INTERVAL = 5000 // ms

export interface Progress {
  /** `done` of the total so far. `note` is a short status: `best 212.4`. */
  update(done: number, note?: string): void
  /** Removes the bar and prints one line with the time taken and the note. */
  finish(note: string): void
}

/** Starts to show `total` units of work: `startProgress('cartpole', 50_000, 'steps')`. */
export function startProgress(title: string, total: number, unit: string): Progress {
  const started = performance.now()
  const show = process.stderr.isTTY ? startBar(title, total, unit) : startLines(title, total, unit)
  return {
    update: (done, note = '') => show.update(Math.min(done, total), note),
    finish(note) {
      show.stop()
      process.stderr.write(`${title}: done in ${formatDuration(performance.now() - started)}: ${note}\n`)
    },
  }
}

function startBar(title: string, total: number, unit: string) {
  const bar = new SingleBar({
    format: `${title} {bar} {value} of {total} ${unit}, {eta_formatted} left  {note}`,
    stream: process.stderr,
    clearOnComplete: true,
    linewrap: true, // leaves the terminal's own mode as it is, since Ctrl-C ends the process at once
  })
  bar.start(total, 0, { note: '' })
  return { update: (done: number, note: string) => bar.update(done, { note }), stop: () => bar.stop() }
}

function startLines(title: string, total: number, unit: string) {
  let last = performance.now()
  return {
    update(done: number, note: string) {
      const now = performance.now()
      if (now - last < LINE_INTERVAL) return
      last = now
      process.stderr.write(`${title}: ${formatCount(done)} of ${formatCount(total)} ${unit}, ${note}\n`)
    },
    stop() {},
  }
}
