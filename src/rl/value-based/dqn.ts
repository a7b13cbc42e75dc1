// DQN, deep Q-learning: Mnih et al. 2015, doi:10.1038/nature14236, with double Q-learning (van Hasselt et al. 2016, arXiv:1509.06461)
// and four more extensions, off by default: dueling streams, n-step returns, prioritised replay, noisy layers (Hessel et al. 2018,
// arXiv:1710.02298). Read next: value-based.ts for the loop, rainbow.ts for all extensions at once.

import { choice, withDefaults } from '../../data/options.ts'
import {
  explorationOptions,
  extensionOptions,
  type ValueBasedAlgorithm,
  valueBased,
  valueBasedOptions,
} from './value-based.ts'
import { scalarHead } from './value-heads.ts'

const { adamEpsilon, priorityExponent, ...extensions } = withDefaults(extensionOptions, { double: true })

const dqnOptions = {
  ...valueBasedOptions,
  ...explorationOptions,
  loss: choice('huber', 'loss of the values: huber is quadratic to 1 and linear beyond, mse quadratic', [
    'huber',
    'mse',
  ]),
  ...extensions,
}

export const dqnAlgorithm: ValueBasedAlgorithm<typeof dqnOptions> = {
  name: 'dqn',
  about: 'deep Q-learning: action values from a replay buffer, for choices',
  options: dqnOptions,
  settings: (o) => ({ ...o, head: scalarHead(o.loss) }),
}

/** Trains in the given environments; yields after each training phase, returns the agent. */
export const dqn = /* @__PURE__ */ valueBased(dqnAlgorithm)
