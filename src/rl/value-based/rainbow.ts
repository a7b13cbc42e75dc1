// Rainbow: six extensions of deep Q-learning, Hessel et al. 2018, arXiv:1710.02298: (1) double Q-learning, (2) prioritised replay,
// (3) dueling streams, (4) n-step returns, (5) distributions of returns, (6) noisy layers. Deviations from the paper are those of
// value-based.ts; the first hidden layer, which replaces the paper's convolutions, has no noise.
// Read next: c51.ts for (5), value-network.ts for (3) and (6).

import { withDefaults } from '../../data/options.ts'
import { klDivergence } from '../../nn/losses/kl.ts'
import { noGrad } from '../../tensor/autograd/autograd.ts'
import { log } from '../../tensor/ops/elementwise.ts'
import { logSoftmax } from '../../tensor/ops/rows.ts'
import type { EnvLike } from '../envs/vector/sync-vector-env.ts'
import { atomOptions, atomsBetween, c51Targets, categoricalHead } from './c51.ts'
import { extensionOptions, type ValueOptions, valueBasedOptions } from './options.ts'
import { learnValues, type ValueMethod } from './value-based.ts'

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

export type RainbowOptions = ValueOptions<typeof rainbowOptions>

export const rainbowAlgorithm: ValueMethod<typeof rainbowOptions> = {
  name: 'rainbow',
  about: 'deep Q-learning with six extensions, for choices',
  options: rainbowOptions,
  learner(o) {
    const head = categoricalHead(atomsBetween(o.lowestReturn, o.highestReturn, o.atoms))
    return {
      ...{ prioritized: true, dueling: true, noisy: true }, // (2), (3), (6), beside the option nStep, (4)
      head,
      loss(batch, reduction) {
        const targets = noGrad(() => c51Targets(batch, head, true)) // (1), (5)
        const logits = batch.chosen(batch.network(batch.observations))
        return { loss: klDivergence(log(targets), logSoftmax(logits), { reduction }) } // KL(m ‖ p), equation 5
      },
    }
  },
}

/** Trains; yields after each training phase, returns the agent. */
export const rainbow = (envs: EnvLike, options: RainbowOptions = {}) => learnValues(rainbowAlgorithm, envs, options)
