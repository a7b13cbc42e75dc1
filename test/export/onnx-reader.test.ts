import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DenseActivation, networkOf, type OutputMeaning, type PlainLayer } from '../../src/export/dense-layers.ts'
import { loadAgent, toOnnx } from '../../src/export/index.ts'
import { isOnnx, readOnnx } from '../../src/export/onnx-reader.ts'
import { littleEndian } from '../../src/export/packed-numbers.ts'
import { bytes, fieldsOf, floating, integer, message } from '../../src/export/protobuf.ts'
import { MLP, saveParameters } from '../../src/nn/index.ts'
import { Box, CategoricalPolicy, type Policy } from '../../src/rl/index.ts'
import { CheckpointError, Rng, tensor, ValueError } from '../../src/tensor/index.ts'
import { forAll } from '../support/property.ts'

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
    forAll([sizes, activations, meanings, fc.nat(9999)], { numRuns: 30 }, (sizes, activations, choice, seed) => {
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
    })
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

  it('is told from a .safetensors file by its first bytes', () => {
    expect(isOnnx(golden('mlp.onnx'))).toBe(true)
    const fileOf = (length: number) =>
      saveParameters(new MLP([4, 2], new Rng(1)), { outputs: 'logits', note: 'x'.repeat(length) })
    const file = Array.from({ length: 256 }, (_, length) => fileOf(length)).find(([first]) => first === 0x08)!
    expect(isOnnx(file)).toBe(false)
    expect(isOnnx(golden('mlp.pth'))).toBe(false)
    expect(loadAgent(file)).toBeInstanceOf(CategoricalPolicy)
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
    expect(readOnnx(model(weight(integer(4, 5), two), 1)).layers).toMatchObject([{ weight: Float32Array.of(2) }])
    const row = message(integer(1, 1), integer(1, 2), integer(2, 1), bytes(8, 'w'), bytes(4, new Uint8Array(8)))
    expect(readOnnx(model(row, 1, 'Gemm')).layers).toMatchObject([{ inputs: 1, outputs: 2 }])
    const unpacked = Uint8Array.from({ length: 5 * 200_000 }, (_, i) => (i % 5 === 0 ? 4 * 8 + 5 : 0)) // a field per number
    const wide = message(integer(1, 1), integer(1, 200_000), integer(2, 1), bytes(8, 'w'), unpacked)
    expect(readOnnx(model(wide, 1)).layers).toMatchObject([{ inputs: 1, outputs: 200_000 }])
    expect(() => readOnnx(model(weight(two), 2))).toThrow(/used twice/)
    expect(() => readOnnx(model(weight(integer(14, 1), bytes(13, 'elsewhere')), 1))).toThrow(/4 bytes in the file/)
  })
})

