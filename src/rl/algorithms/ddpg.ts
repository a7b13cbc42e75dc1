// Deep deterministic policy gradient: Lillicrap et al. 2016, arXiv:1509.02971, algorithm 1. DQN for vectors: where the best
// action cannot be looked up, a policy learns to give it by climbing the critic. Deviations from the paper: noise that is
// independent from step to step, actions that enter the critic in its first layer, no weight decay.
// Read next: td3.ts, which mends its trust in the critic.

import { mseLoss } from '../../nn/losses/regression.ts'
import { MLP } from '../../nn/mlp.ts'
import { copyParameters, softUpdate, withFrozen } from '../../nn/module.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import { noGrad } from '../../tensor/autograd.ts'
import { neg } from '../../tensor/ops/elementwise.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import { Rng } from '../../tensor/random.ts'
import { type ReplayBatch, ReplayBuffer } from '../buffers/replay.ts'
import { DeterministicAgent } from '../continuous-policies.ts'
import { stateActionValues } from '../critics.ts'
import {
  count,
  type GivenOptions,
  nonNegative,
  type OptionValues,
  positive,
  readOptions,
  share,
  sizes,
  whole,
} from '../options.ts'
import { type Part, type Resumable, Training } from '../saved-training.ts'
import { meanOf } from '../statistics.ts'
import type { ResumableReport } from '../training.ts'
import { asVector, type Envs } from '../vector/as-vector.ts'
import type { VectorEnv } from '../vector-env.ts'
import {
  bootstrapped,
  heldRandomVectors,
  noisyVectors,
  observationTensor,
  passes,
  play,
  transitionTensors,
} from './off-policy.ts'
import { requireBoundedActions } from './requirements.ts'

export const ddpgOptions = {
  totalTimesteps: count(20_000, 'environment steps in all, over all environments'),
  seed: whole(0, 'of everything random: the same one gives the same run, bit for bit'),
  hidden: sizes([256, 256], 'widths of the hidden layers of actor and critic'),
  learningRate: positive(1e-3, 'step size of Adam, for actor and critic'),
  batchSize: count(256, 'transitions an update'),
  bufferSize: count(100_000, 'transitions remembered'),
  learningStarts: whole(1000, 'steps of random play before the first update'),
  randomHold: count(1, 'steps that each action of that random play is held for'),
  gamma: share(0.99, 'discount'),
  tau: share(0.005, 'how far the target networks move towards the learners in an update'),
  trainInterval: count(1, 'steps of play between stretches of updates'),
  gradientSteps: count(1, 'updates in such a stretch'),
  explorationNoise: nonNegative(0.1, 'deviation of the noise on actions in play, in halves of their range'),
  policyDelay: count(1, 'updates of the critic to one of the policy and the target networks; CleanRL takes 2'),
  reportInterval: count(500, 'steps between reports'),
}

export type DdpgOptions = GivenOptions<typeof ddpgOptions> & Resumable

export interface DdpgReport extends ResumableReport<DeterministicAgent> {
  /** Mean over the updates since the last report. */
  readonly criticLoss: number
  /** Likewise: minus what the critic expects of the policy. NaN where the policy did not move. */
  readonly actorLoss: number
}

