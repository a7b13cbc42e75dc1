import { MLP, namedParameters } from '../../src/nn/index.ts'
import { CategoricalPolicy } from '../../src/rl/policies/discrete-policies.ts'
import { Rng } from '../../src/tensor/index.ts'

/** A policy that balances the pole of CartPole-v1: it pushes where the pole leans and falls to. */
export function balancing(): CategoricalPolicy {
  const network = new MLP([4, 2], new Rng(0))
  const [weight, bias] = Object.values(namedParameters(network))
  weight!.view().set([-0.2, -1, -8, -4, 0.2, 1, 8, 4])
  bias!.view().set([0, 0])
  return new CategoricalPolicy(network, 4, 2)
}
