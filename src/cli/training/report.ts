// The page of a run, report.html. `train`, `distill` and `report` write it from the files of the run's folder.
// Read next: distill-report.ts.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { meanOf } from '../../data/statistics.ts'
import { learningCurve } from '../../plot/curves.ts'
import { formatCount, formatFixed } from '../../plot/format.ts'
import { type Report, report, type Section } from '../../plot/report.ts'
import { spec } from '../../rl/envs/tasks/make.ts'
import type { Evaluation } from '../../rl/evaluate.ts'
import { EVALUATION, REPORT, type RunFolder } from '../runs/run-folder.ts'
import { EPISODES_CSV } from '../runs/run-log.ts'
import { newDocument } from '../terminal/document.ts'
import { flagText } from '../terminal/options.ts'
import { distillationPage, sizeFacts } from './distill-report.ts'
import { isDistillation } from './distill-sources.ts'

/** Episodes in the running mean. */
export const RECENT = 20

/** Writes the page and returns its path. Throws a UsageError if the run has nothing to show yet. */
export function writeReport(run: RunFolder): string {
  const page = isDistillation(run) ? distillationPage(run, newDocument()) : trainingPage(run)
  return run.folder.write(REPORT, report({ ...page, command: commandOf(run) }))
}

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

/** A training in an environment has a learning curve; one from a log has none. */
function trainingPage(run: RunFolder): Omit<Report, 'command'> {
  const { algorithm, env, options } = run.config
  const played = evaluationOf(run)
  const ownFacts = [
    ...(played
      ? [{ label: `greedy mean return, ${played.returns.length} episodes`, value: formatFixed(played.mean) }]
      : []),
    ...sizeFacts(run),
  ]
  const head = { title: `${algorithm} learns ${env === '' ? 'from a log' : env}` }
  if (!existsSync(join(run.path, EPISODES_CSV))) {
    const lead = `Seed ${String(options.seed)}, ${formatCount(Number(options.updates))} gradient steps on recorded episodes.`
    return { ...head, lead, facts: ownFacts, sections: [] }
  }
  const { steps, returns } = readEpisodes(run)
  const threshold = spec(env).rewardThreshold
  const data = { steps, returns, window: RECENT, ...(threshold !== undefined && { threshold }) }
  const curve: Section = {
    title: 'Learning curve',
    figure: learningCurve(newDocument(), data),
    howToRead: `A dot is an episode of the training, exploration included; the line is the mean of the last ${RECENT}.`,
  }
  return {
    ...head,
    lead: `Seed ${String(options.seed)}, ${formatCount(Number(options.totalTimesteps))} environment steps.`,
    facts: [
      { label: `mean return, last ${RECENT} episodes`, value: formatFixed(recentMean(returns)) },
      { label: 'episodes', value: formatCount(returns.length) },
      ...ownFacts,
    ],
    sections: [curve],
  }
}

function evaluationOf({ path }: RunFolder): Evaluation | undefined {
  const file = join(path, EVALUATION)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

/** The command line that makes the run again, with the value of every option. */
function commandOf(run: RunFolder): string {
  const { name, path, config } = run
  const { algorithm, env, numEnvs, imports = [] } = config
  const settings = Object.entries(config.options).map(([option, value]) => ` --set ${option}=${flagText(value)}`)
  const modules = imports.map((each) => ` --import ${join(path, each)}`).join('')
  if (!isDistillation(run)) {
    const { dataset = [] } = config as { dataset?: readonly string[] }
    const logs = dataset.map((each) => ` --dataset ${join(path, each)}`).join('')
    const where = logs === '' ? ` --env ${env} --envs ${numEnvs}` : env === '' ? logs : `${logs} --env ${env}`
    return `alambic train ${algorithm}${modules}${where} --name ${name}${settings.join('')}`
  }
  const { teachers, dataset, target, plays = true, space, episodes } = run.config
  const sources = teachers.map((each) => ` --teacher ${join(path, each)}`).join('')
  const labels = dataset === null ? '' : ` --dataset ${join(path, dataset)}`
  const learns = target === undefined ? ' --tree' : ` --target ${target}`
  const where = plays ? ` --env ${env}` : space === undefined ? '' : ` --action-space ${space}`
  const rest = `${labels}${learns}${where} --episodes ${episodes}${settings.join('')} --out ${path}`
  return `alambic distill${modules}${sources}${rest}`
}
