import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ELEMENT_BITS,
  type ElementType,
  numbersOf,
  readSafetensors,
  type SafetensorsFile,
  type StoredTensor,
  storedTensor,
  writeSafetensors,
} from '../../../src/nn/files/safetensors.ts'
import { CheckpointError, tensor } from '../../../src/tensor/index.ts'
import { expectClose, type GoldenTensor, goldenCases } from '../../support/golden.ts'
import { forAll, property } from '../../support/property.ts'

interface MixedCase {
  readonly op: string
  readonly metadata: Record<string, string>
  readonly tensors: Record<string, GoldenTensor & { safetensors_dtype: string }>
}

const readGoldenBytes = (file: string) =>
  new Uint8Array(readFileSync(new URL(`../../golden/torch/${file}`, import.meta.url)))
const mixed = goldenCases<MixedCase>('safetensors.json').find((each) => each.op === 'safetensors_mixed')!

describe('files that the safetensors library wrote', () => {
  it('mixed.safetensors: every element type, names, special values', () => {
    const file = readSafetensors(readGoldenBytes('mixed.safetensors'))
    expect(file.metadata).toEqual(mixed.metadata)
    expect([...file.tensors.keys()].sort()).toEqual(Object.keys(mixed.tensors).sort())
    for (const [name, expected] of Object.entries(mixed.tensors)) {
      const stored = file.tensors.get(name)!
      expect(stored.type).toBe(expected.safetensors_dtype)
      expect(stored.shape).toEqual(expected.shape)
      expectClose(tensor(numbersOf(file, name), stored.shape), expected, { rtol: 0, atol: 0 }, name)
    }
  })

  it.each(['mlp.safetensors', 'mixed.safetensors'])('%s comes back byte for byte', (name) => {
    const bytes = readGoldenBytes(name)
    expect(writeSafetensors(readSafetensors(bytes))).toEqual(bytes)
  })
})

/** A file of one tensor per [name, header entry], with `dataLength` bytes after a header that may break the rules. */
function fileOf(header: unknown, dataLength: number): Uint8Array {
  return framed(new TextEncoder().encode(JSON.stringify(header)), dataLength)
}

function framed(header: Uint8Array, dataLength: number): Uint8Array {
  const bytes = new Uint8Array(8 + header.length + dataLength)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true)
  bytes.set(header, 8)
  return bytes
}

/** A file that claims a header of so many bytes, and ends there. */
function lengthOf(bytes: number): Uint8Array {
  const file = new Uint8Array(8)
  new DataView(file.buffer).setBigUint64(0, BigInt(bytes), true)
  return file
}

const two = (begin: number, end: number, dtype = 'F32', shape: unknown = [2]) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
})

