// The logged episodes of a run and the page with their learning curve.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { meanOf } from '../../data/statistics.ts'
import { formatCount, formatFixed, learningCurve, report } from '../../plot/index.ts'
import { spec } from '../../rl/envs/tasks/make.ts'
import { newDocument } from '../terminal/document.ts'
import type { RunFolder } from './run-folder.ts'
import { EPISODES_CSV } from './run-log.ts'

/** The last file that a training writes. */
export const LEARNING_CURVE = 'learning-curve.html'

/** Episodes in the running mean. */
export const RECENT = 20

export interface Episodes {
  /** Environment steps at the end of each episode. */
  readonly steps: readonly number[]
  readonly returns: readonly number[]
}

export function readEpisodes(run: RunFolder): Episodes {
  const [, ...lines] = readFileSync(join(run.path, EPISODES_CSV), 'utf8').trimEnd().split('\n')
  const rows = lines.map((line) => line.split(',').map(Number))
  return { steps: rows.map(([step]) => step!), returns: rows.map(([, total]) => total!) }
}

/** Mean return of the latest episodes; NaN without any. */
export function recentMean(returns: readonly number[]): number {
  return meanOf(returns.slice(-RECENT))
}

export function writeLearningCurve(run: RunFolder, { steps, returns }: Episodes): string {
  const { algorithm, env, options } = run.config
  const threshold = spec(env).rewardThreshold
  const data = { steps, returns, window: RECENT, ...(threshold !== undefined && { threshold }) }
  const curve = learningCurve(newDocument(), data)
  const seed = String(options.seed)
  return run.folder.write(
    LEARNING_CURVE,
    report({
      title: `${algorithm} learns ${env}`,
      lead: `Seed ${seed}, ${formatCount(Number(options.totalTimesteps))} environment steps.`,
      facts: [
        { label: `mean return, last ${RECENT} episodes`, value: formatFixed(recentMean(returns)) },
        { label: 'episodes', value: formatCount(returns.length) },
      ],
      sections: [
        {
          title: 'Learning curve',
          figure: curve,
          howToRead: `A dot is an episode of the training, exploration included; the line is the mean of the last ${RECENT}.`,
        },
      ],
      command: commandOf(run),
    }),
  )
}

function commandOf({ name, path, config }: RunFolder): string {
  const settings = Object.entries(config.options).map(([option, value]) => `--set ${option}=${String(value)}`)
  const { algorithm, env, numEnvs, imports = [] } = config
  const modules = imports.map((each) => ` --import ${join(path, each)}`).join('')
  return `alambic train ${algorithm}${modules} --env ${env} --envs ${numEnvs} --name ${name} ${settings.join(' ')}`
}
