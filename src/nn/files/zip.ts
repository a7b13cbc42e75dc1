// Zip archives (PKWARE's APPNOTE 6.3, sections 4.3 and 4.4), which torch.save and Stable-Baselines3 write: the central directory at the
// end lists the entries, each stored as it is or deflated. Read next: state-dict.ts.

import { inflateSync } from 'fflate'
import { CheckpointError, excerpt } from '../../tensor/errors.ts'

/** Entries by name. `read` returns the contents; those of a stored entry are a view of the file. */
export type ZipArchive = ReadonlyMap<string, { read(): Uint8Array }>

const LOCAL_HEADER = 0x04034b50
const CENTRAL_HEADER = 0x02014b50
const END_RECORD = 0x06054b50
const END_BYTES = 22
const LONGEST_COMMENT = 0xffff
const [STORED, DEFLATED] = [0, 8]

/** Inflated bytes per byte of the file: a deflate stream can grow a thousandfold, which no network does. */
const LARGEST_GROWTH = 100

export function isZip(file: Uint8Array): boolean {
  return file.length >= 4 && viewOf(file).getUint32(0, true) === LOCAL_HEADER
}

/**
 * Reads the directory of an archive. Throws a CheckpointError on a broken, encrypted or zip64 archive; so does `read` of an entry that is
 * broken or that would inflate, with all entries read before, to more than a hundred times the size of the file.
 *
 * @param size of the file in bytes; for an archive within another, that of the outer one
 */
export function readZip(file: Uint8Array, size = file.length): ZipArchive {
  const view = viewOf(file)
  const end = endRecord(view)
  const [count, start] = [view.getUint16(end + 10, true), view.getUint32(end + 16, true)]
  let budget = LARGEST_GROWTH * size
  const entries = new Map<string, { read(): Uint8Array }>()
  let at = start
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== CENTRAL_HEADER) {
      throw broken(`entry ${i + 1} of ${count} is missing from the directory`)
    }
    const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)]
    const [packed, inflates] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)]
    const lengthAt = (field: number) => view.getUint16(at + field, true)
    const [named, extra, comment] = [lengthAt(28), lengthAt(30), lengthAt(32)]
    const local = view.getUint32(at + 42, true)
    const name = new TextDecoder().decode(file.subarray(at + 46, at + 46 + named))
    if (entries.has(name)) throw broken(`the entry "${excerpt(name)}" occurs twice`)
    entries.set(name, {
      read() {
        if ((flags & 1) !== 0) throw broken(`the entry "${excerpt(name)}" is encrypted`)
        const data = contents(file, local, packed, name)
        if (method === STORED && packed === inflates) return data
        if (method !== DEFLATED)
          throw broken(`"${excerpt(name)}" has the method ${method}; expected 8, or 0 for equal sizes`)
        budget -= inflates
        if (budget < 0) throw broken(`"${excerpt(name)}" inflates to ${inflates} bytes, too much for ${size} bytes`)
        return inflated(data, inflates, name)
      },
    })
    at += 46 + named + extra + comment
  }
  return entries
}

// The end record has a comment of unknown length behind it.
function endRecord(view: DataView): number {
  const last = view.byteLength - END_BYTES
  for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--) {
    if (view.getUint32(at, true) === END_RECORD) return at
  }
  throw broken('there is no directory at the end: a truncated file')
}

// Sizes of 4 GiB and above are 0xffffffff here, and so outside of the file.
function contents(file: Uint8Array, local: number, packed: number, name: string): Uint8Array {
  const view = viewOf(file)
  if (local + 30 <= file.length && view.getUint32(local, true) === LOCAL_HEADER) {
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true)
    if (start + packed <= file.length) return file.subarray(start, start + packed)
  }
  throw broken(`the entry "${excerpt(name)}" lies outside of the file: a truncated or a zip64 archive`)
}

function inflated(data: Uint8Array, size: number, name: string): Uint8Array {
  try {
    const out = inflateSync(data, { out: new Uint8Array(size + 1) })
    if (out.length === size) return out
  } catch {}
  throw broken(`the entry "${excerpt(name)}" does not inflate to its ${size} bytes`)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function broken(what: string): CheckpointError {
  return new CheckpointError(`zip: ${what}`)
}
