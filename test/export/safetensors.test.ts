import { expect, it } from 'vitest'
import { type DenseLayer, denseLayers } from '../../src/export/dense-layers.ts'
import { toSafetensors } from '../../src/export/index.ts'
import { loadParameters, MLP, readSafetensors, Sequential } from '../../src/nn/index.ts'
import { Rng, tensor } from '../../src/tensor/index.ts'

it('has the names and shapes of the state dict of an nn.Sequential', () => {
  const network = new MLP([4, 64, 64, 2], new Rng(1))
  const { tensors, metadata } = readSafetensors(toSafetensors(denseLayers(network), { environment: 'CartPole-v1' }))
  expect([...tensors].map(([name, { type, shape }]) => [name, type, shape])).toEqual([
    ['0.weight', 'F32', [64, 4]],
    ['0.bias', 'F32', [64]],
    ['2.weight', 'F32', [64, 64]],
    ['2.bias', 'F32', [64]],
    ['4.weight', 'F32', [2, 64]],
    ['4.bias', 'F32', [2]],
  ])
  expect(metadata).toEqual({
    environment: 'CartPole-v1',
    network:
      'nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2), nn.Identity())',
  })
})

it('notes activations and softmax as modules of PyTorch', () => {
  const layer = { inputs: 2, outputs: 4, weight: new Float32Array(8), bias: new Float32Array(4) }
  const square = { ...layer, inputs: 4, weight: new Float32Array(16) }
  const layers: DenseLayer[] = [
    { ...layer, activation: 'tanh' },
    { ...square, activation: 'softmax', span: 2 },
    { ...square, activation: 'relu' },
  ]
  const { metadata, tensors } = readSafetensors(toSafetensors(layers))
  expect(metadata.network).toBe(
    'nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 4), nn.Unflatten(1, (-1, 2)), nn.Softmax(-1), nn.Flatten(), ' +
      'nn.Linear(4, 4), nn.ReLU())',
  )
  expect([...tensors.keys()].filter((name) => name.endsWith('weight'))).toEqual(['0.weight', '2.weight', '6.weight'])
})

it('gives back the network, nested or not', () => {
  const inner = new MLP([3, 5], new Rng(1), { outputActivation: 'tanh' })
  const nested = new Sequential(inner, new MLP([5, 2], new Rng(2)))
  const again = new MLP([3, 5, 2], new Rng(9), { activation: 'tanh' })
  loadParameters(again, toSafetensors(denseLayers(nested)))
  const x = tensor([0.1, 0.2, -0.7], [1, 3])
  expect(again.forward(x).toArray()).toEqual(nested.forward(x).toArray())
})
