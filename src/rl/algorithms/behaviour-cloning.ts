// Behaviour cloning: learn to do what an expert did, as a classifier learns its labels (Pomerleau 1989). All goes well until
// the learner leaves the states that the expert showed it: its errors grow with the square of an episode's length (Ross and
// Bagnell 2010). Read next: dagger.ts, which mends that.

import { crossEntropy } from '../../nn/losses/classification.ts'
import { MLP } from '../../nn/mlp.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import type { Optimizer } from '../../nn/optimizers/optimizer.ts'
import { ValueError } from '../../tensor/errors.ts'
import { Rng } from '../../tensor/random.ts'
import type { Demonstrations } from '../demonstrations.ts'
import { PolicyAgent } from '../discrete-policies.ts'
import { count, type GivenOptions, positive, readOptions, sizes, whole } from '../options.ts'
import { type SavedTraining, Training } from '../saved-training.ts'

export const behaviourCloningOptions = {
  epochs: count(50, 'passes over the demonstrations'),
  seed: whole(0, 'of everything random: the same one gives the same run, bit for bit'),
  hidden: sizes([64, 64], 'widths of the hidden layers'),
  learningRate: positive(1e-3, 'step size of Adam'),
  batchSize: count(32, 'demonstrations an update'),
}

export type BehaviourCloningOptions = GivenOptions<typeof behaviourCloningOptions>

export interface BehaviourCloningReport {
  /** Passes so far. */
  readonly epoch: number
  /** Cross-entropy in nats, mean over the pass, each demonstration before the update that used it. */
  readonly loss: number
  /** The share of demonstrations in which the greedy action is the expert's. */
  readonly agreement: number
  readonly agent: PolicyAgent
  save(): SavedTraining
}

/** Learns from demonstrations of choices among `actionCount` actions; yields after each pass, returns the agent. */
export function* behaviourCloning(
  demonstrations: Demonstrations,
  actionCount: number,
  options: BehaviourCloningOptions = {},
  resume?: SavedTraining,
): Generator<BehaviourCloningReport, PolicyAgent, void> {
  const o = readOptions('behaviourCloning', behaviourCloningOptions, options)
  if (demonstrations.size === 0) throw new ValueError('behaviourCloning: no demonstrations; show it at least one')
  const { observationSize } = demonstrations
  const rng = new Rng(o.seed)
  const network = new MLP([observationSize, ...o.hidden, actionCount], rng, { activation: 'tanh' })
  const agent = new PolicyAgent(network, observationSize, actionCount)
  const optimizer = new Adam(network, { learningRate: o.learningRate })
  const counters = { epoch: 0 }
  const training = new Training('behaviourCloning', o, { agent, optimizer, rng, counters })
  if (resume !== undefined) training.restore(resume)

  while (counters.epoch < o.epochs) {
    const loss = imitate(agent, optimizer, demonstrations, o.batchSize, rng)
    counters.epoch++
    yield { epoch: counters.epoch, loss, agreement: agreementWith(agent, demonstrations), agent, save: training.save }
  }
  return agent
}

/** One pass of updates on -ln π(a|s), the expert's action under the learner's policy. Returns the mean loss. */
export function imitate(
  agent: PolicyAgent,
  optimizer: Pick<Optimizer<never>, 'minimize'>,
  demonstrations: Demonstrations,
  batchSize: number,
  rng: Rng,
): number {
  let total = 0
  for (const { observations, actions } of demonstrations.minibatches(batchSize, rng)) {
    total += actions.size * optimizer.minimize(() => crossEntropy(agent.logits(observations), actions))
  }
  return total / demonstrations.size
}

/** The share of states in which the agent's greedy action is the one that was demonstrated. */
export function agreementWith(agent: PolicyAgent, { observations, actions, size }: Demonstrations): number {
  const own = agent.actBatch(observations)
  return own.reduce((equal, action, i) => equal + (action === actions[i] ? 1 : 0), 0) / size
}
