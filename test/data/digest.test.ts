import { expect, it } from 'vitest'
import { digestOf } from '../../src/data/digest.ts'

it.each<[name: string, bytes: number[], digest: string]>([
  ['no byte', [], '00000000000000000000000000000000'],
  ['less than a block', [...new TextEncoder().encode('alambic')], '71afd34ab8ed4f9a667580a4d25a3171'],
  ['a block and a part of one', Array.from({ length: 20 }, (_, i) => i), 'b57898f5641aaa37c61422ff21293f41'],
  ['one block of ones', new Array<number>(16).fill(255), '29d19b1557b1823f90ea7e6cd40787e5'],
])('the digest of %s is that of another implementation, in Python', (_, bytes, digest) => {
  expect(digestOf(Uint8Array.from(bytes))).toBe(digest)
})

it('has the length in it, so that zeros at the end count', () => {
  expect(digestOf(Uint8Array.of(1))).not.toBe(digestOf(Uint8Array.of(1, 0)))
})
