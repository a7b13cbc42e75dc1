// Twin delayed DDPG: Fujimoto et al. 2018, arXiv:1802.09477, algorithm 1. A deterministic policy that climbs its critic, and
// three remedies for a critic that promises too much: two critics of which the lesser is believed, targets smoothed over
// nearby actions, a policy that moves less often than the critics. Read next: ddpg.ts without them, sac.ts for a cousin.

import { MLP } from '../../nn/mlp.ts'
import { copyParameters, softUpdate, withFrozen } from '../../nn/module.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import { noGrad } from '../../tensor/autograd.ts'
import { normal } from '../../tensor/ops/create.ts'
import { add, clamp, minimum, mul, neg } from '../../tensor/ops/elementwise.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import { Rng } from '../../tensor/random.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type ReplayBatch, ReplayBuffer } from '../buffers/replay.ts'
import { DeterministicAgent } from '../continuous-policies.ts'
import { stateActionValues, TwinCritics } from '../critics.ts'
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
  twinCriticLoss,
} from './off-policy.ts'
import { requireBoundedActions } from './requirements.ts'

export const td3Options = {
  totalTimesteps: count(20_000, 'environment steps in all, over all environments'),
  seed: whole(0, 'of everything random: the same one gives the same run, bit for bit'),
  hidden: sizes([256, 256], 'widths of the hidden layers of actor and critics'),
  learningRate: positive(1e-3, 'step size of Adam, for actor and critics'),
  batchSize: count(256, 'transitions an update'),
  bufferSize: count(100_000, 'transitions remembered'),
  learningStarts: whole(1000, 'steps of random play before the first update'),
  randomHold: count(1, 'steps that each action of that random play is held for'),
  gamma: share(0.99, 'discount'),
  tau: share(0.005, 'how far the target networks move towards the learners, each time that they do'),
  trainInterval: count(1, 'steps of play between stretches of updates'),
  gradientSteps: count(1, 'updates in such a stretch'),
  explorationNoise: nonNegative(0.1, 'deviation of the noise on actions in play, in halves of their range'),
  targetNoise: nonNegative(0.2, 'deviation of the noise on actions in targets, in halves of their range'),
  targetNoiseClip: nonNegative(0.5, 'the most that such noise may be'),
  policyDelay: count(2, 'updates of the critics to one of the policy and the target networks'),
  reportInterval: count(500, 'steps between reports'),
}

export type Td3Options = GivenOptions<typeof td3Options> & Resumable

export interface Td3Report extends ResumableReport<DeterministicAgent> {
  /** Mean over the updates since the last report. */
  readonly criticLoss: number
  /** Likewise: minus what the first critic expects of the policy. NaN where the policy did not move. */
  readonly actorLoss: number
}

/** Trains in the given environments; yields every `reportInterval` steps once updates have begun, returns the agent. */
export function* td3(given: Envs, options: Td3Options = {}): Generator<Td3Report, DeterministicAgent, void> {
  const o = readOptions('td3', td3Options, options, ['resume'])
  const envs = asVector(given)
  const rng = new Rng(o.seed)
  const learner = new Td3Learner(makeAgent(envs, o.hidden, rng), makeAgent(envs, o.hidden, rng), o, rng)
  const { agent } = learner
  const { observationSize, actionSize } = agent
  const buffer = new ReplayBuffer({ capacity: o.bufferSize, observationSize, actionSize })
  const counters = { step: 0 }
  const training = new Training('td3', o, { ...learner.parts, buffer, envs, rng, counters })
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
    // 3. learn: the critics always, the policy at times
    if (step >= o.learningStarts && passes(step, envs.numEnvs, o.trainInterval)) {
      for (let i = 0; i < o.gradientSteps; i++) {
        const batch = buffer.sample(o.batchSize, rng)
        criticLosses.push(learner.updateCritics(batch))
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

/** As `td3` makes it, before it has learnt anything. */
export function newTd3Agent(envs: Envs, options: Td3Options = {}): DeterministicAgent {
  return makeAgent(asVector(envs), readOptions('td3', td3Options, options, ['resume']).hidden, new Rng())
}

function makeAgent(envs: VectorEnv, hidden: readonly number[], rng: Rng): DeterministicAgent {
  const { observationSize, actionSpace } = requireBoundedActions('td3', envs)
  const actor = new MLP([observationSize, ...hidden, actionSpace.low.length], rng)
  return new DeterministicAgent(actor, observationSize, actionSpace)
}

/** The networks, and the updates of each. */
class Td3Learner {
  private readonly critics: TwinCritics
  private readonly targetCritics: TwinCritics
  private readonly actorOptimizer: Adam
  private readonly criticOptimizer: Adam

  constructor(
    readonly agent: DeterministicAgent,
    private readonly targetAgent: DeterministicAgent,
    private readonly o: OptionValues<typeof td3Options>,
    private readonly rng: Rng,
  ) {
    const layers = [agent.observationSize + agent.actionSize, ...o.hidden, 1]
    this.critics = new TwinCritics(layers, rng)
    this.targetCritics = new TwinCritics(layers, rng)
    copyParameters(agent, targetAgent)
    copyParameters(this.critics, this.targetCritics)
    this.actorOptimizer = new Adam(agent, { learningRate: o.learningRate })
    this.criticOptimizer = new Adam(this.critics, { learningRate: o.learningRate })
  }

  /** All that changes. */
  get parts(): Readonly<Record<string, Part>> {
    const { agent, targetAgent, critics, targetCritics, actorOptimizer, criticOptimizer } = this
    return { agent, targetAgent, critics, targetCritics, actorOptimizer, criticOptimizer }
  }

  /** Of the critics, so far. */
  get updates(): number {
    return this.criticOptimizer.steps
  }

  /** Both critics towards the lesser target critic's value of an action near the one that the target policy would take. */
  updateCritics(batch: ReplayBatch): number {
    const { targetAgent, critics, targetCritics, o, rng } = this
    return this.criticOptimizer.minimize(() => {
      const { observations, actions, rewards, nextObservations, discounts } = transitionTensors(batch, o.gamma)
      const goals = noGrad(() => {
        const planned = targetAgent.choose(nextObservations)
        const next = smoothedActions(planned, normal(rng, planned.shape), o.targetNoise, o.targetNoiseClip, 1)
        return bootstrapped(rewards, discounts, minimum(...targetCritics.values(nextObservations, next)))
      })
      return twinCriticLoss(...critics.values(observations, actions), goals)
    })
  }

  /** The policy uphill on the first critic, and the target networks a little towards the learners. */
  updatePolicy(batch: ReplayBatch): number {
    const { agent, targetAgent, critics, targetCritics, o } = this
    const loss = withFrozen(critics, () =>
      this.actorOptimizer.minimize(() => {
        const observations = observationTensor(batch)
        return neg(mean(stateActionValues(critics.first, observations, agent.choose(observations))))
      }),
    )
    softUpdate(targetCritics, critics, o.tau)
    softUpdate(targetAgent, agent, o.tau)
    return loss
  }
}

/**
 * clip(a + clip(deviation · noise, ± noiseClip), ± limit), equation 14 and the line below it: actions and standard normal noise
 * [batch, actionSize] → the same.
 */
export function smoothedActions(
  actions: Tensor,
  noise: Tensor,
  deviation: number,
  noiseClip: number,
  limit: number,
): Tensor {
  return clamp(add(actions, clamp(mul(noise, deviation), -noiseClip, noiseClip)), -limit, limit)
}
