// A gradient, and how to believe it: compute one, then search for an input where it is wrong.
// Run: npx tsx examples/1-gradients.ts

import { gradcheck, matmul, Rng, sum, tanh, tensor, uniform } from '../src/tensor/index.ts'

const x = tensor([[1, 2], [3, 4]]) // biome-ignore format: a matrix
const w = tensor([[0.5], [-0.25]], undefined, { requiresGrad: true })
const y = sum(tanh(matmul(x, w)))
y.backward()
console.log('y  =', y.item().toFixed(6))
console.log('dw =', Array.from(w.grad!.view(), (g) => g.toFixed(6)).join(', '))

// The same function in float64, against central differences, at a hundred random places with random cotangents.
const rng = new Rng(1)
for (let trial = 0; trial < 100; trial++) {
  const a = uniform(rng, [2, 2], -2, 2, { dtype: 'float64' })
  const b = uniform(rng, [2, 1], -2, 2, { dtype: 'float64' })
  gradcheck((v) => tanh(matmul(a, v)), b, [rng.uniform(-1, 1), rng.uniform(-1, 1)])
}
console.log('a hundred central differences agree')
