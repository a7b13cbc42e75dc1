// A network as one JavaScript module without dependencies: its numbers, `forward`, and `act` if it chooses actions. It computes in
// float32 like the network (see forward.ts). Read next: packed-numbers.ts for the encoding of the numbers.

import { ValueError } from '../tensor/errors.ts'
import {
  countNumbers,
  type DenseLayer,
  describeSizes,
  type OutputMeaning,
  requireLayers,
  requireMeaning,
} from './dense-layers.ts'
import { greedyOutput, TANH_P, TANH_Q } from './forward.ts'
import { packExactly, packRounded, rounded, writeOut } from './packed-numbers.ts'

export interface JavaScriptOptions {
  /** Meaning of the outputs. With `logits` and `actionValues` the module has `act`, the largest output. */
  readonly meaning: OutputMeaning
  /** Title in the module's first comment, one line. Default `A network`. */
  readonly title?: string
  /**
   * States on which rounded numbers are compared: [states, inputs], flat. The numbers are rounded, and so shorter, only if no
   * action differs on any of these. Default: none, all bits are kept.
   */
  readonly states?: Float32Array
}

export interface JavaScriptModule {
  /** The text of an ES module. */
  readonly code: string
  /** The text of its `.d.ts`. */
  readonly types: string
  /** Whether every number has all its bits. */
  readonly exact: boolean
  /** Number of states on which rounded and original numbers were compared. */
  readonly compared: number
}

/** Most numbers that are written as decimals, which are exact and readable but long. */
const WRITTEN_OUT = 256

/** The module. Throws a ValueError on states that are not a whole number of observations. */
export function toJavaScript(layers: readonly DenseLayer[], options: JavaScriptOptions): JavaScriptModule {
  requireLayers('toJavaScript', layers)
  requireMeaning('toJavaScript', options?.meaning)
  const { meaning, title = 'A network', states = new Float32Array(0) } = options
  const { inputs } = layers[0]!
  if (states.length % inputs !== 0) {
    throw new ValueError(`toJavaScript: ${states.length} numbers are not whole observations of ${inputs}`)
  }
  const compared = states.length / inputs
  const small = countNumbers(layers) <= WRITTEN_OUT
  const roundable = canBeRounded(layers, meaning) && compared > 0
  const round = roundable && sameActions(layers, layers.map(rounded), states)
  const numbers = small ? writeOut(layers) : round ? packRounded(layers) : packExactly(layers)
  const note = small
    ? ''
    : round
      ? `\n// Weights have 24 bits: no action differed from the original's in ${compared} states.`
      : '\n// Weights have all their bits.'
  const code = [
    `// ${oneLine(title)}: ${describeSizes(layers)}, written by alambic.${note}`,
    numbers,
    activationCode(layers),
    forwardCode(layers, meaning),
    meaning === 'stateValues' ? '' : actCode,
  ]
  return {
    code: code.filter((each) => each !== '').join('\n'),
    types: typesOf(layers, meaning),
    exact: !round,
    compared: roundable ? compared : 0,
  }
}

/** Whether `toJavaScript` rounds the numbers if it is given states: the network is large and chooses actions. */
export function canBeRounded(layers: readonly DenseLayer[], meaning: OutputMeaning): boolean {
  return countNumbers(layers) > WRITTEN_OUT && meaning !== 'stateValues'
}

function sameActions(layers: readonly DenseLayer[], others: readonly DenseLayer[], states: Float32Array): boolean {
  const { inputs } = layers[0]!
  for (let at = 0; at < states.length; at += inputs) {
    const observation = states.subarray(at, at + inputs)
    if (greedyOutput(layers, observation) !== greedyOutput(others, observation)) return false
  }
  return true
}

function activationCode(layers: readonly DenseLayer[]): string {
  const used = new Set(layers.map(({ activation }) => activation))
  const relu = 'const relu = (x) => Math.max(x, 0)'
  const tanh = `const tanh = (x) => {
  const v = f(Math.min(Math.max(x, -9.05), 9.05))
  const poly = (...c) => c.reduce((sum, k) => f(f(sum * f(v * v)) + f(k)), 0)
  return Math.min(Math.max(f(f(v * poly(${TANH_P.join(', ')})) / poly(${TANH_Q.join(', ')})), -1), 1)
}`
  return [
    'const f = Math.fround',
    ...(used.has('relu') ? [relu] : []),
    ...(used.has('tanh') ? [tanh] : []),
    ...(used.size === 1 && used.has('identity')
      ? []
      : [
          `const after = [${layers.map(({ activation }) => (activation === 'identity' ? '(x) => x' : activation)).join(', ')}]`,
        ]),
  ].join('\n')
}

function forwardCode(layers: readonly DenseLayer[], meaning: OutputMeaning): string {
  const { inputs } = layers[0]!
  const linear = layers.every(({ activation }) => activation === 'identity')
  const sum = 'f(b + f(f(s[0] + s[1]) + f(s[2] + s[3])))'
  return `
/** ${about[meaning]} */
export function forward(observation) {
  let x = Float32Array.from(observation)
  if (x.length !== ${inputs} || !x.every(Number.isFinite)) throw new RangeError('expected ${inputs} finite numbers')
  layers.forEach(([weights, biases]${linear ? '' : ', l'}) => {
    x = Float32Array.from(biases, (b, i) => {
      const s = new Float32Array(4)
      x.forEach((v, j) => (s[j % 4] += f(weights[i * x.length + j] * v)))
      return ${linear ? sum : `after[l](${sum})`}
    })
  })
  return x
}`
}

const actCode = `
/** The action whose output is largest. */
export function act(observation) {
  const y = forward(observation)
  return y.indexOf(Math.max(...y))
}
`

const about: Record<OutputMeaning, string> = {
  logits: 'Logits, one an action.',
  actionValues: 'Values, one an action.',
  stateValues: 'The value of the state.',
}

function typesOf(layers: readonly DenseLayer[], meaning: OutputMeaning): string {
  const { inputs } = layers[0]!
  const { outputs } = layers.at(-1)!
  const forward = `/** ${about[meaning]} Takes ${inputs} finite numbers, throws a RangeError on others, gives ${outputs}. */
export declare function forward(observation: ArrayLike<number>): Float32Array
`
  if (meaning === 'stateValues') return forward
  return `${forward}
/** The action whose output is largest, from 0 to ${outputs - 1}. */
export declare function act(observation: ArrayLike<number>): number
`
}

function oneLine(text: string): string {
  return text.replace(/[\r\n\u2028\u2029]+/g, ' ')
}
