// An agent as one C99 header without allocation: a network in float32 or int8, a decision tree, a table. It needs <stdint.h> alone.
// Read next: forward.ts and int8.ts, which compute the same bits.

import { DecisionTree } from '../rl/decision-tree.ts'
import { QTable } from '../tabular/q-table.ts'
import { ValueError } from '../tensor/errors.ts'
import {
  type ActionBounds,
  type DenseLayer,
  describeSizes,
  type Outputs,
  requireLayers,
  requireOutputs,
} from './dense-layers.ts'
import { TANH_P, TANH_Q } from './forward.ts'
import { type Int8Layer, quantize } from './int8.ts'
import { shortestDecimal } from './packed-numbers.ts'
import { actionsOfTable, describeStatements, statements } from './tree.ts'

export interface COptions extends Partial<Outputs> {
  /** Prefix of all names: letters, digits and `_`. Default `agent`. */
  readonly name?: string
  /** Title in the first comment. Default `An agent`. */
  readonly title?: string
  /** Makes the weights int8, and the layers' inputs by their ranges in these states: [states, inputs], flat. Default: float32. */
  readonly calibration?: Float32Array
}

/**
 * The text of a C99 header. With `name` for the prefix:
 *
 *     void name_forward(const float *observation, float *outputs)
 *     int name_act(const float *observation)                      logits, action values, a decision tree
 *     void name_act(const float *observation, float *action)      actions, within their bounds
 *     int name_act(int state)                                     a table
 *
 * Compiled with `-ffp-contract=off`, it gives the bits of `toJavaScript`'s module. Layers need a `meaning`, see `agentLayers`. Throws
 * a ValueError on a name that is none, and on no or broken calibration states.
 */
export function toC(agent: readonly DenseLayer[] | DecisionTree | QTable, options: COptions = {}): string {
  const { name = 'agent', title = 'An agent' } = options
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    throw new ValueError(`toC: the name is "${name}"; expected letters, digits and _, a letter first`)
  }
  const [size, body] =
    agent instanceof DecisionTree || agent instanceof QTable
      ? [describeStatements(agent), agent instanceof QTable ? tableCode(agent, name) : treeCode(agent, name)]
      : networkCode(agent, name, options)
  const guard = `${name.toUpperCase()}_H`
  return `/* ${title.replace(/[^\w .,:()-]/g, ' ')}: ${size}, written by alambic. C99. */
#ifndef ${guard}
#define ${guard}

#include <stdint.h>

${body}
#endif
`
}

function networkCode(layers: readonly DenseLayer[], name: string, options: COptions): [size: string, body: string] {
  const { meaning, bounds, calibration } = options
  requireLayers('toC', layers)
  requireOutputs('toC', layers, { ...options, meaning: meaning! })
  const [{ inputs }, { outputs }] = [layers[0]!, layers.at(-1)!]
  if (
    calibration !== undefined &&
    !(calibration.length > 0 && calibration.length % inputs === 0 && calibration.every(Number.isFinite))
  ) {
    throw new ValueError(
      `toC: ${calibration.length} calibration numbers; expected whole observations of ${inputs} finite numbers`,
    )
  }
  const written = calibration === undefined ? layers : quantize(layers, calibration)
  const widest = Math.max(...layers.map((layer) => Math.max(layer.inputs, layer.outputs)))
  const has = (activation: string) => layers.some((layer) => layer.activation === activation)
  const act =
    bounds !== undefined ? continuousCode(bounds, name) : meaning === 'stateValues' ? '' : discreteCode(name, outputs)
  const steps = layers.map(({ inputs, outputs, activation }, l) => {
    const [x, y] = [
      l === 0 ? 'observation' : BUFFERS[l % 2],
      l === layers.length - 1 ? 'outputs' : BUFFERS[(l + 1) % 2],
    ]
    const arrays = arraysOf(written[l]!).map(([kind]) => `${name}_${kind}${l}`)
    const after =
      activation === 'identity'
        ? ''
        : `\n  for (int i = 0; i < ${outputs}; i++) ${y}[i] = ${name}_${activation}(${y}[i]);`
    return `  ${name}_dense(${x}, ${inputs}, ${arrays.join(', ')}, ${y}, ${outputs});${after}`
  })
  const numbers = written.map((layer, l) =>
    arraysOf(layer).map(([kind, type, values]) => constants(type, `${name}_${kind}${l}`, values)),
  )
  const kinds = arraysOf(written[0]!).map(([kind, type]) => `const ${type} *${kind}`)
  const body = `#define ${name.toUpperCase()}_INPUTS ${inputs}
#define ${name.toUpperCase()}_OUTPUTS ${outputs}

${numbers.flat().join('\n')}

static inline void ${name}_dense(const float *x, int inputs, ${kinds.join(', ')}, float *y, int outputs) {
${calibration === undefined ? floatLoops : int8Loops.replace('WIDEST', String(widest))}
}

${has('relu') ? `static inline float ${name}_relu(float x) { return x > 0.0f ? x : 0.0f; }\n\n` : ''}${has('tanh') ? tanhCode(name) : ''}/* The ${meaning === 'actions' ? 'actions before they are brought within their bounds' : meaning}. */
static inline void ${name}_forward(const float *observation, float *outputs) {
${layers.length > 1 ? `  float ${BUFFERS[1]}[${widest}]${layers.length > 2 ? `, ${BUFFERS[0]}[${widest}]` : ''};\n` : ''}${steps.join('\n')}
}
${act}`
  const about = calibration === undefined ? 'float32' : 'int8'
  return [`${describeSizes(layers)}, ${about}, ${weightBytes(written)} bytes of weights`, body]
}

