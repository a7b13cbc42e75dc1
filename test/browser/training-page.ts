// A page that trains a network and shows what came of it, for policies under which a page may not be asked by `eval`.

import { Adam, MLP, mseLoss } from '../../src/nn/index.ts'
import { parameterList } from '../../src/nn/module.ts'
import { getBackend, Rng, tensor } from '../../src/tensor/index.ts'

/** XOR, learned in a moment: the backend, the losses, every parameter. */
export function trainXor(): { backend: string; losses: number[]; parameters: number[] } {
  const network = new MLP([2, 16, 1], new Rng(7), { activation: 'tanh' })
  const optimizer = new Adam(network, { learningRate: 0.02 })
  const x = tensor([0, 0, 0, 1, 1, 0, 1, 1], [4, 2])
  const y = tensor([0, 1, 1, 0], [4, 1])
  const losses = Array.from({ length: 200 }, () => optimizer.minimize(() => mseLoss(network.forward(x), y)))
  return { backend: getBackend(), losses, parameters: parameterList(network).flatMap((each) => [...each.view()]) }
}

if (typeof document !== 'undefined') {
  document.body.append(Object.assign(document.createElement('pre'), { textContent: JSON.stringify(trainXor()) }))
}
