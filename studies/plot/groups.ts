// The groups of methods, each with its color on every chart and table.

import { swatch } from 'alambic/plot'

/** What a method learns from. */
export type Group = 'teacher' | 'policy' | 'action values' | 'state values' | 'controls'

/** CSS colors in the order of legends. */
export const groupColors: Readonly<Record<Group, string>> = {
  teacher: 'var(--teacher)',
  policy: 'var(--policy)',
  'action values': 'var(--action-values)',
  'state values': 'var(--state-values)',
  controls: 'var(--controls)',
}

/** A legend of the groups that occur, as HTML. */
export function groupLegend(groups: readonly Group[]): string {
  const shown = (Object.keys(groupColors) as Group[]).filter((group) => groups.includes(group))
  return `<div class="legend">${shown.map((group) => `<span>${swatch(groupColors[group])}${group}</span>`).join('')}</div>`
}
