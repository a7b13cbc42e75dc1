// Rainbow: six extensions of deep Q-learning at once, Hessel et al. 2018, arXiv:1710.02298: (1) double Q-learning, (2) prioritised
// replay, (3) dueling streams, (4) several steps of reward, (5) distributions of returns, (6) noise in the weights. Deviations from
// the paper are those of value-based.ts; the first hidden layer, which replaces the paper's convolutions, has no noise.
// Read next: dqn.ts for all but (5) one by one, c51.ts for (5), value-network.ts for (3) and (6).

import { count, fraction, nonNegative, positive, withDefaults } from '../options.ts'
import { atomOptions } from './c51.ts'
import { plainSettings, type ValueBasedAlgorithm, valueBased, valueBasedOptions } from './value-based.ts'
import { atomsBetween, categoricalHead } from './value-heads.ts'

export const rainbowOptions = {
  ...withDefaults(valueBasedOptions, {
    hidden: [128, 128],
    learningRate: 1e-3,
    targetUpdateInterval: 512,
    trainInterval: 128,
    gradientSteps: 32,
  }),
  ...atomOptions,
  nStep: count(3, 'rewards summed before the distribution of what follows'),
  priorityExponent: nonNegative(0.5, 'exponent of the priorities: 0 samples uniformly, 1 in proportion'),
  priorityCorrection: fraction(0.4, 'exponent of the importance weights at first; 1 in the end'),
  adamEpsilon: positive(1.5e-4, 'added to the denominator of Adam; a large one shortens the steps of small gradients'),
}

/** Rainbow among the value-based algorithms. */
export const rainbowAlgorithm: ValueBasedAlgorithm<typeof rainbowOptions> = {
  name: 'rainbow',
  options: rainbowOptions,
  settings: (o) => ({
    ...plainSettings,
    ...o, // with (4)
    ...{ double: true, prioritized: true, dueling: true, noisy: true }, // (1), (2), (3), (6)
    head: categoricalHead(atomsBetween(o.lowestReturn, o.highestReturn, o.atoms), 'kl'), // (5), equation 5
  }),
}

/** Trains in the given environments; yields after each training phase, returns the agent. */
export const rainbow = valueBased(rainbowAlgorithm)
