// QR-DQN, deep Q-learning of quantiles of returns: Dabney et al. 2018, arXiv:1710.10044, algorithm 1. Where C51 learns the
// probabilities of fixed returns, this learns returns of fixed probability: no range of returns is needed, and no projection.
// Deviations from the paper are those of value-based.ts. Read next: value-heads.ts for the loss.

import { count, positive } from '../options.ts'
import {
  explorationOptions,
  plainSettings,
  type ValueBasedAlgorithm,
  valueBased,
  valueBasedOptions,
} from './value-based.ts'
import { quantileHead } from './value-heads.ts'

export const qrDqnOptions = {
  ...valueBasedOptions,
  ...explorationOptions,
  quantiles: count(25, 'quantiles of the return learned for each action'),
  kappa: positive(1, 'error from which on the loss is linear instead of quadratic'),
}

/** QR-DQN among the value-based algorithms. */
export const qrDqnAlgorithm: ValueBasedAlgorithm<typeof qrDqnOptions> = {
  name: 'qr-dqn',
  options: qrDqnOptions,
  settings: (o) => ({ ...plainSettings, ...o, head: quantileHead(o.quantiles, o.kappa) }),
}

/** Trains in the given environments; yields after each training phase, returns the agent. */
export const qrDqn = valueBased(qrDqnAlgorithm)
