// A pool of worker processes: the next cell goes to the first idle worker. A worker runs the same program as `few-labels --worker` and
// answers each cell with its record, so a killed study loses only the cells that were running.

import { fork } from 'node:child_process'
import type { Cell, CellRecord } from './record.ts'

export type Answer = { readonly record: CellRecord } | { readonly failure: string }

/** A program to run cells by: a script with its arguments. */
export interface Program {
  readonly script: string
  readonly args: readonly string[]
}

/** Calls `onAnswer` for each cell as it is done. Throws an `Error` if a worker ends before its cell does. */
export async function dealOut(
  cells: readonly Cell[],
  jobs: number,
  { script, args }: Program,
  onAnswer: (cell: Cell, answer: Answer) => void,
): Promise<void> {
  let next = 0
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const worker = fork(script, args)
      let running: Cell | undefined
      const give = () => {
        running = cells[next++]
        if (running === undefined) worker.disconnect()
        else worker.send(running)
      }
      worker.on('message', (answer: Answer) => {
        onAnswer(running!, answer)
        give()
      })
      worker.on('error', reject)
      worker.on('exit', (code, signal) => {
        if (running === undefined) resolve()
        else reject(new Error(`a worker ended (${signal ?? `code ${code}`}) in the cell ${JSON.stringify(running)}`))
      })
      give()
    })
  await Promise.all(Array.from({ length: Math.min(jobs, cells.length) }, work))
}

/** Answers the cells that the parent process sends, until it disconnects. */
export function serve(run: (cell: Cell) => CellRecord): void {
  process.on('message', (cell: Cell) => process.send!(answerOf(cell, run)))
  process.on('disconnect', () => process.exit())
}

/** The record of a cell, or the message of what it threw. */
export function answerOf(cell: Cell, run: (cell: Cell) => CellRecord): Answer {
  try {
    return { record: run(cell) }
  } catch (error) {
    return { failure: (error as Error).message }
  }
}
