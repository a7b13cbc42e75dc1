// The study's tables, for the terminal and the page.

import { formatCount, formatFixed, formatPercent, type NumberTable } from 'alambic/plot'
import { groupColors } from '../plot/groups.ts'
import { MAIN_METHOD, studyMethods } from './methods.ts'
import { MAIN_SIZE } from './plan.ts'
import type { StudyResults } from './results.ts'
import type { Summary } from './summary.ts'

/** Methods against labels: the interquartile mean over the tasks with its interval. */
export function methodTable({ summaries }: StudyResults): NumberTable {
  return labelTable(
    'method',
    summaries.filter(({ size }) => size === MAIN_SIZE),
    ({ method }) => method,
  )
}

/** Sizes of the main method's students against labels. */
export function sizeTable({ summaries }: StudyResults): NumberTable {
  return labelTable(
    'students, % of the teacher',
    summaries.filter(({ method }) => method === MAIN_METHOD),
    ({ size }) => size,
  )
}

function labelTable(title: string, summaries: readonly Summary[], nameOf: (summary: Summary) => string): NumberTable {
  const labels = [...new Set(summaries.map((summary) => summary.labels))].sort((a, b) => a - b)
  const names = [...new Set(summaries.map(nameOf))]
  const cell = (name: string, count: number) => {
    const found = summaries.find((summary) => nameOf(summary) === name && summary.labels === count)
    return found === undefined ? '–' : iqmOf(found)
  }
  return {
    head: [title, ...labels.map((count) => (count === 0 ? 'no labels' : `${formatCount(count)} labels`))],
    rows: names.map((name) => {
      const group = studyMethods.find((method) => method.name === name)?.group
      return { cells: [name, ...labels.map((count) => cell(name, count))], ...(group && { color: groupColors[group] }) }
    }),
  }
}

/** The goals and whether they were reached. */
export function goalTable({ goals }: StudyResults): NumberTable {
  return {
    head: ['goal', 'size', 'labels', 'asked', 'IQM [95 %], failures', 'lowest task', 'worst run', 'reached'],
    rows: goals.map(({ goal, summary, reached }) => ({
      cells: [
        goal.name,
        `${goal.size} %`,
        formatCount(goal.labels),
        asked(goal),
        summary === undefined ? '–' : iqmOf(summary),
        summary === undefined ? '–' : formatFixed(Math.min(...summary.tasks.map(({ score }) => score)), 2),
        summary === undefined ? '–' : formatFixed(summary.worst, 2),
        verdictOf(summary, reached),
      ],
    })),
  }
}

function verdictOf(summary: Summary | undefined, reached: boolean | undefined): string {
  if (summary === undefined) return 'not measured'
  return reached === undefined ? 'too few runs' : reached ? 'yes' : 'no'
}

function asked({ iqm, intervalLow, eachTask, worst }: StudyResults['goals'][number]['goal']): string {
  const parts: readonly [string, number | undefined][] = [
    ['IQM', iqm],
    ['interval from', intervalLow],
    ['each task', eachTask],
    ['worst run', worst],
  ]
  return parts.flatMap(([name, least]) => (least === undefined ? [] : [`${name} ${formatFixed(least, 2)}`])).join(', ')
}

/** All numbers: one row for each task of each method, size and number of labels. */
export function numberTable({ summaries }: StudyResults): NumberTable {
  return {
    head: [
      ...[
        'method',
        'size',
        'labels',
        'task',
        'runs',
        'score [95 %]',
        'worst',
        'failures',
        'mean return',
        'of the teacher',
      ],
      ...['parameters', 'env steps', 'CPU s'],
    ],
    rows: summaries.flatMap(({ method, size, labels, tasks }) =>
      tasks.map((task) => ({
        cells: [
          method,
          size,
          formatCount(labels),
          task.task,
          formatCount(task.runs),
          withInterval(task.score, task.interval),
          formatFixed(task.worst, 2),
          formatPercent(task.failures, 0),
          formatFixed(task.meanReturn),
          // A percentage of a negative return would be misleading.
          task.teacherReturn > 0 && task.meanReturn > 0 ? formatPercent(task.meanReturn / task.teacherReturn) : '–',
          formatCount(task.parameters),
          formatCount(task.environmentSteps),
          formatFixed(task.cpuSeconds, 2),
        ],
      })),
    ),
  }
}

/** Probability that a run of the main method beats a run of each other method, by number of labels. */
export function improvementTable({ comparisons }: StudyResults): NumberTable {
  const methods = [...new Set(comparisons.flatMap(({ improvements }) => improvements.map(({ method }) => method)))]
  return {
    head: [`${MAIN_METHOD} beats`, ...comparisons.map(({ labels }) => `with ${formatCount(labels)} labels [95 %]`)],
    rows: methods.map((method) => ({
      cells: [
        method,
        ...comparisons.map(({ improvements }) => {
          const found = improvements.find((each) => each.method === method)
          return found === undefined ? '–' : withInterval(found.probability, found)
        }),
      ],
    })),
  }
}

/** The interquartile mean leaves out the worst quarter, so the failures stand beside it. */
function iqmOf({ iqm, interval, failures }: Summary): string {
  return `${withInterval(iqm, interval)}${failures === 0 ? '' : `, ${formatPercent(failures, 0)} fail`}`
}

function withInterval(value: number, { low, high }: { readonly low: number; readonly high: number }): string {
  return `${formatFixed(value, 2)} [${formatFixed(low, 2)}, ${formatFixed(high, 2)}]`
}
