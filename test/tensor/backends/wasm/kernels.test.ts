// The assembler: numbers in LEB128, the constructs that kernels are made of, and the text of kernels.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Code } from '../../../../src/tensor/backends/wasm/assembler.ts'
import {
  type Instruction,
  type Local,
  leb,
  signedLeb,
} from '../../../../src/tensor/backends/wasm/instructions/encoding.ts'
import * as f32 from '../../../../src/tensor/backends/wasm/instructions/f32.ts'
import * as f32x4 from '../../../../src/tensor/backends/wasm/instructions/f32x4.ts'
import * as f64 from '../../../../src/tensor/backends/wasm/instructions/f64.ts'
import * as f64x2 from '../../../../src/tensor/backends/wasm/instructions/f64x2.ts'
import * as i32 from '../../../../src/tensor/backends/wasm/instructions/i32.ts'
import * as i32x4 from '../../../../src/tensor/backends/wasm/instructions/i32x4.ts'
import * as v128 from '../../../../src/tensor/backends/wasm/instructions/v128.ts'
import { allKernels, kernelNames, kernelText } from '../../../../src/tensor/backends/wasm/kernels.ts'
import { instantiate, kernel, moduleBytes, writeKernel } from '../../../../src/tensor/backends/wasm/module.ts'
import { forEachVector } from '../../../../src/tensor/backends/wasm/vectors.ts'
import { memory } from '../../../../src/tensor/memory.ts'
import { forAll } from '../../../support/property.ts'

const at = memory.takeBlock(4096)
const float = (i: number) => memory.f32[(at >>> 2) + i]!

describe('LEB128', () => {
  it('is as the specification shows it', () => {
    expect(leb(624485)).toEqual([0xe5, 0x8e, 0x26])
    expect(signedLeb(-123456)).toEqual([0xc0, 0xbb, 0x78])
    expect([leb(127), leb(128), signedLeb(63), signedLeb(64), signedLeb(-64)]).toEqual([
      [0x7f],
      [0x80, 0x01],
      [0x3f],
      [0xc0, 0x00],
      [0x40],
    ])
  })

  it('can be read back', () => {
    const read = (bytes: number[]) => bytes.reduceRight((value, byte) => value * 128 + (byte & 0x7f), 0)
    forAll([fc.nat(2 ** 32 - 1)], (n) => void expect(read(leb(n))).toBe(n))
    const readSigned = (bytes: number[]) => read(bytes) - ((bytes.at(-1)! & 0x40) === 0 ? 0 : 128 ** bytes.length)
    forAll([fc.integer()], (n) => void expect(readSigned(signedLeb(n))).toBe(n))
  })
})

