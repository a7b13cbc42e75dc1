// What `npm run benchmark` runs: an algorithm with settings in an environment, and the published figure. No task takes more
// environment steps than its published figure did. Read next: jobs.ts.

import { preset } from 'alambic/rl'

export interface Task {
  readonly name: string
  readonly algorithm: string
  readonly env: string
  readonly numEnvs: number
  readonly options: Readonly<Record<string, unknown>>
  readonly published?: Published
}

/** A published figure. */
export interface Published {
  /** Mean return. */
  readonly mean: number
  /** Environment steps of its training. */
  readonly steps: number
  readonly source: string
}

type Settings = Omit<Task, 'name' | 'published'>

/** A preset's settings, with some options in place of its own. */
function from(algorithm: string, name: string, own: Task['options'] = {}): Settings {
  const { env, numEnvs, options } = preset(algorithm, name)
  return { algorithm, env, numEnvs, options: { ...options, ...own } }
}

/** One trained agent of RL Baselines3 Zoo, github.com/DLR-RM/rl-baselines3-zoo, benchmark.md; deterministic play. */
const zoo = (mean: number, steps: number): Published => ({ mean, steps, source: 'RL Baselines3 Zoo' })

/** Mean return at the end of training over seeds, docs.cleanrl.dev/rl-algorithms/c51. */
const cleanRl = (mean: number, steps: number): Published => ({ mean, steps, source: 'CleanRL' })

const cartPole = { env: 'CartPole-v1', numEnvs: 1, options: { totalTimesteps: 100_000 } }

export const tasks: readonly Task[] = [
  { name: 'cartpole-dqn', ...from('dqn', 'cartpole-dqn'), published: zoo(500, 50_000) },
  { name: 'cartpole-c51', ...from('c51', 'cartpole-c51'), published: cleanRl(498.5, 500_000) },
  // 195 rollouts of 16 x 32 steps; 196 would be more than the hundred thousand
  {
    name: 'cartpole-ppo',
    ...from('ppo', 'cartpole-fast', { totalTimesteps: 99_840 }),
    published: zoo(500, 100_000),
  },
  { name: 'cartpole-a2c', ...from('a2c', 'cartpole-a2c'), published: zoo(500, 500_000) },
  { name: 'cartpole-reinforce', algorithm: 'reinforce', ...cartPole },
  {
    name: 'cartpole-trpo',
    algorithm: 'trpo',
    ...cartPole,
    options: { totalTimesteps: 98_304 }, // 48 rollouts of 2048
    published: zoo(500, 100_000),
  },
  { name: 'acrobot-dqn', ...from('dqn', 'acrobot-dqn'), published: zoo(-76.6, 100_000) },
  { name: 'acrobot-ppo', ...from('ppo', 'acrobot-ppo'), published: zoo(-73.5, 1_000_000) },
  { name: 'mountain-car-dqn', ...from('dqn', 'mountain-car-dqn'), published: zoo(-100.8, 120_000) },
  { name: 'pendulum-sac', ...from('sac', 'pendulum-sac'), published: zoo(-157, 20_000) },
  { name: 'pendulum-td3', ...from('td3', 'pendulum-td3'), published: zoo(-151.9, 20_000) },
  { name: 'pendulum-ddpg', ...from('ddpg', 'pendulum-ddpg'), published: zoo(-152.1, 20_000) },
  {
    name: 'mountain-car-continuous-sac',
    ...from('sac', 'mountain-car-continuous-sac'),
    published: zoo(94.7, 50_000),
  },
]
