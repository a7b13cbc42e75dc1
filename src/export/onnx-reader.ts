// A perceptron from an ONNX file: a chain of Gemm, or MatMul and Add, with Relu or Tanh between, as toOnnx and torch.onnx.export write it.
// The numbers are field numbers of onnx.proto3. Read next: onnx.ts, which writes one.

import { decode } from '../nn/files/safetensors.ts'
import { CheckpointError, excerpt, formatShape, listed } from '../tensor/errors.ts'
import { sizeOf } from '../tensor/shape.ts'
import type { PlainLayer } from './dense-layers.ts'
import { type Bytes, fieldsOf, joined } from './protobuf.ts'

export interface OnnxNetwork {
  readonly layers: readonly PlainLayer[]
  /** Name of the output; `toOnnx` writes its meaning. */
  readonly output: string
}

interface Matrix {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

const MOST_LAYERS = 1000

/** Whether the first field is the version of an ONNX model, and not the length of a .safetensors header. */
export function isOnnx(file: Uint8Array): boolean {
  return file[0] === 0x08 && file[8] !== 0x7b
}

/**
 * Reads the layers of a network. Throws a CheckpointError that names the operator on any but Gemm, MatMul, Add, Relu, Tanh and Identity, and
 * on a broken file, a graph that is no chain, weights in another file or used twice, and numbers that are not finite.
 */
export function readOnnx(file: Uint8Array): OnnxNetwork {
  const graph = messageOf(messageOf(file).get(7)?.at(-1))
  const weights = new Map(graph.get(5)?.map(initializerOf))
  const inputs = namesOf(graph.get(11)).filter((name) => !weights.has(name))
  const outputs = namesOf(graph.get(12))
  if (inputs.length !== 1 || outputs.length !== 1) {
    throw broken(`the graph has the inputs ${listed(inputs)} and outputs ${listed(outputs)}; expected one of each`)
  }
  const layers: PlainLayer[] = []
  let x = inputs[0]!
  for (const node of graph.get(1) ?? []) x = extend(layers, messageOf(node), x, weights)
  if (layers.length > MOST_LAYERS) throw broken(`it has ${layers.length} layers; expected at most ${MOST_LAYERS}`)
  if (x !== outputs[0] || layers.length === 0) {
    throw broken(
      `the chain of nodes ends with "${excerpt(x)}"; expected layers up to the output "${excerpt(outputs[0]!)}"`,
    )
  }
  return { layers, output: x }
}

/** Appends a node that takes `x`, and returns the name of its output. */
function extend(layers: PlainLayer[], node: Message, x: string, weights: Map<string, Matrix>): string {
  const operator = textOf(node.get(4)?.at(-1))
  const names = (node.get(1) ?? []).map(textOf)
  const last = layers.at(-1)
  const take = (name: string | undefined): Matrix => {
    const found = weights.get(name ?? '')
    if (found === undefined)
      throw broken(`${operator}: "${excerpt(name ?? '')}" is no weight of the file, or is used twice`)
    weights.delete(name!)
    return found
  }
  const others = names.filter((name) => name !== x)
  if (others.length !== names.length - 1)
    throw broken(`${excerpt(operator)} does not follow "${excerpt(x)}" in a chain`)
  if (operator === 'Gemm') {
    const attributes = new Map(node.get(5)?.map(attributeOf))
    const { alpha = 1, beta = 1, transA = 0, transB = 0 } = Object.fromEntries(attributes)
    if (alpha !== 1 || beta !== 1 || transA !== 0 || names[0] !== x) {
      throw broken(`Gemm has alpha ${alpha}, beta ${beta}, transA ${transA}; expected x · W + b: 1, 1 and 0`)
    }
    layers.push(layerOf(take(others[0]), transB === 1, others.length > 1 ? take(others[1]).values : undefined))
  } else if (operator === 'MatMul' && names[0] === x) layers.push(layerOf(take(others[0]), false))
  else if (operator === 'Add' && last?.activation === 'identity' && last.bias.every((b) => b === 0)) {
    const { values } = take(others[0])
    if (values.length !== last.outputs) throw broken(`Add has ${values.length} numbers; expected ${last.outputs}`)
    layers.splice(-1, 1, { ...last, bias: values })
  } else if ((operator === 'Relu' || operator === 'Tanh') && last?.activation === 'identity') {
    layers.splice(-1, 1, { ...last, activation: operator === 'Relu' ? 'relu' : 'tanh' })
  } else if (operator !== 'Identity') {
    throw broken(
      `the operator ${excerpt(operator)} after ${layers.length} layers cannot be read; expected a chain of Gemm or MatMul and Add, with Relu or Tanh after each`,
    )
  }
  return textOf(node.get(2)?.at(-1))
}

// Gemm with transB has W as [outputs, inputs], else [inputs, outputs].
function layerOf({ shape, values }: Matrix, transposed: boolean, bias?: Float32Array): PlainLayer {
  const [rows = 0, columns = 0] = shape
  const [outputs, inputs] = transposed ? [rows, columns] : [columns, rows]
  if (shape.length !== 2 || values.length === 0 || (bias !== undefined && bias.length !== outputs)) {
    throw broken(`a weight is ${formatShape(shape)} with ${bias?.length ?? 'no'} biases; expected a matrix`)
  }
  const weight = transposed
    ? values
    : Float32Array.from(values, (_, i) => values[(i % inputs) * outputs + Math.floor(i / inputs)]!)
  return { inputs, outputs, weight, bias: bias ?? new Float32Array(outputs), activation: 'identity' }
}

type Message = ReadonlyMap<number, readonly (number | Bytes)[]>

/** The values of each field. */
function messageOf(value: number | Bytes | undefined): Message {
  const fields = new Map<number, (number | Bytes)[]>()
  if (value === undefined || typeof value === 'number') throw broken('a part of the model is missing')
  for (const [field, each] of fieldsOf(value)) {
    const values = fields.get(field)
    if (values === undefined) fields.set(field, [each])
    else values.push(each)
  }
  return fields
}

const FLOAT = 1 // TensorProto.DataType

function initializerOf(value: number | Bytes): [string, Matrix] {
  const tensor = messageOf(value)
  const name = textOf(tensor.get(8)?.at(-1))
  const shape = (tensor.get(1) ?? []).map(Number)
  const bytes = tensor.get(9)?.at(-1) ?? joined((tensor.get(4) ?? []).filter((each) => typeof each !== 'number'))
  const size = 4 * sizeOf(shape)
  if (typeof bytes === 'number' || bytes.length !== size || tensor.get(2)?.at(-1) !== FLOAT) {
    throw broken(`the weight "${excerpt(name)}" is no float32 tensor of ${size} bytes in the file`)
  }
  const values = Float32Array.from(decode(name, 'F32', bytes))
  if (!values.every(Number.isFinite)) throw broken(`the weight "${excerpt(name)}" has numbers that are not finite`)
  return [name, { shape, values }]
}

function attributeOf(value: number | Bytes): [string, number] {
  const attribute = messageOf(value)
  const float = attribute.get(2)?.at(-1)
  const number =
    float instanceof Uint8Array && float.length === 4 ? decode('attribute', 'F32', float)[0]! : attribute.get(3)?.at(-1)
  return [textOf(attribute.get(1)?.at(-1)), Number(number ?? 0)]
}

function namesOf(values: readonly (number | Bytes)[] = []): string[] {
  return values.map((value) => textOf(messageOf(value).get(1)?.at(-1)))
}

function textOf(value: number | Bytes | undefined): string {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : ''
}

function broken(what: string): CheckpointError {
  return new CheckpointError(`onnx: ${what}`)
}
