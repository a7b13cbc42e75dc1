// The page of a benchmark: the table, and the learning curves of each task.

import { formatCount, type Report, report, seedCurves, sideBySide } from 'alambic/plot'
import { type Summary, summaryHead, summaryRow } from './summary.ts'

/** The page's HTML. `command` is the command line that writes it again. */
export function benchmarkPage(document: Document, summaries: readonly Summary[], command: string): string {
  const environments = [...new Set(summaries.map(({ env }) => env))]
  const trainings = summaries.reduce((sum, { seeds }) => sum + seeds, 0)
  const table = {
    title: 'Greedy returns',
    text:
      'Each agent plays a hundred episodes greedily, from starts that no training has seen. The mean, its 95 % interval ' +
      '(bootstrap) and the worst are over seeds.',
    table: { head: summaryHead, rows: summaries.map((summary) => ({ cells: summaryRow(summary) })) },
  }
  const page: Report = {
    title: 'Benchmark',
    lead: 'Every task trained from scratch with many seeds, beside published figures.',
    facts: [
      { label: 'tasks', value: formatCount(summaries.length) },
      { label: 'trainings', value: formatCount(trainings) },
    ],
    sections: [table, ...environments.map((env) => curvesSection(document, env, summaries))],
    command,
  }
  return report(page)
}

function curvesSection(document: Document, env: string, summaries: readonly Summary[]): Report['sections'][number] {
  const panels = summaries
    .filter((summary) => summary.env === env)
    .map(({ algorithm, seeds, curve, published }) => ({
      title: `${algorithm}, ${formatCount(seeds)} seeds`,
      picture: seedCurves(document, { points: curve, ...(published !== null && { published: published.mean }) }),
    }))
  return {
    title: `${env} while learning`,
    figure: sideBySide(panels),
    howToRead:
      'The line is the mean over seeds of the return of the latest 20 training episodes, exploration included; the band ' +
      'reaches from the worst seed to the best. The dashed line is the published figure.',
  }
}
