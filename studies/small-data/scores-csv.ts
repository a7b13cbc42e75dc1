// The scores as CSV, one line per student, for other tools.

import type { CellRecord } from './record.ts'
import { groupRecords } from './summary.ts'

/** Column names are those of the records; `mean` is the mean greedy return. */
const columns = [
  ...(['method', 'size', 'labels', 'task', 'teacher', 'seed', 'score', 'mean', 'parameters'] as const),
  ...(['teacherLabels', 'environmentSteps', 'updates', 'cpuSeconds'] as const),
] satisfies readonly (keyof CellRecord)[]

/** Comma-separated values with a head, in the order of methods, sizes, labels, tasks, teachers and seeds. */
export function scoresCsv(records: readonly CellRecord[]): string {
  const rows = groupRecords(records).flatMap(({ tasks }) =>
    tasks.flatMap((each) => each.records.map((record) => columns.map((name) => inDigits(record[name])))),
  )
  return [columns, ...rows].map((row) => `${row.join()}\n`).join('')
}

// Six significant digits; a missing update count is an empty field.
function inDigits(value: string | number | null): string {
  if (typeof value !== 'number') return value ?? ''
  return String(Number(value.toPrecision(6)))
}
