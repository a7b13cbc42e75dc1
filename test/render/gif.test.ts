import { decode, decodeFrames } from 'modern-gif'
import { describe, expect, it } from 'vitest'
import { encodeGif } from '../../src/render/gif.ts'
import type { Pixels } from '../../src/render/raster.ts'

const framesOf = (file: Uint8Array) => decodeFrames(Uint8Array.from(file).buffer)

describe('encodeGif', () => {
  const picture = (paint: (x: number, y: number) => readonly [number, number, number]): Pixels => {
    const data = new Uint8ClampedArray(4 * 16 * 8)
    for (let i = 0; i < 128; i++) data.set([...paint(i % 16, i >> 4), 255], 4 * i)
    return { width: 16, height: 8, data }
  }

  it('keeps every colour of flat pictures, in every frame', async () => {
    const frames = Array.from({ length: 20 }, (_, i) => {
      return picture((x, y) => (x === i % 16 && y === 3 ? [255 - i, 10 * i, 99] : [250, 248, 244]))
    })
    const file = await encodeGif(frames.length, (i) => frames[i]!, { fps: 10 })
    const back = framesOf(file)
    expect(back).toHaveLength(20)
    // Only sampled frames have their colours in the table; the background is exact everywhere.
    for (const [i, { data }] of back.entries()) {
      const wrong = Array.from(data).filter((byte, k) => Math.abs(byte - frames[i]!.data[k]!) > 40)
      expect(wrong, `frame ${i}`).toEqual([])
    }
    expect(Array.from(back[0]!.data)).toEqual(Array.from(frames[0]!.data))
    expect(decode(file.slice().buffer)).toMatchObject({ looped: true, loopCount: 0 })
  })

  it('takes the nearest colour where there are more than a GIF can hold', async () => {
    const frames = Array.from({ length: 6 }, (_, i) =>
      picture((x, y) => (y > 4 ? [7, 77, 177] : [15 * x, 40 * i, 8 * ((x * 7 + y * 5 + i) % 32)])),
    )
    const back = framesOf(await encodeGif(frames.length, (i) => frames[i]!, { fps: 10, pause: 0 }))
    for (const [i, { data }] of back.entries()) {
      for (const [k, byte] of data.entries()) expect(Math.abs(byte - frames[i]!.data[k]!)).toBeLessThan(120)
      expect(data.slice(4 * 16 * 5)).toEqual(frames[i]!.data.slice(4 * 16 * 5)) // what occurs most is kept exactly
    }
  })

  it('refuses to make a film of nothing', async () => {
    await expect(encodeGif(0, () => picture(() => [0, 0, 0]), { fps: 5 })).rejects.toThrow(
      /0 frames; expected one or more/,
    )
  })
})
