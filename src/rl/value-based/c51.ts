// C51: deep Q-learning of distributions of returns, Bellemare et al. 2017, arXiv:1707.06887, algorithm 1. Each action has probabilities
// p of fixed returns z, the atoms, and the value Q(s, a) = Σᵢ zᵢ pᵢ(s, a). The network learns the distribution after one step of reward and
// discount, projected on the atoms:
//
//   minimise H(m, p(s, a)),   m = projection of r + γ (1 - terminated) Z′(s′, a*),   a* = argmax_a′ Q′(s′, a′)
//
// Deviations from the paper are those of value-based.ts.

import { count, finite, withDefaults } from '../../data/options.ts'
import { crossEntropy } from '../../nn/losses/classification.ts'
import { noGrad } from '../../tensor/autograd/autograd.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { ShapeError, ValueError } from '../../tensor/errors.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { mul } from '../../tensor/ops/elementwise.ts'
import { argmax, sum } from '../../tensor/ops/reduce.ts'
import { softmax } from '../../tensor/ops/rows.ts'
import { newArray } from '../../tensor/storage.ts'
import type { EnvLike } from '../envs/vector/sync-vector-env.ts'
import { chosenRows } from '../replay/off-policy.ts'
import { explorationOptions, extensionOptions, type ValueOptions, valueBasedOptions } from './options.ts'
import { learnValues, type ValueMethod } from './value-based.ts'
import type { NextState, ValueHead } from './value-network.ts'

/** m: [batch, atoms]. a* has the largest mean under the target network or, in double Q-learning, under the learner. */
export function c51Targets(batch: NextState, { atoms, expectation }: CategoricalHead, double: boolean): Tensor {
  const { rewards, discounts, nextObservations, network, target } = batch
  const learnerProbs = double ? softmax(network(nextObservations)) : undefined
  const nextProbs = softmax(target(nextObservations)) // [batch, actions, atoms]
  const best = argmax(expectation(learnerProbs ?? nextProbs), 1, true)
  return projectDistribution(chosenRows(nextProbs, best), rewards, discounts, atoms)
}

/**
 * Projects the distribution of r + discount · Z onto the atoms of Z: each atom moves to r + discount · z, clipped to the range of the
 * atoms, and its probability is split between the two nearest atoms by linear interpolation. Equation 7 of C51.
 * Probabilities [batch, atoms], rewards and discounts [batch], evenly spaced atoms → [batch, atoms], without gradient.
 */
export function projectDistribution(nextProbs: Tensor, rewards: Tensor, discounts: Tensor, support: ArrayLike<number>) {
  const [batch, atoms] = nextProbs.dims as [number, number]
  if (support.length !== atoms) {
    throw new ShapeError(`projectDistribution: ${support.length} atoms for probabilities of ${atoms}; expected as many`)
  }
  const [low, high] = [support[0]!, support[atoms - 1]!]
  const spacing = (high - low) / (atoms - 1)
  const [probs, r, discount] = [nextProbs.view(), rewards.view(), discounts.view()]
  const projected = newArray(nextProbs.dtype, batch * atoms)
  for (let row = 0; row < batch; row++) {
    const [reward, factor] = [r[row]!, discount[row]!]
    if (!Number.isFinite(reward)) {
      throw new ValueError(`projectDistribution: reward ${row} is ${reward}; expected a number`)
    }
    const start = row * atoms
    for (let i = 0; i < atoms; i++) {
      const moved = Math.min(Math.max(reward + factor * support[i]!, low), high)
      // Rounding can place the highest return beyond the last atom, which would give the one before a negative probability.
      const position = Math.min((moved - low) / spacing, atoms - 1)
      const below = Math.min(position | 0, atoms - 2) // an integer, so that the indices are fast
      const above = position - below // the fraction of the upper neighbour
      const at = start + below
      const probability = probs[start + i]!
      projected[at] = projected[at]! + probability * (1 - above)
      projected[at + 1] = projected[at + 1]! + probability * above
    }
  }
  return tensor(projected, [batch, atoms])
}

/** Logits of the probabilities of fixed returns. */
export interface CategoricalHead extends ValueHead {
  readonly atoms: Float64Array
  /** Σᵢ zᵢ pᵢ: [batch, actions, atoms] → [batch, actions]. */
  expectation(probabilities: Tensor): Tensor
}

export function categoricalHead(atoms: Float64Array): CategoricalHead {
  const z = tensor(atoms, [atoms.length], { dtype: 'float32' })
  const expectation = (probabilities: Tensor) => sum(mul(probabilities, z), 2)
  return { width: atoms.length, atoms, expectation, means: (logits) => expectation(softmax(logits)) }
}

/** `count` evenly spaced returns from `low` to `high`. */
export function atomsBetween(low: number, high: number, count: number): Float64Array {
  if (count >= 2 && low < high) {
    return Float64Array.from({ length: count }, (_, i) => low + (i * (high - low)) / (count - 1))
  }
  throw new ValueError(`c51: ${count} atoms from ${low} to ${high}; expected two or more that ascend`)
}

export const atomOptions = {
  atoms: count(51, 'number of atoms, at least 2'),
  lowestReturn: finite(0, 'the first atom'),
  highestReturn: finite(100, 'the last atom'),
}

const { nStep, annealLearningRate, adamEpsilon } = extensionOptions

const c51Options = {
  ...withDefaults(valueBasedOptions, {
    hidden: [120, 84],
    learningRate: 1e-3,
    batchSize: 128,
    targetUpdateInterval: 512,
    trainInterval: 128,
    gradientSteps: 32,
  }),
  ...withDefaults(explorationOptions, { explorationFraction: 0.2 }),
  ...atomOptions,
  ...{ nStep, annealLearningRate, adamEpsilon },
}

export type C51Options = ValueOptions<typeof c51Options>

export const c51Algorithm: ValueMethod<typeof c51Options> = {
  name: 'c51',
  about: 'deep Q-learning of distributions of returns on fixed atoms',
  options: c51Options,
  learner(o) {
    const head = categoricalHead(atomsBetween(o.lowestReturn, o.highestReturn, o.atoms))
    return {
      head,
      loss(batch, reduction) {
        const targets = noGrad(() => c51Targets(batch, head, false))
        const logits = batch.chosen(batch.network(batch.observations))
        return { loss: crossEntropy(logits, targets, { reduction }) }
      },
    }
  },
}

/** Trains; yields after each training phase, returns the agent. */
export const c51 = (envs: EnvLike, options: C51Options = {}) => learnValues(c51Algorithm, envs, options)
