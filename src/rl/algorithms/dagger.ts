// DAgger: Ross, Gordon and Bagnell 2011, arXiv:1011.0686, algorithm 3.1. The learner plays, the expert says what it would
// have done in the states that the learner got into, and the learner learns from all that was ever said. So it is taught
// where it goes, not where the expert would have gone. Read next: behaviour-cloning.ts for the learning.

import { MLP } from '../../nn/mlp.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import { integerPower } from '../../tensor/portable-math.ts'
import { Rng } from '../../tensor/random.ts'
import { Demonstrations, observationOf } from '../demonstrations.ts'
import { PolicyAgent } from '../discrete-policies.ts'
import { count, type GivenOptions, positive, readOptions, share, sizes, whole } from '../options.ts'
import type { Agent } from '../policy.ts'
import { type SavedTraining, Training } from '../saved-training.ts'
import { addFinished, type FinishedEpisode, type ResumableReport } from '../training.ts'
import { asVector, type Envs } from '../vector/as-vector.ts'
import { requireSameStep, type VectorEnv } from '../vector-env.ts'
import { agreementWith, imitate } from './behaviour-cloning.ts'
import { requireChoices } from './requirements.ts'

export const daggerOptions = {
  iterations: count(10, 'rounds of play, questions to the expert, and learning'),
  seed: whole(0, 'of everything random: the same one gives the same run, bit for bit'),
  hidden: sizes([64, 64], 'widths of the hidden layers'),
  learningRate: positive(1e-3, 'step size of Adam'),
  batchSize: count(32, 'demonstrations an update'),
  numSteps: count(200, 'steps of each environment in a round; the expert is asked about each'),
  epochs: count(10, 'passes over all demonstrations in a round'),
  expertShare: share(0, 'beta is this to the power of the round, from 0: how often the expert acts itself'),
}

export type DaggerOptions = GivenOptions<typeof daggerOptions>

export interface DaggerReport extends ResumableReport<PolicyAgent> {
  /** Rounds so far. */
  readonly iteration: number
  /** How often the expert was asked so far. */
  readonly labels: number
  /** Cross-entropy in nats, mean over the last pass. */
  readonly loss: number
  /** The share of all demonstrations in which the greedy action is the expert's. */
  readonly agreement: number
}

/** Learns from `expert` in the given environments; yields after each round, returns the agent. */
export function* dagger(
  given: Envs,
  expert: Agent,
  options: DaggerOptions = {},
  resume?: SavedTraining,
): Generator<DaggerReport, PolicyAgent, void> {
  const o = readOptions('dagger', daggerOptions, options)
  const envs = asVector(given)
  requireSameStep('dagger', envs)
  const { observationSize, actionCount } = requireChoices('dagger', envs)
  const rng = new Rng(o.seed)
  const network = new MLP([observationSize, ...o.hidden, actionCount], rng, { activation: 'tanh' })
  const agent = new PolicyAgent(network, observationSize, actionCount)
  const optimizer = new Adam(network, { learningRate: o.learningRate })
  const demonstrations = new Demonstrations(observationSize)
  const counters = { iteration: 0, step: 0 }
  const training = new Training('dagger', o, { agent, optimizer, demonstrations, envs, rng, counters })
  if (resume === undefined) envs.reset({ seed: o.seed })
  else training.restore(resume)

  while (counters.iteration < o.iterations) {
    const episodes: FinishedEpisode[] = []
    const beta = integerPower(o.expertShare, counters.iteration) // 1 in the first round: 0 to the power of 0
    for (let t = 0; t < o.numSteps; t++) {
      // 1. play π = β expert + (1 - β) learner; 2. note what the expert would do, whoever acts
      envs.step(playAndAsk(envs, agent, expert, beta, demonstrations, rng))
      counters.step += envs.numEnvs
      addFinished(episodes, envs, counters.step)
    }
    // 3. learn from everything noted so far
    let loss = 0
    for (let epoch = 0; epoch < o.epochs; epoch++) loss = imitate(agent, optimizer, demonstrations, o.batchSize, rng)
    counters.iteration++
    const { iteration, step } = counters
    const agreement = agreementWith(agent, demonstrations)
    yield { step, episodes, iteration, labels: demonstrations.size, loss, agreement, agent, save: training.save }
  }
  return agent
}

function playAndAsk(
  envs: VectorEnv,
  agent: PolicyAgent,
  expert: Agent,
  beta: number,
  demonstrations: Demonstrations,
  rng: Rng,
): Int32Array {
  const actions = new Int32Array(envs.numEnvs)
  for (let i = 0; i < envs.numEnvs; i++) {
    const observation = observationOf(envs, i)
    const wise = expert.act(observation)
    demonstrations.add(observation, wise)
    actions[i] = rng.uniform() < beta ? wise : agent.act(observation)
  }
  return actions
}
