// The event file of `alambic train --tensorboard`, read by a reader of its own: TFRecord framing, then the fields of Event and Summary.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { captureCommands } from './capture.ts'

const captured = captureCommands()

/** CRC-32C by long division of bits, as RFC 3720 defines it. */
function crc32c(data: Uint8Array): number {
  let crc = 0xffffffffn
  for (const byte of data) {
    for (let bit = 0n; bit < 8n; bit++) {
      const odd = ((crc ^ (BigInt(byte) >> bit)) & 1n) === 1n
      crc = odd ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n
    }
  }
  return Number(crc ^ 0xffffffffn)
}

function masked(data: Uint8Array): number {
  const crc = BigInt(crc32c(data))
  return Number((((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn)
}

function recordsOf(file: Buffer): Buffer[] {
  const records: Buffer[] = []
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at))
    expect(file.readUInt32LE(at + 8)).toBe(masked(file.subarray(at, at + 8)))
    const data = file.subarray(at + 12, at + 12 + length)
    expect(file.readUInt32LE(at + 12 + length)).toBe(masked(data))
    records.push(data)
    at += 16 + length
  }
  return records
}

/** The fields of a message, by number: bytes, floats or whole numbers. */
function fieldsOf(data: Buffer): [field: number, value: number | Buffer][] {
  const fields: [number, number | Buffer][] = []
  let at = 0
  const varint = () => {
    let [value, scale] = [0, 1]
    for (; ; scale *= 128) {
      const byte = data[at++]!
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  const take = (size: number) => {
    at += size
    return data.subarray(at - size, at)
  }
  while (at < data.length) {
    const key = varint()
    const type = key % 8
    const value = type === 0 ? varint() : take(type === 1 ? 8 : type === 5 ? 4 : varint())
    if (typeof value === 'number' || type === 2) fields.push([key >> 3, value])
    else fields.push([key >> 3, type === 1 ? value.readDoubleLE() : value.readFloatLE()])
  }
  return fields
}

it('the checksum is that of RFC 3720', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
})

it('holds the numbers of metrics.jsonl, step by step', async () => {
  const argv = ['train', 'ppo', '--env', 'CartPole-v1', '--hidden', '8', '--num-steps', '16', '--steps', '640']
  expect(await run([...argv, '--tensorboard', '--name', 'run', '--out', captured.folder])).toBe(0)
  const folder = join(captured.folder, 'run')
  const [version, ...events] = recordsOf(readFileSync(join(folder, 'events.out.tfevents.alambic')))
  expect(fieldsOf(version!)).toEqual([[3, Buffer.from('brain.Event:2')]])
  const lines = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n')
  expect(events).toHaveLength(lines.length)
  events.forEach((event, i) => {
    const { step, ...figures } = JSON.parse(lines[i]!) as Record<string, number | null>
    const [wallTime, eventStep, summary] = fieldsOf(event)
    expect([wallTime, eventStep]).toEqual([
      [1, step],
      [2, step],
    ])
    const scalars = fieldsOf(summary![1] as Buffer).map(([, value]) => {
      const [tag, number] = fieldsOf(value as Buffer)
      return [String(tag![1]), number![1]]
    })
    const expected = Object.entries(figures).filter(([, value]) => value !== null)
    expect(scalars).toEqual(expected.map(([tag, value]) => [tag, Math.fround(value!)]))
  })
})
