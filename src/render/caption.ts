// A line of text below a picture.

import { palette, type Scene } from './scene.ts'

const STRIP = 0.1 // height of the strip, as a fraction of the picture's width

/** The scene with a strip of text added below it. */
export function withCaption(scene: Scene, text: string): Scene {
  const strip = STRIP * scene.width
  // A letter is about two thirds of the size wide.
  const size = Math.min(0.4 * strip, (0.92 * scene.width) / (0.68 * Math.max(1, text.length)))
  const at = [scene.width / 2, scene.height + strip / 2] as const
  return {
    ...scene,
    height: scene.height + strip,
    shapes: [...scene.shapes, { kind: 'label', at, text, size, fill: palette.slate }],
  }
}