describe('constructs', () => {
  it('locals of one name are numbered', () => {
    const code = new Code()
    expect(['x', 'y', 'x', 'x'].map((name) => code.local('i32', name).text)).toEqual(['$x', '$y', '$x.1', '$x.2'])
  })

  it('an unrolled loop has exits between its steps', () => {
    const code = new Code()
    const count = code.local('i32', 'count')
    code.unrolled(
      count,
      3,
      (j) => code.advance(count, j),
      () => {},
    )
    const turn = code.body[0]!.body![0]!.body!
    const [step, exit] = ['local.set', 'br_if']
    expect(turn.map(({ op }) => op)).toEqual([step, exit, step, exit, step, step, exit])
  })

  it('products and sums are fused where that is asked for', () => {
    const opOf = (code: Code) => code.multiplyAdd(1, 2, 3).op
    expect([new Code(), new Code(true)].map(opOf)).toEqual(['f32x4.add', 'f32x4.relaxed_madd'])
  })

  /** Runs a kernel of one parameter that stores its results from `at` on. */
  function run(count: number, write: (code: Code, count: Local<'i32'>) => void): void {
    instantiate({ k: kernel('i32 count', write) }, false).k(count)
  }

  it('if, else and while', () => {
    const write = (code: Code, count: Local<'i32'>) => {
      const sum = code.local('f32', 'sum') // locals start at 0
      code.while(count, () => {
        code.if(
          i32.and(count, 1),
          () => code.set(sum, f32.add(sum, 1)),
          () => code.set(sum, f32.add(sum, 100)),
        )
        code.advance(count, -1)
      })
      code.do(f32.store(at, sum))
    }
    for (const [count, sum] of [
      [0, 0],
      [1, 1],
      [5, 203],
    ] as const) {
      run(count, write)
      expect(float(0)).toBe(sum)
    }
  })

  it('unrolled loops run as often as asked, and step on at the end of each turn', () => {
    const cases = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 8 }))
    forAll([cases], { numRuns: 50 }, ([count, times]) => {
      run(count, (code, left) => {
        const to = code.let('to', i32.add(at, 0))
        const store = (j: number) => code.do(f32.store(to, j + 1, 4 * j))
        code.unrolled(left, times, store, () => code.advance(to, 4 * times))
        code.do(f32.store(to, -1, 4 * 8 * 5))
      })
      for (let i = 0; i < count; i++) expect(float(i)).toBe((i % times) + 1)
    })
  })

  it('forEachVector reads and writes exactly the numbers it is given', () => {
    const double = kernel('i32 x out count', (code, x, out, count) => {
      forEachVector(code, count, [x, out], (lanes) => {
        lanes.store(out, code.let('y', f32x4.mul(lanes.load(x), 2)))
      })
    })
    const { k } = instantiate({ k: double }, false)
    for (let count = 0; count < 14; count++) {
      for (let i = 0; i < 64; i++) memory.f32[(at >>> 2) + i] = i
      k(at + 4, at + 4 * 32, count)
      for (let i = 0; i < 32; i++) expect(float(32 + i)).toBe(i < count ? 2 * (i + 1) : 32 + i)
    }
  })

  it('constants keep their value: NaN, infinities and -0 too', () => {
    for (const value of [0, -0, 1.5, Infinity, -Infinity, Number.NaN, 1e-45]) {
      run(0, (code) => code.do(v128.store(at, f32x4.add(f32x4.mul(f32x4.splat(1), value), -0))))
      expect(float(3)).toBe(Math.fround(value))
    }
  })
})

describe('kernels', () => {
  const written = kernelNames().map((name) => writeKernel(name, allKernels, false))

  it('each is a valid module of its own', () => {
    for (const each of written) expect(WebAssembly.validate(moduleBytes([each])), each.name).toBe(true)
  })

  it('use every instruction of the table', () => {
    const types: Record<string, object> = { i32, f32, f64, f64x2, v128, i32x4, f32x4 }
    const all = Object.entries(types).flatMap(([type, own]) => Object.keys(own).map((name) => `${type}.${name}`))
    const used = new Set<string>(['f32x4.relaxed_madd', 'f32x4.shuffle', 'i32x4.constant'])
    const collect = (each: Instruction): void => {
      used.add(each.op)
      for (const inner of [...each.operands, ...(each.body ?? []), ...(each.otherwise ?? [])]) collect(inner)
    }
    for (const { body } of written) body.forEach(collect)
    expect(all.filter((op) => !used.has(op))).toEqual([])
  })

  it('have a text that can be read', () => {
    const text = kernelText('matmul')
    expect(text).toMatch(/^\(func \$matmul \(export "matmul"\)\n {2}\(param \$a i32\)/)
    expect(text).toContain('(v128.load32_splat (local.get $row0))')
    expect(text.split('(').length).toBe(text.split(')').length)
    expect(kernelText('tanh')).toBe(kernelText('map.tanh'))
    expect(kernelText('lerp')).toContain('(local.set $ps (f32x4.splat (local.get $p)))')
    expect(kernelText('maxRows')).toContain('(v128.const f32x4 -inf -inf -inf -inf)')
    expect(kernelText('reciprocal')).toContain('(v128.const f32x4 1 1 1 1)')
    expect([v128.load(at, 16).text, v128.load(at).text]).toEqual(['offset=16', ''])
    const [pointer, one] = [new Code().local('i32', 'p'), f32x4.splat(1)]
    expect([v128.store32_lane(pointer, one, 3).text, v128.store32_lane(pointer, one, 3, 8).text]).toEqual([
      '3',
      'offset=8 3',
    ])
  })

  it('an unknown name is answered with the nearest', () => {
    expect(() => kernelText('softmx')).toThrow(/unknown kernel "softmx".*Did you mean "softmax"\?/)
  })
})
