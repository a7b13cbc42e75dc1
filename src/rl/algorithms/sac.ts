// Soft actor-critic: Haarnoja et al. 2018, arXiv:1812.05905, algorithm 1. A policy that seeks reward and stays as random as it
// can afford to: what entropy is worth, the temperature α, is learned so that the entropy comes to a target. Two critics, the
// lesser of which is believed. Read next: ../distributions/squashed-gaussian.ts for the policy, td3.ts for a cousin.

import { parameter } from '../../nn/flat.ts'
import { MLP } from '../../nn/mlp.ts'
import { copyParameters, softUpdate, withFrozen } from '../../nn/module.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import { noGrad } from '../../tensor/autograd.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { add, exp, minimum, mul, neg, sub } from '../../tensor/ops/elementwise.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import { exp as exponential, log } from '../../tensor/portable-math.ts'
import { Rng } from '../../tensor/random.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type ReplayBatch, ReplayBuffer } from '../buffers/replay.ts'
import { SquashedGaussianAgent } from '../continuous-policies.ts'
import { TwinCritics } from '../critics.ts'
import {
  count,
  flag,
  type GivenOptions,
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
import { meansOf } from './figures.ts'
import {
  bootstrapped,
  heldRandomVectors,
  observationTensor,
  passes,
  play,
  transitionTensors,
  twinCriticLoss,
} from './off-policy.ts'
import { requireBoundedActions } from './requirements.ts'

export const sacOptions = {
  totalTimesteps: count(20_000, 'environment steps in all, over all environments'),
  seed: whole(0, 'of everything random: the same one gives the same run, bit for bit'),
  hidden: sizes([256, 256], 'widths of the hidden layers of actor and critics'),
  actorLearningRate: positive(3e-4, 'step size of Adam for the actor'),
  criticLearningRate: positive(1e-3, 'step size of Adam for the critics and the temperature'),
  batchSize: count(256, 'transitions an update'),
  bufferSize: count(100_000, 'transitions remembered'),
  learningStarts: whole(1000, 'steps of random play before the first update'),
  randomHold: count(1, 'steps that each action of that random play is held for'),
  gamma: share(0.99, 'discount'),
  tau: share(0.005, 'how far the target critics move towards the critics in an update'),
  trainInterval: count(1, 'steps of play between stretches of updates'),
  gradientSteps: count(1, 'updates in such a stretch'),
  temperature: positive(1, 'what a nat of entropy is worth in reward, at the start'),
  learnTemperature: flag(
    true,
    'move the temperature so that the entropy comes to minus the number of action dimensions',
  ),
  reportInterval: count(500, 'steps between reports'),
}

export type SacOptions = GivenOptions<typeof sacOptions> & Resumable

/** Means over the updates since the last report. */
export interface SacLosses {
  readonly criticLoss: number
  readonly actorLoss: number
  /** Of the actions that the policy drew in updates, in nats; actions counted in [-1, 1]. */
  readonly entropy: number
  /** α */
  readonly temperature: number
}

export interface SacReport extends ResumableReport<SquashedGaussianAgent>, SacLosses {}

/** Trains in the given environments; yields every `reportInterval` steps once updates have begun, returns the agent. */
export function* sac(given: Envs, options: SacOptions = {}): Generator<SacReport, SquashedGaussianAgent, void> {
  const o = readOptions('sac', sacOptions, options, ['resume'])
  const envs = asVector(given)
  const rng = new Rng(o.seed)
  const learner = new SacLearner(makeAgent(envs, o.hidden, rng), o, rng)
  const { agent } = learner
  const { observationSize, actionSize } = agent
  const buffer = new ReplayBuffer({ capacity: o.bufferSize, observationSize, actionSize })
  const counters = { step: 0 }
  const training = new Training('sac', o, { ...learner.parts, buffer, envs, rng, counters })
  training.start(envs, o.seed, options.resume)

  const losses: SacLosses[] = []
  // 1. act: a draw from the policy
  const explore = heldRandomVectors(rng, envs.numEnvs * actionSize, o.randomHold)
  const act = (observations: Float32Array, step: number) =>
    step <= o.learningStarts ? explore() : agent.sampleBatch(observations, rng)
  const toEnvironment = (actions: Float32Array) => agent.toEnvironment(actions)
  const { totalTimesteps } = o
  // 2. remember
  for (const { step, episodes } of play({ envs, memory: buffer, counters, totalTimesteps, act, toEnvironment })) {
    // 3. learn
    if (step >= o.learningStarts && passes(step, envs.numEnvs, o.trainInterval)) {
      for (let i = 0; i < o.gradientSteps; i++) losses.push(learner.update(buffer.sample(o.batchSize, rng)))
    }
    if (losses.length > 0 && (passes(step, envs.numEnvs, o.reportInterval) || step >= o.totalTimesteps)) {
      yield { step, episodes: episodes.splice(0), agent, ...meansOf(losses.splice(0)), save: training.save }
    }
  }
  return agent
}

/** As `sac` makes it, before it has learnt anything. */
export function newSacAgent(envs: Envs, options: SacOptions = {}): SquashedGaussianAgent {
  return makeAgent(asVector(envs), readOptions('sac', sacOptions, options, ['resume']).hidden, new Rng())
}

function makeAgent(envs: VectorEnv, hidden: readonly number[], rng: Rng): SquashedGaussianAgent {
  const { observationSize, actionSpace } = requireBoundedActions('sac', envs)
  const actor = new MLP([observationSize, ...hidden, 2 * actionSpace.low.length], rng)
  return new SquashedGaussianAgent(actor, observationSize, actionSpace)
}

/** The networks, and one update of all of them. */
class SacLearner {
  private readonly critics: TwinCritics
  private readonly targets: TwinCritics
  private readonly logTemperature: Tensor // ln α, so that α stays above 0
  private readonly actorOptimizer: Adam
  private readonly criticOptimizer: Adam
  private readonly temperatureOptimizer: Adam

  constructor(
    readonly agent: SquashedGaussianAgent,
    private readonly o: OptionValues<typeof sacOptions>,
    private readonly rng: Rng,
  ) {
    const layers = [agent.observationSize + agent.actionSize, ...o.hidden, 1]
    this.critics = new TwinCritics(layers, rng)
    this.targets = new TwinCritics(layers, rng)
    copyParameters(this.critics, this.targets)
    this.logTemperature = parameter([1], [log(o.temperature)])
    this.actorOptimizer = new Adam(agent, { learningRate: o.actorLearningRate })
    this.criticOptimizer = new Adam(this.critics, { learningRate: o.criticLearningRate })
    this.temperatureOptimizer = new Adam([this.logTemperature], { learningRate: o.criticLearningRate })
  }

  /** All that changes. */
  get parts(): Readonly<Record<string, Part>> {
    const { agent, critics, targets, logTemperature, actorOptimizer, criticOptimizer, temperatureOptimizer } = this
    const temperature = { parameters: () => ({ logTemperature }) }
    return { agent, critics, targets, temperature, actorOptimizer, criticOptimizer, temperatureOptimizer }
  }

  update(batch: ReplayBatch): SacLosses {
    const { agent, critics, targets, logTemperature, o, rng } = this
    const temperature = exponential(logTemperature.item())
    // 1. both critics towards the lesser target critic's value of what the policy would do next, and its entropy
    const criticLoss = this.criticOptimizer.minimize(() => {
      const { observations, actions, rewards, nextObservations, discounts } = transitionTensors(batch, o.gamma)
      const goals = noGrad(() => {
        const next = agent.distribution(nextObservations).sampleWithLogProb(rng)
        const [first, second] = targets.values(nextObservations, next.action)
        return sacTargets(rewards, discounts, first, second, next.logProb, temperature)
      })
      return twinCriticLoss(...critics.values(observations, actions), goals)
    })
    // 2. the policy towards what the lesser critic praises
    let logProbs: ArrayLike<number> = []
    const actorLoss = withFrozen(critics, () =>
      this.actorOptimizer.minimize(() => {
        const observations = observationTensor(batch)
        const { action, logProb } = agent.distribution(observations).sampleWithLogProb(rng)
        logProbs = logProb.toArray()
        return sacActorLoss(logProb, ...critics.values(observations, action), temperature)
      }),
    )
    // 3. the temperature towards the entropy wanted
    if (o.learnTemperature) {
      this.temperatureOptimizer.minimize(() =>
        temperatureLoss(exp(logTemperature), tensor(Float32Array.from(logProbs)), -agent.actionSize),
      )
    }
    // 4. the target critics, a little towards the critics
    softUpdate(targets, critics, o.tau)
    return { criticLoss, actorLoss, entropy: -meanOf(logProbs), temperature }
  }
}

/** r + γⁿ (1 - terminated) (min(Q′₁, Q′₂) - α ln π(a′|s′)), equations 2 and 3: [batch] each. */
export function sacTargets(
  rewards: Tensor,
  discounts: Tensor,
  nextFirst: Tensor,
  nextSecond: Tensor,
  nextLogProbs: Tensor,
  temperature: number,
): Tensor {
  const softValues = sub(minimum(nextFirst, nextSecond), mul(nextLogProbs, temperature))
  return bootstrapped(rewards, discounts, softValues)
}

/** mean (α ln π(a|s) - min(Q₁, Q₂)) for actions drawn from the policy, equation 9: [batch] each → scalar. */
export function sacActorLoss(logProbs: Tensor, first: Tensor, second: Tensor, temperature: number): Tensor {
  return mean(sub(mul(logProbs, temperature), minimum(first, second)))
}

/**
 * -α mean(ln π + wanted entropy), equation 18: falls as α grows while the policy is less random than wanted. `temperature` is α,
 * or ln α for the steadier steps that many implementations take; `logProbs` [batch] are constants. → [1], or a scalar for a scalar.
 */
export function temperatureLoss(temperature: Tensor, logProbs: Tensor, targetEntropy: number): Tensor {
  return neg(mul(temperature, add(mean(logProbs), targetEntropy)))
}
