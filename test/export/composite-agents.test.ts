// Heads and ensembles in the formats: the outputs of the library up to rounding, and its actions. C is compiled in test/package/c.test.ts.

import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-web'
import { describe, expect, it } from 'vitest'
import { meanOf } from '../../src/data/statistics.ts'
import { type AgentLayers, agentLayers } from '../../src/export/agents.ts'
import { actionOf, forwardDense } from '../../src/export/forward.ts'
import { toJavaScript, toOnnx, toSafetensors } from '../../src/export/index.ts'
import { forwardInt8, quantize } from '../../src/export/int8.ts'
import { readSafetensors } from '../../src/nn/files/safetensors.ts'
import { playedActions, type TeachingPolicy } from '../../src/rl/policies/policy.ts'
import { exp, Rng, tensor } from '../../src/tensor/index.ts'
import { compositeAgents } from './composite-agents.ts'

const COUNT = 2000
const rng = new Rng(8)
const states = Float32Array.from({ length: 4 * COUNT }, () => rng.normal(0, 1.5))
const rows = Array.from({ length: COUNT }, (_, i) => states.subarray(4 * i, 4 * i + 4))

/** What the library computes: action values, probabilities or state values, or actions in the environment's units. */
function libraryOutputs(agent: TeachingPolicy): Float32Array {
  const batch = tensor(states, [COUNT, 4])
  if (agent.bounds !== undefined) return playedActions(agent, states) as Float32Array
  if (agent.logits !== undefined) return exp(agent.logits(batch)).toArray() as Float32Array
  return (agent.actionValues ?? agent.stateValues)!.call(agent, batch).toArray() as Float32Array
}

/** The same of a format, given its outputs. */
const finished = (outputs: Float32Array, { bounds }: AgentLayers) =>
  bounds === undefined ? outputs : (actionOf(outputs, bounds) as Float32Array)

function expectClose(given: ArrayLike<number>, expected: Float32Array): void {
  expect(given.length).toBe(expected.length)
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1)
  expect(Math.max(...expected.map((value, i) => Math.abs(value - given[i]!)))).toBeLessThan(2e-6 * largest)
}

describe.each(Object.entries(compositeAgents))('%s', (_, composite) => {
  const agent = composite as TeachingPolicy

  it('has the outputs and actions of the library in JavaScript, and the bits of its layers', async () => {
    const exported = agentLayers(agent)
    const { layers, meaning, bounds } = exported
    const { code } = toJavaScript(layers, exported)
    const module = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)
    const given: Float32Array[] = rows.map(module.forward)
    expectClose(
      given.flatMap((each) => [...finished(each, exported)]),
      libraryOutputs(agent),
    )
    expect(given.slice(0, 100)).toEqual(rows.slice(0, 100).map((row) => forwardDense(layers, row)))
    if (bounds !== undefined || meaning === 'stateValues') return
    const chosen = agent.actBatch!(states)
    const isNearTie = (y: Float32Array) =>
      [...y].sort((a, b) => b - a).at(0)! - [...y].sort((a, b) => b - a).at(1)! < 1e-4
    const differing = rows.filter((row, i) => module.act(row) !== chosen[i] && !isNearTie(given[i]!))
    expect(differing).toEqual([])
  })

  it('has them in ONNX', async () => {
    const { layers, meaning, bounds } = agentLayers(agent)
    const session = await InferenceSession.create(toOnnx(layers, meaning, bounds))
    const results = await session.run({ observations: new OnnxTensor('float32', states, [COUNT, 4]) })
    await session.release()
    expectClose(results[meaning]!.data as Float32Array, libraryOutputs(agent))
  })

  it('is a chain of Linear for PyTorch, with three places for a softmax, and has 8 bits', () => {
    const exported = agentLayers(agent)
    const { layers } = exported
    const expected = libraryOutputs(agent)
    const { tensors } = readSafetensors(toSafetensors(layers))
    let place = 0
    const names = layers.flatMap(({ activation }) => {
      const at = place
      place += activation === 'softmax' ? 4 : 2
      return [`${at}.weight`, `${at}.bias`]
    })
    expect([...tensors.keys()]).toEqual(names)
    const int8 = quantize(layers, states.subarray(0, 400))
    const given = rows.slice(0, 100).flatMap((row) => [...finished(forwardInt8(int8, row), exported)])
    const errors = given.map((y, i) => Math.abs(y - expected[i]!))
    expect(meanOf(errors)).toBeLessThan(0.02 * Math.max(...expected.map(Math.abs)))
  })
})

it('folds a linear read-out into the layer before it', () => {
  const widths = (name: string) => agentLayers(compositeAgents[name]!).layers.map(({ outputs }) => outputs)
  expect(widths('a dueling network')).toEqual([12, 9, 3])
  expect(widths('a network of quantiles')).toEqual([12, 9, 3])
  expect(widths('a network of categorical returns')).toEqual([12, 9, 33, 3]) // the softmax stays
})
