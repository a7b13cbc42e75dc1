// The options that the deep Q-learners share, with the defaults of DQN.

import type { Resumable } from '../../data/checkpoint.ts'
import type { OptionTable, OptionValues } from '../../data/options.ts'
import { count, flag, fraction, limit, nonNegative, positive, sizes, whole } from '../../data/options.ts'
import { type NetworkFunction, networkOption, type OwnOptimizer } from '../training/networks.ts'
import type { ValueLoss } from './value-network.ts'

export const valueBasedOptions = {
  totalTimesteps: count(50_000, 'environment steps over all sub-environments'),
  seed: whole(0, 'seed of all random numbers; a run is a function of it, bit for bit'),
  hidden: sizes([256, 256], 'widths of the hidden layers'),
  network: networkOption(),
  learningRate: positive(2.3e-3, 'step size of Adam'),
  batchSize: count(64, 'transitions in an update'),
  bufferSize: count(100_000, 'transitions in the replay buffer'),
  learningStarts: whole(1000, 'steps of random play before the first update'),
  gamma: fraction(0.99, 'discount'),
  targetUpdateInterval: count(256, 'steps between copies of the network into the target network'),
  trainInterval: count(256, 'steps of play between training phases'),
  gradientSteps: count(128, 'updates in a training phase'),
  maxGradNorm: limit(10, 'largest norm of the gradient; larger ones are scaled down'),
}

/** The options of ε-greedy play. */
export const explorationOptions = {
  explorationFraction: fraction(0.16, 'fraction of the steps over which epsilon falls from 1 to explorationFinalEps'),
  explorationFinalEps: fraction(0.04, 'final probability of a random action'),
}

/** The options of single extensions. Each algorithm offers some; the others keep these defaults, those of plain DQN. */
export const extensionOptions = {
  adamEpsilon: positive(1e-8, 'added to the denominator of Adam; a large one shortens the steps of small gradients'),
  annealLearningRate: flag(false, 'lower the learning rate linearly to 0'),
  double: flag(false, "choose the next action by the learner's values, evaluate it by the target network's"),
  dueling: flag(false, 'compute action values from a state value and the advantage of each action'),
  noisy: flag(false, 'explore by noise in the weights, with learned scale, instead of by epsilon'),
  nStep: count(1, 'rewards summed before the value of the next state'),
  prioritized: flag(false, 'sample transitions by the size of their last error, with importance weights'),
  priorityExponent: nonNegative(0.6, 'exponent of the priorities: 0 samples uniformly, 1 in proportion'),
  priorityCorrection: fraction(0.4, 'initial exponent of the importance weights; it rises to 1'),
}

/** The options that are objects or functions, or may be. */
export interface ValueParts<LossName = string> extends OwnOptimizer, Resumable {
  /**
   * Makes the network and the target network: [batch, ...observation] → [batch, outputs], with `outputs` = actions · width of the head.
   * `hidden`, `dueling` and `noisy` shape the default network only. A text is the layers before the head.
   */
  readonly network?: NetworkFunction | string | undefined
  /** A function replaces the algorithm's loss, with its targets. */
  readonly loss?: ValueLoss | LossName | undefined
}

/** The options of a call. `LossName`: names that the table accepts as `loss`. */
export type ValueOptions<Table extends OptionTable, LossName = never> = Partial<Omit<OptionValues<Table>, 'loss'>> &
  ValueParts<LossName>
