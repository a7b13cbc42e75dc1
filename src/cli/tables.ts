// Tables on the terminal: a line under the head, two spaces between columns, numbers to the right. Plain characters, so that
// a table reads the same in a pipe.

import Table from 'cli-table3'
import { isNumeric } from '../plot/html.ts'

/** `rows` under `head` as text without a closing newline. Columns that hold only numbers are set to the right. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const none = ''
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, column) => (isNumericColumn(rows, column) ? 'right' : 'left')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: {
      ...{ top: none, 'top-mid': none, 'top-left': none, 'top-right': none },
      ...{ bottom: none, 'bottom-mid': none, 'bottom-left': none, 'bottom-right': none },
      ...{ left: none, 'left-mid': none, right: none, 'right-mid': none },
      ...{ mid: none, 'mid-mid': none, middle: none },
    },
  })
  table.push(...rows.map((row) => [...row]))
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
  const width = Math.max(...lines.map((line) => line.length))
  return [lines[0], '─'.repeat(width), ...lines.slice(1)].join('\n')
}

function isNumericColumn(rows: readonly (readonly string[])[], column: number): boolean {
  return rows.length > 0 && rows.every((row) => isNumeric(row[column] ?? ''))
}
