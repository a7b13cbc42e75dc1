// The text of C headers. test/package/c.test.ts compiles and runs them.

import { describe, expect, it } from 'vitest'
import { weightBytes } from '../../src/export/c.ts'
import type { DenseLayer } from '../../src/export/dense-layers.ts'
import { toC } from '../../src/export/index.ts'
import { quantize } from '../../src/export/int8.ts'
import { DecisionTree, type TreeNode } from '../../src/rl/policies/decision-tree.ts'
import { QTable } from '../../src/tabular/q-table.ts'

const hidden: DenseLayer = {
  ...{ inputs: 2, outputs: 3, activation: 'relu' },
  ...{ weight: Float32Array.of(1, -0.5, 0.1, 0, 1e-7, 16), bias: Float32Array.of(0, 2.5, -3) },
}
const last: DenseLayer = {
  ...{ inputs: 3, outputs: 2, activation: 'identity' },
  ...{ weight: Float32Array.of(1, 2, 3, 4, 5, 6), bias: Float32Array.of(7, 8) },
}
const functionOf = (header: string, name: string) =>
  new RegExp(`^static inline .* ${name}\\(.*{\\n(.*\\n)*?}$`, 'm').exec(header)?.[0]

describe('a network in C', () => {
  const tiny = () => toC([hidden, last], { meaning: 'logits', name: 'tiny' })

  it('says what it is, and is included once', () => {
    const header = tiny()
    expect(header.split('\n').slice(0, 3)).toEqual([
      '/* An agent: 2-3-2, 68 bytes of float32 weights, written by alambic. C99. */', // (6 + 3 + 6 + 2) floats
      '#ifndef TINY_H',
      '#define TINY_H',
    ])
    expect(header).toMatch(/\n#endif\n$/)
    expect(header).toContain('#define TINY_INPUTS 2\n#define TINY_OUTPUTS 2\n')
    expect(toC([last], { meaning: 'logits', title: 'a */ b\nc' })).toMatch(/^\/\* a {4}b c: 3-2, /)
  })

  it('has its numbers as float literals', () => {
    const header = tiny()
    expect(header).toContain('static const float tiny_weights0[6] = {1.f,-.5f,.1f,0.f,1e-7f,16.f};')
    expect(header).toContain('static const float tiny_biases1[2] = {7.f,8.f};')
  })

  it('calls its layers in order, each with its activation', () => {
    const header = tiny()
    expect(
      functionOf(header, 'tiny_forward'),
    ).toBe(`static inline void tiny_forward(const float *observation, float *outputs) {
  float x1[3];
  tiny_dense(observation, 2, tiny_weights0, tiny_biases0, x1, 3);
  for (int i = 0; i < 3; i++) x1[i] = tiny_relu(x1[i]);
  tiny_dense(x1, 3, tiny_weights1, tiny_biases1, outputs, 2);
}`)
    expect(functionOf(header, 'tiny_dense')).toContain('s[j % 4] += weights[j] * x[j];')
    expect(header).toContain('/* logits. */\nstatic inline void tiny_forward')
    expect(header.match(/float tiny_relu\(float x\) {/g)).toHaveLength(1)
    expect(header).not.toContain('tanh')
    const twice = toC([hidden, { ...last, outputs: 2, activation: 'relu' }], { meaning: 'logits' })
    expect(twice.match(/float agent_relu\(float x\) {/g)).toHaveLength(1)
  })

  it('has a softmax of each group of outputs', () => {
    const square = { ...last, outputs: 4, weight: new Float32Array(12), bias: new Float32Array(4) }
    const code = toC([{ ...square, activation: 'softmax', span: 2 }], { meaning: 'probabilities' })
    expect(code).toContain('  for (int i = 0; i < 4; i += 2) agent_softmax(outputs + i, 2);\n}')
    expect(functionOf(code, 'agent_softmax')).toContain('y[i] /= sum;')
  })

  it('chooses the largest output, unless it is a state value', () => {
    const header = tiny()
    expect(functionOf(header, 'tiny_act')).toContain('for (int i = 1; i < 2; i++) if (y[i] > y[best]) best = i;')
    expect(toC([last], { meaning: 'stateValues' })).not.toContain('_act')
  })

  it('brings actions within their bounds, the infinite ones of float32', () => {
    const bounds = { low: [-2, -Infinity], high: [2, Infinity], scaled: false }
    const clipped = toC([last], { meaning: 'actions', bounds })
    expect(clipped).toContain('/* The actions before they are brought within their bounds. */')
    expect(
      functionOf(clipped, 'agent_act'),
    ).toBe(`static inline void agent_act(const float *observation, float *action) {
  static const double low[] = {-2, -3.4028234663852886e+38}, high[] = {2, 3.4028234663852886e+38};
  agent_forward(observation, action);
  for (int i = 0; i < 2; i++) {
    const double a = action[i];
    action[i] = (float)(a < low[i] ? low[i] : a > high[i] ? high[i] : a);
  }
}`)
    const scaled = toC([last], { meaning: 'actions', bounds: { ...bounds, scaled: true } })
    expect(scaled).toContain('const double a = low[i] + ((action[i] + 1.0) / 2.0) * (high[i] - low[i]);')
  })

  it('has weights of 8 bits with the steps of inputs and outputs', () => {
    const calibration = Float32Array.of(127, -1, 0.5, 12.7)
    const code = toC([hidden, last], { meaning: 'logits', calibration })
    const written = quantize([hidden, last], calibration)
    expect(weightBytes(written)).toBe(6 + 6 + 4 * (2 + 3 + 3 + 3 + 2 + 2)) // a byte a weight; inverses, scales, biases
    expect(code).toContain('/* An agent: 2-3-2, 72 bytes of int8 weights')
    expect(code).toContain('static const float agent_inverses0[2] = {1.f,10.f};')
    expect(code).toContain(`static const int8_t agent_weights0[6] = {${written[0]!.weight.join(',')}};`)
    expect(functionOf(code, 'agent_dense')).toMatch(
      /^static inline void agent_dense\(const float \*x, int inputs, const float \*inverses, const int8_t \*weights, const float \*scales, const float \*biases, float \*y, int outputs\) {\n {2}int8_t q\[3\];/,
    )
    expect(code).toContain(
      'agent_dense(x1, 3, agent_inverses1, agent_weights1, agent_scales1, agent_biases1, outputs, 2);',
    )
  })

  it.each(['', '2b', 'a b', 'a-b', 'ä'])('is refused with the name "%s"', (name) => {
    expect(() => toC([last], { meaning: 'logits', name })).toThrow(`the name is "${name}"; expected letters`)
  })
})

describe('a decision tree in C', () => {
  const leaf = (action: number): TreeNode => ({ action, weights: [1, 1], samples: 1 })
  const headerOf = (threshold: number) =>
    toC(new DecisionTree({ feature: 1, threshold, left: leaf(1), right: leaf(0) }, 2, 2))

  // x <= t in double precision, with the float that is nearest to t.
  it.each([
    [0.5, 'x[1] <= .5f', 'is a float'],
    [0.1, 'x[1] < .1f', 'lies below its float'],
    [0.7, 'x[1] <= .7f', 'lies above its float'],
    [-3, 'x[1] <= -3.f', 'is a whole number'],
    [1e39, 'x[1] <= 1e+39', 'lies beyond all floats'],
  ])('compares with %d, which as a float is `%s`: it %s', (threshold, question) => {
    expect(functionOf(headerOf(threshold), 'agent_act')).toBe(`static inline int agent_act(const float *x) {
  (void)x;
  if (${question}) return 1;
  return 0;
}`)
  })

  it('says how many leaves it has', () => {
    expect(headerOf(0)).toMatch(/^\/\* An agent: 2 leaves, written by alambic. C99. \*\//)
    expect(toC(new DecisionTree(leaf(1), 2, 2))).toMatch(/^\/\* An agent: 1 leaf, /)
  })
})

it.each([
  [256, 'uint8_t'],
  [257, 'uint16_t'],
])('a table in C: of %d actions has its greedy ones as %s', (actions, type) => {
  const table = new QTable(3, actions, 0)
  table.values[actions + 2] = 1
  table.values[3 * actions - 1] = 1
  const header = toC(table, { name: 'q' })
  expect(header).toContain(`static const ${type} q_actions[3] = {0,2,${actions - 1}};`)
  expect(header).toContain('/* The action in a state from 0 to 2. */\nstatic inline int q_act(int state)')
  expect(header).toMatch(/^\/\* An agent: 3 states, /)
})
