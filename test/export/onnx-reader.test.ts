import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadAgent } from '../../src/export/agent-file.ts'
import { type DenseActivation, networkOf, type OutputMeaning, type PlainLayer } from '../../src/export/dense-layers.ts'
import { toOnnx } from '../../src/export/index.ts'
import { readOnnx } from '../../src/export/onnx-reader.ts'
import { bytes, fieldsOf, floating, integer, message } from '../../src/export/protobuf.ts'
import type { CategoricalPolicy } from '../../src/rl/discrete-policies.ts'
import type { Policy } from '../../src/rl/policy.ts'
import { Box } from '../../src/rl/spaces.ts'
import { CheckpointError, ValueError } from '../../src/tensor/errors.ts'
import { Rng, tensor } from '../../src/tensor/index.ts'

const golden = (name: string) => new Uint8Array(readFileSync(new URL(`../golden/pytorch/${name}`, import.meta.url)))
const { mlp } = JSON.parse(new TextDecoder().decode(golden('outputs.json')))
const states = Float32Array.from(mlp.observations.flat())
const unit = new Box([-1, -1], [1, 1])

function layersOf(sizes: readonly number[], activations: readonly DenseActivation[], seed: number): PlainLayer[] {
  const rng = new Rng(seed)
  const normals = (count: number) => Float32Array.from({ length: count }, () => rng.normal())
  return sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i]!
    const activation = activations[i % activations.length]!
    return { inputs, outputs, weight: normals(inputs * outputs), bias: normals(outputs), activation }
  })
}

describe('an ONNX file', () => {
  it('of toOnnx comes back to the same bits', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 5 })
    const activations = fc.array(fc.constantFrom<DenseActivation>('relu', 'tanh', 'identity'), { minLength: 1 })
    const meanings = fc.constantFrom<OutputMeaning>('logits', 'actionValues')
    fc.assert(
      fc.property(sizes, activations, meanings, fc.nat(9999), (sizes, activations, choice, seed) => {
        const meaning = sizes.at(-1) === 1 ? 'stateValues' : choice
        const layers = layersOf(sizes, activations, seed)
        const file = toOnnx(layers, meaning)
        expect(readOnnx(file)).toEqual({ layers, output: meaning })
        const x = tensor(
          Float32Array.from({ length: 2 * sizes[0]! }, (_, i) => Math.sin(i)),
          [2, sizes[0]!],
        )
        const { network } = loadAgent(file) as CategoricalPolicy
        expect(network.forward(x).toArray()).toEqual(networkOf(layers).forward(x).toArray())
      }),
      { numRuns: 30 },
    )
  })

  it('of torch.onnx gives its outputs', () => {
    const policy = loadAgent(golden('mlp.onnx')) as CategoricalPolicy
    const logits = policy.logits(tensor(states, [5, 4])).toArray()
    for (const [i, logit] of mlp.logits.flat().entries()) expect(logits[i]).toBeCloseTo(logit, 5)
  })

  it('of torch.onnx with MatMul and Add, and tanh at its end, gives actions within bounds', () => {
    const policy = loadAgent(golden('matmul.onnx'), { actionSpace: unit }) as Policy<Float32Array>
    const actions = policy.actBatch(states)
    for (const [i, logit] of mlp.logits.flat().entries()) expect(actions[i]).toBeCloseTo(Math.tanh(logit), 5)
    expect(() => loadAgent(golden('mlp.onnx'), { actionSpace: unit })).toThrow(
      /2 outputs after identity; expected 2 after tanh/,
    )
  })

  it('with another operator is refused by its name', () => {
    expect(() => loadAgent(golden('refused-sigmoid.onnx'))).toThrow(CheckpointError)
    expect(() => loadAgent(golden('refused-sigmoid.onnx'))).toThrow(/operator Sigmoid after 1 layers/)
    expect(() => loadAgent(golden('mlp.onnx'), { activation: 'relu' })).toThrow(ValueError)
  })

  it('whose weights are not transposed, used twice, or lie elsewhere, is refused', () => {
    const weight = (...more: Uint8Array[]) =>
      message(integer(1, 1), integer(1, 1), integer(2, 1), bytes(8, 'w'), ...more)
    const model = (w: Uint8Array, nodes: number, operator = 'MatMul') => {
      const node = (i: number) =>
        bytes(1, message(bytes(1, `x${i}`), bytes(1, 'w'), bytes(2, `x${i + 1}`), bytes(4, operator)))
      const graph = message(
        ...Array.from({ length: nodes }, (_, i) => node(i)),
        ...[bytes(5, w), bytes(11, bytes(1, 'x0')), bytes(12, bytes(1, `x${nodes}`))],
      )
      return message(integer(1, 8), bytes(7, graph))
    }
    const two = bytes(4, Uint8Array.of(0, 0, 0, 64))
    expect(readOnnx(model(weight(two), 1)).layers).toMatchObject([
      { weight: Float32Array.of(2), bias: Float32Array.of(0) },
    ])
    const row = message(integer(1, 1), integer(1, 2), integer(2, 1), bytes(8, 'w'), bytes(4, new Uint8Array(8)))
    expect(readOnnx(model(row, 1, 'Gemm')).layers).toMatchObject([{ inputs: 1, outputs: 2 }])
    const unpacked = Uint8Array.from({ length: 5 * 200_000 }, (_, i) => (i % 5 === 0 ? 4 * 8 + 5 : 0)) // a field per number
    const wide = message(integer(1, 1), integer(1, 200_000), integer(2, 1), bytes(8, 'w'), unpacked)
    expect(readOnnx(model(wide, 1)).layers).toMatchObject([{ inputs: 1, outputs: 200_000 }])
    expect(() => readOnnx(model(weight(two), 2))).toThrow(/used twice/)
    expect(() => readOnnx(model(weight(integer(14, 1), bytes(13, 'elsewhere')), 1))).toThrow(/4 bytes in the file/)
  })
})

