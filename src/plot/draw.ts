// One chart by Observable Plot (https://observablehq.com/plot) as SVG text. The caller gives the document: a browser its own, the
// command one of linkedom, so no display is needed.

import { type PlotOptions, plot } from '@observablehq/plot'

/** Draws a chart and returns its SVG. `description` is for screen readers. */
export function draw(document: Document, description: string, options: PlotOptions): string {
  const svg = plot({
    ...options,
    document,
    ariaLabel: description,
    className: 'chart',
    style: { fontSize: '12.5px', background: 'none' },
  })
  svg.setAttribute('role', 'img')
  // A mark without a role may have no label of its own (WAI-ARIA 1.2, section 5.2.8.6).
  for (const mark of svg.querySelectorAll('[aria-label]')) {
    mark.setAttribute('data-mark', mark.getAttribute('aria-label')!)
    mark.removeAttribute('aria-label')
  }
  return roundCoordinates(svg.outerHTML)
}

/** A hundredth of a pixel is enough: `248.72340425531914` becomes `248.72`. */
function roundCoordinates(svg: string): string {
  return svg.replace(/\d+\.\d{3,}/g, (digits) => String(Math.round(Number(digits) * 100) / 100))
}
