// Mutates a file: its raw bytes, or its structure as JSON or as .safetensors with JSON in header and metadata, so that
// code behind the outer checks is reached as well.

import { digestOf } from '../../src/data/digest.ts'
import type { Rng } from '../../src/tensor/random.ts'

const NUMBERS = [
  '-1',
  '0',
  '-0',
  '1',
  '2',
  '0.5',
  '1e400',
  '-1e308',
  '1e15',
  '9007199254740993',
  '60000000',
  '2147483648',
]
const VALUES = [
  ...NUMBERS,
  'null',
  'true',
  '""',
  '"x"',
  '[]',
  '{}',
  '[1]',
  '{"length":1e9}',
  '{"$tensor":"a"}',
  '{"$number":"NaN"}',
]
const LONGEST = 200_000

/** A changed copy of `file`; `other` is a file to take pieces from. */
export function mutate(file: Uint8Array, other: Uint8Array, rng: Rng): Uint8Array {
  let changed = file
  for (let count = 1 + rng.integer(3); count > 0; count--) changed = once(changed, other, rng)
  return resealed(changed.subarray(0, LONGEST), rng)
}

function once(file: Uint8Array, other: Uint8Array, rng: Rng): Uint8Array {
  const header = headerOf(file)
  const kind = rng.integer(8)
  if (header !== null && kind < 5) return withHeader(file, header, changedHeader(header, rng))
  if (kind < 5 && looksLikeText(file)) {
    const text = new TextDecoder().decode(file)
    return new TextEncoder().encode(rng.integer(2) === 0 ? changedJson(text, rng) : changedText(text, rng))
  }
  return changedBytes(file, other, rng)
}

function changedBytes(file: Uint8Array, other: Uint8Array, rng: Rng): Uint8Array {
  const at = rng.integer(file.length + 1)
  const length = 1 + rng.integer(1 + Math.min(64, file.length))
  const piece = other.subarray(Math.min(rng.integer(other.length + 1), other.length)).subarray(0, length)
  switch (rng.integer(5)) {
    case 0: {
      const copy = file.slice()
      if (at < copy.length) copy[at] = copy[at]! ^ (1 << rng.integer(8))
      return copy
    }
    case 1: {
      const copy = file.slice()
      if (at < copy.length) copy[at] = [0, 1, 0x7f, 0x80, 0xff, 0x22, 0x5b, 0x7b][rng.integer(8)]!
      return copy
    }
    case 2:
      return file.slice(0, at)
    case 3:
      return joined(file.subarray(0, at), file.subarray(Math.min(at + length, file.length)))
    default:
      return joined(file.subarray(0, at), piece, file.subarray(at))
  }
}

function changedText(text: string, rng: Rng): string {
  const at = rng.integer(text.length + 1)
  switch (rng.integer(6)) {
    case 0: {
      const numbers = [...text.slice(at, at + 2000).matchAll(/-?\d[\d.eE+-]*/g)]
      if (numbers.length === 0) return text
      const { 0: found, index } = numbers[rng.integer(numbers.length)]!
      return text.slice(0, at + index) + pick(NUMBERS, rng) + text.slice(at + index + found.length)
    }
    case 1:
      return text.slice(0, at) + pick(VALUES, rng) + text.slice(at)
    case 2:
      return text.slice(0, at) + '["{,\r\n0x'[rng.integer(8)]!.repeat(1 + rng.integer(5000)) + text.slice(at)
    case 3:
      return text.slice(0, at) + text.slice(at + 1 + rng.integer(20))
    case 4: {
      const lines = text.split('\n')
      const from = rng.integer(lines.length)
      lines.splice(rng.integer(lines.length + 1), rng.integer(2), ...lines.slice(from, from + 1 + rng.integer(3)))
      return lines.join('\n')
    }
    default:
      return text.slice(0, at) + text.slice(at, at + 50).repeat(1 + rng.integer(50)) + text.slice(at)
  }
}

/** Replaces, removes, copies, renames or nests one value of the JSON. Other text is changed as text. */
function changedJson(text: string, rng: Rng): string {
  let root: unknown
  try {
    root = JSON.parse(text)
  } catch {
    return changedText(text, rng)
  }
  const holder = { root }
  const places: [Record<string, unknown>, string][] = []
  const look = (node: unknown): void => {
    if (node === null || typeof node !== 'object') return
    for (const key of Object.keys(node).slice(0, 200)) {
      places.push([node as Record<string, unknown>, key])
      if (places.length < 3000) look((node as Record<string, unknown>)[key])
    }
  }
  try {
    look(holder)
    const [parent, key] = places[rng.integer(places.length)]!
    const [from, name] = places[rng.integer(places.length)]!
    switch (rng.integer(6)) {
      case 0:
        if (Array.isArray(parent)) parent.splice(Number(key), 1)
        else delete parent[key]
        break
      case 1:
        parent[key] = structuredClone(from[name])
        break
      case 2:
        parent[`${key}${rng.integer(3)}`] = parent[key]
        break
      case 3:
        return JSON.stringify(holder.root).replace(JSON.stringify(key), `${'['.repeat(1 + rng.integer(3000))}1`)
      default:
        parent[key] = JSON.parse(pick(VALUES, rng).replace('1e400', '1e308'))
    }
    return JSON.stringify(holder.root) ?? text
  } catch {
    return changedText(text, rng)
  }
}

function changedHeader(header: string, rng: Rng): string {
  if (rng.integer(3) > 0) {
    try {
      const read = JSON.parse(header) as Record<string, Record<string, string>>
      const keys = Object.keys(read.__metadata__ ?? {}).filter((key) => key !== 'alambic.digest')
      if (keys.length > 0) {
        const key = pick(keys, rng)
        read.__metadata__![key] = changedJson(read.__metadata__![key]!, rng)
        return JSON.stringify(read)
      }
    } catch {}
  }
  return rng.integer(2) === 0 ? changedJson(header, rng) : changedText(header, rng)
}

function headerOf(file: Uint8Array): string | null {
  if (file.length < 10 || file[8] !== 0x7b) return null
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true))
  return length <= file.length - 8 ? new TextDecoder().decode(file.subarray(8, 8 + length)).trimEnd() : null
}

function withHeader(file: Uint8Array, before: string, header: string): Uint8Array {
  const old = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true))
  const text = new TextEncoder().encode(header)
  const length = new Uint8Array(8)
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true)
  return before === header ? file : joined(length, text, file.subarray(8 + old))
}

/** Nine in ten checkpoints get a digest that fits, so that the checks behind it are reached. */
function resealed(file: Uint8Array, rng: Rng): Uint8Array {
  const before = '{"__metadata__":{"alambic.digest":"'
  const start = 8 + before.length
  if (file.length < start + 32 || new TextDecoder().decode(file.subarray(8, start)) !== before) return file
  if (rng.integer(10) === 0) return file
  const copy = file.slice()
  copy.fill(0x30, start, start + 32)
  copy.set(new TextEncoder().encode(digestOf(copy)), start)
  return copy
}

function looksLikeText(file: Uint8Array): boolean {
  return file.subarray(0, 100).every((byte) => byte === 9 || byte === 10 || byte === 13 || byte >= 32)
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

function pick<T>(list: readonly T[], rng: Rng): T {
  return list[rng.integer(list.length)]!
}
