// The exported C headers, compiled with all warnings as errors and run on 10,000 states. Skipped, with a message, without a `cc`.

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { DenseLayer } from '../../src/export/dense-layers.ts'
import { actionOf, forwardDense } from '../../src/export/forward.ts'
import { agentLayers, type COptions, toC } from '../../src/export/index.ts'
import { forwardInt8, quantize } from '../../src/export/int8.ts'
import { playedStates } from '../../src/export/played-states.ts'
import { MLP } from '../../src/nn/layers/mlp.ts'
import { Box, DecisionTree, make } from '../../src/rl/index.ts'
import {
  DeterministicPolicy,
  GaussianPolicy,
  SquashedGaussianPolicy,
} from '../../src/rl/policies/continuous-policies.ts'
import { QTable } from '../../src/tabular/q-table.ts'
import { Rng } from '../../src/tensor/random.ts'
import { compositeAgents } from '../export/composite-agents.ts'
import { cartPoleStudent } from '../export/student.ts'

const hasCompiler = spawnSync('cc', ['--version']).status === 0
if (!hasCompiler) console.log('test/package/c.test.ts is skipped: there is no C compiler "cc" on this machine')

const folder = mkdtempSync(join(tmpdir(), 'alambic-c-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const COUNT = 10_000
const rng = new Rng(3)
const normals = (width: number) => Float32Array.from({ length: COUNT * width }, () => rng.normal(0, 1.5))

/** What the compiled `statement` writes to `y` for each state: `given` of the states, `gives` of y, as C declarations. */
function run(header: string, given: string, gives: string, statement: string, states: Float32Array | Int32Array) {
  const program = `#include <stdio.h>
#include "agent.h"
int main(void) {
  ${given};
  ${gives};
  while (fread(x, sizeof x, 1, stdin) == 1) {
    ${statement};
    fwrite(y, sizeof y, 1, stdout);
  }
  return 0;
}
`
  writeFileSync(join(folder, 'agent.h'), header)
  writeFileSync(join(folder, 'main.c'), program)
  const options = ['-std=c99', '-Wall', '-Wextra', '-Werror', '-O2', '-ffp-contract=off', 'main.c', '-o', 'main']
  execFileSync('cc', options, { cwd: folder })
  const written = execFileSync(join(folder, 'main'), { input: Buffer.from(states.buffer), maxBuffer: 2 ** 26 })
  return written.buffer.slice(written.byteOffset, written.byteOffset + written.length) as ArrayBuffer
}

const rows = <T>(states: Float32Array, width: number, f: (row: Float32Array) => T) =>
  Array.from({ length: COUNT }, (_, i) => f(states.subarray(i * width, (i + 1) * width)))

describe.skipIf(!hasCompiler)('a C header', () => {
  const student = cartPoleStudent([64, 64])
  const { layers, meaning } = agentLayers(student)
  const states = playedStates(layers, make('CartPole-v1'), COUNT, 2)
  const choose = (header: string) => [
    ...new Int32Array(run(header, 'float x[4]', 'int y[1]', 'y[0] = agent_act(x)', states)),
  ]
  const outputs = (options: COptions) =>
    new Float32Array(run(toC(layers, options), 'float x[4]', 'float y[2]', 'agent_forward(x, y)', states))

  it("has the bits of a CartPole student's logits, and so its actions", () => {
    const expected = rows(states, 4, (row) => [...forwardDense(layers, row)]).flat()
    expect([...outputs({ meaning })]).toEqual(expected)
    expect(choose(toC(layers, { meaning, title: 'ends */ nothing \\' }))).toEqual(
      rows(states, 4, (s) => student.act(s)),
    )
  })

  it('of 8 bits has the bits of the simulation, and nearly all actions', () => {
    const calibration = playedStates(layers, make('CartPole-v1'), 1_000, 1)
    const int8 = quantize(layers, calibration)
    expect([...outputs({ meaning, calibration })]).toEqual(rows(states, 4, (row) => [...forwardInt8(int8, row)]).flat())
    const actions = choose(toC(layers, { meaning, calibration }))
    const same = rows(states, 4, (row) => student.act(row)).filter((action, i) => action === actions[i])
    expect(same.length).toBeGreaterThan(0.95 * COUNT)
  })

  it.each([
    ['a squashed Gaussian', SquashedGaussianPolicy, 4],
    ['a Gaussian', GaussianPolicy, 4],
    ['a deterministic policy', DeterministicPolicy, 2],
  ] as const)('of %s fills the action, within its bounds', (_, Agent, width) => {
    const agent = new Agent(new MLP([3, 9, 5, width], rng), 3, new Box([-2, 0.1], [2, 0.3]))
    const { layers, ...outputs } = agentLayers(agent)
    const states = normals(3)
    for (const calibration of [undefined, states.subarray(0, 300)]) {
      const header = toC(layers, { ...outputs, name: 'agent', ...(calibration && { calibration }) })
      const actions = new Float32Array(run(header, 'float x[3]', 'float y[2]', 'agent_act(x, y)', states))
      const int8 = calibration && quantize(layers, calibration)
      const expected = rows(states, 3, (row) => [
        ...(int8 ? (actionOf(forwardInt8(int8, row), outputs.bounds) as Float32Array) : agent.act(row)),
      ])
      expect([...actions]).toEqual(expected.flat())
    }
  })

  it.each(Object.entries(compositeAgents))('of %s has the bits of the layers, and those of 8 bits', (_, agent) => {
    const { layers, ...outputs } = agentLayers(agent)
    const states = normals(4)
    const [{ outputs: count }] = layers.slice(-1) as [DenseLayer]
    for (const calibration of [undefined, states.subarray(0, 400)]) {
      const header = toC(layers, { ...outputs, ...(calibration && { calibration }) })
      const given = new Float32Array(run(header, 'float x[4]', `float y[${count}]`, 'agent_forward(x, y)', states))
      const int8 = calibration && quantize(layers, calibration)
      const expected = rows(states, 4, (row) => [...(int8 ? forwardInt8(int8, row) : forwardDense(layers, row))])
      expect(given).toEqual(Float32Array.from(expected.flat()))
    }
  })

  it('of a decision tree compares as the tree does, at its thresholds too', () => {
    const leaf = (action: number) => ({ action, weights: [1, 1, 1], samples: 1 })
    const split = (feature: number, threshold: number, left: DecisionTree['root'], right: DecisionTree['root']) => ({
      ...{ feature, threshold, left, right },
    })
    const [up, down] = [0.1, 0.3] // nearest floats above and below
    const root = split(0, up, split(1, down, leaf(0), leaf(1)), split(1, -1e300, leaf(1), leaf(2)))
    const tree = new DecisionTree(root, 2, 3)
    const states = normals(2).map((x, i) => (i < 20 ? Math.fround([up, down][i % 2]! + (i - 10) * 1e-8) : x))
    const actions = new Int32Array(run(toC(tree), 'float x[2]', 'int y[1]', 'y[0] = agent_act(x)', states))
    expect([...actions]).toEqual(rows(states, 2, (row) => tree.act(row)))
    const one = run(toC(new DecisionTree(leaf(2), 2, 3)), 'float x[2]', 'int y[1]', 'y[0] = agent_act(x)', states)
    expect(new Int32Array(one)[0]).toBe(2)
  })

  it('of a table looks the action up', () => {
    const table = new QTable(50, 300, 0)
    for (let i = 0; i < table.values.length; i++) table.values[i] = rng.normal()
    const states = Int32Array.from({ length: 50 }, (_, i) => i)
    const actions = run(toC(table), 'int x[1]', 'int y[1]', 'y[0] = agent_act(x[0])', states)
    expect([...new Int32Array(actions)]).toEqual([...states].map((state) => table.act(state)))
  })
})
