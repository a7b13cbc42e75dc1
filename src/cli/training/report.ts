// The page of a run, report.html. `train`, `distill` and `report` write it from the files of the run's folder.

import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type Interval, meanOf } from '../../data/statistics.ts'
import { type Cost, isCost, stepsOf } from '../../distill/dataset/provenance.ts'
import type { HeldOut } from '../../distill/held-out.ts'
import { countParameters, type HasParameters } from '../../nn/module.ts'
import { learningCurve, returnsChart } from '../../plot/curves.ts'
import { formatCount, formatFixed, formatPercent, type NumberTable } from '../../plot/format.ts'
import { type Report, report, type Section } from '../../plot/report.ts'
import { spec } from '../../rl/envs/tasks/make.ts'
import type { Evaluation } from '../../rl/evaluate.ts'
import { DecisionTree } from '../../rl/policies/decision-tree.ts'
import { GOOD_AGREEMENT, type SuccessorRanking } from '../../rl/successor-ranking.ts'
import { parseJson } from '../../tensor/json.ts'
import { readAgent } from '../runs/agents.ts'
import { agentIn, EVALUATION, REPORT, RESULTS, type RunFolder, TIMINGS } from '../runs/run-folder.ts'
import { EPISODES_CSV } from '../runs/run-log.ts'
import { newDocument } from '../terminal/document.ts'
import { UsageError } from '../terminal/failures.ts'
import { flagText } from '../terminal/options.ts'
import { type DistillConfig, isDistillation } from './distill-sources.ts'

/** Episodes in the running mean. */
export const RECENT = 20

