// The output folder of a command. Opening it tests that it is writable, before any work. Each file is written under a temporary name, flushed
// and renamed: readers see the old file or the new one, never a partial one.

import * as fs from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { FileError, fileReason, UsageError } from './failures.ts'

export class OutputFolder {
  private constructor(readonly path: string) {}

  /** Creates the folder if it is missing and tests that it is writable. Throws a `UsageError` if it is not. */
  static open(path: string): OutputFolder {
    try {
      fs.mkdirSync(path, { recursive: true })
      const probe = passingName(join(path, 'probe'))
      writeWhole(probe, '')
      fs.rmSync(probe)
      return new OutputFolder(path)
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code === 'EEXIST' ? 'it is a file' : fileReason(error)
      throw new UsageError(`cannot write into the folder "${path}": ${reason}. Choose another with --out`)
    }
  }

  /** Writes or replaces one file and returns its path. `name` may contain folders. Throws a `FileError`. */
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
   * Runs `body` as the only writer of the folder. A lock left by a dead process is taken over. Throws a UsageError while another process
   * holds the lock. Removes the folder if it is empty afterwards.
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
        fs.renameSync(path, aside) // succeeds in one process only
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

  /** Writes a value as indented JSON. Typed arrays become lists, NaN and infinities null. */
  writeJson(name: string, value: unknown): string {
    const plain = (_key: string, each: unknown) =>
      ArrayBuffer.isView(each) && !(each instanceof DataView) ? Array.from(each as Float64Array) : each
    return this.write(name, `${JSON.stringify(value, plain, 2)}\n`)
  }
}

/** The bytes of a file. Throws a UsageError. */
export function readBytes(path: string): Buffer {
  try {
    return fs.readFileSync(path)
  } catch (error) {
    throw new UsageError(`cannot read "${path}": ${fileReason(error)}`)
  }
}

/** Throws a UsageError that names the first of these files that exists, unless `force` allows to replace it. */
export function requireFree(files: readonly string[], force: true | undefined): void {
  const taken = force ? undefined : files.find((each) => fs.existsSync(each))
  if (taken === undefined) return
  throw new UsageError(`"${taken}" exists already; replace it with --force, or choose another name`)
}

const LOCK = '.lock'

/** Locks held by this process. A lock file with the same pid that is not among them is from a dead process (a restarted container). */
const held = new Set<string>()

/** The file names in a folder, without locks and temporary files. Empty if the folder does not exist. */
export function namesIn(path: string): string[] {
  if (!fs.statSync(path, { throwIfNoEntry: false })?.isDirectory()) return []
  return fs.readdirSync(path).filter((name) => name !== LOCK && !PASSING.test(name))
}

/** False if another process holds the lock. A link appears with its contents, so a killed process never leaves an empty lock. */
function lock(path: string): boolean {
  const own = passingName(path)
  try {
    fs.writeFileSync(own, `${process.pid}`)
    fs.linkSync(own, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw new FileError(`cannot write "${path}": ${fileReason(error)}`)
  } finally {
    discard(own)
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !isZombie(pid)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Whether Linux reports that the process has ended and its parent has not collected its exit code. */
function isZombie(pid: number): boolean {
  try {
    return /^\d+ \(.*\) [ZX]/s.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Removes temporary files of dead processes. */
function sweep(path: string): void {
  for (const name of fs.readdirSync(path)) {
    const owner = PASSING.exec(name)?.[1]
    if (owner !== undefined && !isRunning(Number(owner))) discard(join(path, name))
  }
}

const PASSING = /^\..+\.(\d+)\.part$/

/** A temporary name beside `path`, unique to this process. */
function passingName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.part`)
}

/** Removes a file if it exists. Errors are ignored. */
function discard(path: string): void {
  try {
    fs.rmSync(path, { force: true })
  } catch {}
}

/** Flushes to the disk, so that even a power failure leaves the old file or the new one. */
function writeWhole(path: string, data: string | Uint8Array): void {
  const file = fs.openSync(path, 'w')
  try {
    fs.writeFileSync(file, data)
    fs.fsyncSync(file)
  } finally {
    fs.closeSync(file)
  }
}
