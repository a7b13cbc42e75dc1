// A training step in a scope makes no typed array: its numbers all live in linear memory.

import { expect, it } from 'vitest'
import { MLP } from '../../src/nn/layers/mlp.ts'
import { mseLoss } from '../../src/nn/losses/regression.ts'
import { Adam } from '../../src/nn/optimizers/adam.ts'
import { normal, Rng, tensor } from '../../src/tensor/index.ts'

it('a step of an MLP makes no typed array', () => {
  const rng = new Rng(1)
  const network = new MLP([4, 16, 16, 2], rng)
  const optimizer = new Adam(network)
  const x = normal(rng, [32, 4]).toArray()
  const y = normal(rng, [32, 2]).toArray()
  const step = () => optimizer.minimize(() => mseLoss(network.forward(tensor(x, [32, 4])), tensor(y, [32, 2])))
  step() // the first one may make the memory grow
  expect(typedArraysMade(step)).toBe(0)
  expect(typedArraysMade(() => normal(rng, [3]).toArray())).toBeGreaterThan(0)
})

function typedArraysMade(body: () => unknown): number {
  const own = { Float32Array, Float64Array, Int32Array }
  let made = 0
  for (const [name, original] of Object.entries(own)) {
    const counting = new Proxy(original, {
      construct(target, args) {
        made++
        return new target(...(args as [number]))
      },
    })
    Object.assign(globalThis, { [name]: counting })
  }
  try {
    body()
  } finally {
    Object.assign(globalThis, own)
  }
  return made
}
