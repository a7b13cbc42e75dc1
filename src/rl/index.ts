// The reinforcement learning floor's public names. Read next: env.ts.

export * from './actor-critic.ts'
export * from './algorithms/a2c.ts'
export * from './algorithms/behaviour-cloning.ts'
export { c51 } from './algorithms/c51.ts'
export * from './algorithms/dagger.ts'
export { ddpg } from './algorithms/ddpg.ts'
export { dqn } from './algorithms/dqn.ts'
export type { NetworkSource } from './algorithms/make-actor-critic.ts'
export * from './algorithms/ppo.ts'
export * from './algorithms/presets.ts'
export { qrDqn } from './algorithms/qr-dqn.ts'
export { rainbow } from './algorithms/rainbow.ts'
export * from './algorithms/registry.ts'
export * from './algorithms/reinforce.ts'
export { sac } from './algorithms/sac.ts'
export { td3 } from './algorithms/td3.ts'
export * from './algorithms/trpo.ts'
export * from './buffers/n-step.ts'
export * from './buffers/prioritised.ts'
export * from './buffers/replay.ts'
export * from './buffers/rollout.ts'
export { SumTree } from './buffers/sum-tree.ts'
export { type Breach, checkEnv } from './check-env.ts'
export * from './collect-episodes.ts'
export * from './collect-rollout.ts'
export { conjugateGradient } from './conjugate-gradient.ts'
export * from './continuous-policies.ts'
export * from './critics.ts'
export * from './demonstrations.ts'
export * from './discrete-policies.ts'
export { Categorical } from './distributions/categorical.ts'
export { DiagonalGaussian } from './distributions/diagonal-gaussian.ts'
export type { Distribution, DistributionWithEntropy } from './distributions/distribution.ts'
export * from './distributions/squashed-gaussian.ts'
export {
  type AnyEnv,
  type Env,
  type EnvSpec,
  type Info,
  NO_INFO,
  type Reset,
  type ResetOptions,
  type Step,
} from './env.ts'
export { Acrobot } from './envs/acrobot.ts'
export { Bandit } from './envs/bandit.ts'
export { Blackjack } from './envs/blackjack.ts'
export { CartPole } from './envs/cart-pole.ts'
export { CliffWalking } from './envs/cliff-walking.ts'
export { Corridor } from './envs/corridor.ts'
export { FrozenLake, randomLakeMap } from './envs/frozen-lake.ts'
export { GridWorld } from './envs/grid-world.ts'
export { MountainCar } from './envs/mountain-car.ts'
export { MountainCarContinuous } from './envs/mountain-car-continuous.ts'
export { Pendulum } from './envs/pendulum.ts'
export { certain, type Outcome, TabularEnv, type TabularModel, tabulate } from './envs/tabular.ts'
export { Taxi } from './envs/taxi.ts'
export * from './evaluate.ts'
export * from './exploration.ts'
export * from './lookahead.ts'
export { normalize } from './normalize.ts'
export { defaultsOf, type GivenOptions, type OptionTable, type OptionValues } from './options.ts'
export * from './policy.ts'
export { ids, make, register, spec } from './registry.ts'
export {
  bootstrapValues,
  discountedReturns,
  generalisedAdvantages,
  lambdaReturns,
  type NStepReturns,
  nStepReturns,
  returnsOf,
  type Segment,
} from './returns.ts'
export * from './running-moments.ts'
export * from './saved-training.ts'
export * from './saved-training-file.ts'
export { Box, Discrete, MultiDiscrete, type Space, Tuple } from './spaces.ts'
export * from './statistics/aggregates.ts'
export * from './statistics/stratified-bootstrap.ts'
export * from './statistics.ts'
export * from './training.ts'
export * from './v-trace.ts'
export type { Envs } from './vector/as-vector.ts'
export { makeVector } from './vector/make-vector.ts'
export { SingleVectorEnv } from './vector/single-vector-env.ts'
export { VectorEnv, type VectorStep } from './vector-env.ts'
export { ClipAction, DiscretizeAction, RescaleAction } from './wrappers/action.ts'
export { Autoreset, RecordEpisodeStatistics, TimeLimit } from './wrappers/episode.ts'
export { FrameStack, NormalizeObservation, OneHotObservation } from './wrappers/observation.ts'
export { NormalizeReward, TransformReward } from './wrappers/reward.ts'
export { ActionWrapper, ObservationWrapper, StepWrapper, Wrapper } from './wrappers/wrapper.ts'
