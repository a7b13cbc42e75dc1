// The public names of alambic/plot: the learning curve, the page of a report, and number formats. Charts take plain numbers and
// the caller's document, so they work in a browser and, with linkedom, in Node.

export { draw } from './draw.ts'
export { formatCount, formatDuration, formatFixed, formatPercent } from './format.ts'
export { escapeHtml, sideBySide, swatch } from './html.ts'
export { type LearningCurve, learningCurve } from './learning-curve.ts'
export { type Report, report, type Section } from './report.ts'
export { type SeedCurves, seedCurves } from './seed-curves.ts'
export { formatTable, type NumberTable } from './tables.ts'
