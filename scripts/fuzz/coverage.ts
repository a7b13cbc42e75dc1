// Which parts of src/ have run in this thread, from V8's own counters (the inspector's precise coverage, by block).

import { Session } from 'node:inspector'

interface FunctionCoverage {
  readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[]
}

export class Coverage {
  private readonly session = new Session()

  constructor() {
    this.session.connect()
    this.session.post('Profiler.enable')
    this.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** Blocks that have run since the last call. */
  take(): Set<string> {
    const ran = new Set<string>()
    this.session.post('Profiler.takePreciseCoverage', (error, taken) => {
      if (error !== null) throw error
      for (const { url, scriptId, functions } of taken.result) {
        if (!url.includes('/src/')) continue
        for (const { ranges } of functions as readonly FunctionCoverage[]) {
          for (const { startOffset, endOffset, count } of ranges) {
            if (count > 0) ran.add(`${scriptId} ${startOffset} ${endOffset}`)
          }
        }
      }
    })
    return ran
  }
}
