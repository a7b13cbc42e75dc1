// The pictures. Each chart takes plain numbers and the caller's document; report() puts them on one page.

export * from './animation.ts'
export * from './band-chart.ts'
export * from './comparison.ts'
export * from './format.ts'
export * from './html.ts'
export * from './interval-chart.ts'
export * from './learning-curve.ts'
export * from './memory-chart.ts'
export * from './report.ts'
export * from './seed-curves.ts'
export * from './temperature-targets.ts'
export type { Group } from './theme.ts'
