// One chart by Observable Plot (https://observablehq.com/plot) as SVG text. The document is the caller's: a browser passes its
// own, the command one that lives in memory, so nothing here needs a screen.

import { type PlotOptions, plot } from '@observablehq/plot'

/** Draws a chart and gives its SVG. `description` is read out where the picture cannot be seen. */
export function draw(document: Document, description: string, options: PlotOptions): string {
  const svg = plot({
    ...options,
    document,
    ariaLabel: description,
    className: 'chart',
    style: { fontSize: '12.5px', background: 'none' },
  })
  svg.setAttribute('role', 'img')
  return roundCoordinates(svg.outerHTML)
}

/** A hundredth of a pixel is enough: `248.72340425531914` becomes `248.72`. */
function roundCoordinates(svg: string): string {
  return svg.replace(/\d+\.\d{3,}/g, (digits) => String(Math.round(Number(digits) * 100) / 100))
}
