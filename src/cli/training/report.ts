// The page of a run, report.html. `train`, `distill` and `report` write it from the files of the run's folder.
// Read next: distill-report.ts.

import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { meanOf } from '../../data/statistics.ts'
import { type Cost, stepsOf } from '../../distill/dataset/provenance.ts'
import type { HeldOut } from '../../distill/held-out.ts'
import { countParameters, type HasParameters } from '../../nn/module.ts'
import { learningCurve, returnsChart } from '../../plot/curves.ts'
import { formatCount, formatFixed, formatPercent } from '../../plot/format.ts'
import { type Report, report, type Section } from '../../plot/report.ts'
import { spec } from '../../rl/envs/tasks/make.ts'
import type { Evaluation } from '../../rl/evaluate.ts'
import { DecisionTree } from '../../rl/policies/decision-tree.ts'
import type { SuccessorRanking } from '../../rl/successor-ranking.ts'
import { readAgent } from '../runs/agents.ts'
import { agentIn, EVALUATION, REPORT, RESULTS, type RunFolder, TIMINGS } from '../runs/run-folder.ts'
import { EPISODES_CSV } from '../runs/run-log.ts'
import { newDocument } from '../terminal/document.ts'
import { UsageError } from '../terminal/failures.ts'
import { flagText } from '../terminal/options.ts'
import { type DistillConfig, isDistillation } from './distill-sources.ts'

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

/** What results.json holds. */
export interface DistillResults {
  /** In the environment, or on held-out labels where there is none to play. */
  readonly student: Evaluation | HeldOut
  readonly teachers: readonly Evaluation[]
  /** How well a value function ranks successors, in comparison with its teachers. */
  readonly ranking?: SuccessorRanking
  readonly cost: Cost
  /** Numbers of the target, such as the temperature. */
  readonly metrics: Readonly<Record<string, number>>
}

/** Seconds of collecting, labelling and training, over all processes of the run. */
export interface Timings {
  readonly seconds: number
  readonly cpuSeconds: number
}

export function timingsOf({ path }: RunFolder): Timings {
  const file = join(path, TIMINGS)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { seconds: 0, cpuSeconds: 0 }
}

export const costHead = ['labels', 'teacher evaluations', 'environment steps', 'updates', 'CPU', 'time']

/** The cells under `costHead`. */
export function costCells(cost: Cost, { cpuSeconds, seconds }: Timings): string[] {
  const { labels, jacobians, teacherEvaluations, updates } = cost
  return [
    `${formatCount(labels)}${jacobians > 0 ? ` + ${formatCount(jacobians)} Jacobians` : ''}`,
    ...[teacherEvaluations, stepsOf(cost), updates].map(formatCount),
    ...[cpuSeconds, seconds].map((each) => `${formatFixed(each)} s`),
  ]
}

/** `4,610 parameters`, `8 leaves` */
export function sizeOf(agent: object): string {
  if (agent instanceof DecisionTree) return agent.leaves === 1 ? '1 leaf' : `${formatCount(agent.leaves)} leaves`
  return 'parameters' in agent ? `${formatCount(countParameters(agent as HasParameters))} parameters` : '–'
}

/** The size of the agent of a run, and of its file. */
export function sizeFacts({ path }: RunFolder): Report['facts'] {
  const file = agentIn(path)
  if (file === undefined) return []
  const [count, unit] = sizeOf(readAgent(path).agent).split(' ')
  return [
    { label: unit ?? 'parameters', value: count! },
    { label: 'bytes of its file', value: formatCount(statSync(file).size) },
  ]
}

/** Held-out figures as text: agreement in per cent, an error with four decimals. */
export function heldOutCells({ measure, mean, interval, baseline }: HeldOut): string[] {
  const text = (value: number) => (measure === 'agreement' ? formatPercent(value) : formatFixed(value, 4))
  return [text(mean), `[${text(interval.low)}, ${text(interval.high)}]`, text(baseline)]
}

export function heldOutHead({ measure }: HeldOut): string[] {
  const measured = measure === 'agreement' ? 'held-out agreement' : 'held-out mean absolute error'
  return [measured, '95 % interval', 'constant action']
}

/** Throws a UsageError before the end of the distillation. */
export function distillationPage(run: RunFolder<DistillConfig>, document: Document): Omit<Report, 'command'> {
  const { path, config } = run
  const { algorithm, env, target = 'tree', teachers, options } = config
  const file = join(path, RESULTS)
  if (!existsSync(file)) {
    throw new UsageError(`report: "${path}" has no results yet; continue it with "alambic resume ${path}"`)
  }
  const { student, teachers: played, ranking, cost } = JSON.parse(readFileSync(file, 'utf8')) as DistillResults
  const cells = costCells(cost, timingsOf(run))
  const names = teachers.map((each) => basename(each))
  const sections: Section[] = []
  if ('measure' in student) {
    const table = { head: ['', ...heldOutHead(student)], rows: [{ cells: ['student', ...heldOutCells(student)] }] }
    const text = `${formatCount(student.states)} states in ${student.folds} folds; each fold is held out once, and a student is trained on the others.`
    sections.push({ title: 'Held-out labels', text, table })
  } else sections.push(returnsSection(document, student, played, names))
  sections.push({
    title: 'What it cost',
    text: 'The cost of all labels, of all students trained, and of the choice among them. CPU and time exclude the evaluation.',
    table: { head: costHead, rows: [{ cells }] },
  })
  if (ranking !== undefined) {
    const head = ['best successor as the teacher', 'regret', 'states']
    const row = [formatPercent(ranking.agreement, 0), formatFixed(ranking.regret, 2), formatCount(ranking.states)]
    sections.push({ title: 'Ranking of successors', table: { head, rows: [{ cells: row }] } })
  }
  const [shown, label] =
    'measure' in student
      ? [heldOutCells(student)[0]!, heldOutHead(student)[0]!]
      : [formatFixed(student.mean), 'mean return of the student']
  return {
    title: `A student of ${names.length === 0 ? 'a dataset' : names.join(', ')} in ${env}`,
    lead: `${algorithm}, target ${target}, seed ${String(options.seed ?? 0)}.`,
    facts: [
      { label, value: shown },
      ...played.map(({ mean }, i) => ({
        label: `mean return of ${names[i] ?? 'a teacher'}`,
        value: formatFixed(mean),
      })),
      { label: 'labels', value: cells[0]! },
      ...sizeFacts(run),
    ],
    sections,
  }
}

function returnsSection(
  document: Document,
  student: Evaluation,
  played: readonly Evaluation[],
  names: readonly string[],
): Section {
  const rowOf = (name: string, color: string, { returns, mean, interval, standardDeviation }: Evaluation) => ({
    ...{ name, color, returns, mean, standardDeviation, ...interval },
    cells: [
      ...[name, formatFixed(mean), `[${formatFixed(interval.low)}, ${formatFixed(interval.high)}]`],
      ...[standardDeviation, Math.min(...returns), Math.max(...returns)].map((each) => formatFixed(each)),
    ],
  })
  const rows = played.map((each, i) => rowOf(`teacher ${names[i] ?? i + 1}`, 'var(--teacher)', each))
  rows.push(rowOf('student', 'var(--policy)', student))
  return {
    title: 'Returns',
    figure: returnsChart(document, rows),
    howToRead: `A tick is one of ${student.returns.length} episodes of greedy play; the dot is the mean, the thick line its 95 % interval.`,
    table: { head: ['', 'mean return', '95 % interval', 'deviation', 'lowest', 'highest'], rows },
  }
}
