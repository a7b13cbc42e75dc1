// The file of a saved training: tensors by their path, everything else as JSON in the metadata, a digest over all bytes.

import { describe, expect, it } from 'vitest'
import { digestOf } from '../../src/data/digest.ts'
import { readSafetensors, writeSafetensors } from '../../src/nn/files/safetensors.ts'
import { type Checkpoint, readCheckpoint, writeCheckpoint } from '../../src/rl/index.ts'
import { CheckpointError } from '../../src/tensor/errors.ts'

const saved: Checkpoint = {
  algorithm: 'ppo',
  options: { seed: 7, anneal: true, name: 'run', limit: Infinity },
  parts: {
    agent: { '0.weight': Float32Array.of(1, 2, 3) },
    moments: [Int32Array.of(4), Float64Array.of(0.1, 0.2)],
    counters: { episodes: 3, last: null, best: -Infinity, lowest: -0, mean: Number.NaN, list: [1, [2]] },
  },
}

/** The training as it stands in the metadata of a file. */
const textOf = (file: Uint8Array) => readSafetensors(file).metadata['alambic.training']!

/** A file with this text as its training and a digest that is right. */
function fileOf(training: string, tensors = new Map()): Uint8Array {
  const file = writeSafetensors({
    metadata: { 'alambic.digest': '0'.repeat(32), 'alambic.training': training },
    tensors,
  })
  const at = 8 + '{"__metadata__":{"alambic.digest":"'.length
  file.set(new TextEncoder().encode(digestOf(file)), at)
  return file
}

describe('the file of a training', () => {
  const write = () => writeCheckpoint(saved, { environment: 'CartPole-v1' })

  it('brings every value back', () => {
    expect(readCheckpoint(write())).toEqual(saved)
    const counters = readCheckpoint(write()).parts.counters as { lowest: number; best: number; mean: number }
    expect(counters).toMatchObject({ lowest: -0, best: -Infinity, mean: Number.NaN })
  })

  it('has typed arrays as tensors named by their path, those of 64 bits first', () => {
    const { tensors } = readSafetensors(write())
    const stored = Array.from(tensors, ([name, { type, shape }]) => [name, type, ...shape])
    expect(stored).toEqual([
      ['parts.moments.1', 'F64', 2],
      ['parts.agent.0.weight', 'F32', 3],
      ['parts.moments.0', 'I32', 1],
    ])
  })

  it('has everything else as JSON, with numbers that JSON lacks in words', () => {
    expect(JSON.parse(textOf(write()))).toEqual({
      algorithm: 'ppo',
      options: { seed: 7, anneal: true, name: 'run', limit: { $number: 'Infinity' } },
      parts: {
        agent: { '0.weight': { $tensor: 'parts.agent.0.weight' } },
        moments: [{ $tensor: 'parts.moments.0' }, { $tensor: 'parts.moments.1' }],
        counters: {
          ...{ episodes: 3, last: null, best: { $number: '-Infinity' }, lowest: { $number: '-0' } },
          ...{ mean: { $number: 'NaN' }, list: [1, [2]] },
        },
      },
    })
  })

  it('has notes in its metadata, and begins with the digest of the file with zeros in its place', () => {
    const file = write()
    const { metadata } = readSafetensors(file)
    expect(Object.keys(metadata)).toEqual(['alambic.digest', 'environment', 'alambic.training'])
    expect(metadata.environment).toBe('CartPole-v1')
    const at = new TextDecoder().decode(file).indexOf(metadata['alambic.digest']!)
    expect(at).toBe(43)
    const blank = file.slice()
    blank.fill('0'.charCodeAt(0), 43, 43 + 32)
    expect(metadata['alambic.digest']).toBe(digestOf(blank))
  })

  it('is read without being changed', () => {
    const file = write()
    readCheckpoint(file)
    expect(file).toEqual(write())
  })
})

describe('a file that is refused', () => {
  const refused = (file: Uint8Array, message: string | RegExp) => {
    expect(() => readCheckpoint(file)).toThrow(CheckpointError)
    expect(() => readCheckpoint(file)).toThrow(message)
  }

  it('has no training', () => {
    refused(
      writeSafetensors({ metadata: { 'alambic.digest': '0'.repeat(32) }, tensors: new Map() }),
      'readCheckpoint: the file has no training: its metadata has no "alambic.training"',
    )
  })

  it('has no digest, or that of other bytes', () => {
    const training = JSON.stringify(saved.options)
    refused(
      writeSafetensors({ metadata: { 'alambic.training': training }, tensors: new Map() }),
      /the file is damaged or was changed: its digest is absent, its bytes have another\. Use an earlier copy/,
    )
    const changed = writeCheckpoint(saved)
    changed[changed.length - 1]! ^= 1
    const digest = readSafetensors(changed).metadata['alambic.digest']
    refused(changed, `its digest is ${digest}, its bytes have another`)
  })

  it.each(['0', '+Infinity', 'Number', '1e400'])('has the number %s in words', (number) => {
    const options = `{"seed":{"$number":"${number}"}}`
    refused(
      fileOf(`{"algorithm":"ppo","options":${options},"parts":{}}`),
      `readCheckpoint: the number "${number}"; expected -0, an infinity or NaN`,
    )
  })

  it('refers to a tensor that it does not have', () => {
    const parts = '{"agent":{"$tensor":"parts.agent"}}'
    refused(fileOf(`{"algorithm":"ppo","options":{},"parts":${parts}}`), /the file has no tensor "parts\.agent"/)
  })

  it.each([
    'null',
    '[]',
    '{"options":{},"parts":{}}',
    '{"algorithm":1,"options":{},"parts":{}}',
    '{"algorithm":"ppo","options":[],"parts":{}}',
    '{"algorithm":"ppo","options":{},"parts":null}',
  ])('lacks a record of a training: %s', (training) => {
    refused(fileOf(training), 'readCheckpoint: not a training; expected the records algorithm, options and parts')
  })

  it('is no JSON', () => refused(fileOf('{"algorithm":'), /^readCheckpoint: the training is not JSON: /))

  it('is shorter than the place of the digest', () => {
    refused(writeSafetensors({ metadata: { 'alambic.training': '' }, tensors: new Map() }), /its digest is absent/)
  })
})

it('keeps records whose $number and $tensor are no text', () => {
  const training = '{"algorithm":"ppo","options":{"a":{"$number":1},"b":{"$tensor":[2]}},"parts":{}}'
  expect(readCheckpoint(fileOf(training)).options).toEqual({ a: { $number: 1 }, b: { $tensor: [2] } })
})
