// The page of the small-data study: scores and returns over labels, profiles, intervals, sizes, and every number behind them.

import { formatCount, formatDuration, formatFixed, report, type Section, sideBySide } from 'alambic/plot'
import { type BandSeries, bandChart, bandLegend, bandPicture } from '../plot/band-chart.ts'
import { groupColors } from '../plot/groups.ts'
import { intervalChart } from '../plot/interval-chart.ts'
import { MAIN_METHOD, studyMethods } from './methods.ts'
import { labelCounts, MAIN_SIZE } from './plan.ts'
import { type Family, families, headline } from './report-plan.ts'
import type { Comparison, StudyResults } from './results.ts'
import type { Summary, TaskSummary } from './summary.ts'
import { goalTable, improvementTable, numberTable, sizeTable } from './tables.ts'
import { type StudyTask, studyTasks } from './tasks.ts'

/** The page's HTML. `command` is the command line that writes it again. */
export function studyReport(document: Document, results: StudyResults, command: string): string {
  const { summaries } = results
  const main = summaries.filter(({ size }) => size === MAIN_SIZE)
  const best = (labels: number) => {
    const found = main.find((summary) => summary.method === MAIN_METHOD && summary.labels === labels)
    return { label: `IQM, ${labels} labels`, value: found === undefined ? '–' : formatFixed(found.iqm, 2) }
  }
  return report({
    title: 'How few labels does a student need?',
    lead:
      'Teachers of about 67,000 parameters label a few states, and students of other sizes learn from those alone. ' +
      'A score of 0 is the return of random actions, 1 that of the teacher.',
    facts: [
      best(50),
      best(200),
      { label: 'students trained', value: formatCount(results.cells) },
      { label: 'processor time', value: formatDuration(1000 * results.cpuSeconds) },
    ],
    sections: [
      returnSection(document, main),
      ...families.flatMap((family) => familySection(document, family, main)),
      ...results.comparisons.flatMap((comparison) => [
        intervalSection(document, comparison, main),
        profileSection(document, comparison),
      ]),
      improvementSection(results),
      ...sizeSection(document, results),
      goalSection(results),
      {
        title: 'The numbers',
        text: 'Means over teachers and seeds. Env steps are those played to find states to label, or to learn from.',
        table: numberTable(results),
      },
    ],
    command,
  })
}

const overLabels = { label: 'labelled states', type: 'log', ticks: labelCounts } as const
const scoreScale = { label: 'score', domain: [-0.25, 1.15] } as const
const reading =
  'A point is the interquartile mean over all tasks, teachers and seeds: the mean of the middle half of the runs. ' +
  'The band is its 95 % interval; teachers, then their students, are resampled (hierarchical bootstrap). Lines: random actions at 0, the teacher at 1.'

function returnSection(document: Document, main: readonly Summary[]): Section {
  const shown = headline.filter((name) => main.some(({ method }) => method === name))
  return {
    title: 'Returns over labels',
    text: `Students of ${MAIN_SIZE} % of the teacher’s size, one method of each kind.`,
    figure: bandLegend(shown) + sideBySide(studyTasks.flatMap((task) => returnPanel(document, task, shown, main))),
    howToRead:
      'A point is the mean return over teachers and seeds, each judged by 100 greedy episodes; the band is its 95 % interval. ' +
      'The two lines across are random actions and the teachers. Reinforcement learning takes no labels: its line is level.',
  }
}

function returnPanel(document: Document, { name, env }: StudyTask, shown: readonly string[], main: readonly Summary[]) {
  const own = main.flatMap(({ method, labels, tasks }) =>
    tasks.filter(({ task }) => task === name).map((task) => ({ method, labels, task })),
  )
  if (own.length === 0) return []
  const { randomReturn, teacherReturn } = own[0]!.task
  const series = shown.map((method) => ({
    name: method,
    points: flat(
      own
        .filter((each) => each.method === method)
        .map(({ labels, task }) => ({ x: labels, y: task.meanReturn, ...task.returnInterval })),
    ),
  }))
  const picture = bandPicture(document, {
    series,
    description: `Mean return in ${env} against the number of labelled states`,
    x: overLabels,
    y: { label: 'mean return' },
    marks: [randomReturn, teacherReturn],
    width: 390,
    height: 290,
  })
  return [{ title: env, picture }]
}

function familySection(document: Document, { group, title, text }: Family, main: readonly Summary[]): Section[] {
  const measured = studyMethods.filter(({ name }) => main.some(({ method }) => method === name))
  const members = measured.filter((method) => method.group === group || method.name === MAIN_METHOD)
  if (!members.some((method) => method.group === group)) return []
  const series = seriesOf(
    members.map(({ name }) => name),
    main,
    ({ method }) => method,
  )
  const description = `Interquartile mean score against the number of labelled states: ${title}`
  return [
    {
      title,
      text,
      figure: bandChart(document, { series, description, x: overLabels, y: scoreScale }),
      howToRead: reading,
      table: {
        head: ['method', 'what it does'],
        rows: members.map(({ name, about, group: own }) => ({ color: groupColors[own], cells: [name, about] })),
      },
    },
  ]
}

