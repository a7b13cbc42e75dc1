import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { numbersOf } from '../../../src/nn/files/safetensors.ts'
import { loadParameters, MLP, readSafetensors, saveParameters } from '../../../src/nn/index.ts'
import { CheckpointError, Rng, zeros } from '../../../src/tensor/index.ts'
import { expectClose, fromGolden, type GoldenTensor, goldenCases, type Tolerance } from '../../support/golden.ts'
import { onEachBackend } from '../backends.ts'

interface FileCase {
  readonly op: string
  readonly metadata: Record<string, string>
  readonly tensors: Record<string, { shape: number[]; sum: number; first: number[]; last: number[] }>
  readonly inputs: { x: GoldenTensor }
  readonly outputs: { out: GoldenTensor }
  readonly tol32: Tolerance
}

const golden = goldenCases<FileCase>('safetensors.json').find(({ op }) => op === 'safetensors_mlp')!
const bytes = new Uint8Array(readFileSync(new URL('../../golden/torch/mlp.safetensors', import.meta.url)))
const network = (seed: number, sizes = [4, 64, 64, 2]) => new MLP(sizes, new Rng(seed), { activation: 'tanh' })

describe('a checkpoint that PyTorch wrote', () => {
  it('has the numbers that PyTorch says', () => {
    const file = readSafetensors(bytes)
    expect(file.metadata).toEqual(golden.metadata)
    for (const [name, expected] of Object.entries(golden.tensors)) {
      const numbers = Array.from(numbersOf(file, name))
      expect(file.tensors.get(name)!.shape).toEqual(expected.shape)
      expect(numbers.reduce((a, b) => a + b, 0)).toBeCloseTo(expected.sum, 9)
      expect(numbers.slice(0, expected.first.length)).toEqual(expected.first)
      expect(numbers.slice(-expected.last.length)).toEqual(expected.last)
    }
  })

  it.each(onEachBackend.filter(({ dtype }) => dtype === 'float32'))('gives PyTorch’s outputs on $name', ({ use }) => {
    use(() => {
      const model = network(1)
      loadParameters(model, bytes)
      expectClose(model.forward(fromGolden(golden.inputs.x, 'float32')), golden.outputs.out, golden.tol32, 'out')
    })
  })
})

describe('saveParameters and loadParameters', () => {
  it('bring every number back, and the metadata', () => {
    const [from, to] = [network(1), network(2)]
    const file = saveParameters(from, { note: 'first' })
    loadParameters(to, file)
    expect(saveParameters(to, { note: 'first' })).toEqual(file)
    expect(readSafetensors(file).metadata).toEqual({ note: 'first' })
  })

  it('say which tensors do not fit, all at once, and change nothing then', () => {
    const model = network(1, [4, 8, 8, 3])
    const before = saveParameters(model)
    const load = () => loadParameters(model, bytes)
    expect(load).toThrow(CheckpointError)
    expect(load).toThrow('"0.weight" is [64, 4] in the file and [8, 4] in the network; "0.bias" is [64]')
    expect(saveParameters(model)).toEqual(before)
  })

  it('say at most 100 things, and how many more there are', () => {
    const none = saveParameters({})
    const missing = (count: number) =>
      loadParameters(Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, zeros([1])])), none)
    expect(() => missing(100)).toThrow(/; "p99" is missing$/)
    expect(() => missing(102)).toThrow(/; "p99" is missing; and 2 more$/)
  })

  it('say what is missing, what it may be called there, and what is too much', () => {
    const file = saveParameters({ parameters: () => ({ '0.weights': network(1).parameters()['0.weight']! }) })
    const one = new MLP([4, 64], new Rng(1))
    expect(() => loadParameters(one, file)).toThrow(
      '"0.weight" is missing (the file has "0.weights"); "0.bias" is missing; "0.weights" is in the file and not in the network',
    )
  })
})
