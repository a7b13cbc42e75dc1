// Where a command's files go. The folder is tried before the work starts; each file is written whole, under a passing name
// that is renamed when all of it is on the disk, within one turn of the event loop: nobody sees half a file.

import * as fs from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { FileError, fileReason, UsageError } from './failures.ts'

export class OutputFolder {
  private constructor(readonly path: string) {}

  /** Makes the folder if need be and tries to write there. Throws a `UsageError` where that cannot be done. */
  static open(path: string): OutputFolder {
    try {
      requireFolder(path)
      fs.mkdirSync(path, { recursive: true })
      const probe = passingName(join(path, 'probe'))
      writeWhole(probe, '')
      fs.rmSync(probe)
      return new OutputFolder(path)
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
      fs.mkdirSync(dirname(path), { recursive: true })
      sweep(dirname(path))
      writeWhole(passing, data)
      fs.renameSync(passing, path)
      return path
    } catch (error) {
      discard(passing)
      throw new FileError(`cannot write "${path}": ${fileReason(error)}. Nothing of it was left behind`)
    }
  }

  /**
   * Runs `body` as the folder's only writer. The lock of a process that is no more is taken over. Throws a UsageError while another
   * process holds it. A folder that is empty afterwards is removed.
   */
  async locked<T>(body: () => Promise<T>): Promise<T> {
    const path = join(this.path, LOCK)
    while (!lock(path)) {
      const owner = Number(fs.readFileSync(path, 'utf8'))
      if (owner === process.pid ? held.has(path) : isRunning(owner)) {
        throw new UsageError(
          `the folder "${this.path}" is being written by process ${owner}; wait for it or stop it (if it is no alambic, delete "${path}")`,
        )
      }
      const aside = passingName(path)
      try {
        fs.renameSync(path, aside) // of several processes one succeeds
      } catch {}
      discard(aside)
    }
    held.add(path)
    const release = () => {
      held.delete(path)
      discard(path)
    }
    process.once('exit', release)
    try {
      return await body()
    } finally {
      process.off('exit', release)
      release()
      if (fs.readdirSync(this.path).length === 0) fs.rmdirSync(this.path)
    }
  }

  /** Writes a value as JSON, indented; typed arrays become lists, and what is not a number becomes null. */
  writeJson(name: string, value: unknown): string {
    const plain = (_key: string, each: unknown) =>
      ArrayBuffer.isView(each) && !(each instanceof DataView) ? Array.from(each as Float64Array) : each
    return this.write(name, `${JSON.stringify(value, plain, 2)}\n`)
  }
}

const LOCK = '.lock'

/** Locks of this process. Another with its number is one that is no more, as in a container that was started again. */
const held = new Set<string>()

/** The names in a folder, without those of locks and of files under way; none where there is no folder. */
export function namesIn(path: string): string[] {
  if (!fs.statSync(path, { throwIfNoEntry: false })?.isDirectory()) return []
  return fs.readdirSync(path).filter((name) => name !== LOCK && !PASSING.test(name))
}

/** False if another process holds the lock. */
function lock(path: string): boolean {
  try {
    fs.writeFileSync(path, `${process.pid}`, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw new FileError(`cannot write "${path}": ${fileReason(error)}`)
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Removes files that processes which are no more have left half-written. */
function sweep(path: string): void {
  for (const name of fs.readdirSync(path)) {
    const owner = PASSING.exec(name)?.[1]
    if (owner !== undefined && !isRunning(Number(owner))) discard(join(path, name))
  }
}

function requireFolder(path: string): void {
  const found = fs.statSync(path, { throwIfNoEntry: false })
  if (found !== undefined && !found.isDirectory()) {
    throw new UsageError(`cannot write into the folder "${path}": it is a file. Choose another with --out`)
  }
}

const PASSING = /^\..+\.(\d+)\.part$/

/** A name beside `path`, our own among processes, that no pattern for finished files matches. */
function passingName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.part`)
}

/** Removes what may not even be there: its folder can be a file. */
function discard(path: string): void {
  try {
    fs.rmSync(path, { force: true })
  } catch {}
}

/** Flushes before the rename, so that even a power cut leaves the old file or the new one. */
function writeWhole(path: string, data: string | Uint8Array): void {
  const file = fs.openSync(path, 'w')
  try {
    fs.writeFileSync(file, data)
    fs.fsyncSync(file)
  } finally {
    fs.closeSync(file)
  }
}
