// A network learns a curve: module, loss, optimizer.
// Run: npx tsx examples/2-fit-a-curve.ts

import { Adam, countParameters, MLP, mseLoss } from '../src/nn/index.ts'
import { noGrad, Rng, scope, tensor } from '../src/tensor/index.ts'

const rng = new Rng(1)
const network = new MLP([1, 32, 32, 1], rng, { activation: 'tanh' })
const optimizer = new Adam(network, { learningRate: 0.01 })

const curve = (x: number) => Math.sin(3 * x) * (1 - x * x)
const xs = Float32Array.from({ length: 64 }, () => rng.uniform(-1, 1))
const inputs = tensor(xs, [64, 1])
const targets = tensor(xs.map(curve), [64, 1])

console.log(`${countParameters(network)} parameters`)
for (let step = 1; step <= 600; step++) {
  const loss = optimizer.minimize(() => mseLoss(network.forward(inputs), targets))
  if (step % 150 === 0) console.log(`step ${step}: mean squared error ${loss.toExponential(2)}`)
}
for (const x of [-0.8, -0.2, 0.3, 0.9]) {
  const y = scope(() => noGrad(() => network.forward(tensor([[x]])).item()))
  console.log(`f(${x}) = ${curve(x).toFixed(3)}, learned ${y.toFixed(3)}`)
}
