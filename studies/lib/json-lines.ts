// A file of JSON lines that grows by whole lines, each flushed to the disk. A partial last line, left by a power cut, is
// ignored by the reader and cut off by the next writer.

import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs'
import { dirname } from 'node:path'

export class JsonLines<Value> {
  private repaired = false

  constructor(readonly path: string) {}

  /** All whole lines; none if there is no file. Throws an `Error` with the line number where a line is not JSON. */
  read(): Value[] {
    return this.wholeLines()
      .split('\n')
      .slice(0, -1)
      .map((line, i) => {
        try {
          return JSON.parse(line) as Value
        } catch (error) {
          throw new Error(`"${this.path}", line ${i + 1}, is broken: ${(error as Error).message}. Remove the line`)
        }
      })
  }

  /** Adds one line for each value. */
  append(...values: readonly Value[]): void {
    if (values.length === 0) return
    if (!this.repaired) this.repair()
    mkdirSync(dirname(this.path), { recursive: true })
    appendFileSync(this.path, values.map((value) => `${JSON.stringify(value)}\n`).join(''), { flush: true })
  }

  private repair(): void {
    if (existsSync(this.path)) truncateSync(this.path, Buffer.byteLength(this.wholeLines()))
    this.repaired = true
  }

  private wholeLines(): string {
    if (!existsSync(this.path)) return ''
    const text = readFileSync(this.path, 'utf8')
    return text.slice(0, text.lastIndexOf('\n') + 1)
  }
}
