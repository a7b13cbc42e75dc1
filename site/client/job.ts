// A job in a worker of its own, which ends at its time limit or when it is stopped: the page goes on as if nothing had happened.

import { load } from './load.ts'
import type { FromWorker } from './workers/protocol.ts'

/** How a job ended. */
export type Outcome<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'failed'; readonly message: string; readonly line?: number | undefined }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'too long' }

export interface Job<Result> {
  readonly outcome: Promise<Outcome<Result>>
  stop(): void
}

const workers = {
  cell: { file: 'cell-code.js', name: 'siteCellWorker' },
  grade: { file: 'grade-code.js', name: 'siteGradeWorker' },
}

/** `limit` is in seconds, from when the worker's code is loaded. */
export function startJob<Result>(
  worker: keyof typeof workers,
  message: object,
  limit: number,
  { started, printed }: { started(): void; printed(lines: readonly string[]): void },
): Job<Result> {
  let stop = () => {}
  const outcome = new Promise<Outcome<Result>>((resolve) => {
    let running: Worker | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let ended = false
    const end = (it: Outcome<Result>) => {
      ended = true
      clearTimeout(timer)
      running?.terminate()
      resolve(it)
    }
    stop = () => end({ kind: 'stopped' })
    const begin = (code: string) => {
      if (ended) return
      const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
      running = new Worker(url)
      URL.revokeObjectURL(url)
      running.onerror = ({ message }) => end({ kind: 'failed', message })
      running.onmessage = ({ data }: MessageEvent<FromWorker<Result>>) => {
        if (data.kind === 'print') printed(data.lines)
        else if (data.kind !== 'ready') end(data)
        else {
          timer = setTimeout(() => end({ kind: 'too long' }), limit * 1000)
          started()
          running?.postMessage(message)
        }
      }
    }
    load<string>(workers[worker].file, workers[worker].name).then(begin, (error: Error) =>
      end({ kind: 'failed', message: error.message }),
    )
  })
  return { outcome, stop: () => stop() }
}
