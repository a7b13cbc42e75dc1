// The worker's side of protocol.ts: runs one job for each message, and reports what it prints and how it ends.

import { lineOf, type Print } from '../program.ts'
import type { FromWorker } from './protocol.ts'

const MOST_LINES = 500
const LONGEST_LINE = 200_000 // characters: pictures are long

/** Answers each message by `job`. */
export function answerWith<Message, Result>(job: (message: Message, print: Print) => Promise<Result>): void {
  const post = (message: FromWorker<Result>) => postMessage(message)
  addEventListener('message', async ({ data }: MessageEvent<Message>) => {
    try {
      const result = await job(
        data,
        limitedPrint((lines) => post({ kind: 'print', lines })),
      )
      post({ kind: 'done', result })
    } catch (error) {
      const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
      post({ kind: 'failed', message, line: lineOf(error) })
    }
  })
  post({ kind: 'ready' })
}

// A program that prints without end must not fill the page.
function limitedPrint(send: (lines: string[]) => void): Print {
  let count = 0
  return (text) => {
    count++
    if (count < MOST_LINES) send([text.slice(0, LONGEST_LINE)])
    else if (count === MOST_LINES) send([`… further lines are left out after ${MOST_LINES}`])
  }
}