/** Bytes of the constant arrays. */
export function weightBytes(layers: readonly (DenseLayer | Int8Layer)[]): number {
  return layers.flatMap(arraysOf).reduce((sum, [, , { byteLength }]) => sum + byteLength, 0)
}

const BUFFERS = ['even', 'odd'] as const // outputs of the layers with even and odd numbers, counted from 1

type Numbers = Float32Array | Int8Array

function arraysOf(layer: DenseLayer | Int8Layer): readonly [kind: string, type: string, values: Numbers][] {
  const { weight, bias } = layer
  if (!('scale' in layer)) {
    return [
      ['weights', 'float', weight],
      ['biases', 'float', bias],
    ]
  }
  return [
    ['inverses', 'float', layer.inverse],
    ['weights', 'int8_t', weight],
    ['scales', 'float', layer.scale],
    ['biases', 'float', bias],
  ]
}

function constants(type: string, name: string, values: ArrayLike<number>): string {
  const texts = Array.from(values, (value) => (type === 'float' ? float(value) : String(value)))
  return `static const ${type} ${name}[${values.length}] = {${texts.join(',')}};`
}

/** A float32 as a C literal. */
function float(value: number): string {
  const text = shortestDecimal(value)
  return `${/[.e]/.test(text) ? text : `${text}.`}f`
}

// Four sums, each of every fourth product, as in forward.ts.
const floatLoops = `  for (int i = 0; i < outputs; i++, weights += inputs) {
    float s[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (int j = 0; j < inputs; j++) s[j % 4] += weights[j] * x[j];
    y[i] = biases[i] + ((s[0] + s[1]) + (s[2] + s[3]));
  }`

const int8Loops = `  int8_t q[WIDEST];
  for (int j = 0; j < inputs; j++) {
    const float v = x[j] * inverses[j], level = v < -127.0f ? -127.0f : v > 127.0f ? 127.0f : v;
    q[j] = (int8_t)(level + (level < 0.0f ? -0.5f : 0.5f));
  }
  for (int i = 0; i < outputs; i++, weights += inputs) {
    int32_t sum = 0;
    for (int j = 0; j < inputs; j++) sum += (int32_t)weights[j] * q[j];
    y[i] = biases[i] + scales[i] * (float)sum;
  }`

function tanhCode(name: string): string {
  return `static inline float ${name}_tanh(float x) {
  static const float P[5] = {${TANH_P.map((c) => float(Math.fround(c))).join(', ')}};
  static const float Q[5] = {${TANH_Q.map((c) => float(Math.fround(c))).join(', ')}};
  const float v = x < -9.05f ? -9.05f : x > 9.05f ? 9.05f : x, z = v * v;
  float p = 0.0f, q = 0.0f;
  for (int k = 0; k < 5; k++) {
    p = p * z + P[k];
    q = q * z + Q[k];
  }
  const float y = v * p / q;
  return y < -1.0f ? -1.0f : y > 1.0f ? 1.0f : y;
}

`
}

function discreteCode(name: string, outputs: number): string {
  return `
/* The action whose output is largest, the first of equals. */
static inline int ${name}_act(const float *observation) {
  float y[${outputs}];
  int best = 0;
  ${name}_forward(observation, y);
  for (int i = 1; i < ${outputs}; i++) if (y[i] > y[best]) best = i;
  return best;
}
`
}

// In double precision, as in the library: once for each number of the action.
function continuousCode({ low, high, scaled }: ActionBounds, name: string): string {
  const list = (bounds: ArrayLike<number>) =>
    Array.from(bounds, (b) => Math.min(Math.max(b, -LARGEST), LARGEST)).join(', ')
  return `
/* The action, within its bounds. */
static inline void ${name}_act(const float *observation, float *action) {
  static const double low[] = {${list(low)}}, high[] = {${list(high)}};
  ${name}_forward(observation, action);
  for (int i = 0; i < ${low.length}; i++) {
    const double a = ${scaled ? 'low[i] + ((action[i] + 1.0) / 2.0) * (high[i] - low[i])' : 'action[i]'};
    action[i] = (float)(a < low[i] ? low[i] : a > high[i] ? high[i] : a);
  }
}
`
}

const LARGEST = 3.4028234663852886e38 // float32

// A float is at most a threshold in double precision if it is at most, or below, the nearest float.
function treeCode({ root }: DecisionTree, name: string): string {
  const question = ({ feature, threshold }: { feature: number; threshold: number }) => {
    const near = Math.fround(threshold)
    return Number.isFinite(near)
      ? `x[${feature}] ${near > threshold ? '<' : '<='} ${float(near)}`
      : `x[${feature}] <= ${threshold}`
  }
  return `/* The action for one observation. */
static inline int ${name}_act(const float *x) {
  (void)x;
${statements(root, question, ';')}
}
`
}

function tableCode(table: QTable, name: string): string {
  return `${constants(table.numActions > 256 ? 'uint16_t' : 'uint8_t', `${name}_actions`, actionsOfTable(table))}

/* The action in a state from 0 to ${table.numStates - 1}. */
static inline int ${name}_act(int state) { return ${name}_actions[state]; }
`
}
