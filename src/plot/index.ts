// The pictures. Each chart takes plain numbers and the caller's document; report() puts them on one page.

export * from './format.ts'
export * from './html.ts'
export * from './learning-curve.ts'
export * from './report.ts'
export type { Group } from './theme.ts'
