// What `alambic benchmark` runs: an algorithm with settings in an environment, and the figure published for it.
// Read next: jobs.ts.

import { preset } from '../../rl/algorithms/presets.ts'

export interface Task {
  readonly name: string
  readonly algorithm: string
  readonly env: string
  readonly numEnvs: number
  readonly options: Readonly<Record<string, unknown>>
  /** Mean greedy return to compare with, where one is known. */
  readonly published?: number
}

const fast = preset('ppo', 'cartpole-fast')
const a2c = preset('a2c', 'cartpole-a2c')

export const tasks: readonly Task[] = [
  { ...fast, name: 'ppo-cartpole', published: 495 },
  { ...a2c, name: 'a2c-cartpole' },
  {
    name: 'reinforce-cartpole',
    algorithm: 'reinforce',
    env: 'CartPole-v1',
    numEnvs: 1,
    options: { totalTimesteps: 100_000 },
  },
  {
    name: 'trpo-cartpole',
    algorithm: 'trpo',
    env: 'CartPole-v1',
    numEnvs: 1,
    options: { totalTimesteps: 100_000 },
  },
]
