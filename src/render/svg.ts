// A scene as SVG, without scripts or links, for an HTML page or a file of its own.

import { type Coordinates, type Paint, type Scene, type Shape, strokeWidthOf, toPoints } from './scene.ts'

export interface SvgSize {
  /** Size in pixels. Default: the scene's. The picture keeps its proportions and is centred. */
  readonly width?: number
  readonly height?: number
}

/** `<svg …>…</svg>` on one line. Coordinates are rounded to a hundredth of a pixel. */
export function toSvg(scene: Scene, size: SvgSize = {}): string {
  const width = size.width ?? (size.height === undefined ? scene.width : (size.height * scene.width) / scene.height)
  const height = size.height ?? (width * scene.height) / scene.width
  const frame = `width="${round(width)}" height="${round(height)}" viewBox="0 0 ${round(scene.width)} ${round(scene.height)}"`
  const paper = `<rect width="100%" height="100%" fill="${scene.background}"/>`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${frame} font-family="system-ui,sans-serif">${paper}${scene.shapes.map(element).join('')}</svg>`
}

function element(shape: Shape): string {
  switch (shape.kind) {
    case 'line':
      return `<polyline points="${pointList(shape.points)}" fill="none" stroke-linecap="round" stroke-linejoin="round"${paint(shape)}/>`
    case 'polygon':
      return `<polygon points="${pointList(shape.points)}" stroke-linejoin="round"${paint(shape)}/>`
    case 'circle':
      return `<circle cx="${round(shape.center[0])}" cy="${round(shape.center[1])}" r="${round(shape.radius)}"${paint(shape)}/>`
    case 'rect': {
      const corner = shape.radius ? ` rx="${round(shape.radius)}"` : ''
      const box = `x="${round(shape.x)}" y="${round(shape.y)}" width="${round(shape.width)}" height="${round(shape.height)}"`
      return `<rect ${box}${corner}${paint(shape)}/>`
    }
    case 'label': {
      const weight = shape.bold ? ' font-weight="bold"' : ''
      const place = `x="${round(shape.at[0])}" y="${round(shape.at[1])}" text-anchor="${shape.anchor ?? 'middle'}"`
      const text = shape.text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
      return `<text ${place} dominant-baseline="central" font-size="${round(shape.size)}"${weight}${paint(shape)}>${text}</text>`
    }
  }
}

function paint(shape: Shape & Paint): string {
  const fill = shape.kind === 'line' ? '' : ` fill="${shape.fill ?? 'none'}"`
  const stroke =
    shape.stroke === undefined ? '' : ` stroke="${shape.stroke}" stroke-width="${round(strokeWidthOf(shape))}"`
  const opacity = shape.opacity === undefined ? '' : ` opacity="${round(shape.opacity)}"`
  return fill + stroke + opacity
}

function pointList(coordinates: Coordinates): string {
  return toPoints(coordinates)
    .map(([x, y]) => `${round(x)},${round(y)}`)
    .join(' ')
}

// Adding 0 turns -0 into 0.
function round(value: number): number {
  return Math.round(value * 100) / 100 + 0
}