describe('broken files are refused with the reason', () => {
  const text = (s: string) => new TextEncoder().encode(s)
  it.each<[string, Uint8Array, string]>([
    ['empty', new Uint8Array(0), '0 bytes; expected at least 8'],
    ['seven bytes', new Uint8Array(7), '7 bytes; expected at least 8'],
    ['no header', new Uint8Array(8), 'does not begin with "{"'],
    ['the longest header', lengthOf(100_000_000), 'would be 100000000 bytes, but only 0 follow'],
    ['a header above the limit', lengthOf(100_000_001), 'above the limit of 100000000'],
    ['no bytes', 'x' as never, 'the file is string; expected its bytes as a Uint8Array'],
    ['nothing', null as never, 'the file is null; expected its bytes'],
    ['header cut off', framed(text('{}'), 0).slice(0, 9), 'only 1 follow: a truncated file'],
    ['an absurd length', new Uint8Array(16).fill(255), 'above the limit'],
    ['another format', framed(text('PK..'), 0), 'does not begin with "{"'],
    ['a list', framed(text('[]'), 0), 'does not begin with "{"'],
    ['a byte order mark', framed(text('\ufeff{}'), 0), 'does not begin with "{"'],
    ['leading space', framed(text(' {}'), 0), 'does not begin with "{"'],
    ['half a header', framed(text('{"a":'), 0), 'not JSON'],
    ['no text', framed(Uint8Array.of(0x7b, 0xff, 0x7d), 0), 'no UTF-8'],
    ['unknown type', fileOf({ a: two(0, 8, 'F31') }, 8), 'unknown element type "F31"'],
    ['a type that objects inherit', fileOf({ a: two(0, 8, 'toString') }, 8), 'unknown element type "toString"'],
    ['a list of a type', fileOf({ a: two(0, 8, ['F32'] as never) }, 8), 'unknown element type ["F32"]'],
    ['no type', fileOf({ a: { shape: [2], data_offsets: [0, 8] } }, 8), 'unknown element type undefined'],
    ['negative size', fileOf({ a: two(0, 8, 'F32', [-2]) }, 8), 'has the shape [-2]'],
    ['fractional size', fileOf({ a: two(0, 8, 'F32', [2.5]) }, 8), 'has the shape [2.5]'],
    ['65 axes', fileOf({ a: two(0, 4, 'F32', new Array(65).fill(1)) }, 4), 'expected a list of at most 64 sizes'],
    ['no shape', fileOf({ a: two(0, 8, 'F32', null) }, 8), 'has the shape null'],
    ['offsets reversed', fileOf({ a: two(8, 0) }, 8), 'has the offsets [8,0]'],
    ['one offset', fileOf({ a: { dtype: 'F32', shape: [2], data_offsets: [0] } }, 8), 'has the offsets [0]'],
    ['too few bytes for the shape', fileOf({ a: two(0, 4) }, 4), '4 bytes; F32 of shape [2] takes 8'],
    ['too many bytes for the shape', fileOf({ a: two(0, 12) }, 12), '12 bytes; F32 of shape [2] takes 8'],
    ['a shape that overflows', fileOf({ a: two(0, 8, 'F32', [2 ** 52, 2 ** 52, 2 ** 52]) }, 8), 'has 8 bytes; F32'],
    ['a gap', fileOf({ a: two(0, 8), b: two(12, 20) }, 20), '"b" begins at byte 12 of the data and so leaves a gap'],
    ['a gap at the start', fileOf({ a: two(4, 12) }, 12), 'leaves a gap'],
    ['an overlap', fileOf({ a: two(0, 8), b: two(4, 12) }, 12), '"b" begins at byte 4 of the data and so overlaps'],
    ['data cut off', fileOf({ a: two(0, 8) }, 7), 'ends at byte 8 of 7 bytes of data: a truncated file'],
    ['bytes left over', fileOf({ a: two(0, 8) }, 9), 'foreign bytes at the end'],
    ['metadata of numbers', fileOf({ __metadata__: { a: 1 } }, 0), 'the metadata is not an object of texts'],
    ['an entry of another kind', fileOf({ a: 5 }, 0), 'the entry of tensor "a" is no object'],
  ])('%s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(CheckpointError)
    expect(() => readSafetensors(bytes)).toThrow(message)
  })

  it('in at most 400 characters', () => {
    const messageOf = (name: string) => {
      try {
        readSafetensors(fileOf({ [name]: 5 }, 0))
      } catch (error) {
        return (error as Error).message
      }
      return ''
    }
    const whole = (name: string) => `safetensors: the entry of tensor "${name}" is no object`
    const fits = 'a'.repeat(400 - whole('').length + 'safetensors: '.length)
    expect(messageOf(fits)).toBe(whole(fits))
    expect(messageOf(`${fits}a`)).toBe(`${whole(`${fits}a`).slice(0, -1)}…`)
  })

  it('but not 64 axes', () => {
    const shape = new Array(64).fill(1)
    expect(readSafetensors(fileOf({ a: two(0, 4, 'F32', shape) }, 4)).tensors.get('a')!.shape).toEqual(shape)
  })

  it('any bytes at all either read or throw a CheckpointError', () => {
    const good = readGoldenBytes('mixed.safetensors')
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, value]) => good.with(at, value)),
      fc.nat(good.length - 1).map((length) => good.slice(0, length)),
    )
    forAll([bytes], (each) => {
      try {
        readSafetensors(each)
      } catch (error) {
        expect(error).toBeInstanceOf(CheckpointError)
      }
    })
  })
})

