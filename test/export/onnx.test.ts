import fc from 'fast-check'
import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-web'
import { describe, expect, it } from 'vitest'
import { Box } from '../../src/data/spaces.ts'
import { denseLayers, type OutputMeaning } from '../../src/export/dense-layers.ts'
import { agentLayers, toOnnx } from '../../src/export/index.ts'
import { bytes, floating, integer, message } from '../../src/export/protobuf.ts'
import { MLP, type MlpOptions } from '../../src/nn/layers/mlp.ts'
import {
  DeterministicPolicy,
  GaussianPolicy,
  SquashedGaussianPolicy,
} from '../../src/rl/policies/continuous-policies.ts'
import { Rng, tensor } from '../../src/tensor/index.ts'
import { cartPoleStudent } from './student.ts'

/** What the real runtime makes of a network, beside what we do. */
async function bothOutputs(network: MLP, meaning: OutputMeaning, states: Float32Array, count: number) {
  const session = await InferenceSession.create(toOnnx(denseLayers(network), meaning))
  const inputs = network.sizes[0]!
  const results = await session.run({ observations: new OnnxTensor('float32', states, [count, inputs]) })
  await session.release()
  const ours = network.forward(tensor(states, [count, inputs]))
  return { names: [session.inputNames, session.outputNames], theirs: results[meaning]!, ours }
}

function farthest(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  return Math.max(...Array.from(ours, (value, i) => Math.abs(value - theirs[i]!) / Math.max(1, Math.abs(value))))
}

const normals = (rng: Rng, count: number) => Float32Array.from({ length: count }, () => rng.normal())

describe('an ONNX file', () => {
  it('of a CartPole student is run by the ONNX runtime with our logits, in batches of any size', async () => {
    const network = cartPoleStudent([64, 64]).network as MLP
    for (const count of [1, 100]) {
      const { names, theirs, ours } = await bothOutputs(network, 'logits', normals(new Rng(2), 4 * count), count)
      expect(names).toEqual([['observations'], ['logits']])
      expect(theirs.dims).toEqual([count, 2])
      expect(farthest(ours.toArray(), theirs.data as Float32Array)).toBeLessThan(1e-5)
    }
  })

  it('of any chain of layers gives our outputs', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 5 })
    const options = fc.constantFrom<MlpOptions>(
      { activation: 'relu' },
      { activation: 'tanh' },
      { activation: 'identity' },
      { activation: 'relu', outputActivation: 'tanh' },
    )
    const meaning = fc.constantFrom<OutputMeaning>('logits', 'actionValues', 'stateValues')
    await fc.assert(
      fc.asyncProperty(sizes, options, meaning, fc.nat(9999), async (sizes, options, meaning, seed) => {
        const rng = new Rng(seed)
        const network = new MLP(sizes, rng, options)
        const { theirs, ours } = await bothOutputs(network, meaning, normals(rng, 3 * sizes[0]!), 3)
        expect(farthest(ours.toArray(), theirs.data as Float32Array)).toBeLessThan(1e-5)
      }),
      { numRuns: 20 },
    )
  })
})

it.each([
  ['a squashed Gaussian', SquashedGaussianPolicy, 4],
  ['a Gaussian, clipped', GaussianPolicy, 4],
  ['a deterministic policy', DeterministicPolicy, 2],
] as const)('an ONNX file of continuous actions: gives those of %s, within the bounds', async (_, Agent, width) => {
  const agent = new Agent(new MLP([3, 8, width], new Rng(5)), 3, new Box([-2, 0.1], [2, 0.3]))
  const { layers, meaning, bounds } = agentLayers(agent)
  const session = await InferenceSession.create(toOnnx(layers, meaning, bounds))
  const states = normals(new Rng(6), 3 * 50)
  const { actions } = await session.run({ observations: new OnnxTensor('float32', states, [50, 3]) })
  await session.release()
  const ours = Array.from({ length: 50 }, (_, i) => [...agent.act(states.subarray(3 * i, 3 * i + 3))]).flat()
  expect(farthest(ours, actions!.data as Float32Array)).toBeLessThan(1e-5)
})

// The first two are the examples of protobuf.dev/programming-guides/encoding.
it.each([
  ['a whole number', integer(1, 150), [0x08, 0x96, 0x01]],
  ['text', bytes(2, 'testing'), [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]],
  ['a message in a message', bytes(3, integer(1, 150)), [0x1a, 0x03, 0x08, 0x96, 0x01]],
  ['a field above 15', integer(20, 2), [0xa0, 0x01, 0x02]],
  ['a number of one byte', integer(1, 127), [0x08, 0x7f]],
  ['the least number of two bytes', integer(1, 128), [0x08, 0x80, 0x01]],
  ['a float', floating(2, 1.5, 4), [0x15, 0x00, 0x00, 0xc0, 0x3f]],
  ['a double', floating(1, 1.5, 8), [0x09, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf8, 0x3f]],
  ['a number above 32 bits', integer(1, 2 ** 40), [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20]],
  ['nothing', message(), []],
])('the wire format: %s', (_, encoded, expected) => expect([...encoded]).toEqual(expected))
