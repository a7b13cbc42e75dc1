// Where a command's files go. The folder is tried before the work starts; each file is written whole, under a passing name
// that is renamed when all of it is on the disk, within one turn of the event loop: nobody sees half a file.

import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { FileError, fileReason, UsageError } from './failures.ts'

export class OutputFolder {
  private constructor(readonly path: string) {}

  /** Makes the folder if need be and tries to write there. Throws a `UsageError` where that cannot be done. */
  static open(path: string): OutputFolder {
    try {
      requireFolder(path)
      mkdirSync(path, { recursive: true })
      const folder = new OutputFolder(path)
      const probe = passingName(join(path, 'probe'))
      writeWhole(probe, '')
      rmSync(probe)
      return folder
    } catch (error) {
      if (error instanceof UsageError) throw error
      throw new UsageError(`cannot write into the folder "${path}": ${fileReason(error)}. Choose another with --out`)
    }
  }

  /** Writes one file whole, replacing one of that name, and gives its path. `name` may hold folders. Throws a `FileError`. */
  write(name: string, data: string | Uint8Array): string {
    const path = join(this.path, name)
    const passing = passingName(path)
    try {
      mkdirSync(dirname(path), { recursive: true })
      writeWhole(passing, data)
      renameSync(passing, path)
      return path
    } catch (error) {
      discard(passing)
      throw new FileError(`cannot write "${path}": ${fileReason(error)}. Nothing of it was left behind`)
    }
  }

  /** Writes a value as JSON, indented; typed arrays become lists, and what is not a number becomes null. */
  writeJson(name: string, value: unknown): string {
    const plain = (_key: string, each: unknown) =>
      ArrayBuffer.isView(each) && !(each instanceof DataView) ? Array.from(each as Float64Array) : each
    return this.write(name, `${JSON.stringify(value, plain, 2)}\n`)
  }
}

function requireFolder(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found !== undefined && !found.isDirectory()) {
    throw new UsageError(`cannot write into the folder "${path}": it is a file. Choose another with --out`)
  }
}

/** A name beside `path`, our own among processes, that no pattern for finished files matches. */
function passingName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.part`)
}

/** Removes what may not even be there: its folder can be a file. */
function discard(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {}
}

/** Flushes before the rename, so that even a power cut leaves the old file or the new one. */
function writeWhole(path: string, data: string | Uint8Array): void {
  const file = openSync(path, 'w')
  try {
    writeFileSync(file, data)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