function seriesOf(
  names: readonly string[],
  summaries: readonly Summary[],
  nameOf: (each: Summary) => string,
): BandSeries[] {
  return names
    .map((name) => ({
      name,
      points: flat(
        summaries
          .filter((each) => nameOf(each) === name)
          .map(({ labels, iqm, interval }) => ({ x: labels, y: iqm, ...interval })),
      ),
    }))
    .filter(({ points }) => points.length > 0)
}

/** A method without labels becomes a horizontal line over all numbers of labels. */
function flat(points: BandSeries['points']): BandSeries['points'] {
  return points.flatMap((point) =>
    point.x === 0 ? [labelCounts[0]!, labelCounts.at(-1)!].map((x) => ({ ...point, x })) : [point],
  )
}

function intervalSection(document: Document, { labels }: Comparison, main: readonly Summary[]): Section {
  const rows = main
    .filter((summary) => summary.labels === labels || summary.labels === 0)
    .map(({ method, iqm, interval }) => ({
      name: method,
      group: studyMethods.find(({ name }) => name === method)?.group ?? ('controls' as const),
      value: iqm,
      ...interval,
    }))
  return {
    title: `All methods with ${formatCount(labels)} labels`,
    figure: intervalChart(document, {
      rows: rows.sort((a, b) => b.value - a.value),
      description: `Interquartile mean score of every method with ${labels} labels`,
      label: 'score, interquartile mean',
      marks: [
        { value: 0, label: 'random' },
        { value: 1, label: 'teacher' },
      ],
    }),
    howToRead: 'The point is the interquartile mean over all tasks, teachers and seeds, the line its 95 % interval.',
  }
}

function profileSection(document: Document, { labels, profiles }: Comparison): Section {
  const series = headline.flatMap((method) => {
    const found = profiles.find((profile) => profile.method === method)
    if (found === undefined) return []
    return [
      {
        name: method,
        points: found.points.map(({ threshold, share, low, high }) => ({ x: threshold, y: share, low, high })),
      },
    ]
  })
  return {
    title: `Performance profiles with ${formatCount(labels)} labels`,
    figure: bandChart(document, {
      series,
      description: `Share of runs above each score with ${labels} labels`,
      x: { label: 'score' },
      y: { label: 'share of runs above it', domain: [0, 1] },
      dots: false,
    }),
    howToRead:
      'The share of runs that score above the value on the x axis. A line that stays at the top until just before 1 is a ' +
      'method that always works; where two lines cross, one is better at its best and the other at its worst.',
  }
}

function improvementSection(results: StudyResults): Section {
  return {
    title: 'Who beats whom',
    text:
      'How likely a run of the main method is to score higher than a run of another one in a task drawn at random; 0.5 is a draw. ' +
      'Where both reach the teacher, which one is higher is chance.',
    table: improvementTable(results),
  }
}

function sizeSection(document: Document, results: StudyResults): Section[] {
  const own = results.summaries.filter(({ method }) => method === MAIN_METHOD)
  const sizes = [...new Set(own.map(({ size }) => size))]
  if (sizes.length < 2) return []
  const described = sizes.map((size) => ({ size, name: sizeName(size, own) }))
  const series = described.map(({ size, name }) => ({
    name,
    points: own
      .filter((each) => each.size === size)
      .map(({ labels, iqm, interval }) => ({ x: labels, y: iqm, ...interval })),
  }))
  const description = 'Interquartile mean score of students of several sizes against the number of labelled states'
  return [
    {
      title: 'Students of several sizes',
      text: `The main method, ${MAIN_METHOD}, with networks of several sizes.`,
      figure: bandChart(document, { series, description, x: overLabels, y: scoreScale }),
      howToRead: reading,
      table: sizeTable(results),
    },
  ]
}

/** `7 % (4,500–4,900 parameters)` */
function sizeName(size: string, summaries: readonly Summary[]): string {
  const tasks: readonly TaskSummary[] = summaries.filter((each) => each.size === size).flatMap((each) => each.tasks)
  const parameters = tasks.map((task) => task.parameters)
  const [least, most] = [Math.min(...parameters), Math.max(...parameters)]
  const range = least === most ? formatCount(least) : `${formatCount(least)}–${formatCount(most)}`
  return `${size === 'linear' ? size : `${size} %`} (${range} parameters)`
}

function goalSection(results: StudyResults): Section {
  return {
    title: 'Goals',
    text: 'Goals for the main method, set before the measurements.',
    table: goalTable(results),
  }
}