describe('a chain of nodes', () => {
  const weight = (name: string, shape: readonly number[], values: readonly number[], type = 1) =>
    message(...shape.map((size) => integer(1, size)), integer(2, type), bytes(8, name), bytes(9, littleEndian(values)))
  const whole = (name: string, value: number) => bytes(5, message(bytes(1, name), integer(3, value)))
  const real = (name: string, value: number) => bytes(5, message(bytes(1, name), floating(2, value, 4)))
  const w = weight('w', [2, 3], [1, 2, 3, 4, 5, 6])
  const b = weight('b', [3], [7, 8, 9])
  /** A graph of nodes as 'Operator input input output; Operator …', the last of which has the attributes. */
  const modelOf = (
    chain: string,
    { weights = [w, b], inputs = ['x'], outputs = ['y'], attributes = [] as readonly Uint8Array[] } = {},
  ) => {
    const nodes = chain === '' ? [] : chain.split('; ').map((node) => node.split(' '))
    const node = ([operator, ...names]: readonly string[], isLast: boolean) =>
      message(
        ...[...names.slice(0, -1).map((each) => bytes(1, each)), bytes(2, names.at(-1)!), bytes(4, operator!)],
        ...(isLast ? attributes : []),
      )
    const graph = message(
      ...nodes.map((each, i) => bytes(1, node(each, i === nodes.length - 1))),
      ...weights.map((each) => bytes(5, each)),
      ...inputs.map((name) => bytes(11, bytes(1, name))),
      ...outputs.map((name) => bytes(12, bytes(1, name))),
    )
    return message(integer(1, 8), bytes(7, graph))
  }
  const gemmWith = (...attributes: readonly Uint8Array[]) => modelOf('Gemm x w y', { attributes })
  const matMulBy = (...weights: Uint8Array[]) => modelOf('MatMul x w h', { weights })
  const layer: PlainLayer = {
    ...{ inputs: 2, outputs: 3, activation: 'identity' },
    ...{ weight: Float32Array.of(1, 4, 2, 5, 3, 6), bias: Float32Array.of(7, 8, 9) }, // x · w + b
  }
  const unbiased = { ...layer, bias: new Float32Array(3) }
  const transposed = { inputs: 3, outputs: 2, weight: Float32Array.of(1, 2, 3, 4, 5, 6), bias: new Float32Array(2) }
  const inputs = ['w', 'x', 'b']

  it.each<[string, Uint8Array, PlainLayer]>([
    ['Gemm', modelOf('Gemm x w b y'), layer],
    ['Gemm without a bias', modelOf('Gemm x w y'), unbiased],
    ['Gemm with the defaults', gemmWith(real('alpha', 1), real('beta', 1), whole('transA', 0)), unbiased],
    ['Gemm with transB', gemmWith(whole('transB', 1)), { ...transposed, activation: 'identity' }],
    ['MatMul and Add', modelOf('MatMul x w h; Add h b y'), layer],
    ['MatMul and Add to a bias', modelOf('MatMul x w h; Add b h y'), layer],
    ['MatMul, Add and Tanh', modelOf('MatMul x w h; Add h b i; Tanh i y'), { ...layer, activation: 'tanh' }],
    ['Identity', modelOf('Identity x i; Gemm i w b h; Identity h j; Relu j y'), { ...layer, activation: 'relu' }],
    ['weights among the inputs', modelOf('Gemm x w b y', { inputs }), layer],
  ])('of %s is read', (_, file, expected) => expect(readOnnx(file)).toEqual({ layers: [expected], output: 'y' }))

  const alphaOfEight = bytes(5, message(bytes(1, 'alpha'), bytes(2, littleEndian([1, 1]))))
  const weights = [w, weight('b', [2], [1, 2])]
  it.each<[string, Uint8Array, string]>([
    ['two inputs', modelOf('MatMul x w h', { inputs: ['x', 'z'] }), 'has the inputs x, z and outputs y; expected one'],
    ['no input', modelOf('MatMul x w h', { inputs: [] }), 'expected one of each'],
    ['two outputs', modelOf('MatMul x w h', { outputs: ['h', 'y'] }), 'expected one of each'],
    ['another end', modelOf('MatMul x w h'), 'ends with "h"; expected layers up to the output "y"'],
    ['no layers', modelOf('', { outputs: ['x'] }), 'ends with "x"; expected layers up to the output "x"'],
    ['no weight of this name', modelOf('MatMul x v y'), 'MatMul: "v" is no weight of the file, or is used'],
    ['no weight', modelOf('Gemm x y'), 'Gemm: "" is no weight'],
    ['a node beside it', modelOf('MatMul z w y'), 'MatMul does not follow "x" in a chain'],
    ['a node that takes it twice', modelOf('Add x x y'), 'Add does not follow "x" in a chain'],
    ['alpha', gemmWith(real('alpha', 2)), 'Gemm has alpha 2, beta 1, transA 0; expected'],
    ['alpha in eight bytes', gemmWith(alphaOfEight), 'Gemm has alpha 0, beta 1, transA 0'],
    ['beta', gemmWith(real('beta', 0.5)), 'Gemm has alpha 1, beta 0.5, transA 0'],
    ['transA', gemmWith(whole('transA', 1)), 'Gemm has alpha 1, beta 1, transA 1'],
    ['Gemm from the right', modelOf('Gemm w x y'), 'Gemm has alpha 1, beta 1, transA 0; expected x · W'],
    ['MatMul from the right', modelOf('MatMul w x y'), 'the operator MatMul after 0 layers cannot be read'],
    ['Add first', modelOf('Add x b y'), 'the operator Add after 0 layers'],
    ['Add after a bias', modelOf('Gemm x w b h; Add h c y'), 'Add after 1 layers'],
    ['Add after Relu', modelOf('MatMul x w h; Relu h i; Add i b y'), 'the operator Add after 1 layers'],
    ['Add of another size', modelOf('MatMul x w h; Add h b y', { weights }), 'Add has 2 numbers; expected 3'],
    ['Relu first', modelOf('Relu x y'), 'the operator Relu after 0 layers'],
    ['Tanh after Relu', modelOf('MatMul x w h; Relu h i; Tanh i y'), 'the operator Tanh after 1'],
    ['one axis', matMulBy(weight('w', [3], [1, 2, 3])), 'a weight is [3] with no biases; expected a matrix'],
    ['no elements', matMulBy(weight('w', [0, 3], [])), 'a weight is [0, 3] with no biases'],
    ['too few biases', modelOf('Gemm x w b y', { weights }), 'a weight is [2, 3] with 2 biases'],
    ['a weight of integers', matMulBy(weight('w', [1], [1], 7)), '"w" is no float32 tensor of 4 bytes'],
    ['a weight cut short', matMulBy(weight('w', [2], [1])), '"w" is no float32 tensor of 8 bytes'],
    ['a weight that is not finite', matMulBy(weight('w', [1], [Number.NaN])), '"w" has numbers that are not'],
    ['no graph', message(integer(1, 8)), 'a part of the model is missing'],
    ['a number for a graph', message(integer(1, 8), integer(7, 1)), 'a part of the model is missing'],
  ])('with %s is refused', (_, file, words) => {
    expect(() => readOnnx(file)).toThrow(CheckpointError)
    expect(() => readOnnx(file)).toThrow(words)
  })

  it('has at most 1000 layers', () => {
    const chain = (count: number) => {
      const places = Array.from({ length: count }, (_, i) => i)
      const weights = places.map((i) => weight(`w${i}`, [1, 1], [1]))
      const nodes = places.map((i) => `MatMul x${i} w${i} x${i + 1}`)
      return modelOf(nodes.join('; '), { weights, inputs: ['x0'], outputs: [`x${count}`] })
    }
    expect(readOnnx(chain(1000)).layers).toHaveLength(1000)
    expect(() => readOnnx(chain(1001))).toThrow('onnx: it has 1001 layers; expected at most 1000')
  })
})

