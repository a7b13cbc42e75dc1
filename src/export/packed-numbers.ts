// A network's numbers as text in a JavaScript module: decimals, base 64 of all bits, or base 64 of 24 bits. The 24 bits are a
// multiple of a step per layer (fixed point): for a layer's large weights the error is that of float32, where a float of 24 bits
// would be over a hundred times worse. In 10,000 states of play, a CartPole student of 4-64-64-2 chose differently in 10 with
// bfloat16, in 1 with floats of 20 bits, in 5 with multiples of 16 bits, and in none with multiples of 18, 20 or 24 bits.

import type { DenseLayer } from './dense-layers.ts'

const LARGEST = 2 ** 23 - 1

/** The layer with the precision of `packRounded`. */
export function rounded(layer: DenseLayer): DenseLayer {
  const step = stepOf(layer)
  const near = (values: Float32Array) => values.map((value) => Math.round(value / step) * step)
  return { ...layer, weight: near(layer.weight), bias: near(layer.bias) }
}

/** `const layers = …`, a list of `[weights, biases]`, in the shortest decimals that give the same floats. */
export function writeOut(layers: readonly DenseLayer[]): string {
  const list = (values: Float32Array) => `[${Array.from(values, shortestDecimal).join(',')}]`
  return unpacking(
    layers.map(({ weight, bias }) => `[${list(weight)},${list(bias)}]`),
    '(layer) => layer.map((numbers) => Float32Array.from(numbers))',
  )
}

/** The same, with numbers rounded to 24 bits relative to the largest of their layer: 4 characters per number. */
export function packRounded(layers: readonly DenseLayer[]): string {
  const texts = layers.map((layer) => {
    const step = stepOf(layer)
    const packed = numbersOf(layer).flatMap((value) => {
      const multiple = Math.round(value / step)
      return [multiple >> 16, multiple >> 8, multiple]
    })
    return `[${layer.outputs},${step},'${base64(Uint8Array.from(packed))}']`
  })
  return unpacking(
    texts,
    `([outputs, step, text]) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
  const all = Float32Array.from({ length: bytes.length / 3 }, (_, i) => {
    const [high, middle, low] = bytes.subarray(3 * i)
    return (((high << 24) | (middle << 16) | (low << 8)) >> 8) * step
  })
  return [all.subarray(0, -outputs), all.subarray(-outputs)]
}`,
  )
}

/** The same with all bits: 5.3 characters per number. */
export function packExactly(layers: readonly DenseLayer[]): string {
  const texts = layers.map((layer) => {
    const bytes = new Uint8Array(4 * (layer.weight.length + layer.bias.length))
    const view = new DataView(bytes.buffer)
    numbersOf(layer).forEach((value, i) => {
      view.setFloat32(4 * i, value, true)
    })
    return `[${layer.outputs},'${base64(bytes)}']`
  })
  return unpacking(
    texts,
    `([outputs, text]) => {
  const view = new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer)
  const all = Float32Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true))
  return [all.subarray(0, -outputs), all.subarray(-outputs)]
}`,
  )
}

function unpacking(layers: readonly string[], unpack: string): string {
  return `const layers = [\n${layers.join(',\n')}\n].map(${unpack})`
}

function stepOf(layer: DenseLayer): number {
  const largest = numbersOf(layer).reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return largest === 0 ? 1 : largest / LARGEST
}

function numbersOf({ weight, bias }: DenseLayer): number[] {
  return [...weight, ...bias]
}

// Nine digits distinguish any two float32 numbers.
function shortestDecimal(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)))
    if (Math.fround(Number(text)) === value) return text.replace(/^(-?)0\./, '$1.')
  }
  return String(Number(value.toPrecision(9))).replace(/^(-?)0\./, '$1.')
}

function base64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}
