// Records of a TensorBoard event file: one Event (tensorflow/core/util/event.proto) with the scalars of a report, in TFRecord framing
// (https://www.tensorflow.org/tutorials/load_data/tfrecord): length, its checksum, data, its checksum.

import { bytes, floating, integer, message } from '../../export/protobuf.ts'

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