describe('the wire format', () => {
  it('comes back', () => {
    const field = fc.integer({ min: 1, max: 2000 })
    const value = fc.oneof(fc.nat(2 ** 31), fc.uint8Array({ maxLength: 20 }))
    fc.assert(
      fc.property(fc.array(fc.tuple(field, value)), (fields) => {
        const data = message(...fields.map(([f, v]) => (typeof v === 'number' ? integer(f, v) : bytes(f, v))))
        expect([...fieldsOf(data)].map(([f, v]) => [f, typeof v === 'number' ? v : [...v]])).toEqual(
          fields.map(([f, v]) => [f, typeof v === 'number' ? v : [...v]]),
        )
      }),
    )
    for (const [broken, words] of [
      [[0x80], 'protobuf: an integer without an end: a truncated file'],
      [[0x08, ...new Array(10).fill(0x80), 1], 'an integer without an end'],
      [[0x0a, 5, 1], 'a field of wire type 2 ends beyond its message: a truncated file'],
      [[0x0b], 'a field of wire type 3 ends beyond its message'],
      [[0x0d, 1, 2, 3], 'a field of wire type 5 ends beyond its message'],
      [[0x09, 1, 2, 3, 4, 5, 6, 7], 'a field of wire type 1 ends beyond its message'],
    ] as const) {
      expect(() => [...fieldsOf(Uint8Array.from(broken))]).toThrow(CheckpointError)
      expect(() => [...fieldsOf(Uint8Array.from(broken))]).toThrow(words)
    }
  })

  it('has floats of four and eight bytes, and integers of up to ten', () => {
    const fields = [...fieldsOf(message(floating(2, 1.5, 4), floating(3, -2, 8), bytes(4, 'x')))]
    expect(fields.map(([field, value]) => [field, (value as Uint8Array).length])).toEqual([
      [2, 4],
      [3, 8],
      [4, 1],
    ])
    expect([...fieldsOf(Uint8Array.of(0x08, ...new Array(9).fill(0x80), 1))]).toEqual([[1, 2 ** 63]])
  })
})
