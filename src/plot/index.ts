// The public names of alambic/plot: the learning curve, the page of a report, and number formats. Charts take plain numbers and
// the caller's document, so they work in a browser and, with linkedom, in Node.

export { learningCurve, seedCurves } from './curves.ts'
export { draw } from './draw.ts'
export { formatCount, formatDuration, formatFixed, formatPercent } from './format.ts'
export { escapeHtml, formatTable, type NumberTable, sideBySide, swatch } from './html.ts'
export { type Report, report, type Section } from './report.ts'
