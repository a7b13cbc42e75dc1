// C51, deep Q-learning of distributions of returns: Bellemare et al. 2017, arXiv:1707.06887, algorithm 1. Each action has
// probabilities of fixed returns, the atoms; the network learns the distribution after one step of reward and discount, projected on
// the same atoms. Deviations from the paper are those of value-based.ts.
// Read next: value-heads.ts for the projection, qr-dqn.ts, where the probabilities are fixed and the returns learned.

import { count, finite, flag, positive, withDefaults } from '../options.ts'
import {
  explorationOptions,
  plainSettings,
  type ValueBasedAlgorithm,
  valueBased,
  valueBasedOptions,
} from './value-based.ts'
import { atomsBetween, categoricalHead } from './value-heads.ts'

/** The options of the atoms. */
export const atomOptions = {
  atoms: count(51, 'returns that have a probability each, at least 2'),
  lowestReturn: finite(0, 'the first atom'),
  highestReturn: finite(100, 'the last atom'),
}

export const c51Options = {
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
  nStep: count(1, 'rewards summed before the distribution of what follows'),
  annealLearningRate: flag(false, 'lower the learning rate linearly to 0'),
  adamEpsilon: positive(1e-8, 'added to the denominator of Adam; a large one shortens the steps of small gradients'),
}

/** C51 among the value-based algorithms. */
export const c51Algorithm: ValueBasedAlgorithm<typeof c51Options> = {
  name: 'c51',
  options: c51Options,
  settings: (o) => ({
    ...plainSettings,
    ...o,
    head: categoricalHead(atomsBetween(o.lowestReturn, o.highestReturn, o.atoms)),
  }),
}

/** Trains in the given environments; yields after each training phase, returns the agent. */
export const c51 = valueBased(c51Algorithm)
