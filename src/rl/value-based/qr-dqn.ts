// QR-DQN: deep Q-learning of quantiles of returns, Dabney et al. 2018, arXiv:1710.10044, algorithm 1. The network learns the returns
// at fixed probabilities, where C51 learns the probabilities of fixed returns: no range of returns and no projection are needed.
// Deviations from the paper are those of value-based.ts. Read next: value-heads.ts for the loss.

import { count, positive } from '../../data/options.ts'
import { explorationOptions, type ValueBasedAlgorithm, valueBased, valueBasedOptions } from './value-based.ts'
import { quantileHead } from './value-heads.ts'

const qrDqnOptions = {
  ...valueBasedOptions,
  ...explorationOptions,
  quantiles: count(25, 'quantiles of the return of each action'),
  kappa: positive(1, 'error at which the loss changes from quadratic to linear'),
}

export const qrDqnAlgorithm: ValueBasedAlgorithm<typeof qrDqnOptions> = {
  name: 'qr-dqn',
  about: 'deep Q-learning of quantiles of returns, without a range of returns',
  options: qrDqnOptions,
  settings: (o) => ({ ...o, head: quantileHead(o.quantiles, o.kappa) }),
}

/** Trains in the given environments; yields after each training phase, returns the agent. */
export const qrDqn = /* @__PURE__ */ valueBased(qrDqnAlgorithm)