/** Writes the page. Returns its path and its sections. Throws a UsageError if the run has nothing to show yet. */
export function writeReport(run: RunFolder): { path: string; sections: readonly Section[] } {
  const page = isDistillation(run) ? distillationPage(run) : trainingPage(run)
  const path = run.folder.write(REPORT, report({ ...page, command: commandOf(run) }))
  return { path, sections: page.sections }
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
  const played = readJson<Evaluation>(run.path, EVALUATION)
  const ownFacts = [
    ...(played
      ? [{ label: `greedy mean return, ${played.returns.length} episodes`, value: formatFixed(played.mean) }]
      : []),
    ...(agentIn(run.path) ? sizeFacts(run, sizeOf(readAgent(run.path).agent)) : []),
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

/** `[480.2, 493.0]`, or a dash. */
export function formatInterval(interval: Interval | null, text = (value: number) => formatFixed(value)): string {
  return interval === null ? '–' : `[${text(interval.low)}, ${text(interval.high)}]`
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
  readonly student: (Evaluation | HeldOut) & Sized
  readonly teachers: readonly (Evaluation & Sized)[]
  /** How well a value function ranks successors, in comparison with its teachers. */
  readonly ranking?: SuccessorRanking
  readonly cost: Cost
  /** Numbers of the target, such as the temperature. */
  readonly metrics: Readonly<Record<string, number>>
}

interface Sized {
  /** `{ parameters: 4610 }`, `{ leaves: 8 }`; empty for a table. */
  readonly size: Readonly<Record<string, number>>
}

export function sizeOf(agent: object): Sized['size'] {
  if (agent instanceof DecisionTree) return { leaves: agent.leaves }
  return 'parameters' in agent ? { parameters: countParameters(agent as HasParameters) } : {}
}

/** `4,610 parameters`, `8 leaves`, or a dash. */
export function sizeText(size: Sized['size']): string {
  const [unit, count] = Object.entries(size)[0] ?? []
  if (count === undefined) return '–'
  return unit === 'leaves' && count === 1 ? '1 leaf' : `${formatCount(count)} ${unit}`
}

/** The size of an agent, and of its file in the folder of the run. */
function sizeFacts({ path }: RunFolder, size: Sized['size']): Report['facts'] {
  const numbers = { ...size, 'bytes of its file': statSync(agentIn(path)!).size }
  return Object.entries(numbers).map(([label, value]) => ({ label, value: formatCount(value) }))
}

/** Seconds of collecting, labelling and training, over all processes of the run. */
export interface Timings {
  readonly seconds: number
  readonly cpuSeconds: number
}

export function timingsOf({ path }: RunFolder): Timings {
  return readJson(path, TIMINGS) ?? { seconds: 0, cpuSeconds: 0 }
}

/** A file of the run. Undefined if there is none. */
export function readJson<Value>(path: string, name: string): Value | undefined {
  const file = join(path, name)
  return existsSync(file) ? (parseJson(`"${file}"`, readFileSync(file, 'utf8')) as Value) : undefined
}

/** Throws a UsageError before the end of the distillation. */
function distillationPage(run: RunFolder<DistillConfig>): Omit<Report, 'command'> {
  const { path, config } = run
  const { algorithm, env, target = 'tree', teachers, options } = config
  const results = readJson<DistillResults>(path, RESULTS)
  if (results === undefined) {
    throw new UsageError(`report: "${path}" has no results yet; continue it with "alambic resume ${path}"`)
  }
  const { student, teachers: played, ranking, cost } = results
  if (student?.size === undefined || !isCost(cost) || !Array.isArray(played)) {
    throw new UsageError(`report: "${join(path, RESULTS)}" is not of this version of alambic; distil the student again`)
  }
  const names = teachers.map((each) => basename(each))
  const compared = 'measure' in student ? heldOutSection(student) : returnsSection(student, played, names)
  const spent = costSection(cost, timingsOf(run))
  const labelled = (label: string, { rows: [row] }: NumberTable, column: number) => ({
    label,
    value: row!.cells[column]!,
  })
  return {
    title: `A student of ${names.length === 0 ? 'a dataset' : names.join(', ')} in ${env}`,
    lead: `${algorithm}, target ${target}, seed ${String(options.seed ?? 0)}.`,
    facts: [
      'measure' in student
        ? labelled(compared.table.head[1]!, compared.table, 1)
        : { label: 'mean return of the student', value: formatFixed(student.mean) },
      ...played.map(({ mean }, i) => ({
        label: `mean return of ${names[i] ?? 'a teacher'}`,
        value: formatFixed(mean),
      })),
      labelled('labels', spent.table, 0),
      ...sizeFacts(run, student.size),
    ],
    sections: [compared, spent, ...(ranking === undefined ? [] : [rankingSection(ranking)])],
  }
}

type TableSection = Section & { readonly table: NumberTable }

function returnsSection(
  student: Evaluation & Sized,
  played: readonly (Evaluation & Sized)[],
  names: readonly string[],
): TableSection {
  const rowOf = (name: string, color: string, evaluation: Evaluation & Sized) => {
    const { returns, mean, interval, standardDeviation, size } = evaluation
    const [deviation, lowest, highest] = [standardDeviation, Math.min(...returns), Math.max(...returns)]
    return {
      ...{ name, color, returns, mean, standardDeviation, ...interval },
      cells: [
        ...[name, formatFixed(mean), formatInterval(interval), sizeText(size)],
        ...[deviation, lowest, highest].map((each) => formatFixed(each)),
      ],
    }
  }
  const rows = played.map((each, i) => rowOf(`teacher ${names[i] ?? i + 1}`, 'var(--teacher)', each))
  rows.push(rowOf('student', 'var(--policy)', student))
  return {
    title: 'Returns',
    figure: returnsChart(newDocument(), rows),
    howToRead: `A tick is one of ${student.returns.length} episodes of greedy play; the dot is the mean, the thick line its 95 % interval.`,
    table: { head: ['', 'mean return', '95 % interval', 'size', 'deviation', 'lowest', 'highest'], rows },
  }
}

/** Agreement in per cent, an error with four decimals. */
function heldOutSection(found: HeldOut & Sized): TableSection {
  const { measure, mean, interval, baseline, states, groups, folds, size } = found
  const text = (value: number) => (measure === 'agreement' ? formatPercent(value) : formatFixed(value, 4))
  const measured = measure === 'agreement' ? 'held-out agreement' : 'held-out mean absolute error'
  const units = groups < states ? `${formatCount(groups)} episodes` : 'single states'
  return {
    title: 'Held-out labels',
    text: `${formatCount(states)} states in ${folds} folds of ${units}; each fold is held out once, and a student is trained on the others.`,
    table: {
      head: ['', measured, '95 % interval', 'constant action', 'size'],
      rows: [{ cells: ['student', text(mean), formatInterval(interval, text), text(baseline), sizeText(size)] }],
    },
  }
}

function costSection(cost: Cost, { cpuSeconds, seconds }: Timings): TableSection {
  const { labels, jacobians, teacherEvaluations, updates } = cost
  const cells = [
    `${formatCount(labels)}${jacobians > 0 ? ` + ${formatCount(jacobians)} Jacobians` : ''}`,
    ...[teacherEvaluations, stepsOf(cost), updates].map(formatCount),
    ...[cpuSeconds, seconds].map((each) => `${formatFixed(each)} s`),
  ]
  return {
    title: 'What it cost',
    text: 'The cost of all labels, of all students trained, and of the choice among them. CPU and time exclude the evaluation.',
    table: {
      head: ['labels', 'teacher evaluations', 'environment steps', 'updates', 'CPU', 'time'],
      rows: [{ cells }],
    },
  }
}

function rankingSection({ agreement, regret, states, evaluations, environmentSteps }: SuccessorRanking): TableSection {
  const head = ['best successor as the teacher', 'regret', 'states', 'teacher evaluations', 'environment steps']
  const counts = [states, evaluations, environmentSteps].map(formatCount)
  const advice =
    'A look-ahead acts on the differences between successors, which this student has not learned. ' +
    'Use --target value-successors, more labels, or a deeper look-ahead.'
  return {
    title: 'Ranking of successors',
    ...(agreement < GOOD_AGREEMENT && { text: `Warning: ${advice}` }),
    table: { head, rows: [{ cells: [formatPercent(agreement, 0), formatFixed(regret, 2), ...counts] }] },
  }
}
