// An agent as one C99 header without allocation: a network in float32 or int8, a decision tree, a table. It needs <stdint.h> alone.
// Read next: forward.ts and int8.ts, which compute the same bits.

import { DecisionTree } from '../rl/policies/decision-tree.ts'
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
  requireOutputs('toC', layers, options)
  const [{ inputs }, { outputs }] = [layers[0]!, layers.at(-1)!]
  const written = calibration === undefined ? layers : quantize(layers, calibration)
  const constants = written.flatMap((layer, l) =>
    arraysOf(layer).map(([kind, ...array]) => constant(name + kind + l, ...array)),
  )
  const pointers = arraysOf(written[0]!).map(([kind, type]) => `const ${type} *${kind.slice(1)}`)
  const at = (l: number) => (l === 0 ? 'observation' : l === layers.length ? 'outputs' : `x${l}`)
  const steps = written.map((layer, l) => {
    const arrays = arraysOf(layer).map(([kind]) => name + kind + l)
    const call = `${name}_dense(${at(l)}, ${layer.inputs}, ${arrays.join(', ')}, ${at(l + 1)}, ${layer.outputs});`
    if (layer.activation === 'identity') return call
    if (layer.activation === 'softmax') {
      return `${call}\n  for (int i = 0; i < ${layer.outputs}; i += ${layer.span}) ${name}_softmax(${at(l + 1)} + i, ${layer.span});`
    }
    return `${call}\n  for (int i = 0; i < ${layer.outputs}; i++) ${at(l + 1)}[i] = ${name}_${layer.activation}(${at(l + 1)}[i]);`
  })
  const body = `#define ${name.toUpperCase()}_INPUTS ${inputs}
#define ${name.toUpperCase()}_OUTPUTS ${outputs}

${constants.join('\n')}

static inline void ${name}_dense(const float *x, int inputs, ${pointers.join(', ')}, float *y, int outputs) {
${calibration === undefined ? floatLoops : int8Loops(Math.max(...layers.map((layer) => layer.inputs)))}
}
${[...new Set(layers.map(({ activation }) => activationCode[activation](name)))].join('')}
/* ${meaning === 'actions' ? 'The actions before they are brought within their bounds' : meaning}. */
static inline void ${name}_forward(const float *observation, float *outputs) {
  ${[...layers.slice(1).map((layer, l) => `float ${at(l + 1)}[${layer.inputs}];`), ...steps].join('\n  ')}
}
${bounds !== undefined ? continuousCode(bounds, name) : meaning === 'stateValues' ? '' : discreteCode(name, outputs)}`
  return [
    `${describeSizes(layers)}, ${weightBytes(written)} bytes of ${calibration ? 'int8' : 'float32'} weights`,
    body,
  ]
}

/** Bytes of the constant arrays. */
export function weightBytes(layers: readonly (DenseLayer | Int8Layer)[]): number {
  return layers.flatMap(arraysOf).reduce((sum, [, , { byteLength }]) => sum + byteLength, 0)
}

type NamedArray = readonly [kind: string, type: string, values: Float32Array | Int8Array]

function arraysOf(layer: DenseLayer | Int8Layer): readonly NamedArray[] {
  const biases: NamedArray = ['_biases', 'float', layer.bias]
  if (!('scale' in layer)) return [['_weights', 'float', layer.weight], biases]
  const weights: NamedArray = ['_weights', 'int8_t', layer.weight]
  return [['_inverses', 'float', layer.inverse], weights, ['_scales', 'float', layer.scale], biases]
}

function constant(name: string, type: string, values: ArrayLike<number>): string {
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

const int8Loops = (widest: number) => `  int8_t q[${widest}];
  for (int j = 0; j < inputs; j++) {
    const float v = x[j] * inverses[j], level = v < -127.0f ? -127.0f : v > 127.0f ? 127.0f : v;
    q[j] = (int8_t)(level + (level < 0.0f ? -0.5f : 0.5f));
  }
  for (int i = 0; i < outputs; i++, weights += inputs) {
    int32_t sum = 0;
    for (int j = 0; j < inputs; j++) sum += (int32_t)weights[j] * q[j];
    y[i] = biases[i] + scales[i] * (float)sum;
  }`

const activationCode = {
  identity: () => '',
  relu: (name: string) => `
static inline float ${name}_relu(float x) { return x > 0.0f ? x : 0.0f; }
`,
  tanh: (name: string) => `
static inline float ${name}_tanh(float x) {
  static const float P[5] = {${TANH_P.map(Math.fround).map(float).join(', ')}};
  static const float Q[5] = {${TANH_Q.map(Math.fround).map(float).join(', ')}};
  const float v = x < -9.05f ? -9.05f : x > 9.05f ? 9.05f : x, z = v * v;
  float p = 0.0f, q = 0.0f;
  for (int k = 0; k < 5; k++) {
    p = p * z + P[k];
    q = q * z + Q[k];
  }
  const float y = v * p / q;
  return y < -1.0f ? -1.0f : y > 1.0f ? 1.0f : y;
}
`,
  softmax: (name: string) => `
static inline void ${name}_softmax(float *y, int n) {
  float largest = y[0], sum = 0.0f;
  for (int i = 1; i < n; i++) if (y[i] > largest) largest = y[i];
  for (int i = 0; i < n; i++) {
    const float x = y[i] - largest;
    const double t = (x < -87.0f ? -87.0 : x) / 128.0;
    double e = 1.0;
    for (int k = 12; k > 0; k--) e = 1.0 + t / k * e;
    for (int k = 0; k < 7; k++) e *= e;
    y[i] = (float)e;
    sum += y[i];
  }
  for (int i = 0; i < n; i++) y[i] /= sum;
}
`,
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

// For a float x, x <= t with a double t is x <= f or x < f, where f is the float nearest to t.
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
  return `${constant(`${name}_actions`, table.numActions > 256 ? 'uint16_t' : 'uint8_t', actionsOfTable(table))}

/* The action in a state from 0 to ${table.numStates - 1}. */
static inline int ${name}_act(int state) { return ${name}_actions[state]; }
`
}
