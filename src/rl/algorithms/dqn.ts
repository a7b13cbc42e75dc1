// DQN, deep Q-learning: Mnih et al. 2015, doi:10.1038/nature14236, with the double estimator of van Hasselt et al. 2016,
// arXiv:1509.06461, and four more extensions that Rainbow joined (Hessel et al. 2018, arXiv:1710.02298), off by default: dueling
// streams, several steps of reward, prioritised replay, noise in place of ε.
// Read next: value-based.ts for the loop, rainbow.ts for all extensions at once, ppo.ts for the other family.

import { choice, count, flag, fraction } from '../options.ts'
import {
  explorationOptions,
  plainSettings,
  type ValueBasedAlgorithm,
  valueBased,
  valueBasedOptions,
} from './value-based.ts'
import { scalarHead } from './value-heads.ts'

export const dqnOptions = {
  ...valueBasedOptions,
  ...explorationOptions,
  annealLearningRate: flag(false, 'lower the learning rate linearly to 0'),
  loss: choice('huber', 'distance of values from targets: huber is linear from 1 on, mse quadratic', ['huber', 'mse']),
  double: flag(true, "choose the next action by the learner's values, value it by the target network's"),
  dueling: flag(false, 'build action values from the value of the state and the advantage of each action'),
  noisy: flag(false, 'explore by noise in the weights, whose scale is learned, instead of by epsilon'),
  nStep: count(1, 'rewards summed before the value of what follows'),
  prioritized: flag(false, 'sample transitions by the size of their last error, with importance weights'),
  priorityCorrection: fraction(0.4, 'exponent of the importance weights at first; 1 in the end'),
}

/** DQN among the value-based algorithms. */
export const dqnAlgorithm: ValueBasedAlgorithm<typeof dqnOptions> = {
  name: 'dqn',
  options: dqnOptions,
  settings: (o) => ({ ...plainSettings, ...o, head: scalarHead(o.loss) }),
}

/** Trains in the given environments; yields after each training phase, returns the agent. */
export const dqn = valueBased(dqnAlgorithm)