describe('what we write', () => {
  const types = Object.keys(ELEMENT_BITS) as ElementType[]
  const stored = fc
    .record({ type: fc.constantFrom(...types), shape: fc.array(fc.nat(3), { maxLength: 3 }) })
    .filter(({ type, shape }) => (shape.reduce((a, b) => a * b, 1) * ELEMENT_BITS[type]) % 8 === 0)
    .chain(({ type, shape }) => {
      const length = (shape.reduce((a, b) => a * b, 1) * ELEMENT_BITS[type]) / 8
      return fc
        .uint8Array({ minLength: length, maxLength: length })
        .map((bytes): StoredTensor => ({ type, shape, bytes }))
    })
  const name = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.nat(20).map(String),
    fc.constantFrom('0.weight', '__proto__'),
  )
  const file = fc.record({
    metadata: fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
    tensors: fc.uniqueArray(
      fc.tuple(
        name.filter((each) => each !== '__metadata__'),
        stored,
      ),
      { selector: ([key]) => key },
    ),
  })

  property('reads back the same, in order, and again to the same bytes', [file], ({ metadata, tensors }) => {
    const bytes = writeSafetensors({ metadata, tensors: new Map(tensors) })
    const back = readSafetensors(bytes)
    expect({ ...back.metadata }).toEqual({ ...metadata })
    // Empty tensors begin and end at one place, so nothing fixes their order among themselves.
    const filled = ([, { bytes: b }]: [string, StoredTensor]) => b.length > 0
    expect([...back.tensors].filter(filled)).toEqual(tensors.filter(filled))
    expect(back.tensors.size).toBe(tensors.length)
    expect(writeSafetensors(readSafetensors(writeSafetensors(back)))).toEqual(writeSafetensors(back))
  })

  it('starts its data on a multiple of eight bytes, filled up with spaces', () => {
    for (const key of ['a', 'ab', 'abc', 'abcd', 'abcde', 'abcdef', 'abcdefg', 'abcdefgh']) {
      const bytes = writeSafetensors({
        metadata: {},
        tensors: new Map([[key, storedTensor(Float32Array.of(1, 2), [2])]]),
      })
      const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
      expect((8 + length) % 8).toBe(0)
      expect(new TextDecoder().decode(bytes.slice(8, 8 + length))).toMatch(/^\{.*\} *$/)
      expect(bytes.length).toBe(8 + length + 8)
    }
  })

  it('keeps numbers of our three element types', () => {
    const arrays = [
      Float32Array.of(1.5, -0, 1e-45),
      Float64Array.of(Math.PI, -Infinity, 5e-324),
      Int32Array.of(-1, 2 ** 31 - 1, 0),
    ]
    const tensors = new Map(arrays.map((values, i) => [`${i}`, storedTensor(values, [3, 1])]))
    const back = readSafetensors(writeSafetensors({ metadata: {}, tensors }))
    for (const [i, values] of arrays.entries()) expect(numbersOf(back, `${i}`)).toEqual(values)
  })

  it('has no metadata in its header where there is none', () => {
    const bytes = writeSafetensors({ metadata: {}, tensors: new Map() })
    expect(new TextDecoder().decode(bytes.slice(8)).trim()).toBe('{}')
  })

  it('is never an invalid file', () => {
    const values = storedTensor(Float32Array.of(1), [1])
    const write = (tensors: SafetensorsFile['tensors']) => writeSafetensors({ metadata: {}, tensors })
    expect(() => write(new Map([['__metadata__', values]]))).toThrow('the format reserves it')
    expect(() => write(new Map([['a', { ...values, shape: [2] }]]))).toThrow('has 4 bytes; F32 of shape [2] takes 8')
    expect(() => storedTensor(Float32Array.of(1), [2])).toThrow('1 numbers do not fill the shape [2]')
  })
})

describe('numbersOf', () => {
  const of = (type: ElementType, bytes: Uint8Array, shape = [1]): SafetensorsFile => ({
    metadata: {},
    tensors: new Map([['x', { type, shape, bytes }]]),
  })

  it('reads elements with the lowest byte first', () => {
    const low = Uint8Array.of(1, 2, 0, 0, 0, 0, 0, 0) // 1 + 2 · 256
    for (const type of ['I64', 'U64'] as const) expect(numbersOf(of(type, low), 'x')).toEqual(Float64Array.of(513))
    expect(numbersOf(of('U32', low.slice(0, 4)), 'x')).toEqual(Float64Array.of(513))
    expect(numbersOf(of('I32', low.slice(0, 4)), 'x')).toEqual(Int32Array.of(513))
    for (const type of ['I16', 'U16'] as const) {
      expect(numbersOf(of(type, low.slice(0, 2)), 'x')).toEqual(Int32Array.of(513))
    }
  })

  it('reads binary16 by hand', () => {
    const halves = Uint8Array.of(...[0x00, 0x3c], ...[0x02, 0x00], ...[0x03, 0x80], ...[0x00, 0xfc])
    expect([...numbersOf(of('F16', halves, [4]), 'x')]).toEqual([1, 2 * 2 ** -24, -3 * 2 ** -24, -Infinity])
  })

  it('refuses what has no exact numbers here', () => {
    expect(() => numbersOf(of('C64', new Uint8Array(8)), 'x')).toThrow('"x" is C64; readable types are')
    for (const type of ['I64', 'U64'] as const) {
      expect(() => numbersOf(of(type, new Uint8Array(8).fill(0x7f)), 'x')).toThrow('beyond 2^53 at index 0')
    }
    expect(() => numbersOf(of('U8', new Uint8Array(1)), 'y')).toThrow('no tensor "y"; it has x')
    expect(numbersOf(of('F16', Uint8Array.of(0, 0x7e)), 'x')).toEqual(Float32Array.of(Number.NaN))
    expect(numbersOf(of('U32', new Uint8Array(4).fill(255)), 'x')).toEqual(Float64Array.of(4294967295))
    expect(numbersOf(of('U64', Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0)), 'x')).toEqual(Float64Array.of(1))
    expect(numbersOf(of('U16', new Uint8Array(2).fill(255)), 'x')).toEqual(Int32Array.of(65535))
  })
})
