// Append-only log files. `flush` writes the additions and returns the length of the file, which checkpoints store. A resumed run truncates
// its logs to the stored lengths.

import { closeSync, constants, fsyncSync, ftruncateSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { FileError, fileReason, UsageError } from '../failures.ts'

export class LogFile {
  private waiting: Buffer[] = []
  private length: number
  private isCut = false

  /** @param length bytes of the existing file to keep; the first `flush` cuts off the rest. Throws a `UsageError` if it is shorter. */
  constructor(
    readonly path: string,
    length: number,
  ) {
    this.length = length
    const size = statSync(path, { throwIfNoEntry: false })?.size
    if (length > (size ?? 0)) {
      const found = size === undefined ? 'is missing' : `has ${size} bytes`
      throw new UsageError(
        `"${path}" ${found}; the checkpoint knows of ${length} bytes. Bring the file back, or start another run by "alambic train"`,
      )
    }
  }

  /** Whether nothing was ever added. */
  get empty(): boolean {
    return this.length === 0 && this.waiting.length === 0
  }

  add(data: string | Uint8Array): void {
    this.waiting.push(Buffer.from(data))
  }

  /** Writes the additions and returns the length of the file in bytes. */
  flush(): number {
    if (this.waiting.length > 0 || !this.isCut) {
      const bytes = Buffer.concat(this.waiting)
      this.open((file) => {
        if (!this.isCut) ftruncateSync(file, this.length)
        writeSync(file, bytes, 0, bytes.length, this.length)
        fsyncSync(file)
      })
      this.length += bytes.length
      this.waiting = []
      this.isCut = true
    }
    return this.length
  }

  private open(body: (file: number) => void): void {
    try {
      mkdirSync(dirname(this.path), { recursive: true })
      const file = openSync(this.path, constants.O_RDWR | constants.O_CREAT)
      try {
        body(file)
      } finally {
        closeSync(file)
      }
    } catch (error) {
      throw new FileError(`cannot write "${this.path}": ${fileReason(error)}`)
    }
  }
}
