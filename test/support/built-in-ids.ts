import { builtInEnvs } from '../../src/rl/envs/tasks/make.ts'

/** The ids of alambic's own environments, without those that other tests of this process have registered. */
export const builtInIds: readonly string[] = builtInEnvs.map(({ id }) => id)