describe('the wire format', () => {
  it('comes back', () => {
    const field = fc.integer({ min: 1, max: 2000 })
    const value = fc.oneof(fc.nat(2 ** 31), fc.uint8Array({ maxLength: 20 }))
    forAll([fc.array(fc.tuple(field, value))], (fields) => {
      const data = message(...fields.map(([f, v]) => (typeof v === 'number' ? integer(f, v) : bytes(f, v))))
      expect([...fieldsOf(data)].map(([f, v]) => [f, typeof v === 'number' ? v : [...v]])).toEqual(
        fields.map(([f, v]) => [f, typeof v === 'number' ? v : [...v]]),
      )
    })
    for (const [broken, words] of [
      [[0x80], 'protobuf: an integer without an end: a truncated file'],
      [[0x08, ...new Array(10).fill(0x80), 1], 'an integer without an end'],
      [[0x0a, 5, 1], 'a field of wire type 2 ends beyond its message: a truncated file'],
      [[0x0b, 1, 2, 3, 4], 'a field of wire type 3 ends beyond its message'],
      [[0x0d, 1, 2, 3], 'a field of wire type 5 ends beyond its message'],
      [[0x09, 1, 2, 3, 4, 5, 6, 7], 'a field of wire type 1 ends beyond its message'],
    ] as const) {
      expect(() => [...fieldsOf(Uint8Array.from(broken))]).toThrow(CheckpointError)
      expect(() => [...fieldsOf(Uint8Array.from(broken))]).toThrow(words)
    }
  })

  it('has floats of four and eight bytes, and integers of up to ten', () => {
    const fields = [...fieldsOf(message(floating(2, 1.5, 4), floating(3, -2, 8), bytes(4, 'x')))]
    expect(fields.map(([field, value]) => [field, ...(value as Uint8Array)])).toEqual([
      [2, 0, 0, 0xc0, 0x3f], // little-endian
      [3, 0, 0, 0, 0, 0, 0, 0, 0xc0],
      [4, 120],
    ])
    expect([...fieldsOf(Uint8Array.of(0x08, ...new Array(9).fill(0x80), 1))]).toEqual([[1, 2 ** 63]])
  })
})
