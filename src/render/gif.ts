// Encodes frames as an animated GIF. The 255 most frequent colours are exact, others map to the nearest of these. A frame after the
// first holds only the pixels that changed; the rest is transparent.

import { ValueError } from '../tensor/errors.ts'
import type { Pixels } from './raster.ts'

export interface GifOptions {
  /** Frames per second, at most 50. Delays are rounded to hundredths of a second. */
  readonly fps: number
  /** Duration of the last frame, in milliseconds. Default 1000. */
  readonly pause?: number
  /** Called after each frame and awaited, for progress reports. */
  readonly onFrame?: (done: number) => void | Promise<void>
}

const COLORS = 255
const TRANSPARENT = 255 // the index after the last colour
const SAMPLES = 8 // frames from which the colours are taken

/**
 * Encodes `count` frames. `frameAt(i)` makes frame i, all of one size; it is called twice for some frames, and none is kept.
 * Throws a `ValueError` if `count` is below 1.
 */
export async function encodeGif(
  count: number,
  frameAt: (i: number) => Pixels,
  options: GifOptions,
): Promise<Uint8Array> {
  if (!(count >= 1)) throw new ValueError(`encodeGif: ${count} frames; expected one or more`)
  const { fps, pause = 1000, onFrame } = options
  const gifenc = await import('gifenc')
  // Node loads its CommonJS file, whose exports are in `default`; bundlers load its ES module.
  const gif = gifenc.GIFEncoder?.() ?? gifenc.default!.GIFEncoder()
  const colors = commonColors(count, frameAt)
  const palette = Array.from({ length: COLORS + 1 }, (_, i) => toBytes(colors[i] ?? 0))
  const indexOf = nearestOf(colors)
  const delay = Math.max(20, Math.round(100 / fps) * 10)
  let before: Pixels | undefined
  for (let i = 0; i < count; i++) {
    const frame = frameAt(i)
    gif.writeFrame(indices(frame, before, indexOf), frame.width, frame.height, {
      delay: i === count - 1 ? Math.max(delay, pause) : delay,
      dispose: 1,
      ...(before === undefined ? { palette } : { transparent: true, transparentIndex: TRANSPARENT }),
    })
    before = frame
    await onFrame?.(i + 1)
  }
  gif.finish()
  return gif.bytes()
}

/** The index of each pixel's colour, `TRANSPARENT` where it is unchanged. */
function indices(frame: Pixels, before: Pixels | undefined, indexOf: (color: number) => number): Uint8Array {
  const pixels = new Uint32Array(frame.data.buffer)
  const old = before && new Uint32Array(before.data.buffer)
  const result = new Uint8Array(pixels.length)
  for (let i = 0; i < pixels.length; i++) result[i] = old?.[i] === pixels[i] ? TRANSPARENT : indexOf(pixels[i]!)
  return result
}

/** A function that gives the index of the nearest of these colours. */
function nearestOf(colors: readonly number[]): (color: number) => number {
  const known = new Map(colors.map((color, index) => [color, index]))
  return (color) => {
    const found = known.get(color)
    if (found !== undefined) return found
    const bytes = toBytes(color)
    const distances = colors.map((each) => toBytes(each).reduce((sum, byte, k) => sum + (byte - bytes[k]!) ** 2, 0))
    const nearest = distances.indexOf(Math.min(...distances))
    known.set(color, nearest)
    return nearest
  }
}

/** The most frequent colours of a few frames, evenly spread, each the four bytes of a pixel in one number. */
function commonColors(count: number, frameAt: (i: number) => Pixels): number[] {
  const counts = new Map<number, number>()
  const samples = Math.min(count, SAMPLES)
  for (let sample = 0; sample < samples; sample++) {
    const frame = frameAt(Math.round((sample / Math.max(1, samples - 1)) * (count - 1)))
    for (const color of new Uint32Array(frame.data.buffer)) counts.set(color, (counts.get(color) ?? 0) + 1)
  }
  const common = [...counts].sort(([, a], [, b]) => b - a).slice(0, COLORS)
  return common.map(([color]) => color)
}

// Little-endian: red is the lowest byte.
function toBytes(color: number): [red: number, green: number, blue: number] {
  return [color & 255, (color >> 8) & 255, (color >> 16) & 255]
}
