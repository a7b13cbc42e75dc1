// A file of JSON lines that grows by whole lines: each is written in one call and flushed. Half a line that a power cut left
// at the end is passed over by the reader and cut off by the next writer.

import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { FileError, fileReason } from '../../src/cli/failures.ts'

export class JsonLines<Value> {
  private mended = false

  constructor(readonly path: string) {}

  /** All whole lines; none where there is no file. Throws a `FileError` that names the line where one is no JSON. */
  read(): Value[] {
    return this.wholeLines()
      .split('\n')
      .slice(0, -1)
      .map((line, i) => {
        try {
          return JSON.parse(line) as Value
        } catch (error) {
          throw new FileError(`"${this.path}", line ${i + 1}, is broken: ${fileReason(error)}. Remove the line`)
        }
      })
  }

  /** Adds a line each at the end, all of them in one piece. */
  append(...values: readonly Value[]): void {
    if (values.length === 0) return
    if (!this.mended) this.mend()
    try {
      mkdirSync(dirname(this.path), { recursive: true })
      const file = openSync(this.path, 'a')
      try {
        writeWhole(file, Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join('')))
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
    } catch (error) {
      throw new FileError(`cannot write "${this.path}": ${fileReason(error)}`)
    }
  }

  private mend(): void {
    const length = Buffer.byteLength(this.wholeLines())
    if (existsSync(this.path)) truncateSync(this.path, length)
    this.mended = true
  }

  private wholeLines(): string {
    if (!existsSync(this.path)) return ''
    try {
      const text = readFileSync(this.path, 'utf8')
      return text.slice(0, text.lastIndexOf('\n') + 1)
    } catch (error) {
      throw new FileError(`cannot read "${this.path}": ${fileReason(error)}`)
    }
  }
}

// A write may take less than it was given.
function writeWhole(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
}
