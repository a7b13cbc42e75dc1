// The reinforcement learning floor's public names; those of the algorithms are in registry.ts.

export { type Checkpoint, TrainingState } from '../data/checkpoint.ts'
export { readCheckpoint, writeCheckpoint } from '../data/checkpoint-file.ts'
export {
  choice,
  count,
  defaultsOf,
  flag,
  fraction,
  type GivenOptions,
  nonNegative,
  type OptionTable,
  positive,
  readOptions,
  whole,
} from '../data/options.ts'
export { Box, Dict, Discrete, MultiBinary, MultiDiscrete, type Space, Tuple } from '../data/spaces.ts'
export { bootstrapInterval, type Interval, meanOf, medianOf, quantile } from '../data/statistics.ts'
export { checkEnv } from './envs/checks/check-env.ts'
export type { AnyEnv, Env, Info, Reset, Step } from './envs/env.ts'
export { EpisodicEnv, type Outcome } from './envs/episodic-env.ts'
export { Acrobot } from './envs/tasks/acrobot.ts'
export { Bandit } from './envs/tasks/bandit.ts'
export { Blackjack } from './envs/tasks/blackjack.ts'
export { CartPole } from './envs/tasks/cart-pole.ts'
export { CliffWalking } from './envs/tasks/cliff-walking.ts'
export { Corridor } from './envs/tasks/corridor.ts'
export { FrozenLake, randomLakeMap } from './envs/tasks/frozen-lake.ts'
export { GridWorld } from './envs/tasks/grid-world.ts'
export { make, register } from './envs/tasks/make.ts'
export { MountainCar } from './envs/tasks/mountain-car.ts'
export { MountainCarContinuous } from './envs/tasks/mountain-car-continuous.ts'
export { Pendulum } from './envs/tasks/pendulum.ts'
export { Taxi } from './envs/tasks/taxi.ts'
export { makeVec } from './envs/vector/make-vec.ts'
export type { EnvLike } from './envs/vector/sync-vector-env.ts'
export { VectorEnv } from './envs/vector/vector-env.ts'
export { ClipAction, DiscretizeAction, RescaleAction } from './envs/wrappers/action.ts'
export { RecordEpisodeStatistics, RecordLog, TimeLimit } from './envs/wrappers/episode.ts'
export { FlattenObservation, FrameStackObservation, NormalizeObservation } from './envs/wrappers/observation.ts'
export { NormalizeReward, PotentialShaping, TransformReward } from './envs/wrappers/reward.ts'
export { ActionWrapper, ObservationWrapper, StepWrapper, Wrapper } from './envs/wrappers/wrapper.ts'
export { type Evaluation, evaluatePolicy } from './evaluate.ts'
export { type CQLOptions, cql } from './offline/cql.ts'
export { EpisodeLog } from './offline/episode-log.ts'
export { logFromCsv, logToCsv } from './offline/episode-log-csv.ts'
export { behaviourCloning, monteCarloQ, monteCarloV } from './offline/log-regression.ts'
export { expectedEntropy } from './on-policy/expected-entropy.ts'
export type { AuxiliaryLoss } from './on-policy/on-policy.ts'
export { Kickstart, ProximalDistillation } from './on-policy/teacher-losses.ts'
export { type Moment, play } from './play.ts'
export {
  type ActorCritic,
  CategoricalActorCritic,
  FactoredActorCritic,
  GaussianActorCritic,
} from './policies/actor-critic.ts'
export { DeterministicPolicy, SquashedGaussianPolicy } from './policies/continuous-policies.ts'
export { criticFrom } from './policies/critics.ts'
export { DecisionTree } from './policies/decision-tree.ts'
export { CategoricalPolicy, QPolicy, ValueFunction } from './policies/discrete-policies.ts'
export { Categorical } from './policies/distributions/categorical.ts'
export { MultiCategorical } from './policies/distributions/multi-categorical.ts'
export { Lookahead } from './policies/lookahead.ts'
export type { Agent, DiscretePolicy, Policy, PolicyLike } from './policies/policy.ts'
export { loadSb3Policy } from './policies/sb3-policy.ts'
export { preset, presets } from './presets.ts'
export { Rollout } from './recorded-play.ts'
export * from './registry.ts'
export { ReplayBuffer } from './replay/replay.ts'
export { successorRanking } from './successor-ranking.ts'
export type { NetworkFunction, OptimizerFunction } from './training/networks.ts'
export { discountedReturns, gae } from './training/returns.ts'
export { type FinishedEpisode, finish } from './training/training.ts'
export { type QDaggerOptions, qdagger } from './value-based/qdagger.ts'
export type { ValueLoss } from './value-based/value-network.ts'
