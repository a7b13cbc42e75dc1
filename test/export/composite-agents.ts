// Agents of several networks, or with a head: of each kind one, untrained, with 4 observations and 3 actions or vectors of 2.

import { ensembleOf } from '../../src/distill/teachers/teacher-sources.ts'
import { BinReadOut, MLP } from '../../src/nn/index.ts'
import { build } from '../../src/nn/layers/spec.ts'
import { Box, CategoricalPolicy, QPolicy, ValueFunction } from '../../src/rl/index.ts'
import {
  DeterministicPolicy,
  GaussianPolicy,
  SquashedGaussianPolicy,
} from '../../src/rl/policies/continuous-policies.ts'
import type { TeachingPolicy } from '../../src/rl/policies/policy.ts'
import { atomsBetween, categoricalHead } from '../../src/rl/value-based/c51.ts'
import { quantileHead } from '../../src/rl/value-based/qr-dqn.ts'
import { ActionValues, type ValueHead, valueNetwork } from '../../src/rl/value-based/value-network.ts'
import { Rng } from '../../src/tensor/random.ts'

const bounds = new Box([-2, 0.1], [2, 0.3])
const mlp = (seed: number, ...widths: number[]) => new MLP([4, ...widths], new Rng(seed), { activation: 'tanh' })
const values = (seed: number, parts: { dueling?: boolean; noisy?: boolean; hidden?: number[] }, head?: ValueHead) => {
  const { dueling = false, noisy = false, hidden = [12, 9] } = parts
  const spec = valueNetwork([4], 3, { dueling, noisy, hidden, atoms: head?.width ?? 1 })
  const network = build(spec, new Rng(seed))
  return new QPolicy(head === undefined ? network : new ActionValues(network, head), 4, 3)
}
const categorical = categoricalHead(atomsBetween(-20, 30, 11))
const three = (member: (seed: number) => object) => ensembleOf([1, 2, 3].map((seed) => member(seed) as TeachingPolicy))

export const compositeAgents: Readonly<Record<string, object>> = {
  'a dueling network': values(1, { dueling: true }),
  'a dueling network without hidden layers': values(1, { dueling: true, hidden: [] }),
  'a network of quantiles': values(2, {}, quantileHead(7)),
  'a network of categorical returns': values(3, {}, categorical),
  'a dueling, noisy network of categorical returns': values(4, { dueling: true, noisy: true }, categorical),
  'a dueling network of quantiles': values(5, { dueling: true }, quantileHead(7)),
  'action values as bins': new QPolicy(new BinReadOut(mlp(6, 9, 15), Float64Array.of(-8, -1, 0, 2, 9)), 4, 3),
  'state values as bins': new ValueFunction(new BinReadOut(mlp(7, 9, 5), Float64Array.of(-8, -1, 0, 2, 9)), 4, 3),
  'an ensemble of policies': three((seed) => new CategoricalPolicy(mlp(seed, 8 + seed, 3), 4, 3)),
  'an ensemble of linear policies': three((seed) => new CategoricalPolicy(mlp(seed, 3), 4, 3)),
  'an ensemble of dueling networks': three((seed) => values(seed, { dueling: true })),
  'an ensemble of categorical returns': three((seed) => values(seed, {}, categorical)),
  'an ensemble of state values': three(
    (seed) => new ValueFunction(mlp(seed, 8, 1), 4, 3, { mean: seed, deviation: 2 }),
  ),
  'an ensemble of squashed Gaussians': three((seed) => new SquashedGaussianPolicy(mlp(seed, 8, 4), 4, bounds)),
  'an ensemble of Gaussians': three((seed) => new GaussianPolicy(mlp(seed, 8, 4), 4, bounds)),
  'an ensemble of deterministic policies': three((seed) => new DeterministicPolicy(mlp(seed, 8, 2), 4, bounds)),
  'an ensemble of ensembles': three((seed) =>
    ensembleOf([seed, 9].map((s) => new CategoricalPolicy(mlp(s, 8, 3), 4, 3))),
  ),
}
