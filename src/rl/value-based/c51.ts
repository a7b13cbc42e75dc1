// C51: deep Q-learning of distributions of returns, Bellemare et al. 2017, arXiv:1707.06887, algorithm 1. Each action has probabilities
// of fixed returns, the atoms. The target is the distribution after one step of reward and discount, projected on the atoms.
// Deviations from the paper are those of value-based.ts. Read next: value-heads.ts for the projection, qr-dqn.ts.

import { count, finite, withDefaults } from '../../data/options.ts'
import {
  explorationOptions,
  extensionOptions,
  type ValueBasedAlgorithm,
  valueBased,
  valueBasedOptions,
} from './value-based.ts'
import { atomsBetween, categoricalHead } from './value-heads.ts'

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

export const c51Algorithm: ValueBasedAlgorithm<typeof c51Options> = {
  name: 'c51',
  about: 'deep Q-learning of distributions of returns on fixed atoms',
  options: c51Options,
  settings: (o) => ({ ...o, head: categoricalHead(atomsBetween(o.lowestReturn, o.highestReturn, o.atoms)) }),
}

/** Trains in the given environments; yields after each training phase, returns the agent. */
export const c51 = /* @__PURE__ */ valueBased(c51Algorithm)
