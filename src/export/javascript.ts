// A network as one JavaScript module without dependencies: its numbers, `forward`, and `act` if it chooses actions. It computes in
// float32 like the network (see forward.ts), in arrays that it allocates once. Read next: packed-numbers.ts for the encoding of
// the numbers.

import { ValueError } from '../tensor/errors.ts'
import {
  type ActionBounds,
  countNumbers,
  type DenseLayer,
  describeSizes,
  type OutputMeaning,
  type Outputs,
  requireLayers,
  requireOutputs,
} from './dense-layers.ts'
import { greedyOutput, TANH_P, TANH_Q } from './forward.ts'
import { packExactly, packRounded, rounded, writeOut } from './packed-numbers.ts'

/** The module has `act` unless the outputs are `stateValues`: the largest output, or `actions` within the bounds. */
export interface JavaScriptOptions extends Outputs {
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
  requireOutputs('toJavaScript', layers, options)
  const { meaning, bounds, title = 'A network', states = new Float32Array(0) } = options
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
    networkCode(layers),
    `\n/** ${about[meaning]} */\nexport const forward = (observation) => run(observation).slice()`,
    bounds !== undefined ? continuousCode(bounds) : meaning === 'stateValues' ? '' : discreteCode,
  ]
  return {
    code: code.join('\n'),
    types: typesOf(layers, meaning),
    exact: !round,
    compared: roundable ? compared : 0,
  }
}

/** Whether `toJavaScript` rounds the numbers if it is given states: the network is large and chooses among actions. */
export function canBeRounded(layers: readonly DenseLayer[], meaning: OutputMeaning): boolean {
  return countNumbers(layers) > WRITTEN_OUT && meaning !== 'stateValues' && meaning !== 'actions'
}

function sameActions(layers: readonly DenseLayer[], others: readonly DenseLayer[], states: Float32Array): boolean {
  const { inputs } = layers[0]!
  for (let at = 0; at < states.length; at += inputs) {
    const observation = states.subarray(at, at + inputs)
    if (greedyOutput(layers, observation) !== greedyOutput(others, observation)) return false
  }
  return true
}

/** JavaScript that copies an observation to the array `x`, of `size` numbers. */
export function readCode(x: string, size: number): string {
  return `  ${x}.set(observation.length === ${size} ? observation : [NaN])
  if (!${x}.every(Number.isFinite)) throw new RangeError('expected ${size} finite numbers')`
}

const activationCode = {
  identity: '',
  relu: `
const relu = (x) => Math.max(x, 0)`,
  tanh: `
const P = Float32Array.of(${TANH_P.join(', ')})
const Q = Float32Array.of(${TANH_Q.join(', ')})
const tanh = (x) => {
  const v = f(Math.min(Math.max(x, -9.05), 9.05))
  const z = f(v * v)
  let p = 0, q = 0
  for (let k = 0; k < 5; k++) {
    p = f(f(p * z) + P[k])
    q = f(f(q * z) + Q[k])
  }
  return Math.min(Math.max(f(f(v * p) / q), -1), 1)
}`,
  softmax: `
const exp = (x) => {
  const t = Math.max(x, -87) / 128
  let y = 1
  for (let n = 12; n > 0; n--) y = 1 + (t / n) * y
  for (let n = 0; n < 7; n++) y *= y
  return y
}
const softmax = (y, span) => {
  for (let at = 0; at < y.length; at += span) {
    const z = y.subarray(at, at + span)
    const largest = z.reduce((a, b) => Math.max(a, b))
    let sum = 0
    for (let i = 0; i < span; i++) sum = f(sum + (z[i] = f(exp(f(z[i] - largest)))))
    for (let i = 0; i < span; i++) z[i] /= sum
  }
}`,
}

// Four sums take turns: each is of every fourth product, as in forward.ts.
function networkCode(layers: readonly DenseLayer[]): string {
  const used = [...new Set(layers.map(({ activation }) => activation))]
  const sum = 'f(w[at++] + f(f(a + b) + f(c + d)))'
  const ofEach = ({ activation }: DenseLayer) => activation === 'relu' || activation === 'tanh'
  const after = layers.map((layer) => (ofEach(layer) ? layer.activation : '(x) => x')).join(', ')
  const linear = !layers.some(ofEach)
  const steps = layers.flatMap(({ activation, span }, l) => [
    `dense(${l})`,
    ...(activation === 'softmax' ? [`softmax(x[${l + 1}], ${span})`] : []),
  ])
  return `const f = Math.fround
const x = [${describeSizes(layers).replaceAll('-', ', ')}].map((n) => new Float32Array(n))${used.map((each) => activationCode[each]).join('')}${linear ? '' : `\nconst after = [${after}]`}
const dense = (l) => {
  const w = layers[l], v = x[l], y = x[l + 1]
  for (let i = 0, at = 0; i < y.length; i++) {
    let a = 0, b = 0, c = 0, d = 0
    for (let j = 0; j < v.length || j % 4; j++) {
      const sum = j < v.length ? f(a + f(w[at++] * v[j])) : a
      a = b; b = c; c = d; d = sum
    }
    y[i] = ${linear ? sum : `after[l](${sum})`}
  }
}
const run = (observation) => {
${readCode('x[0]', layers[0]!.inputs)}
  ${steps.join('\n  ')}
  return x[${layers.length}]
}`
}

const discreteCode = `
/** The action whose output is largest. */
export function act(observation) {
  const y = run(observation)
  let best = 0
  for (let i = 1; i < y.length; i++) if (y[i] > y[best]) best = i
  return best
}
`

function continuousCode({ low, high, scaled }: ActionBounds): string {
  return `
const low = [${Array.from(low).join(', ')}]
const high = [${Array.from(high).join(', ')}]

/** The action, within its bounds. */
export function act(observation, action = new Float32Array(${low.length})) {
  const y = run(observation)
  for (let i = 0; i < y.length; i++) {
    const a = ${scaled ? 'low[i] + ((y[i] + 1) / 2) * (high[i] - low[i])' : 'y[i]'}
    action[i] = Math.min(Math.max(a, low[i]), high[i])
  }
  return action
}
`
}

const about: Record<OutputMeaning, string> = {
  logits: 'Logits, one an action.',
  probabilities: 'Probabilities, one an action.',
  actionValues: 'Values, one an action.',
  stateValues: 'The value of the state.',
  actions: 'The action before it is brought within its bounds.',
}

function typesOf(layers: readonly DenseLayer[], meaning: OutputMeaning): string {
  const { inputs } = layers[0]!
  const { outputs } = layers.at(-1)!
  const forward = `/** ${about[meaning]} Takes ${inputs} finite numbers, throws a RangeError on others, gives ${outputs}. */
export declare function forward(observation: ArrayLike<number>): Float32Array
`
  if (meaning === 'stateValues') return forward
  if (meaning === 'actions') {
    return `${forward}
/** The action, within its bounds. Written to \`action\`, or to a new array. */
export declare function act(observation: ArrayLike<number>, action?: Float32Array): Float32Array
`
  }
  return `${forward}
/** The action whose output is largest, from 0 to ${outputs - 1}. */
export declare function act(observation: ArrayLike<number>): number
`
}

function oneLine(text: string): string {
  return text.replace(/[\r\n\u2028\u2029]+/g, ' ')
}