/** Trains in the given environments; yields every `reportInterval` steps once updates have begun, returns the agent. */
export function* ddpg(given: Envs, options: DdpgOptions = {}): Generator<DdpgReport, DeterministicAgent, void> {
  const o = readOptions('ddpg', ddpgOptions, options, ['resume'])
  const envs = asVector(given)
  const rng = new Rng(o.seed)
  const learner = new DdpgLearner(makeAgent(envs, o.hidden, rng), makeAgent(envs, o.hidden, rng), o, rng)
  const { agent } = learner
  const { observationSize, actionSize } = agent
  const buffer = new ReplayBuffer({ capacity: o.bufferSize, observationSize, actionSize })
  const counters = { step: 0 }
  const training = new Training('ddpg', o, { ...learner.parts, buffer, envs, rng, counters })
  training.start(envs, o.seed, options.resume)

  const criticLosses: number[] = []
  const actorLosses: number[] = []
  // 1. act: as the policy says, and a little noise
  const explore = heldRandomVectors(rng, envs.numEnvs * actionSize, o.randomHold)
  const act = (observations: Float32Array, step: number) =>
    step <= o.learningStarts ? explore() : noisyVectors(agent.actBatch(observations), o.explorationNoise, rng)
  const toEnvironment = (actions: Float32Array) => agent.toEnvironment(actions)
  const { totalTimesteps } = o
  // 2. remember
  for (const { step, episodes } of play({ envs, memory: buffer, counters, totalTimesteps, act, toEnvironment })) {
    // 3. learn
    if (step >= o.learningStarts && passes(step, envs.numEnvs, o.trainInterval)) {
      for (let i = 0; i < o.gradientSteps; i++) {
        const batch = buffer.sample(o.batchSize, rng)
        criticLosses.push(learner.updateCritic(batch))
        if (learner.updates % o.policyDelay === 0) actorLosses.push(learner.updatePolicy(batch))
      }
    }
    if (criticLosses.length > 0 && (passes(step, envs.numEnvs, o.reportInterval) || step >= o.totalTimesteps)) {
      const losses = { criticLoss: meanOf(criticLosses.splice(0)), actorLoss: meanOf(actorLosses.splice(0)) }
      yield { step, episodes: episodes.splice(0), agent, ...losses, save: training.save }
    }
  }
  return agent
}

/** As `ddpg` makes it, before it has learnt anything. */
export function newDdpgAgent(envs: Envs, options: DdpgOptions = {}): DeterministicAgent {
  return makeAgent(asVector(envs), readOptions('ddpg', ddpgOptions, options, ['resume']).hidden, new Rng())
}

function makeAgent(envs: VectorEnv, hidden: readonly number[], rng: Rng): DeterministicAgent {
  const { observationSize, actionSpace } = requireBoundedActions('ddpg', envs)
  const actor = new MLP([observationSize, ...hidden, actionSpace.low.length], rng)
  return new DeterministicAgent(actor, observationSize, actionSpace)
}

/** The networks, and the updates of each. */
class DdpgLearner {
  private readonly critic: MLP
  private readonly targetCritic: MLP
  private readonly actorOptimizer: Adam
  private readonly criticOptimizer: Adam

  constructor(
    readonly agent: DeterministicAgent,
    private readonly targetAgent: DeterministicAgent,
    private readonly o: OptionValues<typeof ddpgOptions>,
    rng: Rng,
  ) {
    const layers = [agent.observationSize + agent.actionSize, ...o.hidden, 1]
    this.critic = new MLP(layers, rng)
    this.targetCritic = new MLP(layers, rng)
    copyParameters(agent, targetAgent)
    copyParameters(this.critic, this.targetCritic)
    this.actorOptimizer = new Adam(agent, { learningRate: o.learningRate })
    this.criticOptimizer = new Adam(this.critic, { learningRate: o.learningRate })
  }

  /** All that changes. */
  get parts(): Readonly<Record<string, Part>> {
    const { agent, targetAgent, critic, targetCritic, actorOptimizer, criticOptimizer } = this
    return { agent, targetAgent, critic, targetCritic, actorOptimizer, criticOptimizer }
  }

  /** Of the critic, so far. */
  get updates(): number {
    return this.criticOptimizer.steps
  }

  /** The critic towards r + γ Q′(s′, μ′(s′)). */
  updateCritic(batch: ReplayBatch): number {
    const { targetAgent, critic, targetCritic, o } = this
    return this.criticOptimizer.minimize(() => {
      const { observations, actions, rewards, nextObservations, discounts } = transitionTensors(batch, o.gamma)
      const goals = noGrad(() => {
        const next = targetAgent.choose(nextObservations)
        return bootstrapped(rewards, discounts, stateActionValues(targetCritic, nextObservations, next))
      })
      return mseLoss(stateActionValues(critic, observations, actions), goals)
    })
  }

  /** The policy uphill on the critic, and the target networks a little towards the learners. */
  updatePolicy(batch: ReplayBatch): number {
    const { agent, targetAgent, critic, targetCritic, o } = this
    const loss = withFrozen(critic, () =>
      this.actorOptimizer.minimize(() => {
        const observations = observationTensor(batch)
        return neg(mean(stateActionValues(critic, observations, agent.choose(observations))))
      }),
    )
    softUpdate(targetCritic, critic, o.tau)
    softUpdate(targetAgent, agent, o.tau)
    return loss
  }
}
