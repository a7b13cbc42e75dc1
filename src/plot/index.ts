// The public names of alambic/plot: the learning curve, the page of a report, and number formats. Charts take plain numbers and
// the caller's document, so they work in a browser and, with linkedom, in Node.

export { draw, learningCurve, seedCurves } from './curves.ts'
export {
  escapeHtml,
  formatCount,
  formatDuration,
  formatFixed,
  formatPercent,
  formatTable,
  type NumberTable,
  sideBySide,
  swatch,
} from './format.ts'
export { type Report, report, type Section } from './report.ts'
