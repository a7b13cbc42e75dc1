// Shows pictures on the terminal, each in the place of the last; without a terminal one below the other.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Scene } from '../../render/scene.ts'
import { toText } from '../../render/terminal.ts'
import { breathe } from './interrupt.ts'

const WIDEST = 80 // columns; larger pictures flicker. A terminal of unknown size reports 0

export type Show = (headline: string, scene: Scene) => Promise<void>

/** @param fps pictures per second on a terminal; unlimited otherwise. */
export function openScreen(fps: number, stream: NodeJS.WriteStream = process.stdout): Show {
  return stream.isTTY ? animate(fps, stream) : printBelow(stream)
}

function animate(fps: number, stream: NodeJS.WriteStream): Show {
  stream.write(HIDE_CURSOR)
  process.once('exit', () => stream.write(SHOW_CURSOR))
  let height = 0
  let due = performance.now()
  return async (headline, scene) => {
    const columns = Math.min(WIDEST, stream.columns || WIDEST)
    const room = Math.max(4, (stream.rows || 24) - 2) // minus the headline and the cursor's line
    const wanted = Math.round((columns * scene.height) / scene.width / 2)
    const picture = toText(scene, {
      columns,
      rows: Math.min(room, Math.max(1, wanted)),
      color: wantsColor(stream),
    })
    const lines = `${headline.slice(0, columns)}\n${picture}`.split('\n')
    stream.write(
      `${height > 0 ? up(height) : ''}${lines.map((line) => `${line}${CLEAR_LINE}\n`).join('')}${CLEAR_BELOW}`,
    )
    height = lines.length
    due = Math.max(due + 1000 / fps, performance.now())
    await sleep(due - performance.now())
  }
}

function printBelow(stream: NodeJS.WriteStream): Show {
  return async (headline, scene) => {
    stream.write(`${headline}\n${toText(scene)}\n\n`)
    await breathe()
  }
}

// https://no-color.org: any value except the empty string.
function wantsColor(stream: NodeJS.WriteStream): boolean {
  return (process.env.NO_COLOR ?? '') === '' && stream.getColorDepth() >= 8
}

const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'
const CLEAR_LINE = '\u001b[K' // clears from the cursor to the end of the line
const CLEAR_BELOW = '\u001b[J'

function up(lines: number): string {
  return `\u001b[${lines}A`
}
