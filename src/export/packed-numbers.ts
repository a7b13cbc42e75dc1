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

/** `const layers = …`: the weights of each output, then its bias, in the shortest decimals that give the same floats. */
export function writeOut(layers: readonly DenseLayer[]): string {
  const texts = layers.map((layer) => `[${numbersOf(layer).map(shortestDecimal).join(',')}]`)
  return unpacking(texts, '(numbers) => Float32Array.from(numbers)')
}

/** The same, with numbers rounded to 24 bits relative to the largest of their layer: 4 characters per number. */
export function packRounded(layers: readonly DenseLayer[]): string {
  const texts = layers.map((layer) => {
    const step = stepOf(layer)
    const packed = numbersOf(layer).flatMap((value) => {
      const multiple = Math.round(value / step)
      return [multiple >> 16, multiple >> 8, multiple]
    })
    return `[${step / 256},'${base64(Uint8Array.from(packed))}']`
  })
  return unpacking(
    texts,
    `([step, text]) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
  return Float32Array.from({ length: bytes.length / 3 }, (_, i) => {
    const [a, b, c] = bytes.subarray(3 * i)
    return ((a << 24) | (b << 16) | (c << 8)) * step
  })
}`,
  )
}

/** The same with all bits: 5.3 characters per number. */
export function packExactly(layers: readonly DenseLayer[]): string {
  const texts = layers.map((layer) => `'${base64(littleEndian(numbersOf(layer)))}'`)
  return unpacking(
    texts,
    `(text) => {
  const view = new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer)
  return Float32Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true))
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

function numbersOf({ inputs, weight, bias }: DenseLayer): number[] {
  return Array.from(bias, (b, i) => [...weight.subarray(i * inputs, (i + 1) * inputs), b]).flat()
}

/** The shortest decimal that gives the same float32. Nine digits distinguish any two. */
export function shortestDecimal(value: number): string {
  let digits = 1
  while (digits < 9 && Math.fround(Number(value.toPrecision(digits))) !== value) digits++
  return String(Number(value.toPrecision(digits))).replace(/^(-?)0\./, '$1.')
}

/** The bytes of float32 numbers. */
export function littleEndian(values: ArrayLike<number>): Uint8Array {
  const out = new Uint8Array(4 * values.length)
  const view = new DataView(out.buffer)
  for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i]!, true)
  return out
}

function base64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}
