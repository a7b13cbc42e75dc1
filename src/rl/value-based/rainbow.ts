// Rainbow: six extensions of deep Q-learning, Hessel et al. 2018, arXiv:1710.02298: (1) double Q-learning, (2) prioritised replay,
// (3) dueling streams, (4) n-step returns, (5) distributions of returns, (6) noisy layers. Deviations from the paper are those of
// value-based.ts; the first hidden layer, which replaces the paper's convolutions, has no noise.
// Read next: c51.ts for (5), value-network.ts for (3) and (6).

import { withDefaults } from '../../data/options.ts'
import { atomOptions } from './c51.ts'
import { extensionOptions, type ValueBasedAlgorithm, valueBased, valueBasedOptions } from './value-based.ts'
import { atomsBetween, categoricalHead } from './value-heads.ts'

const { nStep, priorityExponent, priorityCorrection, adamEpsilon } = extensionOptions

const rainbowOptions = {
  ...withDefaults(valueBasedOptions, {
    hidden: [128, 128],
    learningRate: 1e-3,
    targetUpdateInterval: 512,
    trainInterval: 128,
    gradientSteps: 32,
  }),
  ...atomOptions,
  ...withDefaults(
    { nStep, priorityExponent, priorityCorrection, adamEpsilon },
    { nStep: 3, priorityExponent: 0.5, adamEpsilon: 1.5e-4 },
  ),
}

export const rainbowAlgorithm: ValueBasedAlgorithm<typeof rainbowOptions> = {
  name: 'rainbow',
  about: 'deep Q-learning with six extensions, for choices',
  options: rainbowOptions,
  settings: (o) => ({
    ...o, // with (4)
    ...{ double: true, prioritized: true, dueling: true, noisy: true }, // (1), (2), (3), (6)
    head: categoricalHead(atomsBetween(o.lowestReturn, o.highestReturn, o.atoms), 'kl'), // (5), equation 5
  }),
}

/** Trains in the given environments; yields after each training phase, returns the agent. */
export const rainbow = /* @__PURE__ */ valueBased(rainbowAlgorithm)
