// A network as an ONNX file (https://onnx.ai/onnx/repo-docs/IR.html): one Gemm node per linear layer, one Relu, Tanh or Softmax
// node per activation. The numbers below are field numbers of onnx.proto3. Read next: protobuf.ts.

import {
  type ActionBounds,
  type DenseLayer,
  describeSizes,
  type OutputMeaning,
  requireLayers,
  requireOutputs,
} from './dense-layers.ts'
import { littleEndian } from './packed-numbers.ts'
import { type Bytes, bytes, integer, message } from './protobuf.ts'

const IR_VERSION = 8
const OPSET = 13 // has these operators in their current form
const FLOAT = 1 // TensorProto.DataType
const INT64 = 7
const INT_ATTRIBUTE = 2 // AttributeProto.AttributeType

const operators = { relu: 'Relu', tanh: 'Tanh' } as const

/**
 * An ONNX model: `observations` [batch, inputs] → `outputs` [batch, outputs], named by their meaning; float32. Actions are within
 * `bounds`.
 */
export function toOnnx(layers: readonly DenseLayer[], meaning: OutputMeaning, bounds?: ActionBounds): Uint8Array {
  requireLayers('toOnnx', layers)
  requireOutputs('toOnnx', layers, { meaning, ...(bounds && { bounds }) })
  const nodes: Bytes[] = []
  const initializers: Bytes[] = []
  let x = 'observations'
  const outputs = bounds === undefined ? meaning : 'outputs'
  layers.forEach(({ inputs, outputs: width, weight, bias, activation, span = width }, i) => {
    const last = i === layers.length - 1
    const names = [`${2 * i}.weight`, `${2 * i}.bias`] as const
    initializers.push(initializer(names[0], [width, inputs], weight), initializer(names[1], [width], bias))
    const sum = last && activation === 'identity' ? outputs : `sum${i}`
    nodes.push(node('Gemm', [x, ...names], sum, [flag('transB')])) // x · Wᵀ + b
    x = sum
    if (activation === 'identity') return
    const y = last ? outputs : `layer${i}`
    if (activation === 'softmax') {
      const [groups, group, probabilities, flat] = [`groups${i}`, `group${i}`, `probabilities${i}`, `flat${i}`]
      initializers.push(shape(groups, [0, width / span, span]), shape(flat, [0, width])) // 0 keeps the batch
      nodes.push(node('Reshape', [x, groups], group), node('Softmax', [group], probabilities))
      nodes.push(node('Reshape', [probabilities, flat], y))
    } else nodes.push(node(operators[activation], [x], y))
    x = y
  })
  if (bounds !== undefined) {
    const { low, high, scaled } = bounds
    const half = Float32Array.from(low, (least, i) => (high[i]! - least) / 2)
    const middle = Float32Array.from(low, (least, i) => (high[i]! + least) / 2)
    for (const [operator, numbers] of Object.entries({
      ...(scaled && { Mul: half, Add: middle }),
      Max: low,
      Min: high,
    })) {
      const name = operator.toLowerCase()
      const y = operator === 'Min' ? meaning : `${name}ed`
      initializers.push(initializer(name, [low.length], Float32Array.from(numbers)))
      nodes.push(node(operator, [x, name], y))
      x = y
    }
  }
  const graph = message(
    ...nodes.map((each) => bytes(1, each)),
    bytes(2, describeSizes(layers)),
    ...initializers.map((each) => bytes(5, each)),
    bytes(11, valueInfo('observations', layers[0]!.inputs)),
    bytes(12, valueInfo(meaning, layers.at(-1)!.outputs)),
  )
  const opset = message(bytes(1, ''), integer(2, OPSET))
  return message(integer(1, IR_VERSION), bytes(2, 'alambic'), bytes(7, graph), bytes(8, opset))
}

function node(operator: string, inputs: readonly string[], output: string, attributes: readonly Bytes[] = []): Bytes {
  const named = inputs.map((input) => bytes(1, input))
  return message(...named, bytes(2, output), bytes(4, operator), ...attributes.map((each) => bytes(5, each)))
}

function flag(name: string): Bytes {
  return message(bytes(1, name), integer(3, 1), integer(20, INT_ATTRIBUTE))
}

function initializer(name: string, shape: readonly number[], values: Float32Array): Bytes {
  return message(
    ...shape.map((size) => integer(1, size)),
    integer(2, FLOAT),
    bytes(8, name),
    bytes(9, littleEndian(values)),
  )
}

function shape(name: string, sizes: readonly number[]): Bytes {
  return message(integer(1, sizes.length), integer(2, INT64), ...sizes.map((size) => integer(7, size)), bytes(8, name))
}

// A tensor [batch, width] with a variable batch size.
function valueInfo(name: string, width: number): Bytes {
  const shape = message(bytes(1, bytes(2, 'batch')), bytes(1, integer(1, width)))
  const tensor = message(integer(1, FLOAT), bytes(2, shape))
  return message(bytes(1, name), bytes(2, bytes(1, tensor)))
}
