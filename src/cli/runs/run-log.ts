// The logs of a training: one line of metrics per report, as JSON and CSV, and one line per episode; with `--tensorboard`, an event file
// too. They contain no times, so equal runs write equal bytes.

import { closeSync, constants, fsyncSync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { meanOf } from '../../data/statistics.ts'
import { bytes, floating, integer, message } from '../../export/protobuf.ts'
import type { TrainingReport } from '../../rl/training/training.ts'
import { FileError, fileReason, UsageError } from '../terminal/failures.ts'

/** The lengths of the files, in bytes, in the order of `logFiles`. */
export type LogLengths = readonly number[]

export const METRICS = 'metrics.jsonl'
export const EPISODES_CSV = 'episodes.csv'

/** The last is written for TensorBoard only. */
export const logFiles: readonly string[] = [METRICS, 'metrics.csv', EPISODES_CSV, 'events.out.tfevents.alambic']

export class RunLog {
  private readonly files: readonly LogFile[]

  /** @param lengths where to continue. Default: the start. */
  constructor(folder: string, lengths: LogLengths = [], tensorboard = false) {
    this.files = logFiles
      .slice(0, tensorboard ? 4 : 3)
      .map((name, i) => new LogFile(join(folder, name), lengths[i] ?? 0))
  }

  add(report: TrainingReport<unknown>): void {
    const [json, csv, episodes, events] = this.files as [LogFile, LogFile, LogFile, LogFile?]
    const figures = figuresOf(report)
    if (csv.empty) csv.add(`${Object.keys(figures).join(',')}\n`)
    json.add(`${JSON.stringify(figures)}\n`)
    csv.add(`${Object.values(figures).map(cell).join(',')}\n`)
    if (events?.empty) events.add(versionRecord())
    events?.add(scalarsRecord(report.step, figures))
    if (episodes.empty) episodes.add('step,return,length\n')
    for (const { step, return: total, length } of report.episodes) episodes.add(`${step},${total},${length}\n`)
  }

  flush(): LogLengths {
    return this.files.map((each) => each.flush())
  }
}

/** The numbers of a report, with the count, mean return and mean length of its episodes. */
function figuresOf({ step, episodes, ...rest }: TrainingReport<unknown>): Readonly<Record<string, number | null>> {
  const mean = (values: number[]) => (values.length === 0 ? null : meanOf(values))
  const numbers = Object.entries(rest).filter((entry): entry is [string, number] => typeof entry[1] === 'number')
  return {
    step,
    episodes: episodes.length,
    meanReturn: mean(episodes.map((episode) => episode.return)),
    meanLength: mean(episodes.map(({ length }) => length)),
    ...Object.fromEntries(numbers),
  }
}

function cell(value: number | null): string {
  return value === null || !Number.isFinite(value) ? '' : String(value)
}

/**
 * An append-only file. `flush` writes the additions and returns the length of the file, which checkpoints store; a resumed run truncates
 * it to that length.
 */
class LogFile {
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
    if (this.waiting.length === 0 && this.isCut) return this.length
    const bytes = Buffer.concat(this.waiting)
    try {
      const file = openSync(this.path, constants.O_RDWR | constants.O_CREAT)
      try {
        if (!this.isCut) ftruncateSync(file, this.length)
        writeSync(file, bytes, 0, bytes.length, this.length)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
    } catch (error) {
      throw new FileError(`cannot write "${this.path}": ${fileReason(error)}`)
    }
    this.length += bytes.length
    this.waiting = []
    this.isCut = true
    return this.length
  }
}

/** The first record of a file. */
export function versionRecord(): Uint8Array {
  return record(bytes(3, 'brain.Event:2'))
}

/**
 * The numbers of one step, without those that are null or not finite. The wall time is the step, in seconds: equal runs write equal
 * bytes, and TensorBoard's time axes show steps.
 */
export function scalarsRecord(step: number, figures: Readonly<Record<string, number | null>>): Uint8Array {
  const values = Object.entries(figures)
    .filter((entry): entry is [string, number] => entry[0] !== 'step' && Number.isFinite(entry[1]))
    .map(([tag, value]) => bytes(1, message(bytes(1, tag), floating(2, value, 4))))
  return record(message(floating(1, step, 8), integer(2, step), bytes(5, message(...values))))
}

function record(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length + 16)
  const view = new DataView(out.buffer)
  view.setBigUint64(0, BigInt(data.length), true)
  view.setUint32(8, maskedCrc(out.subarray(0, 8)), true)
  out.set(data, 12)
  view.setUint32(12 + data.length, maskedCrc(data), true)
  return out
}

// CRC-32C (RFC 3720, appendix B.4), rotated by 15 bits and shifted by a constant, so that data with a checksum inside has another one.
function maskedCrc(data: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of data) crc = (crc >>> 8) ^ remainders[(crc ^ byte) & 255]!
  crc = ~crc
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}

const remainders = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte
  for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? 0x82f63b78 : 0)
  return rest
})
