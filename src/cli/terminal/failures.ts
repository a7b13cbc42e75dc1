// Errors of the command: one line on stderr and an exit code. 2: unusable input; 1: any later error; 130: Ctrl-C. ALAMBIC_DEBUG=1 adds the
// stack trace.

import { AlambicError, CheckpointError, DeviceError, DTypeError, ShapeError, ValueError } from '../../tensor/errors.ts'
import { stopProgress } from './progress.ts'

/** Unusable command-line input: exit code 2. */
export class UsageError extends AlambicError {
  override readonly name = 'UsageError'
}

/** A file error after work has started: exit code 1. */
export class FileError extends AlambicError {
  override readonly name = 'FileError'
}

// Errors of wrong options, other checkpoints and absent devices.
const badInput = [UsageError, ValueError, ShapeError, DTypeError, CheckpointError, DeviceError]

export function exitCode(error: unknown): 1 | 2 {
  return isOutOfMemory(error) || badInput.some((kind) => error instanceof kind) ? 2 : 1
}

function isOutOfMemory(error: unknown): error is RangeError {
  return error instanceof RangeError && /array length|allocation/i.test(error.message)
}

/** Prints an error as one line and returns its exit code. */
export function reportFailure(error: unknown): 1 | 2 {
  stopProgress()
  process.stderr.write(`error: ${oneLine(error)}\n`)
  if (debugging() && error instanceof Error) {
    const { stack } = error.cause instanceof Error ? error.cause : error
    process.stderr.write(`${stack}\n`)
  }
  return exitCode(error)
}

function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const line = message.replace(/\s*\n\s*/g, ' ').trim()
  if (error instanceof AlambicError) return line
  if (isOutOfMemory(error)) return `the options ask for more memory than there is (${line}); choose smaller sizes`
  const kind = error instanceof Error ? error.name : 'thrown value'
  return `unexpected ${kind}: ${line}${debugging() ? '' : ' (ALAMBIC_DEBUG=1 shows where)'}`
}

function debugging(): boolean {
  return (process.env.ALAMBIC_DEBUG ?? '') !== '' && process.env.ALAMBIC_DEBUG !== '0'
}

// Messages for file system error codes. Other errors keep their own message.
const reasons: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder',
  EEXIST: 'a file of that name exists',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'the path has too many symbolic links',
}

/** Why a file operation failed: `permission denied`. */
export function fileReason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? ''
  return reasons[code] ?? (error instanceof Error ? error.message : String(error))
}
